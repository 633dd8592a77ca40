"""`python -m bench [case ...] [--scale 0.01]`: run the cases whose names begin so (default: all)."""

import argparse
import sys

from bench.report import Report, say
from bench.servers import prepared

FACTS, FEW_FACTS, PEOPLE, ROWS = 5_000_000, 50_000, 10_000, 1_000_000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", help="beginnings of names; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the facts, people and rows")
    parser.add_argument("--rounds", type=int, default=1, help="how often a rebuild and an import are measured")
    parser.add_argument("--quick", action="store_true", help="few repetitions, for a test that it runs at all")
    return parser.parse_args()


def main() -> int:
    """Run the cases; the exit code says only whether they could be run."""
    options = _arguments()
    report = Report()
    with prepared():
        _Run(options, report).run()
    report.finish()
    return 0


class _Run:
    """One run over the chosen cases, which share the large database."""

    def __init__(self, options: argparse.Namespace, report: Report) -> None:
        self.chosen, self.scale, self.rounds = options.cases, options.scale, options.rounds
        self.report, self.quick = report, options.quick
        self.people = max(200, int(PEOPLE * self.scale))

    def wants(self, *cases: str) -> bool:
        """Whether one of these cases is chosen."""
        return not self.chosen or any(
            case.startswith(name) or name.startswith(case) for case in cases for name in self.chosen
        )

    def run(self) -> None:
        """Imports and batches first, on a database of their own; then what needs the millions of facts."""
        from bench import api, data, forecast, grid, importing, mailing, results, scores
        from bench.servers import IMPORTS, using

        if self.wants("import.million", api.CASE):
            with using(IMPORTS):
                world = data.make(0, self.people, IMPORTS)
        if self.wants("import.million"):
            importing.run(
                world, self.report, max(1000, int(ROWS * self.scale)), 1 if self.quick else max(2, self.rounds)
            )
        if self.wants(api.CASE):
            api.run(world, self.report, times=2 if self.quick else api.TIMES)
        if self.wants("directory.10000"):
            self._directory()
        if self.wants("goals.assign"):
            self._assigning()
        if self.wants("cycles.launch", "cycles.board"):
            self._cycles()
        if self.wants(mailing.CASE):
            self._mails()
        if self.wants(results.CASE):
            self._results()
        if self.wants(forecast.BACKTEST):
            forecast.backtest(self.report)
        if self.wants(forecast.PREPARE):
            self._forecasts()
        if self.wants(grid.CASE):
            self._grid()
        if self.wants(scores.FULL, scores.LOOP, scores.ONE, scores.ADJUSTED):
            self._scores()
        if self.wants("rollups.", "home.manager"):
            self._large()

    def _directory(self) -> None:
        """Needs people only: in a database of its own."""
        from bench import data, directory
        from bench.servers import PEOPLE_ONLY, using, vacuum

        with using(PEOPLE_ONLY):
            world = data.make(0, self.people, PEOPLE_ONLY)
            vacuum(*directory.TABLES, database=PEOPLE_ONLY)
            directory.run(world, self.report, 3 if self.quick else directory.TIMES)

    def _assigning(self) -> None:
        """Needs people only: in a database of its own."""
        from bench import assigning, data
        from bench.servers import GOALS, using, vacuum

        with using(GOALS):
            world = data.make(0, max(50, int(assigning.PEOPLE * self.scale)), GOALS)
        vacuum("people_employee", "people_assignment", database=GOALS)
        assigning.run(world, self.report, 2 if self.quick else assigning.TIMES)

    def _cycles(self) -> None:
        """Needs people only: in a database of its own."""
        from bench import cycles, data
        from bench.servers import CYCLES, using, vacuum

        with using(CYCLES):
            world = data.make(0, max(50, int(cycles.PEOPLE * self.scale)), CYCLES)
        vacuum("people_employee", "people_assignment", database=CYCLES)
        cycles.run(world, self.report, 2 if self.quick else cycles.TIMES)

    def _mails(self) -> None:
        """Need customers, and a few people who served them: in a database of their own."""
        from bench import data, mailing
        from bench.servers import MAILS, using

        with using(MAILS):
            world = data.make(0, 200, MAILS)
            mailing.run(world, self.report, max(100, int(mailing.MAILS * self.scale)))

    def _results(self) -> None:
        """Needs 200 assistants only, with customers' answers of its own."""
        from bench import data, results
        from bench.servers import RESULTS, using

        with using(RESULTS):
            world = data.make(0, results.PEOPLE, RESULTS)
            answers = max(1000, int(results.ANSWERS * self.scale))
            results.run(world, self.report, answers, 2 if self.quick else results.TIMES)

    def _forecasts(self) -> None:
        """Needs a tenth of the people, and months of its own."""
        from bench import data, forecast
        from bench.servers import FORECASTS, using

        with using(FORECASTS):
            world = data.make(0, max(100, self.people // 10), FORECASTS)
            forecast.run(world, self.report, 2 if self.quick else forecast.TIMES)

    def _grid(self) -> None:
        """Needs 300 people only, with targets, figures and forecasts of its own."""
        from bench import data, grid
        from bench.servers import GRID, using

        with using(GRID):
            grid.run(data.make(0, 300, GRID), self.report, 3 if self.quick else grid.TIMES)

    def _scores(self) -> None:
        """Need people only, with scorecards and cycles of their own, in databases of their own."""
        from bench import data, scores
        from bench.servers import ADJUSTED, FEW_SCORES, MANY_SCORES, SCORES, using

        def world(people: int, database: str) -> data.World:
            with using(database):
                return data.make(0, people, database)

        if self.wants(scores.FULL, scores.LOOP):
            times = (1, 5) if self.quick else (scores.TIMES, scores.SAMPLE)
            scores.run_full(world(self.people, SCORES), self.report, *times)
        if self.wants(scores.ONE):
            many, few = world(self.people, MANY_SCORES), world(100, FEW_SCORES)
            scores.run_one(many, few, self.report, 3 if self.quick else scores.ANSWERS)
        if self.wants(scores.ADJUSTED):
            people = max(100, int(scores.CYCLE_PEOPLE * self.scale))
            scores.run_adjusted(world(people, ADJUSTED), self.report, 1 if self.quick else scores.TIMES)

    def _large(self) -> None:
        from bench import data, frames, home, levels, one_fact
        from bench.servers import SMALL, using, vacuum

        large = data.make(int(FACTS * self.scale), self.people)
        is_built = False
        if self.wants(*(f"rollups.rebuild.{name}" for name in levels.NAMES), "rollups.rebuild.again"):
            levels.run(large, self.report, self.rounds)
            is_built = True
        if self.wants(frames.CASE):
            frames.run(large, self.report)
            is_built = True
        if not is_built:
            say("rebuild")
            levels.rebuild(large)
        levels.drop_base_tables()
        vacuum(*levels.TABLES)
        if self.wants("rollups.one_fact"):
            with using(SMALL):
                small = data.make(int(FEW_FACTS * self.scale), self.people, SMALL)
                levels.rebuild(small)
            vacuum(*levels.TABLES, database=SMALL)
            one_fact.run(large, small, self.report, 5 if self.quick else one_fact.CHANGES)
        if self.wants("home.manager"):
            home.run(large, self.report, 3 if self.quick else home.TIMES)


if __name__ == "__main__":
    sys.exit(main())
