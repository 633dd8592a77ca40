"""Who would get what: worked out before anything is written, and again by the job that writes it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from goals.bulk.asked import Asked
from goals.bulk.lines import Line, lines_for_all, lines_of_before
from goals.bulk.reading import Known, known_of
from goals.bulk.rules import cells, grown_to_step, month_weights, to_step
from goals.grid.checks import is_slip
from goals.models import Baseline, Counting, Form
from goals.rules import LARGEST, BadGrowth
from goals.stages import adds_up, places_of
from perfmgmt.metrics.models import Direction, Metric, UnitOfMeasure
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Workspace

# Why somebody does not get a goal.
LEFT, THERE, NO_BASELINE, NO_TARGET, ZERO, TOO_LARGE, SLIP, ARCHIVED, NOTHING = (
    "left", "there", "no_baseline", "no_target", "zero", "too_large", "slip", "archived", "nothing_before",
)  # fmt: skip
# What to know about a goal that is given all the same.
BOUND, KEPT = "bound", "kept"


@dataclass(frozen=True, slots=True)
class Planned:
    """One person's goal as it would be. `problem` says why it would not; `months` are its cells, if it has any."""

    employee_id: int
    line: Line
    target: Decimal | None = None
    baseline: Decimal | None = None
    parent_id: int | None = None
    months: tuple[Decimal, ...] = ()
    problem: str = ""
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """Everybody's goals, by person in the order of the names."""

    asked: Asked
    people: Sequence[Employee]
    by_person: dict[int, list[Planned]]
    months: tuple[date, ...]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> Iterable[Planned]:
        """All of them."""
        return (row for rows in self.by_person.values() for row in rows)

    @property
    def good(self) -> list[Planned]:
        """Those that would be made."""
        return [row for row in self.rows if not row.problem]

    @property
    def made(self) -> int:
        """How many would be made."""
        return self.counts[""]

    @property
    def receivers(self) -> int:
        """How many people would get something."""
        return sum(1 for rows in self.by_person.values() if any(not row.problem for row in rows))

    def problems(self) -> list[tuple[str, int]]:
        """Return why goals would be left out and how many, the most frequent first."""
        return [(code, n) for code, n in self.counts.most_common() if code]

    def totals(self) -> list[tuple[Metric, Decimal, int]]:
        """Return, of metrics that add up, what the people's targets sum to and how many they are."""
        found: dict[int, tuple[Metric, Decimal, int]] = {}
        for row in self.good:
            metric = row.line.metric
            if metric is not None and adds_up(metric) and row.target is not None:
                _metric, so_far, n = found.get(metric.pk, (metric, Decimal(0), 0))
                found[metric.pk] = (metric, so_far + row.target, n + 1)
        return list(found.values())


def make(asked: Asked, people: Sequence[Employee], *, workspace: Workspace) -> Plan:
    """Work out who gets what, in a fixed number of queries."""
    ids = [person.pk for person in people]
    shared, before = lines_for_all(asked), lines_of_before(asked, ids)
    lines = [*shared, *(line for found in before.values() for line in found)]
    known = known_of(asked, ids, lines, fiscal=workspace.fiscal_start_month, today=workspace.today())
    months = tuple(month.start for month in asked.period.months())
    calendar = workspace.calendar(asked.period.start, asked.period.end)
    planner = _Planner(asked, known, months, month_weights(months, calendar))
    by_person = {person.pk: planner.of(person, before.get(person.pk, []) or shared) for person in people}
    counts = Counter(row.problem for rows in by_person.values() for row in rows)
    return Plan(asked, people, by_person, months, counts)


def unit_places(metric: Metric) -> int:
    """Return how many decimals a target of a metric has: whole pieces, fen, and finer for levels."""
    if metric.unit_of_measure in (UnitOfMeasure.COUNT, UnitOfMeasure.PIECES) and adds_up(metric):
        return 0
    return places_of(metric) if metric.is_money else 4


@dataclass(frozen=True)
class _Planner:
    asked: Asked
    known: Known
    months: tuple[date, ...]
    weights: list[int]

    def of(self, person: Employee, lines: list[Line]) -> list[Planned]:
        """Return a person's goals; one with a problem and no title where there was nothing to copy."""
        if not lines:
            return [Planned(person.pk, Line("", None), problem=NOTHING)]
        if self._is_gone(person):
            return [Planned(person.pk, line, problem=LEFT) for line in lines]
        return [self._goal(person.pk, line) for line in lines]

    def _is_gone(self, person: Employee) -> bool:
        left = person.left_on is not None and person.left_on < self.asked.period.start
        return left or person.pk not in self.known.unit_of

    def _goal(self, employee_id: int, line: Line) -> Planned:
        metric = line.metric
        if self.known.has(employee_id, line):
            return Planned(employee_id, line, problem=THERE)
        if metric is None or line.form == Form.BAND:
            return Planned(employee_id, line, parent_id=self.known.parent(employee_id, line))
        if metric.archived_at is not None:
            return Planned(employee_id, line, problem=ARCHIVED)
        target, baseline, problem = self._target(employee_id, line, metric)
        if problem or target is None:
            return Planned(employee_id, line, target, baseline, problem=problem or NO_TARGET)
        return self._laid_down(Planned(employee_id, line, target, baseline), metric)

    def _target(self, employee_id: int, line: Line, metric: Metric) -> tuple[Decimal | None, Decimal | None, str]:
        """Return (target, baseline, problem)."""
        places, step = unit_places(metric), self.asked.step if adds_up(metric) else 0
        baseline = None
        if line.recommended:
            point = self.known.recommended(employee_id, metric)
            target = None if point is None else to_step(max(point, Decimal(0)), places=places, step=step)
        elif line.form == Form.ABSOLUTE:
            copied = line.value is not None and step
            target = to_step(line.value or 0, places=4, step=step) if copied else line.value
            target = (
                None if target is None else to_step(target, places=max(places, 4 if not adds_up(metric) else places))
            )
        else:
            baseline = self.known.baseline(employee_id, metric, line.baseline_kind or Baseline.PREVIOUS)
            if baseline is None or (line.form == Form.PERCENT and baseline <= 0):
                return None, baseline, NO_BASELINE
            try:
                target = grown_to_step(
                    baseline, line.value or 0, in_percent=line.form == Form.PERCENT, places=places, step=step
                )
            except BadGrowth:
                return None, baseline, TOO_LARGE
        return target, baseline, _problem_of(target, metric)

    def _laid_down(self, row: Planned, metric: Metric) -> Planned:
        """Return a goal with its cells, its parent, and what is to be known of the cells that are there."""
        adds = adds_up(metric)
        months: tuple[Decimal, ...] = ()
        if row.target is not None and (adds or row.line.counting == Counting.EACH):
            months = tuple(cells(row.target, self.weights, adds=adds))
        keys = [(metric.pk, row.employee_id, month) for month in self.months] if months else []
        note = BOUND if any(key in self.known.bound for key in keys) else ""
        if not note and not self.asked.replace and any(key in self.known.cells for key in keys):
            note = KEPT
        parent = self.known.parent(row.employee_id, row.line)
        return Planned(row.employee_id, row.line, row.target, row.baseline, parent, months, note=note)


def _problem_of(target: Decimal | None, metric: Metric) -> str:
    if target is None:
        return NO_TARGET
    if target >= LARGEST:
        return TOO_LARGE
    if is_slip(target, metric.unit_of_measure):
        return SLIP
    if target < 0 or (target == 0 and metric.direction != Direction.LOWER):
        return ZERO
    return ""
