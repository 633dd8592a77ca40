"""What reviews give scores: groups and their minimums, pooling, days of managers, adjusted scores."""

from decimal import Decimal

from perfmgmt.tenants.events import publish
from reviews.answers import door
from reviews.models import (
    GroupScoreRow,
    Participant,
    ReviewCycle,
    Score,
)
from reviews.scores.trace import score_trace, without_reviews
from tests.factories import Company
from tests.reviews.factories import add_peers, add_rater, answer, open_cycle
from tests.reviews.scores_factories import (
    FEBRUARY,
    Q1,
    QUARTER,
    differing,
    make_card,
    month_targets,
    parts_of,
    score_of,
    settle,
)

SALES = {"metric": "sales_amount"}


def test_a_sheet_that_is_handed_in_makes_the_questionnaires_score(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((70, [SALES]), (30, [{"questionnaire": cycle.questionnaire}]))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 300)
    raters = {one.group: one for one in cycle.people["ann"].raters.all()}
    settle(acme)
    before = [part.out for part in parts_of(acme, "ann")]

    answer(cycle, raters["manager"], 4, 5, 5)
    settle(acme)

    score, parts = score_of(acme, "ann"), parts_of(acme, "ann")
    assert before == ["", "missing"]
    assert parts[1].score == Decimal("91.6667")
    assert score and (score.score, score.review, score.cycle_id) == (
        Decimal("97.5"), Decimal("91.6667"), cycle.row.pk,
    )  # fmt: skip
    rows = {row.group: row for row in GroupScoreRow.objects.filter(participant_id=cycle.people["ann"].pk)}
    assert (rows["manager"].n, rows["manager"].weight, rows["manager"].score) == (1, 60, Decimal("91.6667"))
    assert (rows["peers"].n, rows["peers"].score, rows["peers"].hidden) == (0, None, False)
    assert differing() == {}


def test_too_few_raters_are_hidden_and_renormalised_whatever_the_policy(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((70, [SALES]), (30, [{"questionnaire": cycle.questionnaire}]), missing="block")
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 300)
    for rater in add_peers(acme, cycle, "ann", 2):
        answer(cycle, rater, 3, 3, 3)

    settle(acme)

    score, parts = score_of(acme, "ann"), parts_of(acme, "ann")
    assert score and score.score == 100
    assert [part.out for part in parts] == ["", "hidden"]
    row = GroupScoreRow.objects.get(participant_id=cycle.people["ann"].pk, group="peers")
    assert (row.n, row.score, row.hidden) == (2, None, True)
    ReviewCycle.objects.update(state="closed")
    trace = score_trace(acme.people["ann"].pk, QUARTER, Q1)
    assert trace is not None
    peers = next(one for one in trace["dimensions"][1]["parts"][0]["groups"] if one["group"] == "peers")
    assert (peers["n"], peers["score"], peers["hidden"]) == (None, None, True)
    assert differing() == {}


