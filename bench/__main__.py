"""`python -m bench [case ...] [--scale 0.01]`: run the cases whose names begin so (default: all)."""

import argparse
import sys

from bench.report import Report, say
from bench.servers import prepared

FACTS, FEW_FACTS, PEOPLE = 5_000_000, 50_000, 10_000
CASES = (
    "rollups.rebuild.", "rollups.rebuild.whole_vs_pandas", "rollups.one_fact", "import.million", "home.manager",
)  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", help="beginnings of names; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the facts, people and rows")
    parser.add_argument("--rounds", type=int, default=3, help="how often the levels of a rebuild are measured")
    return parser.parse_args()


def _wanted(chosen: list[str], case: str) -> bool:
    return not chosen or any(case.startswith(name) or name.startswith(case) for name in chosen)


def main() -> int:
    """Run the cases; the exit code says only whether they could be run."""
    options = _arguments()
    report = Report()
    with prepared():
        _run(options, report)
    report.finish()
    return 0


def _run(options: argparse.Namespace, report: Report) -> None:
    from bench import data, levels

    world = data.make(int(FACTS * options.scale), max(200, int(PEOPLE * options.scale)))
    if _wanted(options.cases, "rollups.rebuild."):
        levels.run(world, report, options.rounds)
    say("done")


if __name__ == "__main__":
    sys.exit(main())
