"""Reads of training: the catalogue, sessions and records, as their addresses ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import NotFound
from reviews.models import (
    TOPICS,
    Attendance,
    Course,
    CourseKind,
    Enrolment,
    EnrolmentState,
    TrainingSession,
    TrainingState,
)
from reviews.training.access import visible_enrolments

COURSE_PARAMETERS = frozenset({"q", "kind", "state", "sort"})
SESSION_PARAMETERS = frozenset({"q", "kind", "state", "mine", "sort"})
RECORD_PARAMETERS = frozenset({"q", "kind", "state", "who", "training", "sort"})
COURSE_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("code", "pk"),
    "code": ("code", "pk"), "-code": ("-code", "pk"),
    "hours": ("hours", "code"), "-hours": ("-hours", "code"),
    "next": ("next_at", "code"), "-next": ("-next_at", "code"),
}  # fmt: skip
SESSION_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("starts_at", "pk"),
    "starts": ("starts_at", "pk"), "-starts": ("-starts_at", "-pk"),
    "course": ("course__code", "starts_at"), "-course": ("-course__code", "starts_at"),
    "taken": ("taken", "starts_at"), "-taken": ("-taken", "starts_at"),
}  # fmt: skip
RECORD_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("-session__starts_at", "employee__name_key", "pk"),
    "starts": ("session__starts_at", "pk"), "-starts": ("-session__starts_at", "-pk"),
    "employee": ("employee__name_key", "-session__starts_at", "pk"),
    "-employee": ("-employee__name_key", "-session__starts_at", "pk"),
    "course": ("session__course__code", "-session__starts_at", "pk"),
    "-course": ("-session__course__code", "-session__starts_at", "pk"),
    "hours": (F("hours").asc(nulls_last=True), "pk"), "-hours": (F("hours").desc(nulls_last=True), "pk"),
}  # fmt: skip
#: What the list of sessions shows: those to come, those over, or all.
COMING, PAST, ALL = "", "past", "all"


@dataclass(frozen=True)
class Wanted:
    """What an address of a list asks for, with nonsense taken out."""

    search: str = ""
    kind: str = ""
    state: str = ""
    mine: bool = False
    training_id: int | None = None
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(
    query: Mapping[str, str], states: tuple[str, ...], sorts: Mapping[str, tuple[Any, ...]], *, mine: str = "mine"
) -> Wanted:
    """Return what an address asks for; `mine` names the parameter that asks for one's own."""
    kind, state, sort = (query.get(name, "") for name in ("kind", "state", "sort"))
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        kind=kind if kind in CourseKind.values else "",
        state=state if state in states else "",
        mine=bool(query.get(mine)),
        sort=sort if sort in sorts else "",
    )


def read_courses(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the catalogue asks for."""
    return read(query, ("archived", "all"), COURSE_SORTS)


def read_sessions(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the sessions asks for."""
    return read(query, (PAST, ALL, *TrainingState.values), SESSION_SORTS)


def read_records(query: Mapping[str, str]) -> Wanted:
    """Return what an address of the records asks for."""
    found = read(query, (*EnrolmentState.values, *Attendance.values, "passed"), RECORD_SORTS, mine="who")
    text = query.get("training", "")
    training_id = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
    return replace(found, training_id=training_id)


def _found(text: str, before: str = "") -> Q:
    """The condition that a course is called so or has the code; `before` leads from the row to the course."""
    code, zh, en = (Q(**{f"{before}{name}__icontains": text}) for name in ("code", "name_zh", "name_en"))
    return code | zh | en


def courses(wanted: Wanted, *, now: datetime) -> QuerySet[Course]:
    """Return the courses with `next_at`, when the next session that is open begins."""
    coming = TrainingSession.objects.filter(course=OuterRef("pk"), state=TrainingState.OPEN, starts_at__gt=now)
    found = Course.objects.annotate(next_at=Subquery(coming.order_by("starts_at").values("starts_at")[:1]))
    if wanted.state != "all":
        found = found.filter(archived_at__isnull=wanted.state != "archived")
    if wanted.kind:
        found = found.filter(topic__in=TOPICS[wanted.kind])
    if wanted.search:
        texts = Q(description_zh__icontains=wanted.search) | Q(description_en__icontains=wanted.search)
        found = found.filter(_found(wanted.search) | texts)
    return found.order_by(*COURSE_SORTS[wanted.sort])


def counted() -> QuerySet[TrainingSession]:
    """Return the sessions with course, trainer, `taken` places and how many are `waiting`."""
    return TrainingSession.objects.select_related("course", "trainer").annotate(
        taken=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.ENROLLED)),
        waiting=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.WAITING)),
    )


