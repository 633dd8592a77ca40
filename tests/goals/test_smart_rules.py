"""The SMART check: five letters with their reasons."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from goals.smart.rules import Letter, Mark, SmartInput, check, failing
from goals.smart.words import vague_word

TODAY = date(2026, 10, 5)
GOOD: dict[str, Any] = {
    "title": "三个月内把销售额提高 15%", "level": "person", "first_day": date(2026, 10, 1),
    "last_day": date(2026, 12, 31), "today": TODAY, "metric_name": "销售额", "unit": "money", "unit_name": "Money",
    "target": Decimal(120_000), "has_parent": True, "chance": 0.5, "basis": "own", "best": Decimal(130_000),
}  # fmt: skip


def letter(which: str, **changes: Any) -> Letter:
    return check(SmartInput(**GOOD | changes))["SMART".index(which)]


def test_a_good_goal_passes_all_five_letters() -> None:
    letters = check(SmartInput(**GOOD))
    assert "".join(it.letter for it in letters) == "SMART"
    assert {it.mark for it in letters} == {Mark.PASS}
    assert failing(letters) == ""
    assert all(it.why and not it.mend for it in letters)


@pytest.mark.parametrize("title", ["提高销售额", "加强客户维护", "尽量做好服务", "Improve sales", "try to sell more"])
def test_vague_words_fail_where_metric_and_number_are_missing(title: str) -> None:
    for changes in ({"metric_name": "", "target": None}, {"target": None}):
        found = letter("S", title=title, **changes)
        assert found.mark is Mark.FAIL and found.mend
        assert vague_word(title) in found.why


@pytest.mark.parametrize("title", ["三个月内把销售额提高 15%", "提高销售额", "Improve sales by 15%"])
def test_vague_words_pass_beside_a_metric_and_a_number(title: str) -> None:
    assert letter("S", title=title).mark is Mark.PASS
    assert letter("S", title=title, metric_name="", target=None, says=True).mark is Mark.PASS


def test_a_milestone_wants_its_evidence() -> None:
    milestone = {"title": "签下年度框架合同", "metric_name": "", "target": None, "chance": None}
    assert letter("S", **milestone).mark is letter("M", **milestone).mark is Mark.WARN
    told = {**milestone, "note": "双方盖章的合同扫描件"}
    assert letter("S", **told).mark is letter("M", **told).mark is Mark.PASS
    assert letter("A", **told).mark is Mark.WARN
    assert letter("S", title=" ", metric_name="", target=None).mark is Mark.FAIL


def test_measurable_needs_a_number_and_a_baseline_for_growth() -> None:
    assert letter("M", target=None).mark is Mark.FAIL
    grows = {"form": "percent", "growth": Decimal(15), "target": Decimal(115)}
    assert letter("M", **grows).mark is Mark.FAIL
    assert letter("M", **grows, baseline=Decimal(100)).mark is Mark.PASS
    assert letter("M", target=Decimal(0)).mark is Mark.FAIL


def test_growth_asks_whose_goal_it_is_before_it_asks_for_a_baseline() -> None:
    grows = {"form": "percent", "growth": Decimal(15), "target": None}
    assert "Choose whose goal it is." in letter("M", **grows, is_somebodys=False).mend
    assert "by hand" in letter("M", **grows).mend


def test_days_are_said_as_everywhere() -> None:
    with override("zh-hans"):
        assert letter("T", last_day=date(2026, 12, 31)).why == "截止于 2026 年 12 月 31 日。"


def test_zero_errors_is_a_band_and_can_be_measured() -> None:
    none = {"form": "band", "band_low": Decimal(0), "band_high": Decimal(0), "target": None, "chance": None}
    assert letter("S", **none).mark is letter("M", **none).mark is Mark.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"target": Decimal(10) ** 12, "best": None},
        {"target": Decimal(1_300_001)},  # more than ten times the best so far
        {"unit": "ratio", "target": Decimal("1.01"), "best": None},
        {"unit": "percent", "target": Decimal(101), "best": None},
        {"form": "percent", "growth": Decimal(301), "baseline": Decimal(1)},
    ],
)
def test_an_absurd_number_is_warned_of(changes: dict[str, Any]) -> None:
    assert letter("M", **changes).mark is Mark.WARN


def test_the_edges_of_what_is_absurd() -> None:
    assert letter("M", target=Decimal(1_300_000)).mark is Mark.PASS
    assert letter("M", unit="ratio", target=Decimal(1), best=None).mark is Mark.PASS
    assert letter("M", form="percent", growth=Decimal(300), baseline=Decimal(1)).mark is Mark.PASS


@pytest.mark.parametrize(
    ("chance", "mark", "word"),
    [
        (0.0, Mark.FAIL, "Too high"), (0.0999, Mark.FAIL, "Too high"),
        (0.10, Mark.WARN, "stretch"), (0.3499, Mark.WARN, "stretch"),
        (0.35, Mark.PASS, ""), (0.7999, Mark.PASS, ""), (0.80, Mark.PASS, ""), (0.95, Mark.PASS, ""),
        (0.9501, Mark.WARN, "Too low"), (1.0, Mark.WARN, "Too low"),
    ],
)  # fmt: skip
def test_the_probability_decides_whether_it_is_achievable(chance: float, mark: Mark, word: str) -> None:
    with override("en"):
        found = letter("A", chance=chance)
        assert found.mark is mark and word in found.mend


def test_where_there_is_no_forecast_it_says_so() -> None:
    with override("en"):
        assert letter("A", chance=None).mark is Mark.WARN
        assert "no history" in letter("A", chance=None).why
        assert "peers" in letter("A", basis="peers").why
        assert "several people" in letter("A", chance=None, level="unit").why


def test_a_goal_serves_one_above_it() -> None:
    assert letter("R", has_parent=False).mark is Mark.WARN
    assert "Choose" in str(letter("R", has_parent=False).fix)
    assert "no goal for this period yet" in str(letter("R", has_parent=False, has_choice_above=False).fix)
    assert letter("R", has_parent=False, level="company").mark is Mark.PASS
    assert "Q4" in letter("R", parent_title="Q4").why


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"last_day": None}, Mark.FAIL), ({"first_day": None}, Mark.FAIL),
        ({"last_day": date(2026, 9, 30)}, Mark.FAIL),  # before its first day
        ({"first_day": date(2026, 7, 1), "last_day": date(2026, 10, 4)}, Mark.FAIL),  # over since yesterday
        ({"last_day": TODAY}, Mark.PASS),
        ({"has_own_dates": True, "last_day": date(2027, 10, 1)}, Mark.PASS),
        ({"has_own_dates": True, "last_day": date(2027, 10, 2)}, Mark.WARN),
    ],
)  # fmt: skip
def test_a_goal_is_bound_to_a_time(changes: dict[str, Any], mark: Mark) -> None:
    assert letter("T", **changes).mark is mark


def test_reasons_are_there_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            for found in check(
                SmartInput(title="提高销售额", level="person", first_day=None, last_day=None, today=TODAY)
            ):
                assert found.why and found.mend and "{" not in found.why + found.mend
