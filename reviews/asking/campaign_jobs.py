"""A campaign that chooses its customers is a job: its progress is seen, it can be cancelled, nothing is half-done.

One transaction: of a job that was cancelled, failed or lost its worker nobody was asked, and the campaign waits for
a person to start it again; one that the clock could not start yet (its survey rests) is tried again by the clock.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.asking import campaigns
from reviews.asking.choosing import BATCH
from reviews.models import AskChannel, CampaignState, SurveyCampaign, SurveyInvitation, SurveySkip, SurveyState

RUN, RESULT, PHASE = "surveys.campaign", "reviews/asking/campaign_result.html", "choosing"
NOT_WAITING = _("This campaign is not waiting to be started any more.")
#: A campaign with such a job is not started by the clock: it is at work, or a person decides.
TAKEN = Q(job__state__in=(JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.CANCELLED))


def due(now: datetime) -> list[int]:
    """Return the ids of campaigns that the clock starts now."""
    waits = SurveyCampaign.objects.filter(pk__in=campaigns.due(now)).exclude(TAKEN)
    return list(waits.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def begin(campaign_id: int, *, user_id: int | None, now: datetime) -> Job | None:
    """Start a campaign's job if its time has come and none is at work; None otherwise. A second call starts none."""
    campaign = SurveyCampaign.objects.select_for_update(of=("self",)).select_related("survey").get(pk=campaign_id)
    rests = campaign.survey.state != SurveyState.OPEN or campaign.starts_at > now
    if rests or campaign.state not in campaigns.OPEN or _has_job(campaign):
        return None
    params = {"campaign": campaign.pk, "file_name": campaign.name, "language": get_language() or "en"}
    campaign.job = jobs.start(RUN, params, user_id=user_id)
    campaign.save(update_fields=["job"])
    return campaign.job


def _has_job(campaign: SurveyCampaign) -> bool:
    return SurveyCampaign.objects.filter(TAKEN, pk=campaign.pk).exists()


def run(context: JobContext) -> dict[str, Any]:
    """Decide about every company of a campaign's group (params: campaign, language)."""
    with override(context.params["language"]):
        campaign = SurveyCampaign.objects.filter(
            pk=context.params["campaign"], job=context.job_id, state__in=campaigns.OPEN
        ).first()
        if campaign is None:
            raise DomainError(NOT_WAITING, code="not_waiting")
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        total, done = campaigns.waiting(campaign).count(), 0
        context.report(PHASE, 0, total, rows=0)
        after: int | None = 0
        while after is not None:
            after = campaigns.step(campaign.pk, after, workspace=workspace, now=timezone.now())
            done = min(total, done + BATCH) if after is not None else total
            context.report(PHASE, done, total, rows=done)
        return _result(campaign)


def _result(campaign: SurveyCampaign) -> dict[str, Any]:
    chosen = SurveyInvitation.objects.filter(campaign=campaign)
    return {
        "survey": campaign.survey_id, "chosen": chosen.count(),
        "links": chosen.filter(channel=AskChannel.LINK).count(),
        "skipped": SurveySkip.objects.filter(campaign=campaign).count(),
    }  # fmt: skip


def against_retry(job: Job) -> str | Promise:
    """Return why a campaign's job can't be done again from its page; "" when it can."""
    waits = SurveyCampaign.objects.filter(job=job, state__in=campaigns.OPEN).exists()
    return "" if waits else NOT_WAITING


def retried(job: Job, again: Job) -> None:
    """Let the campaign wait for the new job."""
    SurveyCampaign.objects.filter(job=job, state__in=campaigns.OPEN).update(job=again)


def is_at_work(campaign: SurveyCampaign) -> bool:
    """Whether a campaign's job waits or runs; `job` is best selected."""
    return campaign.state in (CampaignState.PLANNED, CampaignState.RUNNING) and bool(
        campaign.job is not None and campaign.job.is_open
    )
