"""Trainings of the browser tests: one full with a waiting list, one to approve, one held with results."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from perfmgmt.people.models import Employee
from reviews.models import Course, Enrolment, TrainingSession
from reviews.training.courses import install_pack
from tests.factories import Company

SAID = "案例很实用，希望多一些报价练习。"


def training_samples(company: Company) -> dict[str, list[Any]]:
    """The ready courses, the last one archived, and three sessions."""
    install_pack()
    courses = list(Course.objects.order_by("pk"))
    Course.objects.filter(pk=courses[-1].pk).update(archived_at=timezone.now())
    Course.objects.filter(pk=courses[4].pk).update(cost_minor=128000, currency="CNY")
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    people = company.people
    full = _session(
        courses[0], now + timedelta(days=9), places=2, place="上海总部 3 楼培训室", trainer=people["rival"]
    )
    _enrol(full, [people["bob"], people["cid"]], "enrolled")
    _enrol(full, [people["ann"]], "waiting")
    asked = _session(
        courses[4], now + timedelta(days=20), link="https://meet.example.com/sales", trainer_name="周老师"
    )
    _enrol(asked, [people["ann"]], "asked")
    held = _session(courses[1], now - timedelta(days=3), place="苏州分公司", trainer=people["rival"], state="held")
    _enrol(held, [people["ann"], people["bob"]], "enrolled")
    there = {"attendance": "attended", "hours": Decimal(8), "marked_at": now, "marked_by": company.users["hr"]}
    passed = {"score_before": Decimal(52), "score_after": Decimal(83), "passed": True, "certificate": "XS-2026-014"}
    rows = Enrolment.objects.filter(session=held)
    rows.filter(employee=people["ann"]).update(**there, **passed, rating=4, feedback=SAID)
    rows.filter(employee=people["bob"]).update(attendance="absent", marked_at=now, marked_by=company.users["hr"])
    return {
        "course_id": [courses[4].pk, courses[-1].pk], "training_id": [full.pk, asked.pk, held.pk],
        "enrolment_id": [Enrolment.objects.get(session=full, employee=people["ann"]).pk],
    }  # fmt: skip


def _session(course: Course, starts: Any, **values: Any) -> TrainingSession:
    ends = starts + timedelta(hours=7)
    return TrainingSession.objects.create(course=course, starts_at=starts, ends_at=ends, **{"places": 12, **values})


def _enrol(session: TrainingSession, people: list[Employee], state: str) -> None:
    for person in people:
        Enrolment.objects.create(session=session, employee=person, state=state, since=timezone.now())
