"""Reads of raters: who waits for approval, who carries how much, why a choice was sent back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from perfmgmt.people.models import Assignment
from perfmgmt.people.viewer import Viewer, Workspace
from reviews.models import NominationState, Participant, Rater, RaterState, ReviewCycle
from reviews.raters import words
from reviews.raters.access import approvable
from reviews.raters.circle import Circle
from reviews.raters.rules import ASKED_STATES, COLLEAGUES, count_fits, needed
from reviews.raters.rules import Count as Fit

WAITING, LEFT, APPROVED, ALL = "waiting", "left", "approved", "all"
STATES = (WAITING, LEFT, APPROVED, ALL)
SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("employee__name_key", "pk"), "name": ("employee__name_key", "pk"), "-name": ("-employee__name_key", "pk"),
    "unit": ("unit__name", "employee__name_key", "pk"), "-unit": ("-unit__name", "employee__name_key", "pk"),
}  # fmt: skip
PARAMETERS = frozenset({"q", "state", "sort"})
LOAD_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("-asked", "name_key", "employee_id"),
    "name": ("name_key", "employee_id"), "-name": ("-name_key", "employee_id"),
    "asked": ("asked", "name_key", "employee_id"), "-asked": ("-asked", "name_key", "employee_id"),
    "proposed": ("proposed", "name_key", "employee_id"), "-proposed": ("-proposed", "name_key", "employee_id"),
    "declined": ("declined", "name_key", "employee_id"), "-declined": ("-declined", "name_key", "employee_id"),
}  # fmt: skip
FULL, OVER, FREE = "full", "over", "free"


@dataclass(frozen=True)
class Wanted:
    """What an address of a list asks for, with nonsense taken out."""

    search: str = ""
    state: str = ""
    sort: str = ""


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the list of approvals asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return Wanted(_text(query), state if state in STATES else WAITING, sort if sort in SORTS else "")


def read_load(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the list of loads asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return Wanted(_text(query), state if state in (FULL, OVER, FREE) else "", sort if sort in LOAD_SORTS else "")


def _text(query: Mapping[str, str]) -> str:
    return query.get("q", "")[:100].replace("\0", "").strip()


@dataclass(frozen=True)
class GroupCount:
    """How many are chosen of a group, in words, and what is to be said about it."""

    label: str
    n: int
    least: int
    most: int
    fit: Fit
    remark: str = ""


@dataclass
class Row:
    """One ratee of the list: the choice by group, and what stands against approving it unseen."""

    participant: Participant
    groups: list[GroupCount] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    most_load: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether the choice waits and nothing stands against it."""
        return self.participant.nomination == NominationState.PROPOSED and not self.problems


