"""Reads for the pages: triggers and campaigns of a survey, and its response by month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from reviews.models import (
    AskChannel,
    AskOrigin,
    InvitationState,
    SkipReason,
    Survey,
    SurveyCampaign,
    SurveyInvitation,
    SurveySkip,
    SurveyTrigger,
)

MOST_CAMPAIGNS = 200
MOST_MONTHS = 36


def _number(rows: QuerySet[Any, Any], by: str) -> Coalesce:
    """Count the rows that point at the outer query's row by a column."""
    counted = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def triggers_of(survey: Survey) -> QuerySet[Any]:
    """Return a survey's triggers with their metric, `chosen` and `skipped`."""
    found: QuerySet[Any] = SurveyTrigger.objects.filter(survey=survey).select_related("metric")
    return found.annotate(
        chosen=_number(SurveyInvitation.objects.filter(survey=survey), "trigger_id"),
        skipped=_number(SurveySkip.objects.filter(survey=survey), "trigger_id"),
    )


def campaigns_of(survey: Survey) -> QuerySet[Any]:
    """Return a survey's campaigns, the newest first, with their job, `chosen` and `skipped`."""
    found: QuerySet[Any] = SurveyCampaign.objects.filter(survey=survey).select_related("job")
    counted = found.annotate(
        chosen=_number(SurveyInvitation.objects.filter(survey=survey), "campaign_id"),
        skipped=_number(SurveySkip.objects.filter(survey=survey), "campaign_id"),
    )
    return counted.order_by("-starts_at", "-pk")


@dataclass(frozen=True)
class Months:
    """From the first day of a month to the last day of another; None: without end."""

    first: date | None = None
    last: date | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the report."""
        return bool(self.first or self.last)

    def rows(self) -> Q:
        """The condition for invitations and skips of these months."""
        found = Q(day__gte=self.first) if self.first else Q()
        return found & Q(day__lte=self.last) if self.last else found


def read(query: Mapping[str, str]) -> Months:
    """Return the months an address asks for (`from` and `to`, YYYY-MM), nonsense left out."""
    first, last = _month(query.get("from", "")), _month(query.get("to", ""))
    return Months(first, (last + timedelta(days=31)).replace(day=1) - timedelta(days=1) if last else None)


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 1900 <= found.year < 3000 else None


def months_of(survey: Survey, today: date) -> list[date]:
    """Return the months that the filter offers, the newest first: since somebody was chosen or passed over."""
    since = [
        rows.objects.filter(survey=survey).aggregate(day=Min("day"))["day"] for rows in (SurveyInvitation, SurveySkip)
    ]
    found: list[date] = []
    month = today.replace(day=1)
    first = min([day for day in since if day is not None], default=today).replace(day=1)
    while month >= first and len(found) < MOST_MONTHS:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


@dataclass(frozen=True)
class Line:
    """One row of the report: how many, and which part of what."""

    label: str
    n: int
    of: int

    @property
    def share(self) -> float | None:
        """The part between 0 and 1; None of nothing."""
        return self.n / self.of if self.of else None


@dataclass(frozen=True)
class Response:
    """How far the invitations of some months came, by who wanted them, and why others were not asked."""

    counts: dict[str, int]
    skipped: int
    by_origin: list[tuple[str, dict[str, int]]]
    reasons: list[Line] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        """How many could have been asked: chosen and passed over."""
        return self.counts["chosen"] + self.skipped


STEPS = {
    "chosen": Q(),
    "mailed": Q(channel=AskChannel.MAIL, mailed_at__isnull=False),
    "handed": Q(channel=AskChannel.LINK, mailed_at__isnull=False),
    "waiting": Q(channel=AskChannel.LINK, state=InvitationState.CHOSEN),
    "reached": Q(mailed_at__isnull=False),
    "bounced": Q(mail__bounced_at__isnull=False),
    "started": Q(started_at__isnull=False),
    "finished": Q(state=InvitationState.FINISHED),
    "disowned": Q(state=InvitationState.DISOWNED),
    "cancelled": Q(state=InvitationState.CANCELLED),
}


def response(survey: Survey, months: Months) -> Response:
    """Return a survey's response; two queries, numbers only."""
    steps = {name: Count("pk", filter=condition) for name, condition in STEPS.items()}
    rows: QuerySet[Any, Any] = SurveyInvitation.objects.filter(months.rows(), survey=survey).order_by()
    found: dict[str, dict[str, int]] = {row["origin"]: row for row in rows.values("origin").annotate(**steps)}
    by_origin = [(str(AskOrigin(code).label), found[code]) for code in AskOrigin.values if code in found]
    counts = {name: sum(row[name] for row in found.values()) for name in STEPS}
    passed = SurveySkip.objects.filter(months.rows(), survey=survey).order_by()
    reasons = dict(passed.values_list("reason").annotate(n=Count("pk")))
    skipped = sum(reasons.values())
    told = [code for code in SkipReason.values if code in reasons]
    lines = [Line(str(SkipReason(code).label), reasons[code], skipped) for code in told]
    return Response(counts, skipped, by_origin, sorted(lines, key=lambda line: -line.n))


def skips(survey: Survey, months: Months) -> QuerySet[SurveySkip]:
    """Return who was passed over, in the order of days, with the assistant, the metric and the campaign."""
    found = SurveySkip.objects.filter(months.rows(), survey=survey)
    return found.select_related("employee", "trigger__metric", "campaign").order_by("day", "pk")
