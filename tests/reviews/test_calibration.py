"""Calibration sessions and moves: who may do what, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from perfmgmt.notify.models import Notification
from perfmgmt.people.viewer import ActingFor
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import subscribe
from reviews.calibration import money, selectors, services
from reviews.calibration.services import SessionDraft, Target
from reviews.models import (
    CalibrationMove,
    CalibrationSession,
    Participant,
    ReleaseBatch,
    ReviewCycle,
    ReviewResult,
    ScorecardVersion,
)
from reviews.permissions import RELEASE
from tests.factories import START, Company
from tests.reviews.calibration_factories import Calibration, calibration


@pytest.fixture
def north(acme: Company) -> Calibration:
    return calibration(acme)


def test_a_move_sets_the_score_that_counts_and_is_kept_with_its_reason(north: Calibration) -> None:
    heard: list[object] = []
    subscribe("reviews.calibrated", lambda **news: heard.append(news["employee_ids"]))
    made = north.move("ann", "A", reason="  Carried the team  ")
    assert (made.before, made.after, made.grade_before, made.grade_after) == (D("84.5"), D(90), "B", "A")
    assert (made.reason, made.moved_by) == ("Carried the team", north.company.users["manager"])
    assert north.participant("ann").calibrated == D(90)
    assert heard == [[north.company.people["ann"].pk]]
    person = selectors.person_of(north.session, made.participant_id, viewer=north.viewer("hr"))
    assert (person.score, person.computed, person.grade, person.is_moved) == (D(90), D("84.5"), "A", True)


def test_a_move_may_name_a_score(north: Calibration) -> None:
    assert north.move("ann", 100).after == D(100)
    assert north.move("ann", 0, by="hr").grade_after == "E"


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_is_moved_without_a_reason(north: Calibration, reason: str) -> None:
    with pytest.raises(DomainError, match="why"):
        north.move("ann", "A", reason=reason)
    assert not CalibrationMove.objects.exists()


@pytest.mark.parametrize("score", ["150.0001", "-0.0001", "NaN", "Infinity"])
def test_a_score_outside_its_range_is_refused(north: Calibration, score: str) -> None:
    row = north.participant("ann")
    with pytest.raises(DomainError, match="between"):
        services.move(
            north.session.pk, row.pk, Target(D(score)), before=D("84.5"), reason="x", viewer=north.viewer("hr")
        )
    assert north.participant("ann").calibrated is None


def test_a_grade_beside_the_bands_and_a_move_to_the_same_score_are_refused(north: Calibration) -> None:
    for target in ("S", "", "B"):
        with pytest.raises(DomainError):
            north.move("ann", target)


def test_the_second_of_two_movers_sees_the_present_score(north: Calibration) -> None:
    north.move("ann", "A", by="hr")
    with pytest.raises(Conflict, match="90"):
        north.move("ann", "C", before="84.5")
    assert north.participant("ann").calibrated == D(90)


def test_a_member_neither_sees_nor_moves_themselves(north: Calibration) -> None:
    people = selectors.people_of(north.session, viewer=north.viewer("manager"))
    assert [person.name for person in people] == ["Bob Bell", "李安"]
    with pytest.raises(NotFound):
        north.move("manager", "A")
    north.move("manager", "A", by="hr")
    assert not selectors.moves_of(north.session, viewer=north.viewer("manager"))
    assert len(selectors.people_of(north.session, viewer=north.viewer("hr"))) == 3
    (listed,) = selectors.sessions_for(selectors.read_sessions({}), viewer=north.viewer("manager"))
    assert listed.moved_count == 0  # not even the count tells


def test_a_stand_in_takes_part_for_a_member_but_not_about_them(north: Calibration) -> None:
    mia = north.company.people["manager"]
    with pytest.raises(NotFound):
        selectors.session_of(north.session.pk, viewer=north.viewer("rival"))
    rival = replace(north.viewer("rival"), acting_for=(ActingFor(mia.pk, mia.name, date(2025, 4, 1), True),))
    people = selectors.people_of(selectors.session_of(north.session.pk, viewer=rival), viewer=rival)
    assert [person.name for person in people] == ["Bob Bell", "李安"]


def test_a_manager_who_is_no_member_finds_nothing(north: Calibration) -> None:
    with pytest.raises(NotFound):
        north.move("ann", "A", by="rival")
    assert not selectors.sessions_for(selectors.read_sessions({}), viewer=north.viewer("rival"))


def test_people_of_other_units_and_other_cycles_are_not_in_the_session(north: Calibration) -> None:
    with pytest.raises(NotFound):
        north.move("cid", "A", by="hr")
    Participant.objects.filter(pk=north.cycle.people["ann"].pk).update(dropped_at="2025-04-01T00:00Z")
    with pytest.raises(NotFound):
        north.move("ann", "A", by="hr")


def test_another_workspace_finds_nothing(company: Company, other_company: Company) -> None:
    with company.scope():
        north = calibration(company)
        hr, row = north.viewer("hr"), north.participant("ann")
    with other_company.scope(), pytest.raises(NotFound):
        services.move(north.session.pk, row.pk, Target(grade="A"), before=D("84.5"), reason="x", viewer=hr)


def test_a_locked_session_takes_no_moves_until_hr_opens_it_with_a_reason(north: Calibration) -> None:
    with pytest.raises(NotAllowed):
        services.lock(north.session.pk, viewer=north.viewer("manager"))
    services.lock(north.session.pk, viewer=north.viewer("hr"))
    for act in (
        lambda: north.move("ann", "A"),
        lambda: services.set_potential(
            north.session.pk, north.participant("ann").pk, 3, "x", seen="", viewer=north.viewer("hr")
        ),
    ):
        with pytest.raises(Conflict, match="locked"):
            act()
    with pytest.raises(DomainError, match="why"):
        services.unlock(north.session.pk, reason=" ", viewer=north.viewer("hr"))
    with pytest.raises(NotAllowed):
        services.unlock(north.session.pk, reason="x", viewer=north.viewer("manager"))
    services.unlock(north.session.pk, reason="A leave was overlooked", viewer=north.viewer("hr"))
    event = CalibrationSession.pgh_event_model.objects.filter(pgh_obj_id=north.session.pk).latest("pgh_id")  # type: ignore[attr-defined]
    assert event.pgh_context["reason"] == "A leave was overlooked"
    assert north.move("ann", "A").after == D(90)


@pytest.mark.parametrize("state", ["open", "released", "draft"])
def test_nobody_is_moved_unless_the_cycle_is_closed(north: Calibration, state: str) -> None:
    ReviewCycle.objects.update(state=state)
    with pytest.raises(Conflict):
        north.move("ann", "A", by="hr")
    services.lock(north.session.pk, viewer=north.viewer("hr"))
    with pytest.raises(Conflict):
        services.unlock(north.session.pk, reason="x", viewer=north.viewer("hr"))
    with pytest.raises(Conflict):
        services.open_session(
            north.cycle.row.pk, SessionDraft("S", north.company.units["south"]), invites_managers=True,
            viewer=north.viewer("hr"),
        )  # fmt: skip


def test_who_has_a_released_result_is_not_moved(north: Calibration) -> None:
    batch = ReleaseBatch.objects.create(cycle=north.cycle.row, number=1)
    ReviewResult.objects.create(batch=batch, participant=north.participant("ann"), score=84, grade="B")
    with pytest.raises(Conflict, match="released"):
        north.move("ann", "A")


def test_the_last_move_is_taken_back_by_a_new_one(north: Calibration) -> None:
    first = north.move("ann", "A")
    second = north.move("ann", 95)
    hr, row = north.viewer("hr"), north.participant("ann")
    with pytest.raises(Conflict):
        services.undo(north.session.pk, row.pk, first.pk, reason="x", viewer=hr)
    with pytest.raises(DomainError):
        services.undo(north.session.pk, row.pk, second.pk, reason="", viewer=hr)
    back = services.undo(north.session.pk, row.pk, second.pk, reason="Too much", viewer=hr)
    assert (back.before, back.after, back.reason) == (D(95), D(90), "Too much")
    assert CalibrationMove.objects.count() == 3


def test_back_at_the_computed_score_that_one_counts_again(north: Calibration) -> None:
    made = north.move("ann", "A")
    services.undo(north.session.pk, made.participant_id, made.pk, reason="No", viewer=north.viewer("manager"))
    assert north.participant("ann").calibrated is None


def test_potential_is_said_with_a_reason_and_not_over_another_tab(north: Calibration) -> None:
    pk, manager = north.participant("ann").pk, north.viewer("manager")
    services.set_potential(north.session.pk, pk, 3, "Learns fast", seen="", viewer=manager)
    for potential, note, seen in ((2, "x", ""), (2, " ", "3"), (4, "x", "3")):
        with pytest.raises(DomainError):
            services.set_potential(north.session.pk, pk, potential, note, seen=seen, viewer=manager)
    assert (north.participant("ann").potential, north.participant("ann").potential_note) == (3, "Learns fast")
    ReviewCycle.objects.update(asks_potential=False)
    with pytest.raises(DomainError):
        services.set_potential(north.session.pk, pk, 2, "x", seen="3", viewer=manager)


def test_a_session_invites_the_managers_of_its_people_and_only_hr_opens_one(north: Calibration) -> None:
    units, hr = north.company.units, north.viewer("hr")
    with pytest.raises(NotAllowed):
        services.open_session(
            north.cycle.row.pk,
            SessionDraft("S", units["south"]),
            invites_managers=True,
            viewer=north.viewer("manager"),
        )
    made = services.open_session(
        north.cycle.row.pk, SessionDraft("S", units["south"]), invites_managers=True, viewer=hr
    )
    assert list(made.members.values_list("employee_id", flat=True)) == [north.company.people["rival"].pk]
    with pytest.raises(NotFound):
        services.open_session(10**9, SessionDraft("S"), invites_managers=True, viewer=hr)


def test_sessions_with_the_same_people_are_refused_while_one_is_open(north: Calibration) -> None:
    hr, units = north.viewer("hr"), north.company.units

    def open_for(unit: str) -> CalibrationSession:
        draft = SessionDraft(unit or "all", units.get(unit))
        return services.open_session(north.cycle.row.pk, draft, invites_managers=False, viewer=hr)

    for unit in ("north", "sales", ""):
        with pytest.raises(Conflict, match="North"):
            open_for(unit)
    services.lock(north.session.pk, viewer=hr)
    whole = open_for("sales")
    with pytest.raises(Conflict, match="sales"):
        services.unlock(north.session.pk, reason="x", viewer=hr)
    with pytest.raises(Conflict, match="sales"):
        open_for("south")
    services.move(
        whole.pk, north.participant("ann").pk, Target(grade="A"), before=D("84.5"), reason="Compared", viewer=hr
    )


def test_members_are_managers_and_can_be_taken_out(north: Calibration) -> None:
    hr, people = north.viewer("hr"), north.company.people
    with pytest.raises(DomainError, match="leads nobody"):
        services.add_member(north.session.pk, people["ann"], viewer=hr, today=START)
    services.add_member(north.session.pk, people["rival"], viewer=hr, today=START)
    services.add_member(north.session.pk, people["rival"], viewer=hr, today=START)
    assert north.session.members.count() == 2
    member = north.session.members.get(employee=people["rival"])
    services.remove_member(north.session.pk, member.pk, viewer=hr)
    with pytest.raises(NotFound):
        services.remove_member(north.session.pk, member.pk, viewer=hr)


def test_a_session_with_moves_stays(north: Calibration) -> None:
    north.move("ann", "A")
    with pytest.raises(Conflict):
        services.remove_session(north.session.pk, viewer=north.viewer("hr"))
    CalibrationMove.objects.all().delete()
    services.remove_session(north.session.pk, viewer=north.viewer("hr"))
    assert not CalibrationSession.objects.exists()


def test_bands_of_the_scorecard_come_before_those_of_the_workspace(north: Calibration) -> None:
    from tests.tenants.samples_reviews import _scorecard

    version, _part = _scorecard(north.company, "x")
    ScorecardVersion.objects.filter(pk=version.pk).update(
        grade_bands=[{"grade": "Top", "from": "85"}, {"grade": "Ok", "from": "0"}]
    )
    Participant.objects.filter(pk=north.cycle.people["ann"].pk).update(scorecard_version=version)
    assert north.move("ann", "Top").after == D(85)
    people = selectors.people_of(north.session, viewer=north.viewer("hr"))
    assert selectors.order_of(people) == ["A", "B", "C", "D", "E", "Top", "Ok"]


def test_money_is_shown_only_to_who_may_see_it(north: Calibration) -> None:
    made = north.move("ann", "A")
    people = selectors.people_of(north.session, viewer=north.viewer("hr"))
    changes = [person.change for person in people if person.is_moved]
    assert money.texts_for(changes, viewer=north.viewer("hr")) == {}
    money.register(money.MoneyView("test", RELEASE, lambda found: {one.participant_id: "+100" for one in found}))
    try:
        assert money.texts_for(changes, viewer=north.viewer("hr")) == {made.participant_id: ["+100"]}
        assert money.texts_for(changes, viewer=north.viewer("manager")) == {}
        assert not money.may_see(north.viewer("manager"))
    finally:
        money.unregister("test")


def test_members_are_told_once_where_their_session_is(north: Calibration) -> None:
    def told() -> list[tuple[str, str]]:
        rows = Notification.objects.filter(kind="calibration.invited", read_at=None)
        return list(rows.values_list("user__email", "path"))

    manager, hr = north.company.users["manager"], north.viewer("hr")
    assert told() == [(manager.email, f"calibration/{north.session.pk}/")]
    services.add_member(north.session.pk, north.company.people["manager"], viewer=hr, today=date(2025, 4, 1))
    assert Notification.objects.filter(kind="calibration.invited").count() == 1
    services.lock(north.session.pk, viewer=hr)
    assert told() == []
