"""Which part of a person's target belongs to some of their days: after a transfer (RULES.md sections 10 and 11)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from goals.rules import split_target
from perfmgmt.people.team import ONE_DAY, Member, Spans, cut
from perfmgmt.tenants.workdays import WorkingCalendar


def part_of_target(
    target: Decimal, member: Member, first: date, last: date, calendar: WorkingCalendar, *, places: int = 0
) -> Decimal:
    """Return the part of a target for the days `first` to `last` that belongs to a member's days in the team.

    The target is split over the person's assignments by their working days, in its own unit (`places` decimals, or as
    many as it has), so that the parts of a transfer sum to it; days on which the person had no assignment take
    nothing away. Of an assignment that was in the team for a part of its days, the days have their share.
    """
    inside = member.within(first, last)
    spells = cut(member.held, first, last)
    if not inside:
        return Decimal(0)
    if inside == ((first, last),) or not spells:
        return target
    parts = split_over(target, spells, calendar, places=places)
    return sum((_inside(part, spell, inside, calendar, places) for part, spell in zip(parts, spells, strict=True)),
               Decimal(0))  # fmt: skip


def split_over(
    target: Decimal, spans: Sequence[tuple[date, date]], calendar: WorkingCalendar, *, places: int = 0
) -> list[Decimal]:
    """Return a target split over spans of days by their working days; where these have none at all, by the days.

    In the target's own unit: `places` decimals, or as many as it has. The parts sum to it (RULES.md section 10).
    """
    weights = [calendar.working_days(first, last) for first, last in spans]
    if not any(weights):
        weights = [(last - first).days + 1 for first, last in spans]
    return split_target(target, weights, places=places)


def _inside(
    part: Decimal, spell: tuple[date, date], inside: Spans, calendar: WorkingCalendar, places: int
) -> Decimal:
    """Return what of an assignment's part belongs to its days in the team.

    Each span has what lies between its first and its last day when the part is handed out day by day. So the teams
    of any number of managers sum to it, without knowing of each other.
    """
    last = spell[1]

    def before(day: date) -> Decimal:
        if day <= spell[0] or day > last:
            return Decimal(0) if day <= spell[0] else part
        return split_over(part, [(spell[0], day - ONE_DAY), (day, last)], calendar, places=places)[0]

    return sum((before(z + ONE_DAY) - before(a) for a, z in cut(inside, *spell)), Decimal(0))
