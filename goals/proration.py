"""How much of a period somebody is there, with the arithmetic (RULES.md section 11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import F

from goals.models import Goal, Level
from goals.rules import prorated
from goals.stages import adds_up, places_of
from perfmgmt.people.models import Absence, Assignment
from perfmgmt.tenants.workdays import WorkingCalendar, WorkSpell, own_working_days

# The hours of a working day that an absence by hours is a part of (docs/rules.md).
DAY_HOURS = 8


@dataclass(frozen=True)
class SpellDays:
    """One assignment in a period: its working days, the full-time share, and the days missed in it."""

    first: date
    last: date
    unit: str
    share: Fraction
    days: int
    missed: Fraction

    @property
    def counted(self) -> Fraction:
        """What the spell adds: (days - missed) * share."""
        return (self.days - self.missed) * self.share


@dataclass(frozen=True)
class Proration:
    """A person's share of a period. `working_days` are the company's, `present` the person's own."""

    working_days: int
    present: Fraction
    spells: tuple[SpellDays, ...]

    @property
    def share(self) -> Fraction | None:
        """Present days per working day; None where the period has none."""
        return self.present / self.working_days if self.working_days else None

    @property
    def is_whole(self) -> bool:
        """Whether the person is there all the time, so that nothing is prorated."""
        return self.share == 1

    def target(self, goal: Goal) -> Decimal | None:
        """Return a goal's target for this share; other metrics than sums and counts are not prorated."""
        if goal.target is None or goal.metric is None or not adds_up(goal.metric):
            return goal.target
        return prorated(goal.target, self.share, places=places_of(goal.metric))


def prorations(
    employee_ids: Iterable[int], first: date, last: date, calendar: WorkingCalendar
) -> dict[int, Proration]:
    """Return people's shares of a period, by employee id; two queries. Who is never there has a share of 0."""
    ids = sorted(set(employee_ids))
    spells: dict[int, list[tuple[WorkSpell, str]]] = {pk: [] for pk in ids}
    rows = (
        Assignment.objects.filter(employee_id__in=ids, valid_from__lte=last, valid_to__gte=first)
        .annotate(gone=F("employee__left_on"))
        .order_by("valid_from")
        .values_list("employee_id", "valid_from", "valid_to", "gone", "full_time_share", "unit__name")
    )
    for pk, start, end, gone, share, unit in rows:
        begin, until = max(start, first), min(end, last, gone or last)
        if begin <= until:
            spells[pk].append((WorkSpell(begin, until, Fraction(share)), unit))
    missed = _missed(ids, first, last, calendar)
    total = calendar.working_days(first, last)
    return {pk: _proration(total, own, missed.get(pk, {}), calendar) for pk, own in spells.items()}


def prorations_of(goals: Iterable[Goal], calendar: WorkingCalendar) -> dict[int, Proration]:
    """Return the shares of people's goals, by goal id; two queries for each different period."""
    by_days: dict[tuple[date, date], list[Goal]] = {}
    for goal in goals:
        if goal.level == Level.PERSON and goal.employee_id is not None:
            by_days.setdefault((goal.first_day, goal.last_day), []).append(goal)
    found: dict[int, Proration] = {}
    for (first, last), own in by_days.items():
        people = prorations([goal.employee_id or 0 for goal in own], first, last, calendar)
        found |= {goal.pk: people[goal.employee_id or 0] for goal in own}
    return found


def _proration(
    total: int, own: list[tuple[WorkSpell, str]], missed: dict[date, Fraction], calendar: WorkingCalendar
) -> Proration:
    spells = tuple(
        SpellDays(
            spell.first, spell.last, unit, spell.share, calendar.working_days(spell.first, spell.last),
            sum((part for day, part in missed.items() if spell.first <= day <= spell.last), Fraction(0)),
        )
        for spell, unit in own
    )  # fmt: skip
    first = min((spell.first for spell, _unit in own), default=date.max)
    last = max((spell.last for spell, _unit in own), default=date.min)
    present = own_working_days(calendar, first, last, spells=[spell for spell, _unit in own], absent=missed)
    return Proration(total, present, spells)


def _missed(ids: list[int], first: date, last: date, calendar: WorkingCalendar) -> dict[int, dict[date, Fraction]]:
    """Return, by person and working day, which part of the day they are absent."""
    rows = Absence.objects.filter(employee_id__in=ids, first_day__lte=last, last_day__gte=first)
    found: dict[int, dict[date, Fraction]] = {}
    for pk, start, end, hours in rows.values_list("employee_id", "first_day", "last_day", "hours"):
        part = Fraction(1) if hours is None else min(Fraction(hours) / DAY_HOURS, Fraction(1))
        for day in calendar.each(max(start, first), min(end, last)):
            own = found.setdefault(pk, {})
            own[day] = min(own.get(day, Fraction(0)) + part, Fraction(1))
    return found
