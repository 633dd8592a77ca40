"""A course, a session that was held, and what came of ann's and cid's part, with the canary in every text."""

from datetime import UTC, datetime, timedelta

from reviews.models import Course, Enrolment, TrainingSession
from tests.factories import Company

AT = datetime(2025, 3, 14, 1, tzinfo=UTC)


def fill_training(company: Company, text: str) -> None:
    """One session of one course, which ann and cid attended."""
    course = Course.objects.create(
        code="sample", name_zh=text, name_en=text, description_zh=text, description_en=text, topic="product", hours=6,
        cost_minor=10000, currency="CNY", pass_mark=60,
    )  # fmt: skip
    session = TrainingSession.objects.create(
        course=course, starts_at=AT, ends_at=AT + timedelta(hours=6), place=text, trainer_name=text[:120], places=10,
        state="held",
        trainer=company.people["boss"],
    )  # fmt: skip
    for person in ("ann", "cid"):
        Enrolment.objects.create(
            session=session, employee=company.people[person], state="enrolled", since=AT, attendance="attended",
            hours=6, score_before=50, score_after=80, passed=True, certificate=text[:60], marked_at=AT,
            marked_by=company.users["hr"], rating=4, feedback=text,
        )  # fmt: skip
