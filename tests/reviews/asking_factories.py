"""Companies, contacts, triggers and past invitations for tests of asking."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from perfmgmt.customers import consents
from perfmgmt.customers.models import Contact, CustomerOwner
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Workspace, workspace_of
from reviews.asking import campaigns, triggers
from reviews.models import SurveyCampaign, SurveyInvitation, SurveySkip, SurveyTrigger, SurveyVersion
from tests.customers.book import contact, customer
from tests.factories import START, Company, today_here


def workspace(company: Company) -> Workspace:
    """The company's workspace; needs the scope."""
    return workspace_of(company.tenant)


def buyer(name: str, consent: str = "given", email: str | None = None, **values: Any) -> Contact:
    """A company by the text `name` with one contact; needs the scope."""
    address = f"{name.lower()}@buyers.example" if email is None else email
    made = contact(customer(name, name, **values), f"Buyer {name}", address)
    if consent:
        consents.note_consent(made.pk, state=consent, source="order form", at=timezone.now())
        made.refresh_from_db()
    return made


def owned(made: Contact, company: Company, person: str) -> Contact:
    """Let somebody look after the contact's company."""
    CustomerOwner.objects.create(customer=made.customer, employee=company.people[person], from_day=START)
    return made


def trigger(version: SurveyVersion, metric: str = "orders", **values: Any) -> SurveyTrigger:
    """A trigger that asks about everything since 60 days; needs the scope."""
    settings = {"after": "order", "delay_days": 0, "from_day": today_here() - timedelta(days=60), "quiet_days": 0}
    return SurveyTrigger.objects.create(
        survey=version.survey, metric=Metric.objects.get(code=metric), **{**settings, **values}
    )


def campaign(version: SurveyVersion, **values: Any) -> SurveyCampaign:
    """A campaign that is due; needs the scope."""
    starts = timezone.now() - timedelta(minutes=5)
    return SurveyCampaign.objects.create(
        survey=version.survey, **{"name": "All", "starts_at": starts, "quiet_days": 0, **values}
    )


def run(company: Company, made: SurveyTrigger | SurveyCampaign, seed: int = 1, size: int = 500) -> None:
    """Let a trigger or a campaign decide about all that waits; needs the scope."""
    step = triggers.step if isinstance(made, SurveyTrigger) else campaigns.step
    after: int | None = 0
    while after is not None:
        after = step(made.pk, after, workspace=workspace(company), now=timezone.now(), draw=Random(seed), size=size)


def asked(contact: Contact, version: SurveyVersion, at: datetime, **values: Any) -> SurveyInvitation:
    """An invitation as it was written before; needs the scope."""
    settings = {"origin": "trigger", "state": "mailed", "purpose": "scored", "language": "en"}
    return SurveyInvitation.objects.create(
        survey=version.survey, version=version, contact=contact, day=at.date(), chosen_at=at, send_at=at,
        expires_at=at + timedelta(days=30), **{**settings, **values},
    )  # fmt: skip


def outcome() -> dict[str, str]:
    """What was decided, by the company's text: "asked" or the reason; needs the scope."""
    found = dict.fromkeys(SurveyInvitation.objects.values_list("customer", flat=True), "asked")
    return found | dict(SurveySkip.objects.values_list("customer", "reason"))
