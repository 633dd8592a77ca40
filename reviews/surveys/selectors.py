"""Reads of surveys: the list, a survey with its versions, one version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.models import Survey, SurveyPurpose, SurveyState, SurveyVersion, SurveyVersionState
from reviews.permissions import MANAGE_SURVEYS

PARAMETERS = ("q", "purpose", "state", "sort")
SORTS = {"name": "shown_name", "purpose": "purpose", "state": "state", "version": "newest", "published": "since"}


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out. No state: everything but the archived."""

    search: str = ""
    purpose: str = ""
    state: str = ""
    sort: str = "name"

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.purpose or self.state)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the list asks for."""
    sort = query.get("sort", "")
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        purpose=query.get("purpose", "") if query.get("purpose") in SurveyPurpose.values else "",
        state=query.get("state", "") if query.get("state") in SurveyState.values else "",
        sort=sort if sort.removeprefix("-") in SORTS else "name",
    )


def surveys(wanted: Wanted, *, viewer: Viewer) -> QuerySet[Any]:
    """Return surveys with `newest` (number of the published version), `since` (its time), `drafts` (0 or 1).

    Who may not manage them sees those that were published once.
    """
    published = SurveyVersion.objects.filter(survey=OuterRef("pk"), state=SurveyVersionState.PUBLISHED)
    first, second = ("name_en", "name_zh") if get_language() == "en" else ("name_zh", "name_en")
    found: QuerySet[Any] = Survey.objects.annotate(
        newest=Subquery(published.values("number")[:1]),
        since=Subquery(published.values("published_at")[:1]),
        drafts=Count("versions", filter=Q(versions__state=SurveyVersionState.DRAFT)),
        shown_name=Coalesce(NullIf(first, Value("")), second),
    )
    if not viewer.may(MANAGE_SURVEYS):
        found = found.filter(newest__isnull=False)
    if wanted.search:
        found = found.filter(Q(name_zh__icontains=wanted.search) | Q(name_en__icontains=wanted.search))
    if wanted.purpose:
        found = found.filter(purpose=wanted.purpose)
    found = found.filter(state=wanted.state) if wanted.state else found.exclude(state=SurveyState.ARCHIVED)
    key = SORTS[wanted.sort.removeprefix("-")]
    way = F(key).desc(nulls_last=True) if wanted.sort.startswith("-") else F(key).asc(nulls_last=True)
    return found.order_by(way, "shown_name", "pk")


def survey_of(survey_id: int, *, viewer: Viewer) -> Survey:
    """Return a survey; raise NotFound, also for one that was never published and that the viewer may not manage."""
    found = Survey.objects.filter(pk=survey_id).first()
    if found is None:
        raise NotFound
    if not viewer.may(MANAGE_SURVEYS) and not found.versions.exclude(state=SurveyVersionState.DRAFT).exists():
        raise NotFound
    return found


def versions_of(survey: Survey, *, viewer: Viewer) -> list[SurveyVersion]:
    """Return a survey's versions that the viewer may see, the newest first, with who published them."""
    found = list(survey.versions.select_related("published_by").order_by("-number"))
    return found if viewer.may(MANAGE_SURVEYS) else [one for one in found if not one.is_draft]


def version_of(version_id: int, *, viewer: Viewer) -> SurveyVersion:
    """Return a version with its survey; raise NotFound, also for a draft that the viewer may not see."""
    found = SurveyVersion.objects.select_related("survey", "published_by").filter(pk=version_id).first()
    if found is None or (found.is_draft and not viewer.may(MANAGE_SURVEYS)):
        raise NotFound
    return found


def version_before(version: SurveyVersion) -> SurveyVersion | None:
    """Return the version before one of the same survey; None for the first."""
    return (
        SurveyVersion.objects.filter(survey=version.survey_id, number__lt=version.number).order_by("-number").first()
    )


def employee_address(address: str) -> str | None:
    """Return an employee's address as it is recorded, found whatever its case; None when nobody here has it."""
    found = Employee.objects.filter(email__iexact=address.strip(), left_on=None).values_list("email", flat=True)
    return found.first()
