"""The command `check_rules`: golden cases in a file against the product's rules."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.servers import ROOT

GOLDEN = ROOT / "tests/golden/rules.json"
GOOD: dict[str, list[dict[str, Any]]] = {
    "attainment": [{"direction": "higher", "actual": "-5", "target": 10, "band": None, "expect": "-0.5"}],
    "split": [{"total_units": 3, "weights": [1, 1], "expect": [2, 1]}],
}


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    code = 0
    try:
        call_command("check_rules", str(path))
    except SystemExit as end:
        code = int(str(end.code))
    return code, capsys.readouterr().out


def written(path: Path, sections: object) -> Path:
    file = path / "cases.json"
    file.write_text(sections if isinstance(sections, str) else json.dumps(sections), encoding="utf-8")
    return file


def test_the_golden_file_passes_and_what_is_not_known_yet_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = check(GOLDEN, capsys)
    assert code == 0
    for line in ("attainment: 64 passed, 0 failed", "pacing: 61 passed, 0 failed", "split: 63 passed, 0 failed",
                 "proration: 60 passed, 0 failed", "curve: 60 passed, 0 failed", "composite: 182 passed, 0 failed",
                 "review360: 62 passed, 0 failed", "rater_model: 6 passed, 0 failed", "csat: 60 passed, 0 failed",
                 "nps: 60 passed, 0 failed"):  # fmt: skip
        assert line in text.splitlines()
    assert "tiers: skipped, this version has no such rule (62 cases)" in text


def test_the_first_failing_case_of_a_section_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [{**GOOD["split"][0], "expect": [1, 2]}, {**GOOD["split"][0], "expect": [3, 0]}]
    code, text = check(written(tmp_path, {**GOOD, "split": GOOD["split"] + wrong, "astrology": [{}]}), capsys)
    assert code == 1
    assert "attainment: 1 passed, 0 failed" in text
    assert "split: 1 passed, 2 failed" in text
    assert "first failing case, number 2" in text and '"expect": [1, 2]' in text
    assert "wanted [1, 2], found [2, 1]" in text
    assert "astrology: skipped" in text and "2 passed, 2 failed, 1 sections skipped" in text


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("attainment", {"target": "ten"}, "'ten' is no number"),
        ("attainment", {"target": "1e999999"}, "no number that can be worked with"),
        ("attainment", {"actual": True}, "True is no number"),
        ("attainment", {"direction": "sideways"}, "'sideways' is none of: higher, lower"),
        ("split", {"weights": [0, 0]}, "found refused"),
        ("split", {"total_units": "1.5"}, "'1.5' is no whole number"),
        ("split", {"weights": None}, "'NoneType' object is not iterable"),
    ],
)  # fmt: skip
def test_a_case_that_makes_no_sense_has_failed(
    section: str, change: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = check(written(tmp_path, {section: [GOOD[section][0] | change]}), capsys)
    assert code == 1 and f"{section}: 0 passed, 1 failed" in text
    assert said in text


def test_what_a_rule_refuses_can_be_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upside_down = {"direction": "band", "actual": "1", "target": None, "band": ["3", "2", "0"], "expect": "refused"}
    no_weights = {"total_units": 5, "weights": [], "expect": "refused"}
    code, _text = check(written(tmp_path, {"attainment": [upside_down], "split": [no_weights]}), capsys)
    assert code == 0


def test_a_case_without_a_key_and_one_that_is_no_object_have_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = check(written(tmp_path, {"pacing": [{"kind": "level"}], "proration": [7]}), capsys)
    assert code == 1
    assert "direction is missing" in text and "proration: 0 passed, 1 failed" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"), ("", "is not JSON"), ("[" * 100_000, "is not JSON"),
        ('{"split": [NaN]}', "is not JSON"),
        ("[1, 2]", "holds no object of sections"), ('{"split": {"a": 1}}', "section “split” is no list of cases"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_cases_is_one_clear_line(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("check_rules", str(written(tmp_path, content)))


def test_files_that_cant_be_opened_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file"):
        call_command("check_rules", str(tmp_path / "nowhere.json"))
    with pytest.raises(CommandError, match="directory"):
        call_command("check_rules", str(tmp_path))
    (tmp_path / "latin.json").write_bytes(b'{"caf\xe9": []}')
    with pytest.raises(CommandError, match="not UTF-8"):
        call_command("check_rules", str(tmp_path / "latin.json"))
