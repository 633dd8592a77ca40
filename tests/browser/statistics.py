"""A closed cycle with its statistics, for the walk over every page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from reviews.models import (
    CycleState,
    CycleStatistic,
    Participant,
    Rater,
    RaterKind,
    RaterState,
    RaterStatistic,
    ReviewCycle,
    Score,
)
from tests.factories import Company

START, END, GRAIN = date(2025, 1, 1), date(2025, 3, 31), 4
#: leniency and spread of raters, one of each band
RATERS = {"ann": (Decimal("14.2"), Decimal("1.4")), "bob": (Decimal("-12"), Decimal("9")), "cid": (Decimal(2), None)}


def statistics_samples(company: Company) -> dict[str, list[Any]]:
    """Make the rows as a batch would leave them; return the cycle for addresses."""
    cycle = ReviewCycle.objects.create(
        name="First quarter", grain=GRAIN, start=START, end=END, state=CycleState.CLOSED,
        launched_at=timezone.now(), closed_at=timezone.now(),
    )  # fmt: skip
    tenant, gaps = company.tenant.pk, []
    for name, (leniency, spread) in RATERS.items():
        person = company.people[name]
        participant = Participant.objects.create(cycle=cycle, employee=person, unit=company.units["north"])
        gaps.append([participant.pk, 82.0, 64.5 if name == "ann" else 80.0, "higher" if name == "ann" else "alike"])
        RaterStatistic.objects.create(
            pk=(tenant, cycle.pk, person.pk), cycle_id=cycle.pk, employee=person, ratees=3 if spread is None else 6,
            mean=70, leniency=leniency, spread=spread,
        )  # fmt: skip
        Score.objects.create(
            pk=(tenant, GRAIN, START, person.pk), grain=GRAIN, start=START, employee=person, version_id=1,
            cycle_id=cycle.pk, score=78, before=78, review=Decimal("78.4"), adjusted=Decimal("74.1"),
        )  # fmt: skip
    Rater.objects.create(
        participant=Participant.objects.get(cycle=cycle, employee=company.people["bob"]),
        employee=company.people["ann"], group=RaterKind.PEERS, state=RaterState.DONE,
    )  # fmt: skip
    counts = [0] * 16
    counts[5:12] = [1, 0, 4, 9, 6, 0, 1]
    figures = {
        "n": 96, "raters": 24, "ratees": 18, "mean": 71.5, "gaps": gaps, "held_back": [],
        "reliability": {"icc": 0.41, "low": 0.24, "high": 0.62, "of_mean": 0.79, "raters": 5.3},
        "leniency": {"from": list(range(-40, 40, 5)), "counts": counts, "few": 3, "severe": 1, "typical": 19,
                     "lenient": 1},
    }  # fmt: skip
    CycleStatistic.objects.create(
        pk=(tenant, cycle.pk), cycle_id=cycle.pk, made_at=timezone.now(), figures=figures
    )  # fmt: skip
    return {"cycle_id": [cycle.pk]}
