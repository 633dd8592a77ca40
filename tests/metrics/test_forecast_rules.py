"""Achievability (RULES.md section 16): probabilities, their bands, and the end of a running period."""

import math
import random
from decimal import Decimal

import pytest

from perfmgmt.metrics.forecast.rules import (
    NOTHING,
    Achievability,
    Outlook,
    moments,
    of_group,
    percentile,
    probability,
    reach,
    recommended,
    shown_percent,
    to_period_end,
    together,
    verdict,
)

PLAIN = Outlook(100, 74, 126, mu=100, sigma=20, transform="identity", basis="own")
ROOTED = Outlook(100, 65, 142, mu=10, sigma=1.5, transform="sqrt", basis="own")
COUNTS = Outlook(9, 4.4, 15.2, mu=3, sigma=0.7, transform="sqrt", basis="own", step=1)


@pytest.mark.parametrize(
    ("chance", "band"),
    [
        (0.0, "too high"), (math.nextafter(0.10, 0), "too high"), (0.10, "stretch"),
        (math.nextafter(0.35, 0), "stretch"), (0.35, "fair"), (math.nextafter(0.80, 0), "fair"), (0.80, "safe"),
        (0.95, "safe"), (math.nextafter(0.95, 1), "too low"), (1.0, "too low"),
    ],
)  # fmt: skip
def test_the_bands_meet_exactly_where_the_rule_says(chance: float, band: str) -> None:
    assert verdict(chance) == band == Achievability(band)


def test_no_forecast_no_probability_no_verdict() -> None:
    assert probability(NOTHING, 10, "higher") is None
    assert probability(PLAIN, None, "higher") is None
    assert probability(PLAIN, 10, "band") is None
    assert verdict(None) is None and recommended(NOTHING) is None and percentile([], 3) is None


def test_higher_and_lower_are_the_two_sides_of_the_distribution() -> None:
    assert probability(PLAIN, 100, "higher") == 0.5
    assert probability(PLAIN, 120, "higher") == pytest.approx(0.158655, abs=1e-6)
    assert probability(PLAIN, 120, "lower") == pytest.approx(0.841345, abs=1e-6)
    assert probability(PLAIN, 74.369, "higher") == pytest.approx(0.9, abs=1e-4)
    # On the root scale: 132.25 is 11.5 squared, one sigma above.
    assert probability(ROOTED, 132.25, "higher") == pytest.approx(0.158655, abs=1e-6)


def test_whole_things_are_reached_from_half_a_thing_before() -> None:
    assert probability(COUNTS, 9, "higher") == pytest.approx(0.5 * math.erfc((8.5**0.5 - 3) / 0.7 / 2**0.5))
    both = probability(COUNTS, 9, "lower"), probability(COUNTS, 10, "higher")
    assert sum(both) == pytest.approx(1)
    assert 0 < probability(COUNTS, 0, "lower") < 0.01  # zero errors is a target
    assert probability(COUNTS, 0, "higher") == 1 and probability(COUNTS, -1, "lower") == 0


def test_without_any_spread_it_is_yes_or_no() -> None:
    certain = Outlook(5, 5, 5, mu=5, sigma=0, transform="identity", basis="own")
    assert [probability(certain, target, "higher") for target in (4, 5, 6)] == [1, 1, 0]
    assert [probability(certain, target, "lower") for target in (4, 5, 6)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("chance", "shown"), [(0.5, 50), (0.0996, 9.96), (0.10, 10), (0.9504, 95.04), (0.95, 95), (0.3499, 34.99)]
)
def test_a_shown_percentage_never_contradicts_its_verdict(chance: float, shown: float) -> None:
    assert shown_percent(chance) == pytest.approx(shown)
    assert verdict(shown_percent(chance) / 100) == verdict(chance)


def test_the_percentile_is_the_share_of_past_figures_below() -> None:
    assert percentile([1, 2, 3, 4], 2.5) == 0.5
    assert percentile([1, 2, 2, 3], 2) == 0.5
    assert percentile([1, 2], 5) == 1 and percentile([1, 2], 0) == 0


