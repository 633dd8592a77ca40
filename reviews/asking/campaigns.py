"""Campaigns at work: each company of the group is looked at once, when the campaign starts."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from perfmgmt.customers.models import Customer
from perfmgmt.customers.services import owners_on
from perfmgmt.people.viewer import Workspace
from reviews.asking import reaching, sampling
from reviews.asking.choosing import BATCH, DRAW, Occurrence, Wish, choose, hold
from reviews.asking.sampling import Candidate
from reviews.asking.suppressed import suppressed_addresses
from reviews.asking.triggers import published_of
from reviews.models import (
    AskOrigin,
    CampaignState,
    Survey,
    SurveyCampaign,
    SurveyInvitation,
    SurveySkip,
    SurveyState,
)

OPEN = (CampaignState.PLANNED, CampaignState.RUNNING)


def due(now: datetime) -> list[int]:
    """Return the ids of campaigns whose time has come, of surveys that are open; others wait for theirs."""
    found = SurveyCampaign.objects.filter(state__in=OPEN, starts_at__lte=now, survey__state=SurveyState.OPEN)
    return list(found.order_by("pk").values_list("pk", flat=True))


def step(
    campaign_id: int,
    after: int,
    *,
    workspace: Workspace,
    now: datetime,
    draw: Random = DRAW,
    size: int = BATCH,
) -> int | None:
    """Decide about the next companies of a campaign, of those behind the id `after`; return the last one's id.

    None: it is done, or no longer works. Safe to kill and to run twice, as `triggers.step`.
    """
    hold(workspace)
    campaign = SurveyCampaign.objects.select_for_update().filter(pk=campaign_id, state__in=OPEN).first()
    version = published_of(campaign.survey_id) if campaign is not None else None
    if campaign is None or version is None:
        return None
    rows = list(waiting(campaign).filter(pk__gt=after).order_by("pk")[:size])
    is_last = len(rows) < size
    campaign.state = CampaignState.DONE if is_last else CampaignState.RUNNING
    campaign.save(update_fields=["state"])
    found = _occurrences(campaign, rows, workspace)
    by_link = version.survey.by_link
    mine = Customer.objects.filter(pk__in=[row.pk for row in rows])
    people = reaching.reachable_of(mine, by_link=by_link, lock=True)
    limits = reaching.limits_of(campaign, any_age=True, by_link=by_link)
    wish = Wish(version, AskOrigin.CAMPAIGN, campaign=campaign)
    choose(wish, found, [people[one.key] for one in found], limits, workspace=workspace, now=now, draw=draw)
    return None if is_last else rows[-1].pk


def group(customer_type: str, region: str) -> QuerySet[Customer]:
    """Return the companies of a type and a region; "" stands for all."""
    found = Customer.objects.filter(merged_into=None)
    if customer_type:
        found = found.filter(customer_type=customer_type)
    return found.filter(region=region) if region else found


def waiting(campaign: SurveyCampaign) -> QuerySet[Customer]:
    """Return the companies of its group that the campaign has not decided about yet."""
    mine = {"survey_id": campaign.survey_id, "campaign": campaign, "customer": OuterRef("external_id")}
    asked, skipped = SurveyInvitation.objects.filter(**mine), SurveySkip.objects.filter(**mine)
    return group(campaign.customer_type, campaign.region).filter(~Exists(asked), ~Exists(skipped))


def _occurrences(campaign: SurveyCampaign, rows: list[Customer], workspace: Workspace) -> list[Occurrence]:
    day = campaign.starts_at.astimezone(ZoneInfo(workspace.time_zone)).date()
    owners = owners_on([row.pk for row in rows], day)
    return [
        Occurrence(
            row.pk, day, owners[row.pk].pk if row.pk in owners else None, row.external_id, row.customer_type,
            region=row.region,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Count:
    """How many companies of a group could be asked now (before the draw and quotas), and why the others not."""

    companies: int
    askable: int
    against: Counter[str]


def count(
    customer_type: str, region: str, *, survey: Survey, quiet_days: int, workspace: Workspace, now: datetime
) -> Count:
    """Return what a campaign would find if it started now; a fixed number of queries."""
    people = reaching.reachable_of(group(customer_type, region), by_link=survey.by_link)
    today = workspace.today(now)
    limits = reaching.limits_of(quiet_days=quiet_days, any_age=True, by_link=survey.by_link)
    found = [
        Candidate(pk, today, None, whom.contact.pk, whom.contact.email)
        if whom.contact
        else Candidate(pk, today, None, why=str(whom.why))
        for pk, whom in people.items()
    ]
    past = reaching.past_of(found, limits, survey_id=survey.pk, workspace=workspace, now=now)
    gone = suppressed_addresses({one.email for one in found if one.email})
    # At 100% there is no chance in it.
    decided = sampling.decide(found, limits, past, today=today, draw=DRAW, suppressed=gone)
    against = Counter(decided.values())
    askable = against.pop("", 0)
    return Count(len(found), askable, against)
