"""Trainings: places and the waiting list, approval, changes that are told, reminders; who sees whom."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.notify.models import Notification
from perfmgmt.people.models import Employee
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.models import Course, Enrolment, TrainingSession
from reviews.training import enrolling, sessions
from reviews.training.courses import install_pack, pack, to_minor
from reviews.training.sessions import SessionDraft
from reviews.training.tasks import remind
from tests.factories import Company
from tests.reviews.training_factories import attended, by, course, enrol, session, space, states

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE, ENGLISH = "/w/acme/training/", {"accept-language": "en"}


def told(company: Company, role: str) -> list[str]:
    rows = Notification.objects.filter(user=company.users[role], kind__startswith="training.").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def draft(training: TrainingSession, **values: Any) -> SessionDraft:
    names = ("starts_at", "ends_at", "places", "place", "link", "trainer", "trainer_name")
    return SessionDraft(**{name: getattr(training, name) for name in names} | values)


# Places


def test_who_comes_when_it_is_full_waits_and_moves_up_when_somebody_cancels(acme: Company) -> None:
    made = session()
    first, waits, last = enrol(acme, made, "bob", "ann", "cid")
    assert [first.state, waits.state, last.state] == ["enrolled", "waiting", "waiting"]
    enrolling.cancel(first.pk, **by(acme, "hr"))
    assert states(made) == {"Bob Bell": "cancelled", "李安": "enrolled", "Cid Cole": "waiting"}
    assert told(acme, "assistant") == ["training.waiting", "training.moved_up"]
    enrolling.cancel(first.pk, **by(acme, "hr"))  # twice is once
    assert states(made)["Cid Cole"] == "waiting"
    (again,) = enrol(acme, made, "bob")
    assert again.pk == first.pk and again.state == "waiting"
    enrolling.cancel(waits.pk, **by(acme, "hr"))
    assert states(made)["Cid Cole"] == "enrolled" and states(made)["Bob Bell"] == "waiting"  # at the end of the line


def test_enrolling_twice_is_once(acme: Company) -> None:
    made = session(places=2)
    assert len({one.pk for one in enrol(acme, made, "ann", "ann")}) == 1
    assert Enrolment.objects.count() == 1 and told(acme, "assistant") == ["training.enrolled"]


def test_more_places_let_people_move_up_and_fewer_than_taken_are_refused(acme: Company) -> None:
    made = session()
    enrol(acme, made, "bob", "cid", "ann")
    sessions.change_session(made.pk, draft(made, places=2), workspace=space())
    assert states(made) == {"Bob Bell": "enrolled", "Cid Cole": "enrolled", "李安": "waiting"}
    with pytest.raises(DomainError) as refused:
        sessions.change_session(made.pk, draft(made, places=1), workspace=space())
    assert refused.value.code == "too_few"


def test_people_enrol_themselves_managers_their_people_and_hr_everybody(acme: Company) -> None:
    made = session(places=9)
    assert enrol(acme, made, "ann", role="assistant")[0].state == "enrolled"
    assert enrol(acme, made, "bob", role="manager")[0].state == "enrolled"
    for role, person in (("assistant", "bob"), ("manager", "cid"), ("auditor", "ann"), ("executive", "ann")):
        with pytest.raises(NotAllowed):
            enrol(acme, made, person, role=role)
    enrol(acme, made, "cid")
    with pytest.raises(NotFound):
        enrolling.cancel(Enrolment.objects.get(employee=acme.people["cid"]).pk, **by(acme, "manager"))


def test_nobody_enrols_in_what_has_begun_is_closed_is_ones_own_or_after_ones_last_day(acme: Company) -> None:
    begun, closed = session(days=-1), session(course(code="c2"), state="closed")
    for made in (begun, closed):
        with pytest.raises(Conflict):
            enrol(acme, made, "ann")
    held = session(course(code="c3"), trainer=acme.people["ann"])
    left = acme.people["bob"]
    Employee.objects.filter(pk=left.pk).update(left_on=timezone.localdate() + timedelta(days=1))
    left.refresh_from_db()
    for person, code in (("ann", "is_trainer"), ("bob", "left")):
        with pytest.raises(DomainError) as refused:
            enrol(acme, held, person)
        assert refused.value.code == code
    (row,) = attended(acme, begun, "ann")
    with pytest.raises(Conflict):
        enrolling.cancel(row.pk, **by(acme, "assistant"))


def test_a_manager_is_asked_where_the_course_wants_it_and_no_place_is_held_meanwhile(acme: Company) -> None:
    made = session(course(needs_approval=True))
    (asked,) = enrol(acme, made, "ann", role="assistant")
    assert asked.state == "asked" and told(acme, "manager") == ["training.asked"]
    with pytest.raises(NotAllowed):
        enrolling.decide(asked.pk, approves=True, **by(acme, "assistant"))
    (sent,) = enrol(acme, made, "bob", role="manager")  # who decides needs no approval
    assert sent.state == "enrolled"
    assert enrolling.decide(asked.pk, approves=True, **by(acme, "manager")).state == "waiting"
    with pytest.raises(Conflict):
        enrolling.decide(asked.pk, approves=False, **by(acme, "manager"))
    unread = Notification.objects.filter(user=acme.users["manager"], kind="training.asked", read_at=None)
    assert not unread.exists()


def test_what_is_declined_is_told_and_may_be_asked_again(acme: Company) -> None:
    made = session(course(needs_approval=True))
    (asked,) = enrol(acme, made, "ann", role="assistant")
    enrolling.decide(asked.pk, approves=False, **by(acme, "manager"))
    assert states(made) == {"李安": "declined"} and told(acme, "assistant") == ["training.declined"]
    assert enrol(acme, made, "ann", role="assistant")[0].state == "asked"


# Changes


def test_another_time_or_place_is_told_and_reminded_of_again_but_not_another_trainer(acme: Company) -> None:
    made = session(places=3)
    enrol(acme, made, "ann")
    Enrolment.objects.update(reminded_at=timezone.now())
    sessions.change_session(made.pk, draft(made, trainer_name="Zhou"), workspace=space())
    assert told(acme, "assistant") == ["training.enrolled"]
    later = draft(made, starts_at=made.starts_at + timedelta(days=1), ends_at=made.ends_at + timedelta(days=1))
    sessions.change_session(made.pk, later, workspace=space())
    assert told(acme, "assistant")[-1] == "training.changed"
    assert Enrolment.objects.get().reminded_at is None


def test_cancelling_tells_everybody_and_nothing_changes_afterwards(acme: Company) -> None:
    made = session()
    enrol(acme, made, "bob", "ann")
    sessions.set_state(made.pk, "cancelled", workspace=space())
    assert told(acme, "assistant")[-1] == "training.cancelled"
    sessions.set_state(made.pk, "cancelled", workspace=space())
    for act in (
        lambda: sessions.set_state(made.pk, "open", workspace=space()),
        lambda: sessions.change_session(made.pk, draft(made), workspace=space()),
        lambda: enrol(acme, made, "cid"),
    ):
        with pytest.raises(Conflict):
            act()
    assert states(made) == {"Bob Bell": "enrolled", "李安": "waiting"}


def test_a_session_is_held_after_it_began_and_has_sound_times_and_one_trainer(acme: Company) -> None:
    made = session()
    with pytest.raises(DomainError) as refused:
        sessions.set_state(made.pk, "held", workspace=space())
    assert refused.value.code == "too_early"
    for values, code in (
        ({"ends_at": made.starts_at}, "bad_times"),
        ({"trainer": acme.people["ann"], "trainer_name": "Zhou"}, "two_trainers"),
    ):
        with pytest.raises(DomainError) as refused:
            sessions.open_session(made.course_id, draft(made, **values))
        assert refused.value.code == code


def test_participants_are_reminded_once_on_the_day_before_in_waking_hours(acme: Company) -> None:
    workspace = space()
    noon = timezone.now().replace(hour=4, minute=0)  # 12:00 in the workspace
    tomorrow, later = session(places=1), session(course(code="c2"), places=9)
    TrainingSession.objects.filter(pk=tomorrow.pk).update(
        starts_at=noon + timedelta(hours=22), ends_at=noon + timedelta(hours=26)
    )
    TrainingSession.objects.filter(pk=later.pk).update(
        starts_at=noon + timedelta(hours=37), ends_at=noon + timedelta(hours=39)
    )
    now = timezone.now()
    for person, state in (("ann", "enrolled"), ("bob", "waiting")):
        Enrolment.objects.create(session=tomorrow, employee=acme.people[person], state=state, since=now)
    attended(acme, later, "ann")
    assert remind(workspace, noon - timedelta(hours=6)) == 0  # 06:00
    assert remind(workspace, noon) == 1 and remind(workspace, noon + timedelta(hours=1)) == 0
    assert told(acme, "assistant") == ["training.reminder"]


# The catalogue


def test_the_ready_courses_come_once_and_what_has_the_code_stays(acme: Company) -> None:
    course(code="product_basics", name_en="Ours")
    assert install_pack() == len(pack()) - 1 and install_pack() == 0
    assert Course.objects.get(code="product_basics").name_en == "Ours"
    assert {one.kind for one in Course.objects.all()} == {"basic", "ongoing", "leadership"}


def test_costs_are_whole_minor_units_of_the_currency(acme: Company) -> None:
    assert [to_minor(Decimal("12.345"), code) for code in ("CNY", "JPY", "KWD")] == [1235, 12, 12345]
    assert to_minor(None, "CNY") is None
    assert course(cost_minor=1235, currency="CNY").cost == Decimal("12.35")


def test_hr_keeps_the_catalogue_and_everybody_reads_it(company: Company, sign_in: SignIn) -> None:
    hr, ann = sign_in(company.users["hr"]), sign_in(company.users["assistant"])
    form = {"code": "neg", "name_zh": "谈判", "topic": "sales_technique", "hours": "7.5", "cost": "1280.50",
            "pass_mark": "70"}  # fmt: skip
    assert ann.post(f"{BASE}courses/new/", form).status_code == 403
    for bad in (
        {"name_zh": ""},
        {"code": "a b"},
        {"hours": "0"},
        {"pass_mark": "101"},
        {"topic": "x"},
        {"cost": "-1"},
    ):
        assert hr.post(f"{BASE}courses/new/", form | bad).status_code == 400, bad
    address = hr.post(f"{BASE}courses/new/", form)["Location"]
    assert hr.post(f"{BASE}courses/new/", form | {"code": "NEG"}).status_code == 400
    page = ann.get(address, headers=ENGLISH).content.decode()
    assert "谈判" in page and "1,280.50" in page and f"{address}edit/" not in page
    assert hr.post(f"{address}edit/", form | {"name_en": "Negotiating"}).status_code == 302
    assert hr.post(f"{address}archive/", {"archived": "1"}).status_code == 302
    assert "Negotiating" not in ann.get(f"{BASE}courses/", headers=ENGLISH).content.decode()
    assert "Negotiating" in ann.get(f"{BASE}courses/?state=archived", headers=ENGLISH).content.decode()
    assert hr.get(f"{address}new-session/").status_code == 302


def test_the_lists_are_searched_filtered_and_exported(company: Company, sign_in: SignIn) -> None:
    hr = sign_in(company.users["hr"])
    assert hr.post(f"{BASE}courses/ready/").status_code == 302
    with company.scope():
        made = session(Course.objects.get(code="time_management"), place="Room 5")
        session(Course.objects.get(code="planning_goals"), days=-9, state="held")
        enrol(company, made, "ann")
    for query, n in (("", 12), ("q=negotiating", 1), ("kind=leadership", 4), ("kind=x&sort=-next", 12)):
        assert hr.get(f"{BASE}courses/?{query}").context["page"].paginator.count == n, query
    for query, n in (("", 1), ("state=all", 2), ("state=past", 1), ("state=held", 1), ("q=room+5", 1), ("q=zz", 0),
                     ("kind=leadership&state=all&sort=-taken", 1)):  # fmt: skip
        assert hr.get(f"{BASE}?{query}").context["page"].paginator.count == n, query
    for query, n in (("", 1), ("q=李安", 1), ("state=waiting", 0), ("state=enrolled&sort=hours", 1),
                     (f"training={made.pk}", 1), ("training=1x", 1), ("training=999999", 0)):  # fmt: skip
        assert hr.get(f"{BASE}records/?{query}").context["page"].paginator.count == n, query
    for address in ("courses/export/?kind=basic", "export/?state=all", f"records/export/?training={made.pk}"):
        assert hr.post(f"{BASE}{address}").status_code == 302


# Pages


def test_hr_opens_a_session_and_who_may_enrols_on_its_page(company: Company, sign_in: SignIn) -> None:
    hr, ann, manager = (sign_in(company.users[role]) for role in ("hr", "assistant", "manager"))
    with company.scope():
        pk = course().pk
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    form = {"first_day": day, "starts": "09:00", "ends": "17:00", "places": "1", "place": "Room 5"}
    assert hr.post(f"{BASE}courses/{pk}/new-session/", form | {"ends": "08:00"}).status_code == 400
    address = hr.post(f"{BASE}courses/{pk}/new-session/", form)["Location"]
    with company.scope():
        made = TrainingSession.objects.get()
        assert (made.starts_at.hour, made.ends_at.hour) == (1, 9)  # 09:00 and 17:00 in Shanghai
    assert manager.post(f"{address}enrol/", {"employee": "Bob Bell"}).status_code == 302
    assert manager.post(f"{address}enrol/", {"employee": "Cid Cole"}).status_code == 400
    assert "waiting list" in ann.get(address, headers=ENGLISH).content.decode()
    assert ann.post(f"{address}enrol/").status_code == 302
    page = ann.get(address, headers=ENGLISH).content.decode()
    assert "number 1 on the waiting list" in page and "Bob Bell" not in page
    with company.scope():
        bobs = Enrolment.objects.get(employee=company.people["bob"]).pk
    assert ann.post(f"{BASE}enrolments/{bobs}/cancel/").status_code == 404
    assert manager.post(f"{BASE}enrolments/{bobs}/cancel/").status_code == 302
    with company.scope():
        assert states(made) == {"Bob Bell": "cancelled", "李安": "enrolled"}
    assert hr.post(f"{address}state/", {"state": "x"}).status_code == 409
    assert hr.post(f"{address}state/", {"state": "cancelled"}).status_code == 302
    assert hr.get(f"{address}edit/").status_code == 302 and hr.post(f"{address}edit/", form).status_code == 409


def test_the_number_of_queries_of_a_session_does_not_grow_with_its_people(company: Company, sign_in: SignIn) -> None:
    hr = sign_in(company.users["hr"])
    with company.scope():
        made = session(places=9)
        enrol(company, made, "ann")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert hr.get(f"{BASE}{made.pk}/").status_code == 200
        return len(found)

    queries()
    few = queries()
    with company.scope():
        enrol(company, made, "bob", "cid", "rival", "boss", "manager")
    assert queries() == few < 30
