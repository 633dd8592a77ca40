"""Follow-ups for tests: customers who answered low."""

from typing import Any

from django.utils import timezone

from perfmgmt.customers.consents import note_consent
from perfmgmt.people.viewer import Viewer, viewer_in
from reviews.answering import services
from reviews.models import FollowUp
from reviews.surveys.page import Parsed
from tests.factories import Company, today_here
from tests.reviews.answering_factories import Asked, ask


def said(asked: Asked, *, correcting: bool = False, **answers: int | str) -> None:
    """Let the customer finish with these answers."""
    with asked.company.scope():
        services.answer(
            asked.pk, Parsed(answers=answers), asked.draft(), correcting=correcting,
            now=timezone.now(),
        )  # fmt: skip


def disowned(asked: Asked) -> None:
    """Let the customer say that it was not theirs."""
    with asked.company.scope():
        services.disown(asked.pk, now=timezone.now())


def agreed(asked: Asked) -> Asked:
    """Let the customer agree to mail."""
    with asked.company.scope():
        contact = asked.now().contact
        assert contact is not None
        note_consent(contact.pk, state="given", source="Form", at=timezone.now())
    return asked


def low(company: Company, score: int = 1, **values: Any) -> tuple[Asked, int]:
    """Somebody who agreed to mail and answered low; return what was asked and the task's id."""
    asked = agreed(ask(company, **values))
    said(asked, satisfaction=score, comment="Too slow")
    with company.scope():
        return asked, FollowUp.objects.get(invitation=asked.pk).pk


def task_of(asked: Asked) -> FollowUp:
    """The task of an answer, as it is stored now."""
    with asked.company.scope():
        return FollowUp.objects.select_related("owner", "mail").get(invitation=asked.pk)


def viewer(company: Company, role: str) -> Viewer:
    """One of the cast today; needs the scope."""
    found = viewer_in(company.users[role].pk, today_here())
    assert found is not None
    return found
