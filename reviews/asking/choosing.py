"""Deciding about a batch and writing it down: invitations and skips, in the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from secrets import SystemRandom
from typing import Any

from perfmgmt.customers.models import Contact
from perfmgmt.customers.selectors import Reachable
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.locks import Lock, wait_lock
from reviews.asking import reaching, sampling
from reviews.asking.sampling import Candidate, Limits
from reviews.asking.suppressed import suppressed_addresses
from reviews.models import (
    AskChannel,
    AskOrigin,
    SurveyCampaign,
    SurveyInvitation,
    SurveyPurpose,
    SurveySkip,
    SurveyTrigger,
    SurveyVersion,
)

#: How many are decided in one transaction.
BATCH = 500
#: How long an invitation can be answered.
LASTS = timedelta(days=30)
#: The operating system's randomness: nobody can tell beforehand, or choose, whom it draws.
DRAW = SystemRandom()


@dataclass(frozen=True)
class Occurrence:
    """Something that happened with a customer. `customer` is the text by which facts name the company."""

    key: int
    day: date
    employee_id: int | None
    customer: str = ""
    customer_type: str = ""
    product: str = ""
    region: str = ""
    number: str = ""
    fact_id: int | None = None


@dataclass(frozen=True)
class Wish:
    """Who wants to ask: a trigger or a campaign, with the version that is sent (its survey is there)."""

    version: SurveyVersion
    origin: AskOrigin
    trigger: SurveyTrigger | None = None
    campaign: SurveyCampaign | None = None
    after: str = ""

    @property
    def asker(self) -> dict[str, Any]:
        """The columns that say who asked."""
        return {"survey_id": self.version.survey_id, "trigger": self.trigger, "campaign": self.campaign}


def hold(workspace: Workspace) -> None:
    """Wait until nobody else chooses in this workspace: the budget is one over all surveys."""
    wait_lock(Lock.ASKING, workspace.id)


def choose(
    wish: Wish,
    occurrences: Sequence[Occurrence],
    reached: Sequence[Reachable],
    limits: Limits,
    *,
    workspace: Workspace,
    now: datetime,
    draw: Random = DRAW,
) -> dict[int, str]:
    """Decide about occurrences (with whom each would reach) and write an invitation or a skip for each.

    Returns why by key, "" for who is asked. The caller holds the lock (`hold`) and has read the contacts under it.
    """
    pairs = list(zip(occurrences, reached, strict=True))
    people = [_candidate(one, whom) for one, whom in pairs]
    mine = SurveyInvitation.objects.filter(**wish.asker)
    past = reaching.past_of(
        people, limits, survey_id=wish.version.survey_id, workspace=workspace, now=now, quota_of=mine
    )
    gone = suppressed_addresses({one.email for one in people if one.email})
    found = sampling.decide(people, limits, past, today=workspace.today(now), draw=draw, suppressed=gone)
    SurveyInvitation.objects.bulk_create(
        [
            invitation(wish, one, whom.contact, now, channel=channel_for(whom.contact, gone))
            for one, whom in pairs if whom.contact and not found[one.key]
        ],
        ignore_conflicts=True,  # a contact that moved to another company while a campaign was at work
    )  # fmt: skip
    SurveySkip.objects.bulk_create(
        [_skip(wish, one, whom, found[one.key], now) for one, whom in pairs if found[one.key]]
    )
    return found


def _candidate(one: Occurrence, whom: Reachable) -> Candidate:
    if whom.contact is None:
        return Candidate(one.key, one.day, one.employee_id, why=str(whom.why))
    return Candidate(one.key, one.day, one.employee_id, whom.contact.pk, whom.contact.email)


def channel_for(contact: Contact, suppressed: Collection[str]) -> AskChannel:
    """Return how somebody who may be asked gets the link: by hand where no mail reaches them."""
    return AskChannel.MAIL if contact.email and contact.email not in suppressed else AskChannel.LINK


def invitation(
    wish: Wish, one: Occurrence, contact: Contact, now: datetime, *, channel: AskChannel = AskChannel.MAIL
) -> SurveyInvitation:
    """Return the invitation of a contact, not saved; what an assistant starts is for development."""
    is_assistants = wish.origin == AskOrigin.ASSISTANT
    purpose = SurveyPurpose.DEVELOPMENT if is_assistants else SurveyPurpose(wish.version.survey.purpose)
    return SurveyInvitation(
        **wish.asker, version=wish.version, origin=wish.origin, channel=channel, after=wish.after, purpose=purpose,
        contact=contact,
        fact_id=one.fact_id, employee_id=one.employee_id, customer=one.customer, customer_type=one.customer_type,
        product=one.product, region=one.region, number=one.number, day=one.day, language=contact.language,
        chosen_at=now, send_at=now, expires_at=now + LASTS,
    )  # fmt: skip


def _skip(wish: Wish, one: Occurrence, whom: Reachable, reason: str, now: datetime) -> SurveySkip:
    return SurveySkip(
        **wish.asker, fact_id=one.fact_id, contact=whom.contact, customer=one.customer, employee_id=one.employee_id,
        day=one.day, reason=reason, at=now,
    )  # fmt: skip
