"""Planned against actual time: the hours of work logs by duty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from goals.duties.rules import CATEGORIES, DutyFacts, matching, planned_shares
from perfmgmt.people.models import Duty
from perfmgmt.worklog.models import DutyTime


@dataclass(frozen=True)
class Times:
    """Hours by duty id and by category, and those whose words fit no duty (by words, the most hours first)."""

    by_duty: dict[int, Decimal] = field(default_factory=dict)
    by_category: dict[str, Decimal] = field(default_factory=dict)
    other: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def known(self) -> Decimal:
        """The hours on duties."""
        return sum(self.by_duty.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        """All hours."""
        return self.known + sum((hours for _words, hours in self.other), Decimal(0))

    def share(self, category: str) -> Fraction | None:
        """Return a category's share of the hours on duties, in percent; None without any."""
        return (
            Fraction(100 * self.by_category.get(category, Decimal(0))) / Fraction(self.known) if self.known else None
        )


@dataclass(frozen=True)
class Bar:
    """One category's part of a bar that is 100 long; `at` is where it begins."""

    category: str
    at: Fraction
    share: Fraction

    @property
    def x(self) -> str:
        """Where it begins, as SVG takes it, in percent."""
        return f"{float(self.at):.2f}"

    @property
    def width(self) -> str:
        """How long it is, as SVG takes it, in percent."""
        return f"{float(self.share):.2f}"


def times_of(duties: Sequence[Duty], employee_ids: Iterable[int], first: date, last: date) -> Times:
    """Return the hours that people logged between two days, by the duties they mean; one query."""
    rows = (
        DutyTime.objects.filter(employee_id__in=list(employee_ids), day__gte=first, day__lte=last)
        .order_by()
        .values_list("duty")
        .annotate(Sum("hours"))
    )
    texts = {duty.pk: (duty.text_zh, duty.text_en) for duty in duties}
    category = {duty.pk: duty.category for duty in duties}
    by_duty: dict[int, Decimal] = {}
    by_category: dict[str, Decimal] = {}
    other: list[tuple[str, Decimal]] = []
    for words, hours in rows:
        pk = matching(words, texts)
        if pk is None:
            other.append((words, hours))
            continue
        by_duty[pk] = by_duty.get(pk, Decimal(0)) + hours
        by_category[category[pk]] = by_category.get(category[pk], Decimal(0)) + hours
    return Times(by_duty, by_category, sorted(other, key=lambda pair: (-pair[1], pair[0])))


def planned_bars(duties: Sequence[Duty]) -> list[Bar]:
    """Return the planned time of a position as parts of a bar."""
    facts = [DutyFacts(duty.pk, duty.category, duty.share, frozenset()) for duty in duties]
    return bars(planned_shares(facts))


def actual_bars(times: Times) -> list[Bar]:
    """Return the logged time on duties as parts of a bar."""
    return bars({category: times.share(category) for category in CATEGORIES})


def bars(shares: dict[str, Fraction | None]) -> list[Bar]:
    """Return shares in percent, one behind the other; those that are 0 or unknown are left out."""
    found, at = [], Fraction(0)
    for category in CATEGORIES:
        share = shares.get(category)
        if share:
            found.append(Bar(category, at, share))
            at += share
    return found
