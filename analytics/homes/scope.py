"""What a home shows: whose figures, of which period, in which metric. Read from the address, checked."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from perfmgmt.closing.models import PeriodLock
from perfmgmt.closing.selectors import lock_of
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.team import Spans, Team, team_between
from perfmgmt.people.viewer import ActingFor, Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.worklog.models import EnterableMetric

# The four figures on top; the first is the one that is ranked unless the address names another.
HEADLINES = ("sales_amount", "orders", "win_rate", "sales_cycle_days")
# Roles that look at the company by unit; executives never see single persons.
BY_UNIT = frozenset({Role.OWNER, Role.HR, Role.AUDITOR, Role.EXECUTIVE})
People = dict[int, tuple[str, str]]
# The calendar reaches back so far from today: days without a work log are looked for there.
LOOK_BACK = timedelta(days=14)
TREND_MONTHS = 12
GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class HomeScope:
    """The answer to "what am I looking at?". `metric` is the one that is ranked, `metrics` are all, by code.

    `people` are those whose figures count (id -> name, number), or None when the figures are units': then `units`
    are all the units there are and `unit` is the one that was opened. `sees_people` says whether single persons may
    be shown. `calendar` knows the working days of the period, `workspace` who sees rankings; with a
    `lock` the figures and targets of the period are those that were locked. `acting` is the manager whose team it is,
    when the viewer stands in for them; `team` are the people of a manager's home over time, from the trend's first
    month to the period's end. `by_hand` are the metrics that people may enter into their work log.
    """

    period: Period
    today: date
    metrics: dict[str, Metric]
    metric: Metric
    people: People | None
    unit: Unit | None
    units: list[Unit]
    only_self: bool
    sees_people: bool
    calendar: WorkingCalendar
    workspace: Workspace
    lock: PeriodLock | None = None
    acting: ActingFor | None = None
    by_hand: frozenset[int] = frozenset()
    team: Team = field(default_factory=dict)

    @cached_property
    def partly(self) -> frozenset[int]:
        """Those of the people who were in the team for a part of the period only."""
        whole = ((self.period.start, self.period.end),)
        return frozenset(
            pk for pk in self.people or {}
            if pk in self.team and self.team[pk].within(self.period.start, self.period.end) != whole
        )  # fmt: skip

    @cached_property
    def present(self) -> frozenset[int]:
        """Those of the team who are in it on the day that counts (`as_of`); of a period to come, on its first."""
        day = max(self.as_of, self.period.start)
        return frozenset(pk for pk in self.people or {} if pk in self.team and self.team[pk].within(day, day))

    def is_elsewhere(self, employee_id: int) -> bool:
        """Whether somebody is in the team on other days of the period: has left it, or is still to come."""
        return employee_id in self.team and employee_id not in self.present

    def days_in_team(self, employee_id: int) -> Spans:
        """Return on which days of the period a person was in the team, where it was a part of it; else nothing."""
        if employee_id not in self.partly:
            return ()
        return self.team[employee_id].within(self.period.start, self.period.end)

    @property
    def opened(self) -> int | None:
        """The unit whose parts a home of units shows: a single top unit is the company itself."""
        tops = [unit.pk for unit in self.units if unit.parent_id is None]
        return self.unit.pk if self.unit else tops[0] if len(tops) == 1 else None

    @property
    def choices(self) -> list[Metric]:
        """The metrics that can be ranked, in the order of the library."""
        return [metric for metric in self.metrics.values() if metric.archived_at is None or metric == self.metric]

    @property
    def as_of(self) -> date:
        """The day whose reporting line and units count: the period's last day, but not later than today."""
        return min(self.period.end, self.today)


def parse_period(query: QueryDict, workspace: Workspace, today: date) -> Period:
    """Return the period of `?period=`; with nothing or nonsense there, the month of today."""
    label, fiscal = query.get("period", ""), workspace.fiscal_start_month
    try:
        period = Period.parse(label, fiscal)
    except ValueError:
        return Period.containing(Grain.MONTH, today, fiscal)
    return period if period.grain in GRAINS else Period.containing(Grain.MONTH, period.start, fiscal)