def waiting_for(cycle: ReviewCycle, wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[Participant]:
    """Return the ratees of a cycle whose raters the viewer approves, as the address asks."""
    rows = approvable(viewer, today).filter(cycle=cycle).select_related("employee", "unit", "manager")
    if wanted.state == WAITING:
        rows = rows.filter(nomination=NominationState.PROPOSED)
    elif wanted.state == LEFT:
        rows = rows.exclude(nomination=NominationState.APPROVED)
    elif wanted.state == APPROVED:
        rows = rows.filter(nomination=NominationState.APPROVED)
    if text := wanted.search:
        rows = rows.filter(
            Q(employee__name__icontains=text) | Q(employee__number__istartswith=text) | Q(unit__name__icontains=text)
        )
    return rows.order_by(*SORTS[wanted.sort])


def rows_of(cycle: ReviewCycle, participants: Sequence[Participant], *, workspace: Workspace) -> list[Row]:
    """Return ratees as rows of the list, in a fixed number of queries."""
    circle = Circle(cycle, participants, workspace=workspace)
    circle.look_at(one.employee_id for raters in circle.raters.values() for one in raters)
    return [_row(circle, one) for one in participants]


def _row(circle: Circle, participant: Participant) -> Row:
    row = Row(participant, groups_of(circle, participant))
    row.problems = [one.remark for one in row.groups if one.fit in (Fit.TOO_FEW, Fit.TOO_MANY)]
    for group in circle.limits:
        for rater in circle.live(participant, group):
            load = circle.loads[rater.employee_id]
            row.most_load = max(row.most_load, load.asked)
            if rater.state == RaterState.NOMINATED:
                found = circle.conflicts(participant, rater.employee_id, group)
                row.problems += [f"{rater.employee.name}: {words.conflict(found[0])}"] if found else []
    return row


def groups_of(circle: Circle, participant: Participant) -> list[GroupCount]:
    """Return how many are chosen of each group, with what is to be said about it."""
    found = []
    for group, limits in circle.limits.items():
        available = circle.available(participant, group)
        n, least = len(circle.live(participant, group)), needed(limits, available)
        fit = count_fits(n, limits, available)
        label = str(circle.groups[group].get_group_display())
        found.append(GroupCount(label, n, least, limits.most, fit, words.count(fit, limits, least)))
    return found


def ready_ids(cycle: ReviewCycle, *, viewer: Viewer, workspace: Workspace) -> list[int]:
    """Return the ratees whose choice waits for the viewer; whether each holds is found out when it is approved."""
    rows = approvable(viewer, workspace.today()).filter(cycle=cycle, nomination=NominationState.PROPOSED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def counts(cycle: ReviewCycle, *, viewer: Viewer, today: date) -> dict[str, int]:
    """Return how many of the viewer's ratees stand how: open, proposed, approved; one query."""
    rows = approvable(viewer, today).filter(cycle=cycle)
    return rows.aggregate(
        **{state: Count("pk", filter=Q(nomination=state)) for state in NominationState.values}
    )  # fmt: skip


def returned_because(participant: Participant) -> str:
    """Return why a choice was last sent back, as the trail has it; "" when it was not."""
    if participant.nomination != NominationState.OPEN:
        return ""
    events = apps.get_model("reviews", "ParticipantEvent").objects
    last = events.filter(pgh_obj_id=participant.pk, nomination=NominationState.OPEN).order_by("-pgh_id").first()
    return str((last.pgh_context or {}).get("reason", "")) if last is not None else ""


def own_nominations(viewer: Viewer) -> QuerySet[Participant]:
    """Return the open cycles in which the viewer still chooses who reviews them; for homes and the inbox."""
    return (
        Participant.objects.select_related("cycle")
        .filter(employee_id=viewer.employee_id or 0, dropped_at=None, nomination=NominationState.OPEN,
                cycle__state="open", cycle__groups__group__in=COLLEAGUES, cycle__groups__most__gt=0)
        .distinct()
        .order_by("cycle__nominate_until", "pk")
    )  # fmt: skip


def load_rows(cycle: ReviewCycle, wanted: Wanted, *, today: date) -> QuerySet[Any, Any]:
    """Return people with how many colleagues they review in a cycle, as the address asks.

    Dicts: employee_id, name, number, name_key, unit, asked, proposed, declined. What they answered is not here.
    """
    place = Assignment.objects.filter(employee_id=OuterRef("employee_id"), valid_from__lte=today, valid_to__gte=today)
    live = Q(state__in=ASKED_STATES)
    rows = (
        Rater.objects.filter(participant__cycle=cycle, participant__dropped_at=None, group__in=COLLEAGUES)
        .values("employee_id", name=F("employee__name"), number=F("employee__number"),
                name_key=F("employee__name_key"))
        .annotate(
            asked=Count("pk", filter=live), proposed=Count("pk", filter=Q(state=RaterState.NOMINATED)),
            declined=Count("pk", filter=Q(state=RaterState.DECLINED)),
            unit=Subquery(place.values("unit__name")[:1]),
        )
    )  # fmt: skip
    if text := wanted.search:
        rows = rows.filter(Q(employee__name__icontains=text) | Q(employee__number__istartswith=text))
    cap = cycle.most_per_rater
    states = {FULL: Q(asked__gte=cap), OVER: Q(asked__gt=cap), FREE: Q(asked__lt=cap)}
    return rows.filter(states.get(wanted.state, Q())).order_by(*LOAD_SORTS[wanted.sort])


def load_counts(cycle: ReviewCycle) -> dict[int, int]:
    """Return how many people review how many colleagues: reviews -> people."""
    rows = Rater.objects.filter(
        participant__cycle=cycle, participant__dropped_at=None, group__in=COLLEAGUES, state__in=ASKED_STATES
    )
    loads = rows.values("employee_id").annotate(n=Count("pk")).values_list("n", flat=True)
    found: dict[int, int] = {}
    for n in loads:
        found[n] = found.get(n, 0) + 1
    return found
