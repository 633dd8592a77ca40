"""Saving cells of the target grid: several metrics, people and months in one transaction, or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from goals import stages
from goals.agreement.selectors import bound_cells
from goals.grid.checks import problem_of
from goals.models import Goal, GoalStep, Level, MonthlyTarget, StepKind
from goals.news import tell_cells_changed
from goals.notices import tell_changed
from perfmgmt.closing.selectors import locks_between
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

# Metric id, employee id, first day of the month.
Cell = tuple[int, int, date]
Values = Mapping[Cell, Decimal | None]


class RefusedCells(DomainError):
    """Cells that can't be saved as they are; `cells` says why, one by one. Nothing was saved."""

    code = "bad_target"

    def __init__(self, cells: dict[Cell, str]) -> None:
        self.cells = cells
        super().__init__(_("Nothing was saved: {why}"), why=next(iter(cells.values())))


@dataclass(frozen=True)
class Theirs:
    """What somebody else has put into a cell, and who."""

    value: Decimal | None
    by: str


class ChangedCells(Conflict):
    """Cells that somebody else has changed since the page was loaded. Nothing was saved."""

    def __init__(self, cells: dict[Cell, Theirs]) -> None:
        self.cells = cells
        super().__init__()


@transaction.atomic
def save_cells(
    changes: Values, *, viewer: Viewer, today: date, seen: Values | None = None, late: bool = False
) -> int:
    """Set the targets of cells, None removes one; return how many changed. All or nothing.

    With `seen`, what the page showed, a cell that holds something else by now raises ChangedCells; one that already
    holds what is wanted is left alone, so that sending twice does no harm. Raises NotFound for metrics that aren't
    there and people out of the viewer's reach today (and oneself, for who does not see everybody), RefusedCells for
    cells that can't be set: by value, of agreed goals, in months without an assignment, and in locked months, unless
    they are meant as `late` changes (RULES.md section 13).
    """
    if not changes:
        return 0
    metrics = _metrics(changes)
    _require_reach(changes, viewer, today)
    _hold_goals(changes)
    refused = _refused(changes, metrics, late=late)
    if refused:
        raise RefusedCells(refused)
    present = _present(changes)
    if seen is not None:
        theirs = [cell for cell, value in changes.items() if present.get(cell) not in (seen.get(cell), value)]
        if theirs:
            raise ChangedCells(_who(theirs, present))
    changed = {cell: value for cell, value in changes.items() if value != present.get(cell)}
    _write(changed, viewer)
    metric_ids, people, months = (set(part) for part in zip(*changed, strict=True)) if changed else ((), (), ())
    tell_cells_changed(people, months)
    _note(stages.follow(metric_ids, people, months), viewer)
    _tell(changed, metrics, viewer, today)
    return len(changed)


def _metrics(changes: Values) -> dict[int, Metric]:
    wanted = {metric_id for metric_id, _person, _month in changes}
    found = Metric.objects.in_bulk(list(wanted))
    if len(found) != len(wanted):
        raise NotFound
    return found


def _require_reach(changes: Values, viewer: Viewer, today: date) -> None:
    """Raise NotFound unless all the people are there and the viewer's to set; lock them until the end.

    Two who save cells of the same person at the same moment come one after the other, so that the second one sees
    what the first one wrote.
    """
    people = {employee_id for _metric, employee_id, _month in changes}
    reach = visible_employees(viewer=viewer, on=today)
    if reach is not None and not people <= set(reach) - {viewer.employee_id}:
        raise NotFound
    locked = Employee.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    if len(locked.values_list("pk", flat=True)) != len(people):
        raise NotFound


def _hold_goals(changes: Values) -> None:
    """Lock the goals that these cells are the months of: nobody signs one while its number follows its months."""
    metrics, people, months = (set(part) for part in zip(*changes, strict=True))
    goals = Goal.objects.select_for_update(no_key=True, of=("self",)).filter(
        level=Level.PERSON, metric_id__in=metrics, employee_id__in=people,
        first_day__lte=Period(Grain.MONTH, max(months)).end, last_day__gte=min(months),
    )  # fmt: skip
    list(goals.order_by("pk").values_list("pk", flat=True))


