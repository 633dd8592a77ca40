"""Customers who were asked, with the link of their mail."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.utils import timezone

from perfmgmt.customers.models import Contact, Customer
from perfmgmt.metrics.models import Fact
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import tenant_scope
from reviews.mailing.links import address, new_link
from reviews.models import SurveyAnswer, SurveyInvitation, SurveyVersion
from reviews.surveys.content import SurveyDraft, content_of
from tests.factories import Company
from tests.reviews.survey_factories import published

DAY = date(2025, 2, 14)


def path_of(tenant_id: int, token: str) -> str:
    """The address of a survey's page without the host, as its mail has it."""
    return urlsplit(address(token, tenant_id)).path


@dataclass(frozen=True)
class Asked:
    """An invitation and the link to it."""

    company: Company
    pk: int
    token: str
    path: str

    def now(self) -> SurveyInvitation:
        """The invitation as it is stored; needs no scope."""
        with self.company.scope():
            return SurveyInvitation.objects.select_related("survey", "contact").get(pk=self.pk)

    def set(self, **values: Any) -> None:
        """Change the invitation behind its back."""
        with self.company.scope():
            SurveyInvitation.objects.filter(pk=self.pk).update(**values)

    def answers(self) -> dict[str, int | str]:
        """What is stored of the answers."""
        with self.company.scope():
            rows = SurveyAnswer.objects.filter(invitation=self.pk).values_list("key", "number", "text")
            return {key: text if number is None else number for key, number, text in rows}

    def facts(self) -> list[tuple[str, str, int, date, int]]:
        """What counts because of the answers: external id, metric, person, day, value."""
        with self.company.scope():
            rows = Fact.objects.filter(source__code="surveys", external_id__startswith=f"{self.pk}:")
            rows = rows.order_by("external_id")
            return [(row.external_id, row.metric.code, row.employee_id, row.day, int(row.value)) for row in rows]

    def draft(self) -> SurveyDraft:
        """What the survey says."""
        with self.company.scope():
            return content_of(SurveyVersion.objects.get(pk=self.now().version_id))


def ask(company: Company, version: SurveyVersion | None = None, person: str = "ann", **values: Any) -> Asked:
    """Somebody asked a moment ago about an order; opens the scope itself."""
    with company.scope():
        version = version or published()
        now, mark = timezone.now(), secrets.token_hex(8)
        customer = Customer.objects.create(external_id=mark, name="Globex 集团", name_key=mark, match_key=mark)
        contact = Contact.objects.create(
            customer=customer, name="Kim", name_key=mark, email=f"{mark}@example.com", email_key=mark
        )
        said: dict[str, Any] = {
            "survey": version.survey, "version": version, "origin": "trigger", "contact": contact,
            "employee": company.people[person], "customer": "Globex 集团", "product": "Lamp", "region": "South",
            "after": "order", "number": "SO-7", "day": DAY, "purpose": "scored", "language": "en", "state": "mailed",
            "chosen_at": now, "send_at": now, "expires_at": now + timedelta(days=21), "mailed_at": now,
        }  # fmt: skip
        made = SurveyInvitation.objects.create(**said | values)
        token = new_link(made)
        return Asked(company, made.pk, token, path_of(company.tenant.pk, token))


def form(*shown: str, **answers: str | int) -> dict[str, Any]:
    """A form as a browser sends it: the questions that were shown, and answers by key."""
    return {"lang": "en", "shown": list(shown), **{f"a-{key}": str(said) for key, said in answers.items()}}


@contextmanager
def elsewhere(company: Company) -> Iterator[None]:
    """An import in another connection that holds the facts."""
    held, done = Barrier(2), Barrier(2)

    def hold() -> None:
        try:
            with tenant_scope(company.tenant.pk):
                wait_lock(Lock.FACTS, company.tenant.pk)
                held.wait(timeout=30)
                done.wait(timeout=30)
        finally:
            connection.close()

    thread = Thread(target=hold)
    thread.start()
    held.wait(timeout=30)
    try:
        yield
    finally:
        done.wait(timeout=30)
        thread.join()


#: The survey about orders: a scale, its follow-up after 1 to 3, a comment.
FIRST, ALL = ("satisfaction", "comment"), ("satisfaction", "reason", "comment")
