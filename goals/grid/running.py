"""Prepared forecasts of the grid with what is reached so far in the running month, quarter or year."""

import json
from collections.abc import Sequence

from goals.grid.address import Person, Wanted
from goals.grid.selectors import State
from perfmgmt.metrics.forecast.current import SoFar, so_far
from perfmgmt.metrics.forecast.rules import Outlook, restored
from perfmgmt.metrics.models import Metric
from perfmgmt.people.own_days import OwnDays
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.workdays import WorkingCalendar

Packed = dict[tuple[int, int, int], str]


def with_reached(
    packed: Packed, wanted: Wanted, people: Sequence[Person], state: State, calendar: WorkingCalendar
) -> Packed:
    """Return packed outlooks (`packed_outlooks`) of which those of running periods hold what is reached so far.

    A running period has one part more: [mu, sigma, transform, step, so far] of the rest. One query while the period
    of the grid runs, else none.
    """
    periods = [it for it in (*wanted.months, wanted.period) if it.start <= wanted.today <= it.end]
    if not periods or not packed:
        return packed
    reached = so_far(
        wanted.tabs, periods, [it.pk for it in people], calendar=calendar, today=wanted.today,
        days=_own_days(people, state, wanted.period),
    )  # fmt: skip
    metrics, places = {it.pk: it for it in wanted.tabs}, {it: place for place, it in enumerate(wanted.months)}
    found = dict(packed)
    for period in periods:
        for (metric_id, who, grain), text in packed.items():
            if grain == int(period.grain):
                place = places.get(period, 0)
                found[metric_id, who, grain] = _counted_in(text, reached, metrics[metric_id], who, period, place)
    return found


def _counted_in(text: str, reached: SoFar, metric: Metric, who: int, period: Period, place: int) -> str:
    *basis, transform, step, parts = json.loads(text)
    for part in parts:
        if part[0] != place:
            continue
        mu, sigma = part[1], part[2]
        prepared = Outlook(restored(mu, transform), mu=mu, sigma=sigma, transform=transform, step=step)
        now = reached.counted_in(prepared, metric, who, period)
        if now is not prepared:
            part.append([now.mu, now.sigma, now.transform, now.step, now.so_far])
    return json.dumps([*basis, transform, step, parts], separators=(",", ":"))


def _own_days(people: Sequence[Person], state: State, period: Period) -> dict[int, OwnDays]:
    """People's own days from what is read already."""
    found = {}
    for person in people:
        found[person.pk] = own = OwnDays(list(person.spells))
        for first, last, hours in state.away.get(person.pk, []):
            own.add_absence(max(first, period.start), min(last, period.end), hours)
    return found
