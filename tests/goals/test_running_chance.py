"""The chance of a goal inside its running period counts what is reached so far, the same on every page."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from goals.bulk.asked import SINGLE, Asked
from goals.bulk.lines import Line
from goals.bulk.reading import known_of
from goals.following.forecasts import ending_of
from goals.following.selectors import standing_of
from goals.models import Goal
from goals.smart.selectors import chance_of, outlook_behind, outlook_now
from perfmgmt.metrics.forecast.rules import Outlook, probability
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from perfmgmt.people.models import Absence
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = today_here()
QUARTER = Period.containing(Grain.QUARTER, TODAY)
TARGET = Decimal(1500)


@pytest.fixture
def reached(company: Company) -> Company:
    """Of a quarter in which ann usually sells 1,000 she has sold 1,400 by now; part of it she is away."""
    with company.scope():
        company.fact("ann", "sales_amount", QUARTER.start, 1400)
        company.drain()
        metric, ann = Metric.objects.get(code="sales_amount"), company.people["ann"]
        Absence.objects.create(
            employee=ann, kind="annual", first_day=QUARTER.end - timedelta(days=9), last_day=QUARTER.end
        )
        ForecastBasis.objects.create(
            metric=metric, employee=ann, grain=4, transform="sqrt", basis="own", months=12, best=1500,
            history=[1000.0] * 12, step=0, through=QUARTER.start,
        )  # fmt: skip
        Forecast.objects.create(
            metric=metric, employee=ann, grain=4, start=QUARTER.start, point=1000, low=830, high=1180, mu=1000**0.5,
            sigma=2, season=1, market=1, days=1,
        )  # fmt: skip
    return company


def a_goal(company: Company, **whose: Any) -> Goal:
    whose = whose or {"level": "person", "employee": company.people["ann"]}
    metric = Metric.objects.get(code="sales_amount")
    return Goal.objects.create(
        metric=metric, title="Sales", state="agreed", target=TARGET, grain=4, first_day=QUARTER.start,
        last_day=QUARTER.end, direction="higher", **whose,
    )  # fmt: skip


def test_the_check_says_what_following_says(reached: Company) -> None:
    with reached.scope():
        for goal in (a_goal(reached), a_goal(reached, level="unit", unit=reached.units["north"])):
            prepared = chance_of(outlook_behind(goal, today=TODAY)[0], goal.target, "higher")
            now = chance_of(outlook_now(goal, today=TODAY)[0], goal.target, "higher")
            ending = ending_of(standing_of(goal, today=TODAY), today=TODAY)
            assert prepared is not None and now is not None and ending is not None
            assert now > prepared + 0.05
            assert now == pytest.approx(ending.chance)


def test_a_period_to_come_is_judged_by_its_forecast_alone(reached: Company) -> None:
    with reached.scope():
        goal = a_goal(reached)
        before = QUARTER.start - timedelta(days=3)
        assert outlook_now(goal, today=before) == outlook_behind(goal, today=before)


def test_the_form_the_grid_the_tree_and_the_persons_page_agree(reached: Company, sign_in: SignIn) -> None:
    with reached.scope():
        chance = chance_of(outlook_now(a_goal(reached), today=TODAY)[0], TARGET, "higher")
        ann = reached.people["ann"].pk
    client = sign_in(reached.users["hr"])
    fields = {"title": "Sales", "level": "person", "employee": "AC004", "metric": "sales_amount", "form": "absolute",
              "target": "1500", "period": QUARTER.label, "counting": "whole"}  # fmt: skip
    panel = client.post("/w/acme/goals/smart/", fields).context["panel"]
    assert panel.chance == pytest.approx(chance)
    assert panel.expected()["so_far"]

    grid = client.get(f"/w/acme/targets/grid/?period={QUARTER.label}&metrics=sales_amount").context["data"]
    row = [pk for pk, _name, _number in grid["people"]].index(ann)
    *_basis, periods = json.loads(grid["metrics"][0]["wholes"])[row]
    ((_place, *_prepared, rest),) = periods
    mu, sigma, transform, step, so_far = rest
    there = Outlook(0.0, mu=mu, sigma=sigma, transform=transform, step=step, so_far=so_far)
    assert probability(there, 1500, "higher") == pytest.approx(chance, abs=1e-4)  # the grid's are of 32 bits

    root = client.get(f"/w/acme/goals/tree/?period={QUARTER.label}&metric=sales_amount").context["tree"].root
    found = [node for node in _walk(root) if node.kind == "person" and node.pk == ann]
    assert [node.chance for node in found] == [pytest.approx(chance)]

    address = f"/w/acme/people/{ann}/outlook/"
    metric = panel.metric.pk
    page = client.get(f"{address}{metric}/?grain=quarter&start={QUARTER.start}&target=1500")
    assert probability(page.context["outlook"], 1500, "higher") == pytest.approx(chance)


def _walk(node: Any) -> list[Any]:
    return [node, *(it for child in node.children for it in _walk(child))]


def test_bulk_recommends_with_what_is_reached(reached: Company) -> None:
    with reached.scope():
        metric, ann = Metric.objects.get(code="sales_amount"), reached.people["ann"].pk
        line = Line("Sales", metric, recommended=True)
        known = known_of(Asked(SINGLE, QUARTER), [ann], [line], fiscal=1, today=TODAY)
        point = known.recommended(ann, metric)
        assert point is not None and point > 1400
