"""Reads of follow-ups: the list as its address asks for it, and what one task's page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from perfmgmt.people.viewer import Viewer
from reviews.followups.access import own, visible_follow_ups
from reviews.mailing.stencils import rated_of
from reviews.models import FollowUp, FollowUpState, SurveyAnswer, SurveyQuestionKind
from reviews.surveys.content import SurveyDraft
from reviews.surveys.filling import filled, values_for
from reviews.voice.masking import masked
from reviews.voice.words import names_in

UNDONE, OVERDUE, CLOSED, ALL = "", "overdue", "closed", "all"
STATES = (OVERDUE, FollowUpState.OPEN, FollowUpState.BEGUN, CLOSED, ALL)
MINE, NOBODY = "mine", "none"
PARAMETERS = frozenset({"q", "state", "owner", "survey", "sort"})
SORTS: Mapping[str, tuple[Any, ...]] = {
    "": (F("closed_at").desc(nulls_first=True), "due", "pk"),
    "due": ("due", "pk"), "-due": ("-due", "pk"),
    "opened": ("opened_at", "pk"), "-opened": ("-opened_at", "pk"),
    "score": ("kind", "score", "pk"), "-score": ("-kind", "-score", "pk"),
    "owner": ("owner__name_key", "due", "pk"), "-owner": ("-owner__name_key", "due", "pk"),
    "employee": ("invitation__employee__name_key", "due", "pk"),
    "-employee": ("-invitation__employee__name_key", "due", "pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out. `owner`: "mine", "none", an id, or ""."""

    search: str = ""
    state: str = UNDONE
    owner: str = ""
    survey_id: int | None = None
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    owner, survey = query.get("owner", ""), query.get("survey", "")
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        state=query.get("state", "") if query.get("state", "") in STATES else UNDONE,
        owner=owner if owner in (MINE, NOBODY) or _is_id(owner) else "",
        survey_id=int(survey) if _is_id(survey) else None,
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "",
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def follow_ups(wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[FollowUp]:
    """Return the tasks a viewer sees, with survey, person, owner and contact, in the order asked for."""
    found = visible_follow_ups(viewer, today).select_related(
        "invitation__survey", "invitation__employee", "invitation__contact", "owner"
    )
    undone = ~Q(state=FollowUpState.CLOSED)
    found = found.filter(
        {
            UNDONE: undone, OVERDUE: undone & Q(due__lt=today), CLOSED: ~undone, ALL: Q(),
            FollowUpState.OPEN: Q(state=FollowUpState.OPEN), FollowUpState.BEGUN: Q(state=FollowUpState.BEGUN),
        }[wanted.state]
    )  # fmt: skip
    if wanted.owner == MINE:
        found = found.filter(own(viewer))
    elif wanted.owner:
        found = found.filter(owner_id=None if wanted.owner == NOBODY else int(wanted.owner))
    if wanted.survey_id is not None:
        found = found.filter(invitation__survey_id=wanted.survey_id)
    if text := wanted.search:
        found = found.filter(
            Q(invitation__customer__icontains=text) | Q(invitation__number__icontains=text)
            | Q(invitation__employee__name__icontains=text) | Q(owner__name__icontains=text)
        )  # fmt: skip
    return found.order_by(*SORTS[wanted.sort])


def choices(viewer: Viewer, today: date) -> dict[str, list[Any]]:
    """Return what the filters offer: owners and surveys of the tasks that the viewer sees; two queries."""
    seen = visible_follow_ups(viewer, today).order_by()
    owners = seen.exclude(owner=None).values_list("owner_id", "owner__name", "owner__name_key").distinct()
    surveys = seen.values_list(
        "invitation__survey_id", "invitation__survey__name_zh", "invitation__survey__name_en"
    ).distinct()
    return {
        "owners": [(pk, name) for pk, name, key in sorted(owners, key=lambda row: (row[2], row[0]))],
        "surveys": sorted(surveys),
    }


@dataclass(frozen=True)
class Line:
    """One answer as a task shows it: the question, what was said, and of what it is a score."""

    text: str
    said: str
    most: int | None


def said_in(task: FollowUp, draft: SurveyDraft, language: str, company: str, *, in_full: bool) -> list[Line]:
    """Return what the customer said to the questions that are shown with their name, in the survey's order.

    Questions read as the customer read them; `company` is the workspace's name. Unless `in_full`, what reaches or
    names somebody is masked in their words, as where words are listed.
    """
    asked = task.invitation
    person = asked.employee.name if asked.employee is not None else ""
    values = values_for(rated_of(asked.after, asked.number, asked.day, person), company, language)
    rows = {row.key: row for row in SurveyAnswer.objects.filter(invitation_id=task.invitation_id)}
    found = []
    for one in draft.questions:
        row = rows.get(one.key)
        if row is None or not one.identified:
            continue
        text = filled(one.text.of(language) or one.text.zh or one.text.en, values)
        said = f"{row.number}" if row.number is not None else row.text
        if one.kind == SurveyQuestionKind.TEXT and not in_full:
            said = masked(said, names_in(task.invitation))
        if one.kind == SurveyQuestionKind.CHOICE:
            label = next((choice.text for choice in one.choices if choice.key == row.text), None)
            said = (label.of(language) or label.zh or label.en) if label is not None else row.text
        found.append(Line(text, said, one.points[-1] if one.is_scale else None))
    return found
