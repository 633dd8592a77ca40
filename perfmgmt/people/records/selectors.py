"""Reads for a person's page: who may look, what happened when, and the line in time."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from perfmgmt.people.models import FOREVER, Absence, Assignment, Employee, Membership, StandIn
from perfmgmt.people.permissions import ARRANGE_STAND_INS, EDIT_PEOPLE, RECORD_ABSENCES
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound

# The line in time shows so much at most before today, and so much after it even if nothing is planned.
BEFORE, AFTER = timedelta(days=5 * 365), timedelta(days=90)
# A day written further to the right, in percent, would be cut off on a phone.
MOST_RIGHT = 85


def person_for(viewer: Viewer, employee_id: int, *, on: date) -> Employee:
    """Return a person whose page is open to the viewer on a day; raise NotFound otherwise."""
    reach = visible_employees(viewer=viewer, on=on)
    employee = Employee.objects.filter(pk=employee_id).first()
    if employee is None or (reach is not None and employee_id not in reach):
        raise NotFound
    return employee


def may_record_absence(viewer: Viewer, employee_id: int) -> bool:
    """Return whether the viewer may record absences of a person within their reach: nobody records their own,
    except who may edit everybody."""
    return viewer.may(EDIT_PEOPLE) or (viewer.may(RECORD_ABSENCES) and viewer.employee_id != employee_id)


def may_arrange(viewer: Viewer, employee_id: int) -> bool:
    """Return whether the viewer may name a stand-in for a person: the person, or who may edit everybody."""
    return viewer.may(ARRANGE_STAND_INS) and (viewer.may(EDIT_PEOPLE) or viewer.employee_id == employee_id)


def proposed_stand_in(employee: Employee, *, on: date) -> Employee | None:
    """Return who is to be proposed as stand-in: who was it last, else the manager of who leads somebody."""
    last = StandIn.objects.select_related("stand_in").filter(employee=employee).order_by("-last_day").first()
    if last is not None and (last.stand_in.left_on is None or last.stand_in.left_on >= on):
        return last.stand_in
    leads = Assignment.objects.filter(manager=employee, valid_from__lte=on, valid_to__gte=on).exists()
    now = Assignment.objects.select_related("manager").filter(employee=employee, valid_from__lte=on, valid_to__gte=on)
    place = now.first() if leads else None
    return place.manager if place else None


@dataclass(frozen=True)
class History:
    """Everything dated about a person, oldest first."""

    employee: Employee
    assignments: list[Assignment]
    absences: list[Absence]
    stand_ins: list[StandIn]
    duties: list[StandIn]

    def place_on(self, day: date) -> Assignment | None:
        """Return the assignment of a day."""
        return next((spell for spell in self.assignments if spell.valid_from <= day <= spell.valid_to), None)

    def absence_on(self, day: date) -> Absence | None:
        """Return the absence of a day."""
        return next((spell for spell in self.absences if spell.first_day <= day <= spell.last_day), None)


def history(employee: Employee) -> History:
    """Return everything dated about a person, in a fixed number of queries."""
    spells = Assignment.objects.select_related("unit", "position", "manager").filter(employee=employee)
    return History(
        employee=employee,
        assignments=list(spells.order_by("valid_from")),
        absences=list(Absence.objects.filter(employee=employee).order_by("first_day")),
        stand_ins=list(StandIn.objects.select_related("stand_in").filter(employee=employee).order_by("first_day")),
        duties=list(StandIn.objects.select_related("employee").filter(stand_in=employee).order_by("first_day")),
    )


def membership_of(employee: Employee) -> Membership | None:
    """Return a person's sign-in to the workspace."""
    return Membership.objects.select_related("user").filter(employee=employee).first()


@dataclass(frozen=True)
class Bar:
    """One stretch of the line: left edge and width in percent, what to write on it."""

    x: str
    width: str
    label: str
    first: date
    last: date
    tone: int = 0

    @property
    def has_room(self) -> bool:
        """Whether anything can be written on it."""
        return float(self.width) >= 4


@dataclass
class Line:
    """A person's line in time: lanes of bars above an axis, and today's place on it."""

    first: date
    last: date
    today: str
    spells: list[Bar] = field(default_factory=list)
    absences: list[Bar] = field(default_factory=list)
    stand_ins: list[Bar] = field(default_factory=list)
    ticks: list[tuple[str, date]] = field(default_factory=list)
    cut: bool = False

    @property
    def lanes(self) -> list[tuple[str, list[Bar], int]]:
        """The lanes that hold something: (kind, bars, distance from the top)."""
        kinds = [("spells", self.spells), ("absences", self.absences), ("stand_ins", self.stand_ins)]
        shown = [(kind, bars) for kind, bars in kinds if bars or kind == "spells"]
        return [(kind, bars, index * 34) for index, (kind, bars) in enumerate(shown)]

    @property
    def height(self) -> int:
        """The height of all lanes together, in pixels."""
        return len(self.lanes) * 34


def line_of(past: History, today: date) -> Line:
    """Return the line of a person around today."""
    starts = [spell.valid_from for spell in past.assignments] + [spell.first_day for spell in past.absences]
    earliest = min([*starts, past.employee.hired_on or today, today])
    first = max(earliest, today - BEFORE)
    ends = [spell.valid_to for spell in past.assignments if spell.valid_to != FOREVER]
    ends += [absence.last_day for absence in past.absences]
    ends += [row.last_day for row in [*past.stand_ins, *past.duties]]
    planned = [start for start in starts if start > today]
    last = max([today + AFTER, *ends, *(day + AFTER for day in planned)])
    made = Line(first, last, _share(today, first, last), cut=earliest < first)
    units = list(dict.fromkeys(spell.unit_id for spell in past.assignments))
    for spell in past.assignments:
        tone = units.index(spell.unit_id) % 4
        _put(made, made.spells, str(spell.unit), spell.valid_from, spell.valid_to, tone)
    for absence in past.absences:
        _put(made, made.absences, str(absence.get_kind_display()), absence.first_day, absence.last_day)
    for row in past.stand_ins:
        _put(made, made.stand_ins, str(row.stand_in), row.first_day, row.last_day)
    made.ticks = [(_share(day, first, last), day) for day in _ticks(first, last)]
    made.ticks = [tick for tick in made.ticks if float(tick[0]) < MOST_RIGHT]
    return made


def _put(line: Line, bars: list[Bar], label: str, first: date, last: date, tone: int = 0) -> None:
    begin, end = max(first, line.first), min(last, line.last)
    if begin > end:
        return
    days = (line.last - line.first).days + 1
    width = f"{max(((end - begin).days + 1) / days * 100, 0.4):.3f}"
    bars.append(Bar(_share(begin, line.first, line.last), width, label, first, last, tone))


def _share(day: date, first: date, last: date) -> str:
    return f"{(day - first).days / ((last - first).days + 1) * 100:.3f}"


def _ticks(first: date, last: date) -> list[date]:
    """Return the first days of years, or of quarters on a short line; few enough to read on a phone."""
    months = 3 if (last - first).days < 550 else 12
    found, year, month = [], first.year, 1
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            found.append(day)
        year, month = (year + 1, 1) if month + months > 12 else (year, month + months)
    return found
