"""Reads of the work log."""

from datetime import date, timedelta

from django.db.models import Count, QuerySet

from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.worklog.models import DutyTime, EnterableMetric, EntryState, WorkEntry

# A typed number is a fact of these; counts of facts, distinct counts and ratios follow from other things.
TYPED = (Aggregation.SUM, Aggregation.MEAN, Aggregation.LAST)
SORTS = {
    "day": ("day", "pk"), "-day": ("-day", "-pk"), "name": ("employee__name_key", "pk"),
    "-name": ("-employee__name_key", "-pk"),
}  # fmt: skip


def may_be_enterable() -> QuerySet[Metric]:
    """Return the metrics that take typed numbers."""
    return Metric.objects.filter(aggregation__in=TYPED, archived_at=None)


def enterable() -> dict[int, EnterableMetric]:
    """Return what HR opened for manual entry, by metric id, with the metrics, in the library's order."""
    found = EnterableMetric.objects.select_related("metric").filter(metric__archived_at=None)
    return {each.metric_id: each for each in found.order_by("metric__position", "metric__code")}


def day_entries(employee_id: int, day: date) -> list[WorkEntry]:
    """Return a person's entries of a day, with metrics and proofs."""
    found = WorkEntry.objects.select_related("metric").prefetch_related("proofs")
    return list(found.filter(employee_id=employee_id, day=day).order_by("pk"))


def duty_times(employee_id: int, day: date) -> list[DutyTime]:
    """Return a person's hours of a day by duty."""
    return list(DutyTime.objects.filter(employee_id=employee_id, day=day))


def returned(employee_id: int) -> list[WorkEntry]:
    """Return what a person has to look at again, newest first."""
    found = WorkEntry.objects.select_related("metric").filter(employee_id=employee_id, state=EntryState.RETURNED)
    return list(found.order_by("-day", "-pk")[:20])


def days_around(employee_id: int, day: date) -> dict[date, int]:
    """Return how many entries a person has on each day of the week around a day."""
    monday = day - timedelta(days=day.weekday())
    found = WorkEntry.objects.filter(employee_id=employee_id, day__gte=monday, day__lte=monday + timedelta(days=6))
    counts = dict(found.values_list("day").annotate(Count("pk")))
    return {monday + timedelta(days=n): counts.get(monday + timedelta(days=n), 0) for n in range(7)}


def entries_for(
    *, viewer: Viewer, today: date, state: str = "", search: str = "", sort: str = ""
) -> QuerySet[WorkEntry]:
    """Return other people's entries that a viewer may look at, by today's reporting line; never drafts.

    `search` finds names, customers and notes.
    """
    reach = visible_employees(viewer=viewer, on=today)
    found = WorkEntry.objects.select_related("metric", "employee").exclude(state=EntryState.DRAFT)
    if reach is not None:
        found = found.filter(employee_id__in=reach)
    if viewer.employee_id is not None:
        found = found.exclude(employee_id=viewer.employee_id)
    if state:
        found = found.filter(state=state)
    if search := search.strip():
        found = (
            found.filter(employee__name__icontains=search)
            | found.filter(customer__icontains=search)
            | found.filter(note__icontains=search)
        )
    return found.order_by(*SORTS.get(sort, SORTS["day"]))
