"""Reads of lock dates and of what is not agreed yet."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from goals.models import Goal, LockDate, State
from perfmgmt.tenants.calendar import Period

NOT_AGREED = (State.DRAFT, State.PROPOSED, State.COUNTERED)


@dataclass(frozen=True)
class Standing:
    """A period's goals by state, and its lock date."""

    period: Period
    counts: Counter[str]
    lock: LockDate | None

    @property
    def not_agreed(self) -> int:
        """How many are still being made."""
        return sum(self.counts[state] for state in NOT_AGREED)

    @property
    def agreed(self) -> int:
        """How many a lock would take."""
        return self.counts[State.AGREED]


def inside(period: Period) -> QuerySet[Goal]:
    """Return the goals that lie within a period."""
    return Goal.objects.filter(first_day__gte=period.start, last_day__lte=period.end)


def standing(period: Period) -> Standing:
    """Return how a period's goals stand; two queries."""
    counts = Counter(dict(inside(period).values_list("state").annotate(Count("pk"))))
    lock = LockDate.objects.select_related("job").filter(first_day=period.start, last_day=period.end).first()
    return Standing(period, counts, lock)


def not_agreed(period: Period) -> QuerySet[Goal]:
    """Return the goals of a period that are not agreed, by person."""
    found = inside(period).filter(state__in=NOT_AGREED).select_related("employee", "unit", "metric")
    return found.order_by("employee__name_key", "unit__name", "pk")
