"""Every benchmark runs, small: the lines have their shape, what was measured was right; goals are not asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"case": str, "ratio": float, "goal": float, "ours_s": float, "base_s": float}
LEVELS = [f"{who}.{grain}" for who in ("employee", "unit") for grain in ("day", "week", "month", "quarter", "year")]
CASES = {
    *(f"rollups.rebuild.{level}" for level in (*LEVELS, "again", "whole_vs_pandas", "whole_vs_pandas_copy")),
    "rollups.one_fact", "api.facts_batch", "import.million", "import.million.with_bad_rows",
    "home.manager30", "home.manager100", "directory.10000", "goals.assign", "forecast.prepare",
    "goals.grid", "scores.full", "scores.full.loop", "scores.one_answer", "scores.adjusted",
    "cycles.launch", "cycles.board", "surveys.mail", "surveys.results",
}  # fmt: skip
if (ROOT.parent / "shared" / "data" / "crm").exists():
    CASES.add("forecast.backtest")


@pytest.mark.worker
@pytest.mark.xdist_group("workers")
def test_each_case_prints_one_line_of_the_agreed_shape() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "PG_FAST"))}
    environment["PERFMGMT_VAR"] = str(ROOT / "var" / "bench")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--scale", "0.002", "--quick"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["case"] for line in lines} == CASES
    assert len(lines) == len(CASES)
    for line in lines:
        assert {name: type(line[name]) for name in PARTS} == PARTS, line
        assert line["ours_s"] > 0 < line["base_s"], line