def sessions(wanted: Wanted, *, viewer: Viewer, now: datetime) -> QuerySet[TrainingSession]:
    """Return the sessions as the list shows them; `mine`: in which the viewer takes part or that they hold."""
    found = counted()
    if wanted.state in (COMING, PAST):
        found = found.filter(ends_at__lt=now) if wanted.state == PAST else found.filter(ends_at__gte=now)
        if wanted.state == COMING:
            found = found.exclude(state=TrainingState.CANCELLED)
    elif wanted.state != ALL:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(course__topic__in=TOPICS[wanted.kind])
    if wanted.mine:
        out = (EnrolmentState.CANCELLED, EnrolmentState.DECLINED)
        own = Enrolment.objects.filter(employee_id=viewer.employee_id or 0).exclude(state__in=out)
        found = found.filter(Q(pk__in=own.values("session")) | Q(trainer_id=viewer.employee_id or 0))
    if wanted.search:
        text = wanted.search
        where = Q(place__icontains=text) | Q(trainer__name__icontains=text) | Q(trainer_name__icontains=text)
        found = found.filter(_found(text, "course__") | where)
    return found.order_by(*SESSION_SORTS[wanted.sort])


def records(wanted: Wanted, *, viewer: Viewer, workspace: Workspace) -> QuerySet[Enrolment]:
    """Return the enrolments a viewer sees, with person, session and course."""
    found = visible_enrolments(viewer, workspace.today()).select_related(
        "employee", "session__course", "session__trainer"
    )
    if wanted.state in EnrolmentState.values:
        found = found.filter(state=wanted.state)
    elif wanted.state == "passed":
        found = found.filter(passed=True)
    elif wanted.state:
        found = found.filter(attendance=wanted.state)
    if wanted.kind:
        found = found.filter(session__course__topic__in=TOPICS[wanted.kind])
    if wanted.mine:
        found = found.filter(employee_id=viewer.employee_id or 0)
    if wanted.training_id is not None:
        found = found.filter(session_id=wanted.training_id)
    if wanted.search:
        text = wanted.search
        who = Q(employee__name__icontains=text) | Q(employee__number__iexact=text) | Q(certificate__iexact=text)
        found = found.filter(_found(text, "session__course__") | who)
    return found.order_by(*RECORD_SORTS[wanted.sort])


def course_of(course_id: int) -> Course:
    """Return a course; raise NotFound."""
    found = Course.objects.filter(pk=course_id).first()
    if found is None:
        raise NotFound
    return found


def session_of(training_id: int) -> TrainingSession:
    """Return a session with course, trainer and counts; raise NotFound."""
    found = counted().filter(pk=training_id).first()
    if found is None:
        raise NotFound
    return found


def place_in_line(enrolment: Enrolment) -> int:
    """Return the place of somebody on the waiting list, from 1."""
    before = Q(since__lt=enrolment.since) | Q(since=enrolment.since, pk__lt=enrolment.pk)
    line = Enrolment.objects.filter(session_id=enrolment.session_id, state=EnrolmentState.WAITING)
    return line.filter(before).count() + 1
