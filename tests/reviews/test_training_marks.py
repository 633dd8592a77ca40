"""What came of a training: marks, the facts that follow them, feedback, records, a person's page."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import Fact, FactVersion
from perfmgmt.metrics.rollups.services import rebuild
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.locks import Lock, try_lock
from reviews.forms.evidence import Asked
from reviews.models import Enrolment, Rater, TrainingSession
from reviews.training import evidence, marking
from reviews.training.exports import _records
from reviews.training.marking import Mark
from reviews.training.selectors import Wanted, records
from tests.factories import Company, today_here
from tests.reviews.factories import open_cycle
from tests.reviews.followup_factories import viewer
from tests.reviews.training_factories import attended, by, course, session, space

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE, ENGLISH = "/w/acme/training/", {"accept-language": "en"}
GOOD = Mark("attended", Decimal(6), Decimal(50), Decimal("80.5"), certificate=" A-1 ")


def facts() -> dict[tuple[str, str], Decimal]:
    rows = Fact.objects.filter(source__code="training-records").values_list("employee__name", "metric__code", "value")
    return {(name, code): value for name, code, value in rows}


def mark(company: Company, row: Enrolment, given: Mark, *, role: str = "hr", late: bool = False) -> int:
    return marking.mark(row.session_id, {row.pk: given}, late=late, **by(company, role))


def test_a_mark_becomes_facts_of_the_person_on_the_sessions_day(acme: Company) -> None:
    made = session(days=-3)
    (row,) = attended(acme, made, "ann")
    assert mark(acme, row, GOOD) == 1
    assert facts() == {
        ("李安", "training_hours"): 6,
        ("李安", "courses_passed"): 1,
        ("李安", "test_gain"): Decimal("30.5"),
    }
    day = made.ends_at.astimezone(ZoneInfo(space().time_zone)).date()
    assert {one.day for one in Fact.objects.filter(source__code="training-records")} == {day}
    row.refresh_from_db()
    assert (row.passed, row.certificate, row.gain) == (True, "A-1", Decimal("30.5"))
    made.refresh_from_db()
    assert made.state == "held"
    acme.drain()
    assert rebuild(check=True).differing == 0


def test_the_same_mark_again_changes_nothing_and_a_correction_keeps_the_old_value(acme: Company) -> None:
    (row,) = attended(acme, session(days=-3), "ann")
    mark(acme, row, GOOD)
    row.refresh_from_db()
    assert mark(acme, row, marking.mark_of(row)) == 0 and not FactVersion.objects.exists()
    mark(acme, row, Mark("attended", Decimal(4), Decimal(50), Decimal(40)))
    assert facts() == {("李安", "training_hours"): 4, ("李安", "test_gain"): -10}
    assert FactVersion.objects.count() == 3
    mark(acme, row, Mark("absent", Decimal(4)))
    assert facts() == {}
    row.refresh_from_db()
    assert (row.hours, row.passed, row.score_after) == (None, None, None)
    mark(acme, row, Mark())
    row.refresh_from_db()
    assert row.attendance == "" and facts() == {}


def test_a_course_without_a_test_is_passed_as_marked_and_with_one_by_its_points(acme: Company) -> None:
    assert marking.passes(60, Mark("attended", score_after=Decimal(60))) is True
    assert marking.passes(60, Mark("attended", score_after=Decimal("59.99"), passed=True)) is False
    assert marking.passes(60, Mark("attended", passed=True)) is None
    assert marking.passes(None, Mark("attended", passed=True)) is True
    assert marking.passes(None, Mark("absent", passed=True)) is None


def test_a_mark_without_a_test_before_has_no_gain(acme: Company) -> None:
    (row,) = attended(acme, session(course(pass_mark=None), days=-3), "ann")
    mark(acme, row, Mark("attended", Decimal(2), None, Decimal(90), passed=True))
    assert facts() == {("李安", "training_hours"): 2, ("李安", "courses_passed"): 1}


def test_who_marks_hr_and_the_trainer_and_nobody_themselves(acme: Company) -> None:
    made = session(days=-3, trainer=acme.people["ann"], places=5)
    bob, manager = attended(acme, made, "bob", "manager")
    assert mark(acme, bob, GOOD, role="assistant") == 1  # ann holds it
    for role in ("manager", "executive", "auditor"):
        with pytest.raises(NotFound):
            mark(acme, manager, GOOD, role=role)
    TrainingSession.objects.update(trainer=acme.people["manager"])
    with pytest.raises(NotAllowed):
        mark(acme, manager, GOOD, role="manager")


def test_nothing_is_marked_before_it_begins_when_cancelled_or_without_a_place(acme: Company) -> None:
    coming, off = session(), session(course(code="c2"), days=-2, state="cancelled")
    over = session(course(code="c3"), days=-2)
    rows = [*attended(acme, coming, "ann"), *attended(acme, off, "ann"), *attended(acme, over, "ann")]
    Enrolment.objects.filter(pk=rows[2].pk).update(state="waiting")
    for row in rows:
        with pytest.raises(Conflict):
            mark(acme, row, GOOD)
    (bob,) = attended(acme, over, "bob")
    for given, code in (
        (Mark("attended"), "no_hours"), (Mark("attended", Decimal(1), None, Decimal(101)), "bad_score"),
        (Mark("x"), "bad_mark"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            mark(acme, bob, given)
        assert refused.value.code == code
    assert facts() == {}


def test_a_locked_month_is_marked_knowingly_and_keeps_its_figures(acme: Company) -> None:
    month = Period.parse("2025-03")
    lock_period(month, today=date(2025, 5, 1), user_id=None, job_id=None, slug="acme")
    zone = ZoneInfo(space().time_zone)
    starts = datetime(2025, 3, 10, 9, tzinfo=zone)
    made = session(starts_at=starts, ends_at=starts + timedelta(hours=6))
    (row,) = attended(acme, made, "ann")
    with pytest.raises(DomainError) as refused:
        mark(acme, row, GOOD)
    assert refused.value.code == "locked" and facts() == {}
    assert mark(acme, row, GOOD, late=True) == 1 and len(facts()) == 3


def test_while_an_import_is_saved_nothing_is_marked(committed: None) -> None:
    from threading import Event, Thread

    from django.db import connection

    company = Company.create("acme")
    with company.scope():
        (row,) = attended(company, session(days=-3), "ann")
    held, done = Event(), Event()

    def importing() -> None:
        with company.scope():
            assert try_lock(Lock.FACTS, company.tenant.pk)
            held.set()
            done.wait(20)
        connection.close()

    thread = Thread(target=importing)
    thread.start()
    held.wait(20)
    with company.scope(), pytest.raises(Conflict) as refused:
        mark(company, row, GOOD)
    done.set()
    thread.join()
    assert refused.value.code == "facts_busy"
    with company.scope():
        row.refresh_from_db()
        assert row.attendance == "" and mark(company, row, GOOD) == 1


# Pages


def test_the_trainer_marks_all_on_one_page_and_errors_stand_at_the_person(company: Company, sign_in: SignIn) -> None:
    hr, manager = sign_in(company.users["hr"]), sign_in(company.users["manager"])
    with company.scope():
        made = session(days=-3, places=5)
        ann, bob = attended(company, made, "ann", "bob")
    address = f"{BASE}{made.pk}/marks/"
    assert manager.get(address).status_code == 404
    assert "李安" in hr.get(address).content.decode()
    form = {f"e{ann.pk}-attendance": "attended", f"e{ann.pk}-hours": "6", f"e{ann.pk}-score_before": "40",
            f"e{ann.pk}-score_after": "90", f"e{bob.pk}-attendance": "attended"}  # fmt: skip
    answer = hr.post(address, form, headers=ENGLISH)
    assert answer.status_code == 400 and "Hours: Say how many hours" in answer.content.decode()
    with company.scope():
        assert facts() == {}
    assert hr.post(address, form | {f"e{bob.pk}-attendance": "absent"}).status_code == 302
    with company.scope():
        assert facts()["李安", "test_gain"] == 50 and len(facts()) == 3
    page = hr.get(f"{BASE}{made.pk}/", headers=ENGLISH).content.decode()
    assert "Passed" in page and "Absent" in page and "40 → 90" in page


def test_feedback_is_read_by_hr_and_the_trainer_only(company: Company, sign_in: SignIn) -> None:
    ann, hr, manager = (sign_in(company.users[role]) for role in ("assistant", "hr", "manager"))
    with company.scope():
        made = session(days=-3, places=5)
        mine, bobs = attended(company, made, "ann", "bob")
    say = {"rating": "2", "text": "Too theoretical"}
    address = f"{BASE}enrolments/{mine.pk}/feedback/"
    assert ann.post(address, say).status_code == 409  # not marked yet
    with company.scope():
        marking.mark(made.pk, {mine.pk: GOOD, bobs.pk: GOOD}, **by(company, "hr"))
    assert ann.post(address, say | {"rating": "6"}).status_code == 400
    assert ann.post(address, say).status_code == 302
    assert ann.post(f"{BASE}enrolments/{bobs.pk}/feedback/", say).status_code == 404
    assert "Too theoretical" in hr.get(f"{BASE}{made.pk}/").content.decode()
    assert "Too theoretical" not in manager.get(f"{BASE}{made.pk}/").content.decode()
    with company.scope():
        for role, sees in (("hr", True), ("manager", False), ("auditor", False), ("assistant", True)):
            who = viewer(company, role)
            rows = _records(records(Wanted(), viewer=who, workspace=space()), who, "UTC")
            assert ("Too theoretical" in str(list(rows))) is sees, role
        TrainingSession.objects.update(trainer=company.people["manager"])
    assert "Too theoretical" in manager.get(f"{BASE}{made.pk}/").content.decode()


def test_records_show_whom_one_sees_and_sum_up(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        made = session(days=-3, places=5)
        rows = attended(company, made, "ann", "bob", "cid")
        marking.mark(made.pk, {row.pk: GOOD for row in rows}, **by(company, "hr"))
    for role, n in (("assistant", 1), ("manager", 2), ("hr", 3), ("auditor", 3)):
        page = sign_in(company.users[role]).get(f"{BASE}records/")
        assert page.context["page"].paginator.count == n, role
        assert page.context["sums"] == {"hours": 6 * n, "passed": n}
    assert sign_in(company.users["executive"]).get(f"{BASE}records/").status_code == 403
    manager, pk = sign_in(company.users["manager"]), company.people["ann"].pk
    tab = manager.get(f"/w/acme/people/{pk}/training/", headers=ENGLISH).content.decode()
    assert "Product" in tab and "A-1" in tab
    assert manager.get(f"/w/acme/people/{company.people['cid'].pk}/training/").status_code == 404
    line = manager.get(f"/w/acme/people/{pk}/profile/", headers=ENGLISH).content.decode()
    assert "Attended the training “Product”" in line


def test_the_day_of_the_facts_is_the_workspaces(acme: Company) -> None:
    zone = ZoneInfo(space().time_zone)
    starts = datetime.combine(
        today_here() - timedelta(days=4), datetime.min.time(), zone
    )  # midnight: yesterday in UTC
    (row,) = attended(acme, session(starts_at=starts, ends_at=starts + timedelta(hours=2)), "ann")
    mark(acme, row, GOOD)
    assert {one.day for one in Fact.objects.filter(source__code="training-records")} == {starts.date()}


def test_what_was_attended_in_the_period_stands_beside_the_review(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    zone = ZoneInfo(space().time_zone)
    inside = datetime.combine(cycle.row.end, datetime.min.time(), zone)
    for starts in (inside, inside + timedelta(days=1), inside - timedelta(days=400)):
        made = session(course(code=f"c{starts:%y%m%d}"), starts_at=starts, ends_at=starts + timedelta(hours=6))
        (row,) = attended(acme, made, "ann")
        mark(acme, row, GOOD)
    rater = Rater.objects.get(participant=cycle.people["ann"], group="self")
    found = evidence.trainings(Asked(rater, viewer(acme, "assistant"), space()))
    assert found is not None and [(item.title, item.value) for item in found.items] == [("Product", "6 hours")]
    assert found.url.endswith("/training/")
