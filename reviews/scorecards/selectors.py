"""Reads of scorecards: the list, a scorecard with its versions, one version as pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import SalesRoleType
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import NotFound
from reviews.models import Questionnaire, Rhythm, Scorecard, ScorecardVersion, VersionState
from reviews.scorecards.checks import names_of, title_of
from reviews.scorecards.content import DimensionDraft, Names, PartDraft, VersionDraft, content_of
from reviews.scorecards.matching import scorecard_for

PARAMETERS = ("q", "rhythm", "type", "state", "sort")
DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
STATES = (DRAFT, PUBLISHED, ARCHIVED)
SORTS = ("name", "rhythm", "version", "from")


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    search: str = ""
    rhythm: int | None = None
    sales_role_type: str = ""
    state: str = ""
    sort: str = "name"

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.rhythm or self.sales_role_type or self.state)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the list asks for."""
    rhythm, sort = query.get("rhythm", ""), query.get("sort", "")
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        rhythm=int(rhythm) if rhythm in {str(value) for value in Rhythm.values} else None,
        sales_role_type=query.get("type", "") if query.get("type") in SalesRoleType.values else "",
        state=query.get("state", "") if query.get("state") in STATES else "",
        sort=sort if sort.removeprefix("-") in SORTS else "name",
    )


def scorecards(wanted: Wanted) -> QuerySet[Any]:
    """Return scorecards with `newest` (number of the newest published version), `since` and `drafts`."""
    published = ScorecardVersion.objects.filter(scorecard=OuterRef("pk"), state=VersionState.PUBLISHED)
    newest = published.order_by("-number")
    first, second = ("name_en", "name_zh") if get_language() == "en" else ("name_zh", "name_en")
    found: QuerySet[Any] = Scorecard.objects.select_related("position").annotate(
        newest=Subquery(newest.values("number")[:1]),
        since=Subquery(newest.values("valid_from")[:1]),
        drafts=Count("versions", filter=Q(versions__state=VersionState.DRAFT)),
        shown_name=Coalesce(NullIf(first, Value("")), second),
    )
    if wanted.search:
        found = found.filter(
            Q(name_zh__icontains=wanted.search)
            | Q(name_en__icontains=wanted.search)
            | Q(position__name__icontains=wanted.search)
        )
    if wanted.rhythm:
        found = found.filter(rhythm=wanted.rhythm)
    if wanted.sales_role_type:
        found = found.filter(sales_role_type=wanted.sales_role_type)
    return _ordered(_by_state(found, wanted.state), wanted.sort)


def _by_state(found: QuerySet[Any], state: str) -> QuerySet[Any]:
    if state == ARCHIVED:
        return found.filter(archived_at__isnull=False)
    found = found.filter(archived_at=None)
    if state == DRAFT:
        return found.filter(drafts__gt=0)
    return found.filter(newest__isnull=False) if state == PUBLISHED else found


def _ordered(found: QuerySet[Any], sort: str) -> QuerySet[Any]:
    key = {"name": "shown_name", "rhythm": "rhythm", "version": "newest", "from": "since"}[sort.removeprefix("-")]
    way = F(key).desc(nulls_last=True) if sort.startswith("-") else F(key).asc(nulls_last=True)
    return found.order_by(way, "shown_name", "pk")


def assessed_now(cards: Iterable[Scorecard], *, workspace: Workspace) -> dict[int, int]:
    """Return how many people each scorecard assesses in the running period; one query a rhythm and one more."""
    counts: dict[int, int] = {}
    for rhythm in sorted({card.rhythm for card in cards}):
        period = current_period(rhythm, workspace)
        for version_id in scorecard_for(None, rhythm, period.start, workspace=workspace).values():
            counts[version_id] = counts.get(version_id, 0) + 1
    owners = dict(ScorecardVersion.objects.filter(pk__in=counts).values_list("pk", "scorecard_id"))
    found: dict[int, int] = {}
    for version_id, count in counts.items():
        found[owners[version_id]] = found.get(owners[version_id], 0) + count
    return found


def current_period(rhythm: int, workspace: Workspace) -> Period:
    """Return the period of a rhythm that holds the workspace's today."""
    return Period.containing(Grain(rhythm), workspace.today(), workspace.fiscal_start_month)


def scorecard_of(scorecard_id: int) -> Scorecard:
    """Return a scorecard with its position; raise NotFound."""
    found = Scorecard.objects.select_related("position").filter(pk=scorecard_id).first()
    if found is None:
        raise NotFound
    return found


def versions_of(card: Scorecard) -> list[ScorecardVersion]:
    """Return a scorecard's versions, the newest first, with who published them."""
    return list(card.versions.select_related("published_by").order_by("-number"))


def version_of(version_id: int, *, drafts: bool = True) -> ScorecardVersion:
    """Return a version with its scorecard; raise NotFound, also for a draft when those are not asked for."""
    found = (
        ScorecardVersion.objects.select_related("scorecard__position", "published_by").filter(pk=version_id).first()
    )
    if found is None or not (drafts or found.is_published):
        raise NotFound
    return found


def comparable() -> list[ScorecardVersion]:
    """Return what can be compared: all versions of the scorecards in use, by scorecard, the newest first."""
    rows = ScorecardVersion.objects.select_related("scorecard").filter(scorecard__archived_at=None)
    return list(rows.order_by("scorecard__name_zh", "scorecard__name_en", "scorecard_id", "-number")[:200])


def first_free_day(card: Scorecard) -> date | None:
    """Return the first day for which a next version may be published; None where any may."""
    rows = card.versions.filter(state=VersionState.PUBLISHED)
    found: date | None = rows.aggregate(last=Max("valid_from"))["last"]
    return found


# What pages show of a version


@dataclass(frozen=True)
class ShownPart:
    """A part with what it reads; `share` is its weight in the whole, in percent."""

    draft: PartDraft
    title: str
    share: Fraction
    metric: Metric | None = None
    questionnaire: Questionnaire | None = None


@dataclass(frozen=True)
class ShownDimension:
    """A dimension with its parts."""

    draft: DimensionDraft
    title: str
    parts: tuple[ShownPart, ...] = field(default=())


def shown(draft: VersionDraft, names: Names | None = None) -> tuple[ShownDimension, ...]:
    """Return what pages show of a version's content; two queries without `names`."""
    names = names or names_of(draft)
    return tuple(_shown(one, place, names) for place, one in enumerate(draft.dimensions, 1))


def _shown(one: DimensionDraft, place: int, names: Names) -> ShownDimension:
    parts = tuple(
        ShownPart(
            part, title_of(part, at), Fraction(part.weight) * Fraction(one.weight) / 100,
            names.metrics.get(part.metric_id or 0), names.questionnaires.get(part.questionnaire_id or 0),
        )
        for at, part in enumerate(one.parts, 1)
    )  # fmt: skip
    return ShownDimension(one, title_of(one, place), parts)


def shown_version(version: ScorecardVersion) -> tuple[ShownDimension, ...]:
    """Return what pages show of a stored version; four queries."""
    return shown(content_of(version))


def choices() -> dict[str, list[Any]]:
    """Return what parts can read: metrics by dimension, questionnaires; three queries at most, none archived."""
    return {
        "metrics": list(Metric.objects.filter(archived_at=None).order_by("position", "code")),
        "questionnaires": list(
            Questionnaire.objects.filter(archived_at=None).order_by(
                Case(When(purpose="review", then=Value(0)), default=Value(1)), "code"
            )
        ),
    }