def home_scope(query: QueryDict, viewer: Viewer, workspace: Workspace, today: date) -> HomeScope:
    """Return what the viewer may and wants to look at. Raises NotFound for what isn't there."""
    period = parse_period(query, workspace, today)
    people: People | None = None
    unit: Unit | None = None
    units: list[Unit] = []
    team: Team = {}
    acting = _acting(query, viewer)
    if acting is not None:
        team = _team(acting.employee_id, period)
        people = _in_period(team, period)
    elif viewer.roles & BY_UNIT and query.get("view") != "team":
        units = list(Unit.objects.order_by("name", "pk"))
        if query.get("unit"):
            unit = next((here for here in units if str(here.pk) == query["unit"]), None)
            if unit is None:
                raise NotFound
    elif viewer.employee_id is not None:
        leads = Role.MANAGER in viewer.roles
        team = _team(viewer.employee_id, period) if leads else {}
        people = _in_period(team, period) or {viewer.employee_id: (viewer.name, "")}
    else:
        people = {}
    scope = _scope(query, viewer, workspace, period, today, people, unit, units)
    return replace(scope, acting=acting, team=team)


def _team(manager_id: int, period: Period) -> Team:
    return team_between(manager_id, first=trend_months(period)[0], last=period.end)


def _in_period(team: Team, period: Period) -> People:
    """Return who is in the team on a day of the period; who is still to come has a part of the target already."""
    days = period.start, period.end
    return {pk: (member.name, member.number) for pk, member in team.items() if member.within(*days)}


def days_with(viewer: Viewer, employee_id: int, period: Period) -> Spans:
    """Return on which days of a period a person is in the viewer's team, where that is a part of it; else nothing.

    One query for a manager, none for others.
    """
    if Role.MANAGER not in viewer.roles or viewer.employee_id in (None, employee_id):
        return ()
    member = team_between(viewer.employee_id, first=period.start, last=period.end).get(employee_id)
    found = member.spans if member else ()
    return () if found == ((period.start, period.end),) else found


def trend_months(period: Period) -> list[date]:
    """Return the first days of the twelve months up to a period's last one."""
    last = period.end.replace(day=1)
    return [add_months(last, n - TREND_MONTHS + 1) for n in range(TREND_MONTHS)]


def _acting(query: QueryDict, viewer: Viewer) -> ActingFor | None:
    """Return the manager of `?standin=`, whose team the viewer looks after today; raise NotFound for others."""
    wanted = query.get("standin", "")
    if not wanted:
        return None
    for other in viewer.acting_for:
        if other.leads and str(other.employee_id) == wanted:
            return other
    raise NotFound


def person_scope(query: QueryDict, viewer: Viewer, workspace: Workspace, today: date, employee_id: int) -> HomeScope:
    """Return the scope of one person's page; raises NotFound when the viewer may not look at them."""
    period = parse_period(query, workspace, today)
    reach = visible_employees(viewer=viewer, on=min(period.end, today))
    if reach is not None and employee_id not in reach:
        raise NotFound
    employee = Employee.objects.filter(pk=employee_id).first()
    if employee is None:
        raise NotFound
    people: People = {employee_id: (employee.name, employee.number)}
    return _scope(query, viewer, workspace, period, today, people, None, [])


def _scope(
    query: QueryDict,
    viewer: Viewer,
    workspace: Workspace,
    period: Period,
    today: date,
    people: People | None,
    unit: Unit | None,
    units: list[Unit],
) -> HomeScope:
    wanted = query.get("metric", "") or HEADLINES[0]
    opened = EnterableMetric.objects.filter(metric_id=OuterRef("pk"))
    found = metrics_with_parts().annotate(by_hand=Exists(opened))
    found = found.filter(Q(archived_at=None) | Q(code__in={*HEADLINES, wanted}))
    metrics: dict[str, Metric] = {metric.code: metric for metric in found}
    if wanted not in metrics:
        raise NotFound
    return HomeScope(
        period=period,
        today=today,
        metrics=metrics,
        metric=metrics[wanted],
        people=people,
        unit=unit,
        units=units,
        only_self=people is not None and list(people) == [viewer.employee_id],
        sees_people=people is not None or viewer.sees_everybody,
        calendar=workspace.calendar(min(trend_months(period)[0], today - LOOK_BACK), max(period.end, today)),
        workspace=workspace,
        lock=lock_of(period),
        by_hand=frozenset(metric.pk for metric in found if metric.by_hand),
    )


def shortcuts(period: Period, today: date) -> list[tuple[str, Grain]]:
    """Return (label, grain) of the month, quarter and year around the period, or around today inside it."""
    anchor = today if period.start <= today <= period.end else period.end
    return [(Period.containing(grain, anchor, period.fiscal_start_month).label, grain) for grain in GRAINS]


def elapsed_days(period: Period, today: date, calendar: WorkingCalendar) -> tuple[int, int]:
    """Return (elapsed, total) working days of a period, elapsed through yesterday (RULES.md section 9)."""
    yesterday = min(period.end, today - timedelta(days=1))
    return calendar.working_days(period.start, yesterday), calendar.working_days(period.start, period.end)