def _refused(changes: Values, metrics: Mapping[int, Metric], *, late: bool) -> dict[Cell, str]:
    """Return why cells can't be set, in the order of the changes."""
    months = {month for _metric, _person, month in changes}
    first, last = min(months), max(months)
    people = {employee_id for _metric, employee_id, _month in changes}
    locked = set() if late else {start for grain, start in locks_between(first, last) if grain == int(Grain.MONTH)}
    bound = bound_cells(metrics, people, first, last)
    here = _assigned(people, first, last)
    found: dict[Cell, str] = {}
    for cell, value in changes.items():
        metric = metrics[cell[0]]
        if metric.archived_at is not None or metric.direction == Direction.BAND:
            found[cell] = _t("{metric} takes no targets.").format(metric=metric.name)
        elif cell[2].day != 1:
            found[cell] = _t("A target belongs to a whole month.")
        elif cell[2] in locked:
            found[cell] = _t("The month is locked; its targets stay as they were.")
        elif cell in bound:
            found[cell] = _t("The goal is agreed: ask for a change on its page.")
        elif value is not None and (cell[1], cell[2]) not in here:
            found[cell] = _t("The person has no assignment in this month.")
        elif value is not None and (problem := problem_of(value, metric.unit_of_measure)):
            found[cell] = problem
    return found


def _assigned(people: set[int], first: date, last: date) -> set[tuple[int, date]]:
    """Return (employee id, month) for the months in which people have an assignment; one query."""
    end = Period(Grain.MONTH, last).end
    spells = Assignment.objects.filter(employee_id__in=people, valid_from__lte=end, valid_to__gte=first)
    found = set()
    for employee_id, start, stop in spells.values_list("employee_id", "valid_from", "valid_to"):
        month = Period.containing(Grain.MONTH, max(start, first))
        while month.start <= min(stop, end):
            found.add((employee_id, month.start))
            month = month.next()
    return found


def _rows(cells: Values) -> dict[str, set[object]]:
    names = ("metric_id__in", "employee_id__in", "month__in")
    return {name: {cell[place] for cell in cells} for place, name in enumerate(names)}


def _present(cells: Values) -> dict[Cell, Decimal]:
    rows = MonthlyTarget.objects.filter(**_rows(cells)).values_list("metric_id", "employee_id", "month", "value")
    return {(metric, person, month): value for metric, person, month, value in rows}


def _who(cells: list[Cell], present: Mapping[Cell, Decimal]) -> dict[Cell, Theirs]:
    rows = MonthlyTarget.objects.filter(**_rows(dict.fromkeys(cells)))
    names = {
        (metric, person, month): name or email or ""
        for metric, person, month, name, email in rows.values_list(
            "metric_id", "employee_id", "month", "updated_by__name", "updated_by__email"
        )
    }
    return {cell: Theirs(present.get(cell), names.get(cell, "")) for cell in cells}


def _write(changed: Values, viewer: Viewer) -> None:
    gone = {cell for cell, value in changed.items() if value is None}
    if gone:
        rows = MonthlyTarget.objects.filter(**_rows(dict.fromkeys(gone)))
        found = rows.values_list("pk", "metric_id", "employee_id", "month")
        MonthlyTarget.objects.filter(pk__in=[pk for pk, *cell in found if tuple(cell) in gone]).delete()
    MonthlyTarget.objects.bulk_create(
        [
            MonthlyTarget(
                metric_id=metric, employee_id=person, month=month, value=value, updated_by_id=viewer.user_id,
                updated_at=timezone.now(),
            )
            for (metric, person, month), value in sorted(changed.items())
            if value is not None
        ],
        update_conflicts=True,
        unique_fields=["tenant", "metric", "employee", "month"],
        update_fields=["value", "updated_by", "updated_at"],
    )  # fmt: skip


def _note(moved: Iterable[stages.Followed], viewer: Viewer) -> None:
    """Write down in the history of goals that their numbers followed their months."""
    GoalStep.objects.bulk_create(
        GoalStep(
            goal_id=it.goal_id, kind=StepKind.EDITED, version=it.version, by_user_id=viewer.user_id,
            by_name=viewer.display_name, before=it.before, after=it.after,
        )
        for it in moved
    )  # fmt: skip


def _tell(changed: Values, metrics: Mapping[int, Metric], viewer: Viewer, today: date) -> None:
    """Tell people what changed; what is over is no news."""
    news: dict[tuple[int, date], list[int]] = {}
    for metric_id, employee_id, month in changed:
        if month >= today.replace(day=1):
            news.setdefault((metric_id, month), []).append(employee_id)
    for (metric_id, month), people in sorted(news.items()):
        tell_changed(metrics[metric_id], month, people, by_user_id=viewer.user_id)
