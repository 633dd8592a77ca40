"""Reads of calibration: sessions, the people of one, and what was moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from perfmgmt.people.models import Unit
from perfmgmt.people.selectors import below, unit_tree
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.grades import Bands, grade
from perfmgmt.tenants.selectors import workspace_rules
from reviews.answers.shown import ENDED
from reviews.calibration.access import oneself, visible_sessions
from reviews.calibration.money import Change
from reviews.calibration.rules import third
from reviews.models import CalibrationMove, CalibrationSession, CycleState, Participant, ReviewCycle, Score

OPEN, LOCKED = "open", "locked"
SESSION_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": (F("locked_at").asc(nulls_first=True), F("held_on").asc(nulls_last=True), "pk"),
    "name": ("name", "pk"), "-name": ("-name", "-pk"),
    "cycle": ("cycle__start", "cycle__name", "pk"), "-cycle": ("-cycle__start", "-cycle__name", "-pk"),
    "held": (F("held_on").asc(nulls_last=True), "pk"), "-held": (F("held_on").desc(nulls_last=True), "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A participant as calibration sees them; scores in points.

    `computed` is what the scores' workers found, `score` what counts (calibrated if set), `bands` those of the
    scorecard's version or of the workspace.
    """

    participant_id: int
    employee_id: int
    name: str
    number: str
    name_key: str
    unit: str
    unit_id: int | None
    manager: str
    manager_id: int | None
    version_id: int | None
    computed: Decimal | None
    calibrated: Decimal | None
    review: Decimal | None
    potential: int | None
    potential_note: str
    hired_on: date | None
    bands: Bands

    @property
    def score(self) -> Decimal | None:
        """What counts."""
        return self.computed if self.calibrated is None else self.calibrated

    @property
    def grade(self) -> str:
        """The grade of what counts; "" without a score."""
        return grade(self.score, self.bands) or ""

    @property
    def grade_before(self) -> str:
        """The grade of the computed score; "" without one."""
        return grade(self.computed, self.bands) or ""

    @property
    def is_moved(self) -> bool:
        """Whether calibration set another score."""
        return self.calibrated is not None and self.calibrated != self.computed

    @property
    def difference(self) -> Decimal | None:
        """By how many points calibration moved the person; None where there is nothing to compare."""
        if self.computed is None or self.calibrated is None:
            return None
        return self.calibrated - self.computed

    @property
    def third(self) -> int | None:
        """In which third of the bands the grade stands (1-3)."""
        return third(self.grade, self.bands)

    @property
    def change(self) -> Change:
        """What calibration changed."""
        return Change(self.participant_id, self.computed, self.score, self.grade_before, self.grade)


def bands_of(rows: Iterable[Mapping[str, Any]]) -> Bands:
    """Return stored bands ([{"grade", "from"}], highest first) as pairs."""
    return [(row["grade"], Decimal(str(row["from"]))) for row in rows]


def guideline_of(cycle: ReviewCycle) -> dict[str, Decimal]:
    """Return a cycle's guideline as percents by grade; what is no number is left out."""
    found = {}
    for name, value in cycle.guideline.items():
        try:
            percent = Decimal(str(value))
        except InvalidOperation:
            continue
        if percent.is_finite() and percent >= 0:
            found[str(name)] = percent
    return found


def order_of(people: Iterable[Person]) -> list[str]:
    """Return the grades of the bands in use, highest first; the workspace's before others."""
    names: list[str] = [name for name, _bound in bands_of(workspace_rules().grade_bands)]
    for bands in {id(person.bands): person.bands for person in people}.values():
        names += [name for name, _bound in bands if name not in names]
    used = {name for person in people for name, _bound in person.bands}
    return [name for name in names if name in used] if used else names


def participants_in(session: CalibrationSession) -> QuerySet[Participant]:
    """Return everybody whom a session is about, the viewer included: only services may need that."""
    found = Participant.objects.filter(cycle_id=session.cycle_id, dropped_at=None)
    return found if session.unit_id is None else found.filter(unit_id__in=unit_tree(session.unit_id))


def people_of(session: CalibrationSession, *, viewer: Viewer) -> list[Person]:
    """Return the people of a session by name, without the viewer's own row; four queries."""
    return _people(session.cycle, participants_in(session).exclude(employee_id__in=oneself(viewer)))


def people_of_cycle(cycle: ReviewCycle) -> list[Person]:
    """Return everybody of a cycle who was not taken out, by name; three queries."""
    return _people(cycle, Participant.objects.filter(cycle=cycle, dropped_at=None))


def person_of(session: CalibrationSession, participant_id: int, *, viewer: Viewer) -> Person:
    """Return one person of a session; raise NotFound, also for the viewer's own row."""
    rows = participants_in(session).exclude(employee_id__in=oneself(viewer)).filter(pk=participant_id)
    found = _people(session.cycle, rows)
    if not found:
        raise NotFound
    return found[0]


