"""Writes of triggers and campaigns: made, changed, switched, removed, called off."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.selectors import metrics_that_take_facts
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.asking import campaign_jobs
from reviews.asking.hooks import waiting
from reviews.asking.sampling import TOO_LATE
from reviews.models import (
    CampaignState,
    InvitationState,
    Survey,
    SurveyCampaign,
    SurveyInvitation,
    SurveySkip,
    SurveyState,
    SurveyTrigger,
)


@dataclass(frozen=True)
class TriggerSettings:
    """After what, how long after, how many, and since when."""

    after: str
    delay_days: int
    from_day: date
    rate: int = 100
    quota: int | None = None
    quiet_days: int = 30


@dataclass(frozen=True)
class CampaignSettings:
    """Which group, when, how many."""

    name: str
    customer_type: str
    region: str
    starts_at: datetime
    rate: int = 100
    quota: int | None = None
    quiet_days: int = 30


def _living(survey_id: int) -> Survey:
    survey = Survey.objects.select_for_update().filter(pk=survey_id).first()
    if survey is None:
        raise NotFound
    if survey.state == SurveyState.ARCHIVED:
        raise Conflict(_("This survey is archived. Bring it back first."))
    return survey


def _checked(settings: TriggerSettings, today: date) -> TriggerSettings:
    if settings.from_day < today - TOO_LATE:
        raise DomainError(_("What happened more than 30 days ago is too old to ask about."), code="from_day")
    return settings


@transaction.atomic
def add_trigger(survey_id: int, metric_id: int, settings: TriggerSettings, *, today: date) -> SurveyTrigger:
    """Let a survey ask after each fact of a metric.

    Raises NotFound, Conflict (archived, the metric is asked about already), DomainError for a day too long ago.
    """
    survey = _living(survey_id)
    metric = metrics_that_take_facts().filter(pk=metric_id).first()
    if metric is None:
        raise NotFound
    if SurveyTrigger.objects.filter(survey=survey, metric=metric).exists():
        raise Conflict(_("This survey asks after this metric already. Change that line."))
    return SurveyTrigger.objects.create(survey=survey, metric=metric, **asdict(_checked(settings, today)))


@transaction.atomic
def edit_trigger(trigger_id: int, settings: TriggerSettings, *, today: date) -> SurveyTrigger:
    """Change when and how many are asked; the metric stays. Raises NotFound, DomainError."""
    found = _trigger(trigger_id)
    if settings.from_day != found.from_day:
        _checked(settings, today)
    return _set(found, asdict(settings))


@transaction.atomic
def switch_trigger(trigger_id: int, is_on: bool) -> SurveyTrigger:
    """Switch a trigger on or off; what was chosen already is still asked. Raises NotFound."""
    return _set(_trigger(trigger_id), {"is_on": is_on})


@transaction.atomic
def remove_trigger(trigger_id: int) -> int:
    """Remove a trigger that has not decided about anything; return its survey's id.

    Raises NotFound, Conflict when there is something to account for: that one is switched off instead.
    """
    found = _trigger(trigger_id)
    used = [rows.objects.filter(trigger=found).exists() for rows in (SurveyInvitation, SurveySkip)]
    if any(used):
        raise Conflict(_("It has chosen customers already, and the report needs it. Switch it off instead."))
    survey_id = found.survey_id
    found.delete()
    return survey_id


@transaction.atomic
def add_campaign(survey_id: int, settings: CampaignSettings, *, user_id: int | None) -> SurveyCampaign:
    """Plan a campaign; one whose time has come begins at once. Raises NotFound, Conflict for an archived survey."""
    made = SurveyCampaign.objects.create(survey=_living(survey_id), created_by_id=user_id, **asdict(settings))
    campaign_jobs.begin(made.pk, user_id=user_id, now=timezone.now())
    return made


@transaction.atomic
def edit_campaign(campaign_id: int, settings: CampaignSettings, *, user_id: int | None) -> SurveyCampaign:
    """Change a campaign that has not begun; if its time has come by that, it begins. Raises NotFound, Conflict."""
    found = _campaign(campaign_id)
    if found.state != CampaignState.PLANNED:
        raise Conflict(_("This campaign has begun, so it can't be changed."))
    changed: SurveyCampaign = _set(found, asdict(settings) | {"job": None})
    campaign_jobs.begin(found.pk, user_id=user_id, now=timezone.now())
    return changed


@transaction.atomic
def cancel_campaign(campaign_id: int) -> int:
    """Call a campaign off, with the invitations that are not mailed yet; return how many.

    Raises NotFound, Conflict while it is choosing: that work is cancelled first. The same again calls off nothing
    more.
    """
    found = _campaign(campaign_id)
    _set(found, {"state": CampaignState.CANCELLED})
    return waiting(campaign_id=found.pk).update(state=InvitationState.CANCELLED)


def _trigger(trigger_id: int) -> SurveyTrigger:
    found = SurveyTrigger.objects.select_for_update().filter(pk=trigger_id).first()
    if found is None:
        raise NotFound
    return found


def _campaign(campaign_id: int) -> SurveyCampaign:
    seen = SurveyCampaign.objects.select_related("job").filter(pk=campaign_id).first()
    if seen is not None and campaign_jobs.is_at_work(seen):  # it holds the row until it has chosen everybody
        raise Conflict(_("This campaign is choosing its customers right now. Wait, or cancel that work first."))
    found = SurveyCampaign.objects.select_for_update().filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found


def _set(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    return row
