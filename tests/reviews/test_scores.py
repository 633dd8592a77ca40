"""Scores follow what they are made of, and are the same whether they were kept current or computed anew."""

from datetime import date
from decimal import Decimal

from goals.news import tell_goals_changed, tell_targets_changed
from perfmgmt.people.services import assign
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Doorbell
from reviews.models import (
    CycleGroup,
    ReviewCycle,
    Score,
    ScoreDeduction,
    ScoreKey,
    ScorePart,
)
from reviews.scores import dirty
from reviews.scores.trace import score_trace
from tests.factories import Company
from tests.reviews.scores_factories import (
    FEBRUARY,
    Q1,
    Q1_END,
    QUARTER,
    differing,
    make_card,
    month_targets,
    parts_of,
    quarter_goal,
    score_of,
    settle,
)

SALES = {"metric": "sales_amount"}


def _everybody() -> None:
    publish("reviews.scorecards_changed", first_day=Q1)


def test_a_fact_makes_a_score_by_the_targets_of_the_months(acme: Company) -> None:
    make_card((100, [SALES]))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 270)

    settle(acme)

    score, (part,) = score_of(acme, "ann"), parts_of(acme, "ann")
    assert score and (score.score, score.grade, score.deduction) == (90, "A", 0)
    assert (part.raw, part.target, part.x, part.score) == (270, 300, Decimal("0.9"), 90)
    assert (part.weight, part.used, part.contribution, part.out) == (100, 100, 90, "")
    assert not ScoreKey.objects.exists()
    assert not Doorbell.objects.filter(tenant_id=acme.tenant.pk, queue="scores").exists()
    assert differing() == {}


def test_a_goal_wins_over_the_months_and_a_locked_one_is_prorated(acme: Company) -> None:
    make_card((100, [SALES]))
    month_targets(acme, "ann", "sales_amount", 100)
    goal = quarter_goal(acme, "ann", "sales_amount", 400)
    acme.fact("ann", "sales_amount", FEBRUARY, 200)
    settle(acme)
    (before,) = parts_of(acme, "ann")

    goal.state, goal.prorated = "locked", Decimal(250)
    goal.save()
    tell_goals_changed([goal])
    settle(acme)

    (after,) = parts_of(acme, "ann")
    assert (before.target, before.goal_id, before.score) == (400, goal.pk, 50)
    assert (after.target, after.score) == (250, 80)
    assert differing() == {}


def test_a_goal_within_a_band_and_one_that_holds_in_each_month(acme: Company) -> None:
    make_card((50, [{"metric": "csat"}]), (50, [{"metric": "orders"}]))
    quarter_goal(acme, "ann", "csat", 4, counting="each")
    quarter_goal(
        acme, "ann", "orders", None, form="band", band_low=5, band_high=10, band_tolerance=10,
        direction="band",
    )  # fmt: skip
    acme.fact("ann", "csat", date(2025, 1, 9), 5)
    acme.fact("ann", "csat", date(2025, 3, 9), 3)
    acme.fact("ann", "orders", FEBRUARY, 4)

    settle(acme)

    worst, band = parts_of(acme, "ann")
    assert (worst.raw, worst.target, worst.score) == (3, 4, 75)
    assert (band.raw, band.target, band.score) == (4, None, 90)
    assert differing() == {}


def test_the_figure_itself_goes_through_the_curve_where_the_part_says_so(acme: Company) -> None:
    points = [["0", "0"], ["10", "50"], ["20", "100"]]
    make_card((100, [{**SALES, "input": "actual", "points": points, "curve": "step"}]))
    acme.fact("ann", "sales_amount", FEBRUARY, "19.99")

    settle(acme)

    (part,) = parts_of(acme, "ann")
    assert (part.raw, part.target, part.x, part.score) == (Decimal("19.99"), None, Decimal("19.99"), 50)


def test_a_missing_part_leaves_counts_zero_or_blocks(acme: Company) -> None:
    parts = [{**SALES, "weight": 60}, {"metric": "csat", "weight": 40, "input": "actual"}]
    version = make_card((100, parts))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 150)
    found = {}
    for policy in ("renormalise", "zero", "block"):
        version.missing = policy
        version.save()
        _everybody()
        settle(acme)
        score = score_of(acme, "ann")
        assert score is not None
        found[policy] = (score.score, score.grade, [part.out for part in parts_of(acme, "ann")])
        assert differing() == {}

    assert found == {
        "renormalise": (50, "E", ["", "missing"]),
        "zero": (30, "E", ["", ""]),
        "block": (None, "", ["", "blocks"]),
    }


def test_a_part_without_weight_is_shown_and_a_card_without_weights_gives_no_score(acme: Company) -> None:
    version = make_card((100, [SALES, {"metric": "orders", "weight": 0}]), (0, [{"metric": "csat", "weight": 0}]))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 300)
    settle(acme)
    shown = [(part.out, part.contribution) for part in parts_of(acme, "ann")]

    version.dimensions.update(weight=0)
    _everybody()
    settle(acme)

    score = score_of(acme, "ann")
    assert shown == [("", 100), ("shown_only", 0), ("shown_only", 0)]
    assert score is not None and score.score is None
    assert differing() == {}


