"""From a figure to its facts: what the address asks for, within what the viewer may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t

from perfmgmt.metrics.figures import Asked, assemble
from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.selectors import employee_figures, facts_for, metric_by_code, unit_figures
from perfmgmt.metrics.team import counts_by_the_day, read_team
from perfmgmt.people.models import EARLIEST, FOREVER, Assignment, Employee, Unit
from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import unit_tree, visible_employees
from perfmgmt.people.team import Member, Spans, Team, joined, team_between
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.errors import NotFound

# What an address may say.
PARAMETERS = frozenset({"metric", "from", "to", "employee", "unit", "who", "standin", "q", "sort"})
# A longer range would have to be added up from too many days.
MOST_DAYS = timedelta(days=3660)
SORTS = {
    "day": ("day", "id"), "-day": ("-day", "-id"), "value": ("value", "id"), "-value": ("-value", "-id"),
    "customer": ("customer", "id"), "-customer": ("-customer", "-id"),
}  # fmt: skip


@dataclass(frozen=True)
class Drill:
    """Which facts: a metric, days, people (None = everybody's) or a unit's, and a search text.

    With a `team` the people's days in it count, and no others. `turned` says that the address named the later day
    first.
    """

    metric: Metric
    first: date
    last: date
    people: list[int] | None
    unit_id: int | None
    who: str
    search: str
    sort: str
    fiscal_start_month: int
    turned: bool = False
    team: Team | None = None

    def facts(self) -> QuerySet[Fact]:
        """Return the facts, sorted."""
        found = facts_for(self.metric, first=self.first, last=self.last, employee_ids=self.people, search=self.search)
        if self.team is not None:
            found = found.filter(_in_team(self.team))
        if self.unit_id is not None:
            then = Assignment.objects.filter(
                employee_id=OuterRef("employee_id"), valid_from__lte=OuterRef("day"), valid_to__gte=OuterRef("day")
            )
            if self.unit_id == UNASSIGNED:
                found = found.filter(~Exists(then))
            else:
                found = found.filter(Exists(then.filter(unit_id__in=unit_tree(self.unit_id))))
        return found.order_by(*SORTS.get(self.sort, SORTS["-day"]))

    def total(self) -> tuple[Decimal | None, int] | None:
        """Return (figure, number of facts) from the prepared tables; None when the search cuts across them."""
        if self.search:
            return None
        grain, starts = self._periods()
        if self.team is not None:
            owners = list(self.team)
            asked = Asked(grain, starts[0], starts[-1])
            figures = assemble([self.metric], asked, read_team(self.team, grain))[self.metric.pk]
        elif self.people is not None:
            figures = employee_figures(
                self.metric, grain=grain, first=self.first, last=self.last, employee_ids=self.people
            )
            owners = self.people
        else:
            owners = [self.unit_id] if self.unit_id is not None else _tops()
            figures = unit_figures(self.metric, grain=grain, first=self.first, last=self.last, unit_ids=owners)
        n = sum(figures.n(owner, start) for owner in owners for start in starts)
        return figures.together(owners, starts), n

    def _periods(self) -> tuple[Grain, list[date]]:
        """Return the longest periods that make up the days exactly: a year, a quarter, months, else days.

        One single period is more than a shortcut: distinct counts and last values don't add up over periods.
        """
        for grain in (Grain.YEAR, Grain.QUARTER):
            period = Period.containing(grain, self.first, self.fiscal_start_month)
            if (period.start, period.end) == (self.first, self.last):
                return grain, [self.first]
        whole = self.first.day == 1 and (self.last + timedelta(days=1)).day == 1
        grain = Grain.MONTH if whole else Grain.DAY
        return grain, [period.start for period in periods_between(grain, self.first, self.last)]


def _in_team(team: Team) -> Q:
    """The condition for the days on which people were in the team; who has the same days is asked for together."""
    people: dict[Spans, list[int]] = {}
    for pk, member in team.items():
        if member.spans:
            people.setdefault(member.spans, []).append(pk)
    found = Q(pk__in=[])
    for spans, ids in people.items():
        days = reduce(or_, (Q(day__gte=first, day__lte=last) for first, last in spans))
        found |= Q(days, employee_id__in=ids)
    return found


def _tops() -> list[int]:
    """The units that make the whole company, and the days without a unit."""
    return [*Unit.objects.filter(parent=None).values_list("pk", flat=True), UNASSIGNED]


def drill(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> Drill:
    """Read an address's parameters (metric, from, to, employee, unit, who, standin, q, sort).

    Without people or unit named: everything the viewer may see. Raises NotFound for what is not there or not for
    this viewer. Whose figures are open follows from the reporting line of the range's last day.
    """
    today = workspace.today()
    metric = metric_by_code(query.get("metric") or "sales_amount")
    first, last, turned = _days(query.get("from", ""), query.get("to", ""), today)
    reach = visible_employees(viewer=viewer, on=min(last, today))
    people, unit_id, who, team = reach, None, query.get("who", ""), None
    leader = _leader(query, viewer)
    if leader is not None:
        who = "team"
        people, team = _team(leader, metric, (first, last), min(last, today), query.get("employee", ""))
    elif query.get("employee"):
        people = [_employee(query["employee"], reach)]
        if query.get("unit") and counts_by_the_day(metric):
            if reach is not None:
                raise NotFound
            team = _in_unit(people[0], _unit(query["unit"]), first, last)
    elif query.get("unit"):
        if reach is not None:
            raise NotFound
        unit_id = _unit(query["unit"])
    return Drill(
        metric=metric,
        first=first,
        last=last,
        people=people,
        unit_id=unit_id,
        who=who,
        search=query.get("q", "")[:100].strip(),
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "-day",
        fiscal_start_month=workspace.fiscal_start_month,
        turned=turned,
        team=team,
    )


def _leader(query: Mapping[str, str], viewer: Viewer) -> int | None:
    """Return whose team is asked for: the viewer's own, or that of a manager for whom they stand in today.

    Raises NotFound for another manager's.
    """
    if query.get("who") == "team" and Role.MANAGER in viewer.roles and viewer.left_until is None:
        return viewer.employee_id
    wanted = query.get("standin", "")
    if not wanted:
        return None
    if wanted not in {str(other.employee_id) for other in viewer.acting_for}:
        raise NotFound
    return int(wanted)


def _team(
    leader: int, metric: Metric, days: tuple[date, date], on: date, employee: str
) -> tuple[list[int], Team | None]:
    """Return the people of a team, and their days in it; of all of it, or of one person (NotFound for others).

    A figure that can't be made from days is that of who is in the team on the last day, whenever they came.
    """
    team = team_between(leader, first=days[0], last=days[1])
    if employee:
        team = {pk: member for pk, member in team.items() if str(pk) == employee}
        if not team:
            raise NotFound(_t("We can't find that person here."))
    if counts_by_the_day(metric):
        return list(team), team
    return [pk for pk, member in team.items() if member.within(on, on)], None


def _in_unit(employee_id: int, unit_id: int, first: date, last: date) -> Team:
    """Return a person's days in a unit itself, none below it, as a team of one."""
    rows = Assignment.objects.filter(
        employee_id=employee_id, unit_id=unit_id, valid_from__lte=last, valid_to__gte=first
    )
    spans = [(max(a, first), min(z, last)) for a, z in rows.values_list("valid_from", "valid_to")]
    return {employee_id: Member("", "", joined(spans))}


def _days(first_text: str, last_text: str, today: date) -> tuple[date, date, bool]:
    """Return the first and the last day, and whether they were given the wrong way round.

    Without a last day up to today, without a first one from the beginning of the last day's month.
    """
    given_first, given_last = _day(first_text), _day(last_text)
    last = given_last or max(today, given_first or today)
    first = given_first or last.replace(day=1)
    turned = first > last
    first, last = min(first, last), max(first, last)
    return first, min(last, first + MOST_DAYS), turned


def _day(text: str) -> date | None:
    try:
        return min(max(date.fromisoformat(text), EARLIEST), FOREVER)
    except ValueError:
        return None


def _employee(text: str, reach: list[int] | None) -> int:
    if not text.isdecimal() or len(text) > 18 or (reach is not None and int(text) not in reach):
        raise NotFound(_t("We can't find that person here."))
    if not Employee.objects.filter(pk=int(text)).exists():
        raise NotFound(_t("We can't find that person here."))
    return int(text)


def _unit(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    if int(text) != UNASSIGNED and not Unit.objects.filter(pk=int(text)).exists():
        raise NotFound
    return int(text)