def test_small_groups_together_and_weights_of_the_parts_own(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    weights = {"manager": 50, "peers": 25, "direct_reports": 25}
    make_card((100, [{"questionnaire": cycle.questionnaire, "group_weights": weights}]))
    answer(cycle, cycle.people["ann"].raters.get(group="manager"), 5, 5, 5)
    for group in ("peers", "direct_reports"):
        for rater in add_peers(acme, cycle, "ann", 2, group=group):
            answer(cycle, rater, 3, 3, 3)

    settle(acme)

    (part,) = parts_of(acme, "ann")
    score = score_of(acme, "ann")
    assert part.score == 75  # (50 * 100 + 50 * 50) / 100
    assert score and score.review == 80  # by the cycle's own weights: (60 * 100 + 40 * 50) / 100
    rows = {row.group: row for row in GroupScoreRow.objects.filter(participant_id=cycle.people["ann"].pk)}
    assert "peers" not in rows and (rows["colleagues"].n, rows["colleagues"].weight) == (4, 40)
    ReviewCycle.objects.update(state="closed")
    trace = score_trace(acme.people["ann"].pk, QUARTER, Q1)
    assert trace is not None
    together = next(one for one in trace["dimensions"][0]["parts"][0]["groups"] if one["group"] == "colleagues")
    assert (together["weight"], sorted(together["pooled"])) == ("50", ["direct_reports", "peers"])
    assert differing() == {}


def test_everybody_cannot_judge_and_nobody_was_asked(acme: Company) -> None:
    cycle = open_cycle(acme, "ann", "bob")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    for rater in add_peers(acme, cycle, "ann", 3):
        answer(cycle, rater, None, None, None)

    settle(acme)

    for person in ("ann", "bob"):
        score = score_of(acme, person)
        assert score and (score.score, score.review) == (None, None)
        assert [part.out for part in parts_of(acme, person)] == ["missing"]
    assert differing() == {}


def test_a_sheet_that_is_withdrawn_leaves_nothing_behind(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    manager = cycle.people["ann"].raters.get(group="manager")
    answer(cycle, manager, 4, 4, 4)
    settle(acme)
    there = score_of(acme, "ann")

    door.withdraw(manager)
    settle(acme)

    gone = score_of(acme, "ann")
    assert there and there.score == 75
    assert gone and gone.score is None
    assert differing() == {}


def test_two_managers_are_weighed_by_their_days(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    first = cycle.people["ann"].raters.get(group="manager")
    second = add_rater(cycle, "ann", acme.people["rival"], "manager")
    for rater, days, step in ((first, 30, 5), (second, 10, 1)):
        rater.days = days
        rater.save()
        answer(cycle, rater, step, step, step)

    settle(acme)

    assert parts_of(acme, "ann")[0].score == 75


def test_the_version_that_a_launch_fixed_wins_and_who_was_taken_out_has_no_groups(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    fixed = make_card((100, [{"questionnaire": cycle.questionnaire}]), sales_role_type="farmer")
    make_card((100, [SALES]))
    Participant.objects.update(scorecard_version=fixed)
    answer(cycle, cycle.people["ann"].raters.get(group="manager"), 4, 4, 4)
    settle(acme)
    kept = score_of(acme, "ann")

    Participant.objects.update(dropped_at="2025-03-01T00:00Z")
    publish("reviews.cycles_changed", grain=QUARTER, start=Q1, employee_ids=[acme.people["ann"].pk])
    settle(acme)

    now = score_of(acme, "ann")
    assert kept and (kept.version_id, kept.score) == (fixed.pk, 75)
    assert now and (now.version_id, now.cycle_id, now.review) != (fixed.pk, cycle.row.pk, 75)
    assert not GroupScoreRow.objects.exists()
    assert differing() == {}


def test_adjusted_scores_count_only_where_the_cycle_says_so(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    answer(cycle, cycle.people["ann"].raters.get(group="manager"), 4, 4, 4)
    settle(acme)
    GroupScoreRow.objects.filter(group="manager").update(adjusted="81.25")
    Score.objects.update(adjusted="81.25")
    publish("reviews.scorecards_changed", first_day=Q1)
    settle(acme)
    raw = score_of(acme, "ann")

    cycle.row.uses_adjusted = True
    cycle.row.save()
    publish("reviews.cycles_changed", grain=QUARTER, start=Q1)
    settle(acme)

    adjusted = score_of(acme, "ann")
    assert raw and (raw.score, raw.adjusted) == (75, Decimal("81.25"))
    assert adjusted and (adjusted.score, adjusted.review) == (Decimal("81.25"), 75)
    assert differing() == {}


def test_without_reviews_nothing_depends_on_an_answer(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    make_card((70, [SALES]), (30, [{"questionnaire": cycle.questionnaire}]))
    month_targets(acme, "ann", "sales_amount", 100)
    acme.fact("ann", "sales_amount", FEBRUARY, 150)
    settle(acme)
    before = without_reviews(score_trace(acme.people["ann"].pk, QUARTER, Q1) or {})

    answer(cycle, cycle.people["ann"].raters.get(group="manager"), 5, 5, 5)
    settle(acme)

    trace = score_trace(acme.people["ann"].pk, QUARTER, Q1) or {}
    assert trace["score"] == "65.0000"
    assert without_reviews(trace) == before
    assert before["score"] == "50.0000"
    assert before["dimensions"][1]["parts"][0]["out"] == "later"