@pytest.mark.parametrize(
    ("point", "step", "suggested"),
    [
        (102_345.6, 0, "102000"),
        (9.87654, 0, "9.88"),
        (0.98765, 0, "0.988"),
        (14.6, 1, "15"),
        (0.2, 1, "0"),
        (0, 0, "0"),
    ],
)
def test_a_suggestion_has_three_significant_digits(point: float, step: float, suggested: str) -> None:
    assert recommended(Outlook(point, 0, 0, step=step)) == Decimal(suggested)


def test_moments_are_those_of_the_transformed_normal() -> None:
    random.seed(16)
    draws = [random.gauss(10, 1.5) ** 2 for _ in range(40_000)]
    mean = sum(draws) / len(draws)
    variance = sum((draw - mean) ** 2 for draw in draws) / len(draws)
    assert moments(ROOTED) == (pytest.approx(mean, rel=0.01), pytest.approx(variance, rel=0.03))


def test_the_end_of_a_period_is_the_forecast_at_its_beginning_and_the_figure_at_its_end() -> None:
    start = to_period_end(0, ROOTED, 0, 20)
    assert start is not None and (start.point, start.low, start.high) == pytest.approx((100, 65.25, 142.14), abs=0.02)
    end = to_period_end(87, ROOTED, 20, 20)
    assert end is not None and (end.point, end.low, end.high) == (87, 87, 87)


def test_what_is_there_moves_the_rest_but_only_partly() -> None:
    behind, even, ahead = (to_period_end(actual, ROOTED, 10, 20) for actual in (20, 51, 90))
    assert behind is not None and even is not None and ahead is not None
    assert even.point == pytest.approx(100, abs=2)
    # Going on at this speed would give 180; going on as usual, 140.
    assert 140 < ahead.point < 180 and 40 < behind.point < 70
    assert ahead.low >= 90 and even.high - even.low < 142 - 65


def test_means_are_averaged_and_stocks_stay() -> None:
    level = Outlook(4.5, 4.2, 4.8, mu=4.5, sigma=0.2, transform="identity", basis="own")
    half = to_period_end(4.9, level, 10, 20, kind="level")
    assert half is not None and 4.5 < half.point < 4.9
    last = to_period_end(7, level, 15, 20, kind="last")
    assert last is not None and last.point == 7 and last.low < 7 < last.high
    assert to_period_end(None, level, 10, 20, kind="level") is None
    assert to_period_end(5, NOTHING, 10, 20) is None


def test_a_running_periods_target_counts_what_is_there() -> None:
    end = to_period_end(90, ROOTED, 10, 20)
    assert end is not None
    assert reach(end, 90, "higher") == 1 and reach(end, 80, "lower") == 0
    assert reach(end, end.point, "higher") == pytest.approx(0.5)
    assert reach(None, 5, "higher") is None


def test_a_group_is_surer_than_its_people_one_by_one() -> None:
    one = to_period_end(50, ROOTED, 10, 20)
    assert one is not None
    team = together([one] * 4, 200)
    assert team is not None and team.point == pytest.approx(4 * one.point, rel=0.02)
    assert 2 * (one.high - one.low) < team.high - team.low < 3 * (one.high - one.low)
    assert together([], 10) is None


def test_a_group_is_the_sum_of_its_people_who_are_alike_a_little() -> None:
    assert of_group([]) == of_group([NOTHING]) == NOTHING
    one, four = of_group([PLAIN, NOTHING]), of_group([PLAIN] * 4)
    assert (one.point, one.mu, one.sigma, one.basis) == (pytest.approx(100), 100, pytest.approx(20), "group")
    assert four.mu == 400
    assert 40 < four.sigma < 80  # independent people: 40; people who are the same: 80
    counts = of_group([COUNTS, COUNTS])
    assert (counts.transform, counts.step) == ("sqrt", 1)
    assert moments(counts)[0] == pytest.approx(2 * moments(COUNTS)[0])
