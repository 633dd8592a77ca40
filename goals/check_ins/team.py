"""The team's week: who sent, who not, who asks for help, what moved; found, filtered and ordered for a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from goals.check_ins.lines import expected_people
from goals.check_ins.rules import (
    LOOK_BACK,
    ONE_DAY,
    ONE_WEEK,
    Change,
    due_day,
    is_open,
    missed,
    monday_of,
    week_label,
)
from goals.check_ins.selectors import (
    ShownLine,
    first_week,
    goal_rules,
    is_present,
    last_due,
    sent_before,
    sent_weeks,
    shown_lines,
    tasks_of,
    with_lines,
)
from goals.models import CheckIn, CheckInState, KeyTask
from perfmgmt.people import directory
from perfmgmt.people.models import Assignment
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.people.selectors import directory as found_people
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import NotFound

PER_PAGE = 25
PARAMETERS = ("week", "q", "state", "unit", "sort")
SORTS = ("name", "missed")


class Status(StrEnum):
    """How somebody's check-in of the week stands, in the order of the list."""

    HELP = "help"
    SENT = "sent"
    MISSING = "missing"
    NOT_YET = "not_yet"
    AWAY = "away"
    ANSWERED = "answered"


@dataclass
class Row:
    """One person of the team's week; `place` is by name, `missed` counts the weeks in a row without a check-in."""

    id: int
    name: str
    number: str
    place: int
    status: Status
    missed: int
    check_in_id: int | None = None
    check_in: CheckIn | None = None
    lines: list[ShownLine] = field(default_factory=list)
    tasks: list[KeyTask] = field(default_factory=list)
    next_tasks: list[KeyTask] = field(default_factory=list)

    @property
    def moves(self) -> list[Change]:
        """What moved the wrong way since the last check-in."""
        return [change for line in self.lines for change in line.moves if change.is_bad]

    @property
    def to_confirm(self) -> list[KeyTask]:
        """Key tasks that nobody has confirmed yet."""
        return [task for task in (*self.tasks, *self.next_tasks) if task.confirmed_at is None]

    @property
    def is_long(self) -> bool:
        """Whether so many weeks are missing that somebody should ask (A5: three)."""
        return self.missed >= 3


