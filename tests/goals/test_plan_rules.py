"""The arithmetic of plans and of duties and goals."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from goals.duties.rules import Cover, DutyFacts, cover, matching, parts, planned_shares, weighted_shares
from goals.plans.rules import Effect, change, days_before, effect, per_day, progress_of


@pytest.mark.parametrize(
    ("total", "tasks", "done", "expected"),
    [(0, 0, 0, 0), (100, 2, 1, 50), (299, 3, 2, 99), (300, 3, 3, 100), (1, 2, 0, 1), (199, 2, 1, 99), (0, 4, 0, 0)],
)
def test_a_plan_is_at_100_only_when_every_task_is(total: int, tasks: int, done: int, expected: int) -> None:
    assert progress_of(total, tasks, done) == expected


def test_a_plan_is_compared_with_as_many_days_right_before_it() -> None:
    assert days_before(date(2025, 4, 1), date(2025, 6, 30)) == (date(2024, 12, 31), date(2025, 3, 31))
    assert days_before(date(2025, 3, 1), date(2025, 3, 1)) == (date(2025, 2, 28), date(2025, 2, 28))


def test_sums_are_compared_per_working_day_and_levels_as_they_are() -> None:
    assert per_day(Decimal(100), 20, additive=True) == 5
    assert per_day(Decimal(100), 0, additive=True) is None
    assert per_day(Decimal("4.5"), 0, additive=False) == Fraction(9, 2)
    assert per_day(None, 20, additive=True) is None
    assert change(Fraction(0), Fraction(5)) is None
    assert change(Fraction(-4), Fraction(-2)) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("direction", "before", "now", "days", "expected"),
    [
        ("higher", 100, 105, 10, Effect.BETTER),
        ("higher", 100, Fraction(1049, 10), 10, Effect.SAME),
        ("higher", 100, 95, 10, Effect.WORSE),
        ("lower", 100, 95, 10, Effect.BETTER),
        ("lower", 100, 105, 10, Effect.WORSE),
        ("band", 100, 120, 10, Effect.DIFFERENT),
        ("higher", 100, 200, 9, Effect.TOO_EARLY),
        ("higher", None, 200, 10, Effect.NOTHING_BEFORE),
        ("higher", 0, 200, 10, Effect.NOTHING_BEFORE),
        ("higher", 100, None, 10, Effect.NO_FIGURE),
    ],
)
def test_an_effect_is_named_only_when_there_is_one(
    direction: str, before: int | None, now: Fraction | int | None, days: int, expected: Effect
) -> None:
    first = None if before is None else Fraction(before)
    assert effect(direction, first, None if now is None else Fraction(now), days) == expected


SUPPORT = DutyFacts(1, "sales_support", 60, frozenset({10, 11}))
OFFICE = DutyFacts(2, "administration", 30, frozenset({11, 12}))
SELLING = DutyFacts(3, "direct_sales", 10, frozenset())


def test_a_duty_is_covered_by_any_of_its_metrics() -> None:
    assert cover(SUPPORT, frozenset({11})) == Cover.COVERED
    assert cover(SUPPORT, frozenset({12})) == Cover.NO_GOAL
    assert cover(SELLING, frozenset({10, 11, 12})) == Cover.UNMEASURED


def test_weights_fall_on_the_categories_of_the_duties_by_their_time() -> None:
    found, loose = weighted_shares([SUPPORT, OFFICE, SELLING], {10: Decimal(40), 11: Decimal(30), 99: Decimal(30)})
    # The 30 of metric 11 are split 60 : 30 between support and administration; 99 measures no duty.
    assert found == {"sales_support": 60, "administration": 10, "direct_sales": 0}
    assert loose == 30


def test_without_weights_every_metric_weighs_the_same_and_without_metrics_nothing_is_said() -> None:
    found, loose = weighted_shares([SUPPORT, OFFICE], {10: Decimal(0), 12: Decimal(0)})
    assert (found["sales_support"], found["administration"], loose) == (50, 50, 0)
    found, loose = weighted_shares([SUPPORT, OFFICE], {})
    assert set(found.values()) == {None}
    assert loose is None


def test_the_planned_time_is_that_of_the_duties_even_if_some_is_free() -> None:
    half = [DutyFacts(1, "sales_support", 30, frozenset()), DutyFacts(2, "administration", 20, frozenset())]
    assert planned_shares(half) == {"sales_support": 60, "administration": 40, "direct_sales": 0}
    assert planned_shares([]) == {"sales_support": None, "administration": None, "direct_sales": None}


def test_weights_far_from_the_time_are_named_from_20_points() -> None:
    duties = [DutyFacts(1, "sales_support", 60, frozenset({10})), DutyFacts(2, "administration", 40, frozenset({12}))]
    by_category = {part.category: part for part in parts(duties, {10: Decimal(80), 12: Decimal(20)})[0]}
    assert by_category["sales_support"].difference == 20
    assert by_category["sales_support"].is_far
    assert by_category["administration"].is_far
    near, _loose = parts(duties, {10: Decimal("79.9"), 12: Decimal("20.1")})
    assert not any(part.is_far for part in near)


def test_the_words_of_a_work_log_mean_a_duty_or_none() -> None:
    texts = {1: ("起草、审核和归档销售合同", "Draft, check and file contracts"), 2: ("审核报价", "Check quotations")}
    assert matching("起草、审核和归档销售合同", texts) == 1
    assert matching("draft, CHECK", texts) == 1
    assert matching("归档", texts) == 1
    assert matching("审核", texts) == 2  # the beginning of one, though a part of the other as well
    assert matching("check", texts) == 2
    assert matching("quot", texts) == 2
    assert matching("contracts and quotations", texts) is None
    assert matching("审", texts) is None
