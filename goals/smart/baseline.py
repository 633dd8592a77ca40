"""What a growth goal grows from: the figure of an earlier period, from rollups only."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from goals.models import Baseline, Level
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures, unit_figures
from perfmgmt.people.models import Unit
from perfmgmt.tenants.calendar import Grain, Period, add_months, periods_between

# Days without an assignment are kept under unit 0: the company's figure is that of the top units and of this one.
UNASSIGNED = 0


@dataclass(frozen=True)
class Subject:
    """Whose figure is asked for: a person's, a unit's (also a team's), or the company's with neither."""

    level: str
    employee_id: int | None = None
    unit_id: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is said whose goal it is."""
        if self.level == Level.PERSON:
            return self.employee_id is not None
        return self.level == Level.COMPANY or self.unit_id is not None


@dataclass(frozen=True)
class Earlier:
    """A figure that a goal may grow from, and the days it is of; `runs`: they aren't over."""

    value: Decimal | None
    first: date
    last: date
    runs: bool


def baseline_of(
    metric: Metric, subject: Subject, kind: str, *, first: date, last: date, fiscal: int, today: date
) -> Earlier | None:
    """Return the figure of the period before, or of the same a year before, of the days `first` to `last`.

    None where nothing can be worked out: days that are no whole months, an unknown subject, a typed baseline. Over
    several months that are no quarter or year only what adds up over periods has a figure. Two queries at most.
    """
    days = _days_before(kind, first, last)
    if days is None or not subject.is_known:
        return None
    start, end = days
    grain = next(
        (
            grain
            for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
            if (period := Period.containing(grain, start, fiscal)).start == start and period.end == end
        ),
        Grain.MONTH,
    )
    starts = [period.start for period in periods_between(grain, start, end, fiscal)]
    return Earlier(_figure(metric, subject, grain, starts), start, end, end >= today)


def _days_before(kind: str, first: date, last: date) -> tuple[date, date] | None:
    months = list(periods_between(Grain.MONTH, first, last))
    if months[0].start != first or months[-1].end != last or kind not in (Baseline.PREVIOUS, Baseline.LAST_YEAR):
        return None
    back = len(months) if kind == Baseline.PREVIOUS else 12
    return add_months(first, -back), Period(Grain.MONTH, add_months(first, len(months) - 1 - back)).end


def _figure(metric: Metric, subject: Subject, grain: Grain, starts: list[date]) -> Decimal | None:
    if subject.level == Level.PERSON:
        owners = [subject.employee_id or 0]
        figures = employee_figures(metric, grain=grain, first=starts[0], last=starts[-1], employee_ids=owners)
    else:
        owners = [subject.unit_id] if subject.unit_id else [*Unit.objects.filter(parent=None).values_list(
            "pk", flat=True), UNASSIGNED]  # fmt: skip
        figures = unit_figures(metric, grain=grain, first=starts[0], last=starts[-1], unit_ids=owners)
    if not any(figures.n(owner, start) for owner in owners for start in starts):
        return None  # nobody recorded anything: 0 is no figure to grow from
    return figures.together(owners, starts)
