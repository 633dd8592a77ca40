"""Scorecards and what goes into their parts, for tests of scores."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from goals.models import Goal, MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rollups.services import Turn
from perfmgmt.tenants.events import publish
from reviews.models import Dimension, Part, Questionnaire, Score, Scorecard, ScorecardVersion, ScorePart
from reviews.scores import services
from tests.factories import Company

Q1, Q1_END, QUARTER = date(2025, 1, 1), date(2025, 3, 31), 4
FEBRUARY = date(2025, 2, 10)


def make_card(
    *dimensions: tuple[int | str, Sequence[dict[str, Any]]], missing: str = "renormalise", rhythm: int = QUARTER,
    valid_from: date = Q1, **of_card: Any,
) -> ScorecardVersion:  # fmt: skip
    """Publish a scorecard: (weight, parts); a part is {"metric": code} or {"questionnaire": row}, and its fields."""
    card = Scorecard.objects.create(name_en="Card", name_zh="考核表", rhythm=rhythm, **of_card)
    version = ScorecardVersion.objects.create(
        scorecard=card,
        number=1,
        state="published",
        published_at=timezone.now(),
        valid_from=valid_from,
        missing=missing,
    )
    for place, (weight, parts) in enumerate(dimensions, 1):
        dimension = Dimension.objects.create(
            version=version, place=place, weight=Decimal(weight), name_en=f"Dimension {place}", name_zh=f"维度{place}"
        )
        for at, values in enumerate(parts, 1):
            Part.objects.create(dimension=dimension, place=at, **_fields(dict(values)))
    publish("reviews.scorecards_changed", first_day=valid_from)
    return version


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    if "metric" in values:
        values["metric"] = Metric.objects.get(code=values["metric"])
    kind = "questionnaire" if isinstance(values.get("questionnaire"), Questionnaire) else "metric"
    return {"kind": kind, "weight": 100, **values}


def month_targets(company: Company, person: str, metric: str, value: int, *months: int) -> None:
    """Set a person's targets of months of 2025."""
    row = Metric.objects.get(code=metric)
    for month in months or (1, 2, 3):
        MonthlyTarget.objects.create(
            metric=row, employee=company.people[person], month=date(2025, month, 1), value=value
        )


def quarter_goal(company: Company, person: str, metric: str, target: int | None, **values: Any) -> Goal:
    """An agreed goal of the first quarter of 2025."""
    return Goal.objects.create(
        **{
            "level": "person", "employee": company.people[person], "metric": Metric.objects.get(code=metric),
            "title": metric, "grain": QUARTER, "first_day": Q1, "last_day": Q1_END, "target": target,
            "state": "agreed", **values,
        }
    )  # fmt: skip


def settle(company: Company) -> None:
    """Work off figures, then scores."""
    company.drain()
    while services.drain() is not Turn.CLEAN:
        continue


def score_of(company: Company, person: str, *, grain: int = QUARTER, start: date = Q1) -> Score | None:
    """Return somebody's score."""
    return Score.objects.filter(employee=company.people[person], grain=grain, start=start).first()


def parts_of(company: Company, person: str, *, start: date = Q1) -> list[ScorePart]:
    """Return the parts of somebody's score, in the order in which they were made."""
    return list(ScorePart.objects.filter(employee=company.people[person], start=start).order_by("part_id"))


def differing() -> dict[str, int]:
    """Return by level how many rows a full computation would change."""
    return {level: wrong for level, (_rows, wrong) in services.rebuild(check=True).items() if wrong}


@contextmanager
def opened(company: Company) -> Iterator[partial[Any]]:
    """A scope that tasks open themselves."""
    with transaction.atomic():
        yield partial(company.scope)