def _people(cycle: ReviewCycle, rows: QuerySet[Participant]) -> list[Person]:
    columns = ("pk", "employee_id", "employee__name", "employee__number", "employee__name_key", "unit__name",
               "unit_id", "manager__name", "manager_id", "scorecard_version_id", "scorecard_version__grade_bands",
               "calibrated", "potential", "potential_note", "employee__hired_on")  # fmt: skip
    found = list(rows.order_by("employee__name_key", "pk").values_list(*columns))
    scores = {
        employee_id: (score, review)
        for employee_id, score, review in Score.objects.filter(
            grain=cycle.grain, start=cycle.start, cycle_id=cycle.pk, employee_id__in=[row[1] for row in found]
        ).values_list("employee_id", "score", "review")
    }
    usual = bands_of(workspace_rules().grade_bands)
    known: dict[int | None, Bands] = {}
    people = []
    for pk, employee_id, name, code, key, unit, unit_id, manager, manager_id, version, own, *rest in found:
        if version not in known:
            known[version] = bands_of(own) if own else usual
        score, review = scores.get(employee_id, (None, None))
        set_to, potential, note, hired_on = rest
        people.append(
            Person(pk, employee_id, name, code, key, unit or "", unit_id, manager or "", manager_id, version, score,
                   set_to, review, potential, note, hired_on, known[version])
        )  # fmt: skip
    return people


# Sessions


@dataclass(frozen=True)
class WantedSessions:
    """What an address of the list of sessions asks for."""

    search: str = ""
    state: str = ""
    cycle_id: int = 0
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.state or self.cycle_id)


def read_sessions(query: Mapping[str, str]) -> WantedSessions:
    """Return what an address asks for, with nonsense taken out."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return WantedSessions(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        state=state if state in (OPEN, LOCKED) else "",
        cycle_id=number(query.get("cycle", "")),
        sort=sort if sort in SESSION_SORTS else "",
    )


def number(text: str) -> int:
    """Return an id of an address; 0 for what is none."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0


def sessions_for(wanted: WantedSessions, *, viewer: Viewer) -> QuerySet[Any]:
    """Return the sessions a viewer sees, with cycle and unit, how many members they have and how many were moved."""
    found = visible_sessions(viewer).select_related("cycle", "unit")
    if wanted.search:
        found = found.filter(Q(name__icontains=wanted.search) | Q(unit__name__icontains=wanted.search))
    if wanted.state:
        found = found.filter(locked_at__isnull=wanted.state == OPEN)
    if wanted.cycle_id:
        found = found.filter(cycle_id=wanted.cycle_id)
    mine = Q(moves__participant__employee_id__in=oneself(viewer))
    return found.annotate(
        member_count=Count("members", distinct=True),
        moved_count=Count("moves__participant", distinct=True, filter=~mine),
    ).order_by(*SESSION_SORTS[wanted.sort])


def people_counts(sessions: Iterable[CalibrationSession]) -> dict[int, int]:
    """Return how many people each session is about; two queries for all of them."""
    rows = list(sessions)
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in Unit.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    counts: dict[int, dict[int | None, int]] = {}
    grouped = Participant.objects.filter(cycle_id__in={row.cycle_id for row in rows}, dropped_at=None)
    for cycle_id, unit_id, n in grouped.order_by().values_list("cycle_id", "unit_id").annotate(Count("pk")):
        counts.setdefault(cycle_id, {})[unit_id] = n
    return {row.pk: _counted(counts.get(row.cycle_id, {}), row.unit_id, children) for row in rows}


def _counted(by_unit: Mapping[int | None, int], unit_id: int | None, children: Mapping[int | None, list[int]]) -> int:
    if unit_id is None:
        return sum(by_unit.values())
    return sum(by_unit.get(pk, 0) for pk in below(children, unit_id))


def session_of(session_id: int, *, viewer: Viewer) -> CalibrationSession:
    """Return a session a viewer takes part in, with cycle and unit; raise NotFound."""
    found = visible_sessions(viewer).select_related("cycle", "unit", "locked_by").filter(pk=session_id).first()
    if found is None or found.cycle.state not in ENDED:  # nothing of answers while they come in
        raise NotFound
    return found


def takes_moves(session: CalibrationSession) -> bool:
    """Return whether scores may still be moved: the session is not locked, the cycle closed and not released."""
    return session.locked_at is None and session.cycle.state == CycleState.CLOSED


def moves_of(
    session: CalibrationSession, *, viewer: Viewer, participant_id: int | None = None
) -> QuerySet[CalibrationMove]:
    """Return a session's moves with who was moved and by whom, the newest first, without the viewer's own."""
    found = session.moves.exclude(participant__employee_id__in=oneself(viewer))
    if participant_id is not None:
        found = found.filter(participant_id=participant_id)
    return found.select_related("participant__employee", "moved_by").order_by("-moved_at", "-pk")


def cycles_to_calibrate() -> QuerySet[ReviewCycle]:
    """Return the cycles in which a session can be opened: closed ones, the latest period first."""
    return ReviewCycle.objects.filter(state=CycleState.CLOSED).order_by("-start", "-pk")


def cycles_seen(*, viewer: Viewer) -> QuerySet[ReviewCycle]:
    """Return the cycles of the sessions a viewer sees, to filter by, the latest first."""
    return ReviewCycle.objects.filter(pk__in=visible_sessions(viewer).values("cycle_id")).order_by("-start", "-pk")


def graded(score: Decimal, person: Person) -> str:
    """Return the grade a person would have with a score."""
    return grade(score, person.bands) or ""
