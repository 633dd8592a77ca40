"""Evidence beside a form, what a manager says of potential, and what each question says of who will see it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from goals.models import CheckIn, Goal
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment
from reviews.forms import evidence
from reviews.forms.evidence import Evidence, Item, Source
from reviews.forms.pack import install_pack
from reviews.models import (
    Dimension,
    Feedback,
    FeedbackReceiver,
    HiddenPraise,
    Part,
    Participant,
    Rater,
    ReleaseBatch,
    ReviewCycle,
    ReviewResult,
    Scorecard,
    ScorecardVersion,
)
from tests.factories import Company
from tests.reviews.factories import add_peers, add_rater, open_cycle
from tests.reviews.forms_factories import ask, desk_of


@pytest.fixture
def cycle(acme: Company):
    made = open_cycle(acme, "ann", "bob")
    Goal.objects.create(
        level="person", employee=acme.people["ann"], title="Grow the north", metric=Metric.objects.get(code="orders"),
        grain=4, first_day=made.row.start, last_day=made.row.end, target=Decimal(10), state="agreed",
    )  # fmt: skip
    acme.fact("ann", "orders", date(2025, 2, 3), 4)
    acme.drain()
    CheckIn.objects.create(
        employee=acme.people["ann"],
        week=date(2025, 2, 3),
        state="sent",
        sent_at=timezone.now(),
        help_wanted=True,
        help_text="Samples late",
    )
    return made


def evidence_in(company: Company, rater: Rater, person: str) -> dict[str, Evidence]:
    page = desk_of(company, person).open(rater)
    assert page.status_code == 200
    return {one.title: one for one in page.context["evidence"]}


def test_oneself_and_the_manager_see_goals_figures_and_check_ins(acme: Company, cycle) -> None:
    for person, group in (("ann", "self"), ("manager", "manager")):
        found = evidence_in(acme, Rater.objects.get(participant=cycle.people["ann"], group=group), person)
        (goal,) = found["Goals"].items
        assert (goal.title, goal.value, goal.text) == ("Grow the north", "40%", "4 of 10")
        assert ("Orders", "4") in [(item.title, item.value) for item in found["Figures"].items]
        assert found["1 check-in"].items[0].text == "Samples late"
        assert goal.url


def test_the_managers_manager_sees_them_too(acme: Company, cycle) -> None:
    rater = add_rater(cycle, "ann", acme.people["boss"], "skip_level")
    assert "Goals" in evidence_in(acme, rater, "boss")


@pytest.mark.parametrize("group", ["peers", "direct_reports", "internal_customers"])
def test_colleagues_see_no_goal_no_figure_and_no_result(acme: Company, cycle, group: str) -> None:
    rater = add_rater(cycle, "ann", acme.people["bob"], group)
    page = desk_of(acme, "bob").open(rater)
    assert page.context["evidence"] == [] and "Grow the north" not in page.content.decode()


def test_a_manager_of_the_period_sees_them_after_a_change_but_no_links(acme: Company, cycle) -> None:
    Assignment.objects.filter(employee=acme.people["ann"]).update(valid_to=date(2025, 2, 15))
    Assignment.objects.create(
        employee=acme.people["ann"], unit=acme.units["south"], manager=acme.people["rival"],
        valid_from=date(2025, 2, 16),
    )  # fmt: skip
    rater = Rater.objects.get(participant=cycle.people["ann"], group="manager")
    (goal,) = evidence_in(acme, rater, "manager")["Goals"].items
    assert goal.url == ""


def test_who_was_put_in_a_managers_place_without_leading_sees_none(acme: Company, cycle) -> None:
    rater = add_rater(cycle, "ann", acme.people["rival"], "manager")
    assert evidence_in(acme, rater, "rival") == {}


def test_the_last_released_result_is_shown(acme: Company, cycle) -> None:
    before = ReviewCycle.objects.create(
        name="Q4 2024", start=date(2024, 10, 1), end=date(2024, 12, 31), state="released"
    )
    then = Participant.objects.create(cycle=before, employee=acme.people["ann"])
    batch = ReleaseBatch.objects.create(cycle=before, number=1)
    ReviewResult.objects.create(batch=batch, participant=then, score=Decimal("87.5"), grade="B")
    rater = Rater.objects.get(participant=cycle.people["ann"], group="self")
    (item,) = evidence_in(acme, rater, "ann")["Last result"].items
    assert (item.title, item.value) == ("Q4 2024", "B · 87.50")


def test_praise_of_the_period_that_is_on_the_wall_stands_beside_the_form(acme: Company, cycle) -> None:
    inside, before = cycle.row.start, cycle.row.start - timedelta(days=1)
    for text, day in (("On the wall", inside), ("Hidden", inside), ("Before", before)):
        made = Feedback.objects.create(kind="praise", text=text, day=day, given_at=timezone.now())
        FeedbackReceiver.objects.create(feedback=made, employee=acme.people["ann"])
        if text == "Hidden":
            HiddenPraise.objects.create(feedback=made, reason="x", hidden_at=timezone.now())
    for person, group in (("ann", "self"), ("manager", "manager")):
        found = evidence_in(acme, Rater.objects.get(participant=cycle.people["ann"], group=group), person)
        assert [item.text for item in found["1 praise"].items] == ["On the wall"]


def test_a_later_source_is_read_for_its_groups_only(acme: Company, cycle, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "_sources", dict(evidence._sources))
    praise = Source("praise", "Praise", lambda _asked: Evidence("Praise", [Item("Thanks")]),
                    groups=frozenset({"peers"}), personal=False)  # fmt: skip
    evidence.register(praise)
    rater = add_rater(cycle, "ann", acme.people["bob"], "peers")
    assert list(evidence_in(acme, rater, "bob")) == ["Praise"]
    own = Rater.objects.get(participant=cycle.people["ann"], group="self")
    assert "Praise" not in evidence_in(acme, own, "ann")


def test_the_manager_is_asked_for_potential_and_nobody_else(acme: Company, cycle) -> None:
    rater = Rater.objects.get(participant=cycle.people["ann"], group="manager")
    manager = desk_of(acme, "manager")
    assert manager.open(rater).context["page"].asks_potential
    assert manager.autosave(rater, 0, potential="3", potential_note="Led the fair").status_code == 200
    ratee = Participant.objects.get(pk=rater.participant_id)
    assert (ratee.potential, ratee.potential_note) == (3, "Led the fair")
    peer = add_rater(cycle, "ann", acme.people["bob"], "peers")
    bob = desk_of(acme, "bob")
    bob.autosave(peer, 0, potential="1", potential_note="x")
    own = Rater.objects.get(participant=cycle.people["ann"], group="self")
    page = desk_of(acme, "ann").open(own)
    ratee.refresh_from_db()
    assert ratee.potential == 3
    assert "Led the fair" not in page.content.decode() and not page.context["page"].asks_potential


@pytest.mark.parametrize("typed", ["4", "0"])
def test_a_potential_beside_the_scale_is_refused(acme: Company, cycle, typed: str) -> None:
    rater = Rater.objects.get(participant=cycle.people["ann"], group="manager")
    assert desk_of(acme, "manager").autosave(rater, 0, potential=typed).status_code == 400
    assert Participant.objects.get(pk=rater.participant_id).potential is None


def test_potential_is_asked_only_where_the_cycle_wants_it_and_only_while_it_is_open(acme: Company, cycle) -> None:
    rater = Rater.objects.get(participant=cycle.people["ann"], group="manager")
    manager = desk_of(acme, "manager")
    ReviewCycle.objects.update(state="closed")
    assert manager.autosave(rater, 0, potential="2").status_code == 409
    ReviewCycle.objects.update(state="open", asks_potential=False)
    assert not manager.open(rater).context["page"].asks_potential
    manager.autosave(rater, 0, potential="2")
    assert Participant.objects.get(pk=rater.participant_id).potential is None


def terms(company: Company, rater: Rater, person: str) -> list[tuple[str, str]]:
    page = desk_of(company, person).open(rater).context["page"]
    return [(question.who_sees, question.affects) for question in page.questions]


def test_each_question_says_who_will_see_it_and_what_it_affects(acme: Company, cycle) -> None:
    (peer,) = add_peers(acme, cycle, "ann", 1)
    acme.people["peer"] = peer.employee
    *scales, words = terms(acme, peer, "peer")
    for who, what in scales:
        assert "Anonymous" in who and "3 people or more" in who and "put together with others" in who
        assert what == "Counts 33% of the answers of this group."
    assert "word for word" in words[0] and "李安" in words[0] and words[1] == "Not scored."
    own = terms(acme, Rater.objects.get(participant=cycle.people["ann"], group="self"), "ann")
    assert own[0] == ("Your managers and HR see it as yours.", "Not scored, shown only.")
    manager = terms(acme, Rater.objects.get(participant=cycle.people["ann"], group="manager"), "manager")
    assert manager[0][0].startswith("With your name: 李安 sees it")


def test_what_a_cycle_hides_from_the_ratee_is_said_so(acme: Company, cycle) -> None:
    ReviewCycle.objects.update(shows_groups=False, shows_comments=False)
    manager = terms(acme, Rater.objects.get(participant=cycle.people["ann"], group="manager"), "manager")
    assert "李安 does not" in manager[0][0] and "李安 does not" in manager[-1][0]
    peer = add_rater(cycle, "ann", acme.people["bob"], "peers")
    assert "李安 does not" in terms(acme, peer, "bob")[-1][0]


def test_the_weight_in_the_scorecard_is_named(acme: Company, cycle) -> None:
    scorecard = Scorecard.objects.create(name_en="Quarter")
    version = ScorecardVersion.objects.create(scorecard=scorecard, number=1)
    dimension = Dimension.objects.create(version=version, place=1, name_en="Attitude", weight=40)
    Part.objects.create(
        dimension=dimension, place=1, kind="questionnaire", questionnaire=cycle.questionnaire, weight=50
    )
    Participant.objects.update(scorecard_version=version)
    peer = add_rater(cycle, "ann", acme.people["bob"], "peers")
    bob = desk_of(acme, "bob")
    assert bob.open(peer).context["page"].forms[0].affects == (
        "Your group has a weight of 30% in this questionnaire, which makes up 20% of the score."
    )
    Part.objects.update(group_weights={"manager": 100})
    page = bob.open(peer).context["page"]
    assert page.forms[0].affects == "These answers are shown beside the others and do not enter the score."
    assert page.questions[0].affects == "Not scored, shown only."


def test_the_yearly_self_review_has_its_sections_and_is_not_scored(acme: Company, cycle) -> None:
    install_pack()
    ask(cycle)
    own = Rater.objects.get(participant=cycle.people["ann"], group="self")
    page = desk_of(acme, "ann").open(own).context["page"]
    yearly = page.forms[1]
    assert [section.title for section in yearly.sections] == [
        "Targets", "Quality", "Behaviour", "Data", "Results", "Feedback", "Problems", "Plan",
    ]  # fmt: skip
    assert "not scored" in yearly.affects
    manager = Rater.objects.get(participant=cycle.people["ann"], group="manager")
    assert len(desk_of(acme, "manager").open(manager).context["page"].forms) == 1
