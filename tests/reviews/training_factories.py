"""Courses and sessions for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import Course, Enrolment, TrainingSession
from reviews.training import enrolling
from tests.factories import Company
from tests.reviews.followup_factories import viewer


def course(**values: Any) -> Course:
    """A course with a test that 60 points pass."""
    made = {"code": "c1", "name_zh": "产品", "name_en": "Product", "topic": "product", "hours": Decimal(6)}
    return Course.objects.create(**{**made, "pass_mark": 60, **values})


def session(of: Course | None = None, *, days: int = 5, **values: Any) -> TrainingSession:
    """A session that begins in so many days, for six hours; with one place unless said otherwise."""
    starts = timezone.now() + timedelta(days=days)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=6)}
    return TrainingSession.objects.create(course=of or course(), **{**times, "places": 1, **values})


def space() -> Workspace:
    """The open workspace."""
    return workspace_of(Tenant.objects.get(pk=current_tenant_id()))


def by(company: Company, role: str) -> dict[str, Any]:
    """Who acts, as services take it."""
    return {"viewer": viewer(company, role), "workspace": space()}


def enrol(company: Company, training: TrainingSession, *people: str, role: str = "hr") -> list[Enrolment]:
    """Let somebody enrol people."""
    who = by(company, role)
    return [enrolling.enrol(training.pk, company.people[name], **who) for name in people]


def attended(company: Company, training: TrainingSession, *people: str) -> list[Enrolment]:
    """People who had a place in a session that is over."""
    now = timezone.now()
    return [
        Enrolment.objects.create(session=training, employee=company.people[name], state="enrolled", since=now)
        for name in people
    ]


def states(training: TrainingSession) -> dict[str, str]:
    """How people take part, by name."""
    return dict(training.enrolments.values_list("employee__name", "state"))
