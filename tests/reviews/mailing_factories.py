"""Customers who are to be asked, for tests of survey mail."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.models import Contact, Customer
from reviews.mailing import writing
from reviews.models import SurveyInvitation, SurveyVersion
from tests.customers.book import contact, customer
from tests.factories import Company

DAY = date(2026, 3, 3)


def agreed(number: int = 1, **values: Any) -> Contact:
    """A contact who agreed to be asked; needs the scope."""
    name = f"Buyer {number}"
    of = Customer.objects.filter(external_id="C-1").first() or customer("C-1", "Lakeside Foods")
    made = contact(of, name, f"buyer{number}@lakeside.example", **{"language": "en", **values})
    note_consent(made.pk, state="given", source="Form", at=timezone.now() - timedelta(minutes=1))
    made.refresh_from_db()
    return made


def invited(
    company: Company, version: SurveyVersion, who: Contact | None, *, at: datetime | None = None, **values: Any
) -> SurveyInvitation:
    """Somebody who was chosen to be asked about an order of ann's; needs the scope."""
    now = at or timezone.now()
    return SurveyInvitation.objects.create(
        **{
            "survey": version.survey, "version": version, "origin": "trigger", "contact": who,
            "employee": company.people["ann"], "customer": "Lakeside Foods", "after": "order", "number": "SO-1",
            "day": DAY, "purpose": "scored", "language": who.language if who else "en", "chosen_at": now,
            "send_at": now, "expires_at": now + timedelta(days=30), **values,
        }
    )  # fmt: skip


def write_all(desk: writing.Desk | None = None) -> int:
    """Write everything that is due, in the open scope; return how many were looked at."""
    desk, total = desk or writing.Desk(), 0
    while found := writing.write_batch(desk):
        total += found
    return total
