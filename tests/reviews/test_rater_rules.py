"""Who may review whom: the rules alone."""

from datetime import date

import pytest

from reviews.raters.rules import (
    Conflict,
    Count,
    Limits,
    Link,
    Standing,
    Tie,
    conflicts,
    count_fits,
    is_covered,
    needed,
    strength,
    usual_group,
)

ALL = ("peers", "internal_customers", "direct_reports")
MONDAY, FRIDAY, NEXT_FRIDAY = date(2025, 3, 3), date(2025, 3, 7), date(2025, 3, 14)


def weekday(day: date) -> bool:
    return day.isoweekday() < 6


@pytest.mark.parametrize(
    ("group", "who", "found"),
    [
        ("peers", Standing(), []),
        ("peers", Standing(is_report=True), [Conflict.REPORT]),
        ("internal_customers", Standing(is_report=True), [Conflict.REPORT]),
        ("direct_reports", Standing(is_report=True), []),
        ("direct_reports", Standing(), [Conflict.NO_REPORT]),
        ("peers", Standing(leads=True), [Conflict.MANAGER]),
        ("direct_reports", Standing(leads=True), [Conflict.MANAGER]),
        ("peers", Standing(is_ratee=True), [Conflict.ONESELF]),
        ("peers", Standing(is_gone=True), [Conflict.GONE]),
        ("peers", Standing(is_away=True), [Conflict.AWAY]),
        ("peers", Standing(groups=frozenset({"peers"})), []),
        ("peers", Standing(groups=frozenset({"internal_customers"})), [Conflict.TWICE]),
        ("peers", Standing(has_declined=True), [Conflict.DECLINED]),
        ("peers", Standing(load=11), []),
        ("peers", Standing(load=12), [Conflict.FULL]),
        ("peers", Standing(is_report=True, is_gone=True), [Conflict.REPORT, Conflict.GONE]),
    ],
)
def test_conflicts_of_a_rater(group: str, who: Standing, found: list[Conflict]) -> None:
    assert conflicts(group, who, 12) == found


def test_how_many_are_chosen() -> None:
    limits = Limits(least=4, most=6, minimum=3)
    assert [count_fits(n, limits) for n in (3, 4, 6, 7)] == [
        Count.TOO_FEW, Count.FITS, Count.FITS, Count.TOO_MANY
    ]  # fmt: skip
    assert count_fits(2, limits, available=2) == Count.THIN  # nobody else is there
    assert count_fits(0, limits, available=0) == Count.FITS
    assert count_fits(2, Limits(0, 6, 3)) == Count.THIN
    assert (needed(limits, 9), needed(limits, 1), needed(limits, -1)) == (4, 1, 0)


def test_who_is_away_all_the_time() -> None:
    assert is_covered([(MONDAY, FRIDAY)], MONDAY, FRIDAY, weekday)
    # A weekend between two spells is no day on which somebody could answer.
    assert is_covered([(date(2025, 3, 10), NEXT_FRIDAY), (MONDAY, FRIDAY)], MONDAY, NEXT_FRIDAY, weekday)
    assert not is_covered([(MONDAY, date(2025, 3, 13))], MONDAY, NEXT_FRIDAY, weekday)
    assert not is_covered([], MONDAY, FRIDAY, weekday)
    assert not is_covered([(MONDAY, FRIDAY)], FRIDAY, MONDAY, weekday)
    assert not is_covered([(MONDAY, date(2029, 1, 1))], MONDAY, date(2028, 1, 1), weekday)


def test_work_done_together_comes_before_the_same_unit() -> None:
    many, few = [Link(Tie.CUSTOMERS, 12)], [Link(Tie.CUSTOMERS, 2)]
    near = [Link(Tie.TEAM), Link(Tie.UNIT)]
    assert strength(many) > strength(near) > strength(few) > strength([]) == 0
    assert strength([Link(Tie.CUSTOMERS, 500)]) == strength([Link(Tie.CUSTOMERS, 20)])


@pytest.mark.parametrize(
    ("links", "groups", "group"),
    [
        ([Link(Tie.TEAM)], ALL, "peers"),
        ([Link(Tie.CUSTOMERS, 3), Link(Tie.UNIT)], ALL, "peers"),
        ([Link(Tie.CUSTOMERS, 3)], ALL, "internal_customers"),
        ([Link(Tie.SUPPORTED, 1), Link(Tie.TEAM)], ALL, "internal_customers"),
        ([Link(Tie.CUSTOMERS, 3)], ("peers",), "peers"),
        ([Link(Tie.REPORT), Link(Tie.UNIT)], ALL, "direct_reports"),
        ([Link(Tie.REPORT)], ("peers",), ""),
        ([], ALL, "peers"),
        ([], ("internal_customers",), "internal_customers"),
        ([], ("direct_reports",), ""),
    ],
)
def test_in_which_group_somebody_is_suggested(links: list[Link], groups: tuple[str, ...], group: str) -> None:
    assert usual_group(links, groups) == group