def test_deductions_come_last_and_can_be_taken_back(acme: Company) -> None:
    make_card((100, [SALES]))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 300)
    row = ScoreDeduction.objects.create(
        employee=acme.people["ann"], grain=QUARTER, start=Q1, points="15.5", reason="Late reports", happened_on=Q1
    )
    settle(acme)
    before = score_of(acme, "ann")

    ScoreDeduction.objects.update(withdrawn_at="2025-04-01T00:00Z")
    publish("reviews.deductions_changed", employee_id=row.employee_id, grain=QUARTER, start=Q1)
    settle(acme)

    after = score_of(acme, "ann")
    assert before and (before.score, before.before, before.deduction, before.grade) == (
        Decimal("84.5"), 100, Decimal("15.5"), "B",
    )  # fmt: skip
    assert after and (after.score, after.deduction) == (100, 0)


def test_targets_that_change_change_the_score(acme: Company) -> None:
    make_card((100, [SALES]))
    acme.fact("ann", "sales_amount", FEBRUARY, 150)
    settle(acme)
    without = score_of(acme, "ann")

    month_targets(acme, "ann", "sales_amount", 100)
    tell_targets_changed([acme.people["ann"].pk], Q1, Q1_END)
    settle(acme)

    now = score_of(acme, "ann")
    assert without is not None and without.score is None
    assert now is not None and now.score == 50


def test_few_answers_of_customers_are_drawn_to_the_units_mean_and_a_colleagues_answer_moves_it(acme: Company) -> None:
    points = [["1", "0"], ["5", "100"]]
    make_card((100, [{"metric": "csat", "kind": "csat", "input": "actual", "points": points}]))
    acme.fact("ann", "csat", FEBRUARY, 5)
    settle(acme)
    alone = parts_of(acme, "ann")[0]

    for day in (3, 4, 5):
        acme.fact("bob", "csat", date(2025, 3, day), 3)
    settle(acme)

    # The unit's mean is (5 + 3 * 3) / 4 = 3.5: (1 * 5 + 5 * 3.5) / 6 = 3.75.
    drawn = parts_of(acme, "ann")[0]
    assert (alone.raw, alone.target, alone.x, alone.score) == (5, 5, 5, 100)
    assert (drawn.raw, drawn.target, drawn.x, drawn.score) == (5, Decimal("3.5"), Decimal("3.75"), Decimal("68.75"))
    assert differing() == {}


def test_another_scorecard_after_a_change_of_position_and_none_after_it_is_gone(acme: Company) -> None:
    everybody = make_card((100, [SALES]))
    hunters = make_card((100, [{"metric": "orders"}]), sales_role_type="hunter")
    settle(acme)
    _everybody()
    settle(acme)
    first = score_of(acme, "ann")

    assign(acme.people["ann"], unit=acme.units["north"], valid_from=date(2025, 3, 1), sales_role_type="hunter")
    settle(acme)

    now = score_of(acme, "ann")
    assert first is not None and first.version_id == everybody.pk
    assert now is not None and now.version_id == hunters.pk
    assert differing() == {}

    everybody.scorecard.versions.all().update(valid_from=date(2099, 1, 1))
    publish("reviews.scorecards_changed", first_day=Q1)
    settle(acme)
    assert score_of(acme, "bob") is None
    assert not ScorePart.objects.filter(employee=acme.people["bob"]).exists()
    assert differing() == {}


def test_nobody_is_scored_for_what_has_not_begun(acme: Company) -> None:
    make_card((100, [SALES]), valid_from=date(2099, 1, 1))
    make_card((100, [SALES]), rhythm=3)
    acme.fact("ann", "sales_amount", date(2090, 5, 5), 3)
    dirty.mark([(None, Q1, date(2095, 1, 1))])

    settle(acme)

    assert {row.grain for row in Score.objects.all()} == {3}
    assert Score.objects.filter(start__gte=date(2089, 1, 1)).count() == 0


def test_contributions_of_a_trace_sum_to_the_score(acme: Company) -> None:
    make_card((60, [{**SALES, "weight": 50}, {"metric": "orders", "weight": 50}]), (40, [{"metric": "deals_won"}]))
    for metric, target in (("sales_amount", 7), ("orders", 3), ("deals_won", 9)):
        month_targets(acme, "ann", metric, target)
        acme.fact("ann", metric, FEBRUARY, 5)
    settle(acme)

    ReviewCycle.objects.update(state="closed")
    trace = score_trace(acme.people["ann"].pk, QUARTER, Q1)

    assert trace is not None
    given = [Decimal(part["contribution"]) for one in trace["dimensions"] for part in one["parts"]]
    assert sum(given) == Decimal(trace["before"]) == Decimal(trace["score"])
    assert CycleGroup.objects.count() == 0
