"""Reads of links to hand over: whose links somebody sees, the list as its address asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from perfmgmt.people.viewer import Viewer
from reviews.models import AskChannel, AskOrigin, InvitationState, SurveyHandover, SurveyInvitation
from reviews.permissions import MANAGE_SURVEYS

WAITING, HANDED, SILENT, STARTED, ANSWERED, EXPIRED, DISOWNED, OFF, ALL = (
    "", "handed", "silent", "started", "answered", "expired", "disowned", "off", "all",
)  # fmt: skip
STATES = (HANDED, SILENT, STARTED, ANSWERED, EXPIRED, ALL)
#: Who has not begun to answer so long after the handover may be reminded by whoever handed the link over.
SILENT_AFTER = timedelta(days=5)
PARAMETERS = frozenset({"q", "state", "survey", "sort"})
SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("expires_at", "pk"), "expires": ("expires_at", "pk"), "-expires": ("-expires_at", "pk"),
    "customer": ("customer", "pk"), "-customer": ("-customer", "pk"),
    "employee": ("employee__name_key", "pk"), "-employee": ("-employee__name_key", "pk"),
    "day": ("day", "pk"), "-day": ("-day", "pk"),
    "handed": (F("mailed_at").asc(nulls_last=True), "pk"), "-handed": (F("mailed_at").desc(nulls_last=True), "pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out. No state: what waits to be handed over."""

    search: str = ""
    state: str = WAITING
    survey_id: int | None = None
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    survey = query.get("survey", "")
    is_id = survey.isascii() and survey.isdecimal() and len(survey) < 19
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        state=query.get("state", "") if query.get("state", "") in STATES else WAITING,
        survey_id=int(survey) if is_id else None,
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "",
    )


def visible_links(viewer: Viewer) -> QuerySet[SurveyInvitation]:
    """Return the links that a viewer may hand over: for who manages surveys, those about themselves left out.

    Who is rated must not know who was chosen, nor hold the link that the answer comes by.
    """
    found = SurveyInvitation.objects.filter(channel=AskChannel.LINK).exclude(origin=AskOrigin.ASSISTANT)
    if not viewer.may(MANAGE_SURVEYS):
        return found.none()
    return found.filter(Q(employee=None) | ~Q(employee_id=viewer.employee_id or 0))


def condition(state: str, now: datetime) -> Q:
    """Return the condition of a state of the list at a moment."""
    lives, handed = Q(expires_at__gt=now), Q(state=InvitationState.MAILED)
    unanswered = Q(state__in=(InvitationState.CHOSEN, InvitationState.MAILED, InvitationState.STARTED))
    return {
        WAITING: lives & Q(state=InvitationState.CHOSEN), HANDED: lives & handed,
        SILENT: lives & handed & Q(mailed_at__lte=now - SILENT_AFTER),
        STARTED: lives & Q(state=InvitationState.STARTED), ANSWERED: Q(state=InvitationState.FINISHED),
        EXPIRED: unanswered & ~lives, ALL: Q(),
    }[state]  # fmt: skip


def state_of(invitation: SurveyInvitation, now: datetime) -> str:
    """Return how a link stands, as the filter of the list names it; also DISOWNED and OFF (called off)."""
    ends: dict[str, str] = {
        InvitationState.FINISHED: ANSWERED, InvitationState.DISOWNED: DISOWNED, InvitationState.CANCELLED: OFF,
    }  # fmt: skip
    if invitation.state in ends:
        return ends[invitation.state]
    if invitation.expires_at <= now:
        return EXPIRED
    if invitation.state != InvitationState.MAILED:
        return STARTED if invitation.state == InvitationState.STARTED else WAITING
    is_silent = invitation.mailed_at is not None and invitation.mailed_at <= now - SILENT_AFTER
    return SILENT if is_silent else HANDED


def links(wanted: Wanted, *, viewer: Viewer, now: datetime) -> QuerySet[SurveyInvitation]:
    """Return the links that a viewer may hand over, with survey, person, contact and `handovers`, in order."""
    found = visible_links(viewer).filter(condition(wanted.state, now))
    if wanted.survey_id is not None:
        found = found.filter(survey_id=wanted.survey_id)
    if text := wanted.search:
        found = found.filter(
            Q(customer__icontains=text) | Q(number__icontains=text) | Q(contact__name__icontains=text)
            | Q(employee__name__icontains=text)
        )  # fmt: skip
    made = Prefetch("handovers", SurveyHandover.objects.select_related("by"))
    with_all = found.select_related("survey", "employee", "contact__merged_into").prefetch_related(made)
    return with_all.order_by(*SORTS[wanted.sort])


def surveys_of(viewer: Viewer) -> list[tuple[int, str, str]]:
    """Return the surveys that the filter offers: those with links that the viewer may hand over."""
    names = visible_links(viewer).order_by().values_list("survey_id", "survey__name_zh", "survey__name_en")
    return sorted(names.distinct())


def waiting_links(viewer: Viewer, now: datetime) -> int:
    """Return how many links wait for a viewer to hand them over; one query, none for who may not."""
    if not viewer.may(MANAGE_SURVEYS):
        return 0
    return visible_links(viewer).filter(condition(WAITING, now)).count()
