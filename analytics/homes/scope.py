"""What a home shows: whose figures, of which period, in which metric. Read from the address, checked."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from perfmgmt.closing.models import PeriodLock
from perfmgmt.closing.selectors import lock_of
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import team_of, visible_employees
from perfmgmt.people.viewer import ActingFor, Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
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
GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class HomeScope:
    """The answer to "what am I looking at?". `metric` is the one that is ranked, `metrics` are all, by code.

    `people` are those whose figures count (id -> name, number), or None when the figures are units': then `units`
    are all the units there are and `unit` is the one that was opened. `sees_people` says whether single persons may
    be shown. `calendar` knows the working days of the period, `workspace` who sees rankings; with a
    `lock` the figures and targets of the period are those that were locked. `acting` is the manager whose team it is,
    when the viewer stands in for them. `by_hand` are the metrics that people may enter into their work log.
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
    acting = _acting(query, viewer)
    if acting is not None:
        people = team_of(acting.employee_id, on=min(period.end, today))
    elif viewer.roles & BY_UNIT and query.get("view") != "team":
        units = list(Unit.objects.order_by("name", "pk"))
        if query.get("unit"):
            unit = next((here for here in units if str(here.pk) == query["unit"]), None)
            if unit is None:
                raise NotFound
    elif viewer.employee_id is not None:
        leads = Role.MANAGER in viewer.roles
        people = team_of(viewer.employee_id, on=min(period.end, today)) if leads else {}
        people = people or {viewer.employee_id: (viewer.name, "")}
    else:
        people = {}
    return replace(_scope(query, viewer, workspace, period, today, people, unit, units), acting=acting)


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
        calendar=workspace.calendar(min(period.start, today - LOOK_BACK), max(period.end, today)),
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
