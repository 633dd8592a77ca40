"""Triggers at work: each fact of a trigger's metric is looked at once, when its delay is over."""

from datetime import datetime, timedelta
from random import Random

from django.db.models import Exists, OuterRef

from perfmgmt.metrics.models import Fact
from perfmgmt.people.viewer import Workspace
from reviews.asking import reaching
from reviews.asking.choosing import BATCH, DRAW, Occurrence, Wish, choose, hold
from reviews.models import (
    AskOrigin,
    SurveyInvitation,
    SurveySkip,
    SurveyState,
    SurveyTrigger,
    SurveyVersion,
    SurveyVersionState,
)

COLUMNS = ("id", "day", "employee_id", "customer", "customer_type", "product", "region", "external_id")


def working() -> list[int]:
    """Return the ids of the triggers that are on, of surveys that are open; those of closed ones rest."""
    found = SurveyTrigger.objects.filter(
        is_on=True, survey__state=SurveyState.OPEN, survey__versions__state=SurveyVersionState.PUBLISHED
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


def published_of(survey_id: int) -> SurveyVersion | None:
    """Return the version of an open survey that is sent, with the survey; None when nothing is."""
    found = SurveyVersion.objects.select_related("survey").filter(
        survey_id=survey_id, survey__state=SurveyState.OPEN, state=SurveyVersionState.PUBLISHED
    )
    return found.first()


def step(
    trigger_id: int,
    after: int,
    *,
    workspace: Workspace,
    now: datetime,
    draw: Random = DRAW,
    size: int = BATCH,
) -> int | None:
    """Decide about the next facts of a trigger, of those behind the id `after`; return the last one's id.

    None: there are no more, or the trigger no longer works. One transaction of the caller's: what a killed worker
    did not finish is found again, and of two workers the second finds what the first has written.
    """
    hold(workspace)
    trigger = SurveyTrigger.objects.filter(pk=trigger_id, is_on=True).first()
    version = published_of(trigger.survey_id) if trigger is not None else None
    if trigger is None or version is None:
        return None
    facts = _waiting(trigger, after, workspace, now, size)
    if not facts:
        return None
    by_link = version.survey.by_link
    reached = reaching.reachable({one.customer for one in facts}, by_link=by_link, lock=True)
    wish = Wish(version, AskOrigin.TRIGGER, trigger=trigger, after=trigger.after)
    limits = reaching.limits_of(trigger, delay_days=trigger.delay_days, by_link=by_link)
    choose(wish, facts, [reached[one.customer] for one in facts], limits, workspace=workspace, now=now, draw=draw)
    return facts[-1].key if len(facts) == size else None


def _waiting(trigger: SurveyTrigger, after: int, workspace: Workspace, now: datetime, size: int) -> list[Occurrence]:
    """Return facts that the trigger has not decided about yet, in the order in which they came.

    Owners' lines only: one happening, one question. What was taken back (below zero) is nothing to ask about.
    """
    asked = SurveyInvitation.objects.filter(trigger=trigger, fact_id=OuterRef("id"))
    skipped = SurveySkip.objects.filter(trigger=trigger, fact_id=OuterRef("id"))
    last = workspace.today(now) - timedelta(days=trigger.delay_days)
    rows = (
        Fact.objects.filter(metric_id=trigger.metric_id, line=0, value__gte=0, id__gt=after)
        .filter(~Exists(asked), ~Exists(skipped), day__gte=trigger.from_day, day__lte=last)
        .order_by("id")
        .values_list(*COLUMNS)[:size]
    )
    return [
        Occurrence(pk, day, employee_id, customer, customer_type, product, region, number, fact_id=pk)
        for pk, day, employee_id, customer, customer_type, product, region, number in rows
    ]