class TeamWeek:
    """The check-ins of the people below a viewer in one week, everything read once in a fixed number of queries."""

    def __init__(self, query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> None:
        self.viewer, self.workspace, self.today = viewer, workspace, workspace.today()
        self.week = week_of(query.get("week", ""), self.today)
        self.search, self.sort = query.get("q", "")[:100].strip(), query.get("sort", "")
        state = query.get("state", "")
        self.state = state if state in {*Status, "moved", "long"} else ""
        unit = query.get("unit", "")
        self.unit_id = int(unit) if unit.isdecimal() and len(unit) < 18 else None
        self.rules = goal_rules()
        first = self.week - LOOK_BACK * ONE_WEEK
        self.calendar = workspace.calendar(first, max(self.week, monday_of(self.today)) + 6 * ONE_DAY)

    @cached_property
    def units(self) -> list[tuple[int, str, int]]:
        """The units to choose from: all, or those in which somebody below the viewer works (id, name, depth)."""
        units = directory.options().units
        if self._reach is None:
            return units
        here = Assignment.objects.filter(
            employee_id__in=self._reach, valid_from__lte=self.today, valid_to__gte=self.today
        )
        theirs = set(here.values_list("unit_id", flat=True))
        return [(pk, name, 0) for pk, name, _depth in units if pk in theirs]

    @property
    def is_filtered(self) -> bool:
        """Whether the list is narrowed down."""
        return bool(self.search or self.state or self.unit_id)

    @cached_property
    def due(self) -> date | None:
        """The day on which the week's check-ins are due."""
        return due_day(self.week, self.rules.check_in_day, self.calendar.works)

    @property
    def previous(self) -> str:
        """The label of the week before."""
        return week_label(self.week - ONE_WEEK)

    @property
    def following(self) -> str:
        """The label of the week after; nothing after this week."""
        return week_label(self.week + ONE_WEEK) if self.week < monday_of(self.today) else ""

    @property
    def label(self) -> str:
        """The week's label, such as 2026-W48."""
        return week_label(self.week)

    @cached_property
    def rows(self) -> list[Row]:
        """Everybody who checks in or should: those who ask for help first, then the others by status and name."""
        of_week = CheckIn.objects.filter(week=self.week, state=CheckInState.SENT)
        if self._reach is not None:
            of_week = of_week.filter(employee_id__in=self._reach)
        sent = {check_in.employee_id: check_in for check_in in of_week}
        people = self._people({*self._expected, *sent})
        days = own_days(list(people), self.week - LOOK_BACK * ONE_WEEK, self.week + 6 * ONE_DAY)
        found = [
            self._row(place, pk, sent.get(pk), days[pk], names)
            for place, (pk, names) in enumerate(people.items())
            if pk in sent or days[pk].is_employed_between(self.week, self.week + 6 * ONE_DAY)
        ]
        order = list(Status)
        return sorted(found, key=lambda row: (order.index(row.status), row.place))

    @cached_property
    def left_over(self) -> tuple[int, int]:
        """How many check-ins of the week before still wait for an answer, and how many of these ask for help.

        Told in the present week only, in whose first days nobody has checked in yet. One query.
        """
        if self.week != monday_of(self.today):
            return 0, 0
        waiting = CheckIn.objects.filter(week=self.week - ONE_WEEK, state=CheckInState.SENT, answered_at=None)
        waiting = waiting.exclude(employee_id=self.viewer.employee_id or 0)
        if self._reach is not None:
            waiting = waiting.filter(employee_id__in=self._reach)
        asks = list(waiting.values_list("help_wanted", flat=True))
        return len(asks), sum(asks)

    @cached_property
    def _reach(self) -> list[int] | None:
        reach = visible_employees(viewer=self.viewer, on=self.today)
        return None if reach is None else [pk for pk in reach if pk != self.viewer.employee_id]

    @cached_property
    def _expected(self) -> dict[int, date]:
        return expected_people(self._reach, self.week)

    @cached_property
    def _sent_weeks(self) -> dict[int, set[date]]:
        return sent_weeks(self._reach, self.week)

    @cached_property
    def _begin(self) -> date | None:
        return first_week()

    def _people(self, ids: set[int]) -> dict[int, tuple[str, str]]:
        """Return the names and numbers of who is searched for, within the viewer's reach, by name."""
        people = found_people(search=self.search, unit_id=self.unit_id, on=min(self.today, self.week + 6 * ONE_DAY))
        if self._reach is not None:
            ids &= set(self._reach)
        rows = people.filter(pk__in=ids).exclude(pk=self.viewer.employee_id or 0)
        return {pk: (name, number) for pk, name, number in rows.values_list("pk", "name", "number")}

    def _row(self, place: int, pk: int, check_in: CheckIn | None, days: OwnDays, names: tuple[str, str]) -> Row:
        count = 0 if check_in else self._missed(pk, days)
        return Row(pk, *names, place, self._status(check_in, days), count, check_in.pk if check_in else None)

    def _status(self, check_in: CheckIn | None, days: OwnDays) -> Status:
        if check_in is not None:
            if check_in.answered_at is not None:
                return Status.ANSWERED
            return Status.HELP if check_in.help_wanted else Status.SENT
        if not is_present(days, self.calendar, self.week):
            return Status.AWAY
        return Status.NOT_YET if self.due is None or self.today <= self.due else Status.MISSING

    def _missed(self, pk: int, days: OwnDays) -> int:
        if self._begin is None or pk not in self._expected:
            return 0
        week = min(self.week, last_due(self.today, self.rules, self.calendar))
        return missed(
            self._sent_weeks.get(pk, set()), since=max(self._begin, self._expected[pk]), week=week,
            is_present=lambda monday: is_present(days, self.calendar, monday),
        )  # fmt: skip

    @cached_property
    def chosen(self) -> list[Row]:
        """The rows that pass the filter, in the order that is asked for."""
        rows = self.rows
        if self.state == "long":
            rows = [row for row in rows if row.is_long]
        elif self.state == "moved":
            self.fill(rows)
            rows = [row for row in rows if row.moves]
        elif self.state:
            rows = [row for row in rows if row.status == self.state]
        key = self.sort.lstrip("-")
        if key == "name":
            rows = sorted(rows, key=lambda row: row.place, reverse=self.sort.startswith("-"))
        elif key == "missed":
            rows = sorted(rows, key=lambda row: row.missed, reverse=self.sort.startswith("-"))
        return rows

    def page(self, number: str | None) -> Page[Row]:
        """Return a page of the chosen rows with everything that is shown of them."""
        page = Paginator(self.chosen, PER_PAGE).get_page(number)
        self.fill(list(page))
        return page

    def fill(self, rows: list[Row]) -> None:
        """Read what the rows show: check-ins with lines, what moved, key tasks; six queries."""
        ids = [row.id for row in rows if row.check_in_id and row.check_in is None]
        wanted = [row.check_in_id for row in rows if row.check_in_id and row.check_in is None]
        stored = with_lines().in_bulk(wanted) if wanted else {}
        before = sent_before(ids, self.week) if ids else {}
        tasks = tasks_of([row.id for row in rows], [self.week, self.week + ONE_WEEK])
        for row in rows:
            row.tasks = tasks.get((row.id, self.week), [])
            row.next_tasks = tasks.get((row.id, self.week + ONE_WEEK), [])
            if row.check_in_id in stored:
                row.check_in = stored[row.check_in_id]
                row.lines = shown_lines(row.check_in, before.get(row.id))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many stand how."""
        found = dict.fromkeys([status.value for status in Status], 0)
        for row in self.rows:
            found[row.status] += 1
        return {**found, "long": sum(row.is_long for row in self.rows)}

    @property
    def is_open(self) -> bool:
        """Whether people may still write the week's check-in."""
        return is_open(self.week, self.today)


def week_of(text: str, today: date) -> date:
    """Return the Monday of `?week=2026-W48`; of this week without one. Raises NotFound for nonsense or the future."""
    if not text:
        return monday_of(today)
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise NotFound from error
    if period.grain is not Grain.WEEK or period.start > monday_of(today):
        raise NotFound
    return period.start
