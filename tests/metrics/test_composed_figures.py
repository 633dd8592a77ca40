"""Growth, shares of the unit's target and ratios: what is computed when it is shown."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rules import baseline_start, growth, target_share
from perfmgmt.metrics.selectors import (
    employee_figures,
    employee_figures_of,
    group_totals,
    metric_by_code,
    metrics_with_parts,
    unit_figures,
)
from perfmgmt.people.services import assign
from perfmgmt.tenants.calendar import Grain
from tests.factories import Company

FEB, MAR = date(2025, 2, 1), date(2025, 3, 1)


@pytest.mark.parametrize(
    ("grain", "start", "baseline", "expected"),
    [
        (Grain.MONTH, date(2025, 1, 1), "previous", date(2024, 12, 1)),
        (Grain.QUARTER, date(2025, 2, 1), "previous", date(2024, 11, 1)),
        (Grain.YEAR, date(2025, 4, 1), "previous", date(2024, 4, 1)),
        (Grain.WEEK, date(2025, 1, 6), "previous", date(2024, 12, 30)),
        (Grain.DAY, date(2025, 3, 1), "previous", date(2025, 2, 28)),
        (Grain.MONTH, date(2025, 3, 1), "last_year", date(2024, 3, 1)),
        (Grain.QUARTER, date(2025, 2, 1), "last_year", date(2024, 2, 1)),
        (Grain.WEEK, date(2025, 1, 6), "last_year", date(2024, 1, 8)),
        (Grain.DAY, date(2024, 2, 29), "last_year", date(2023, 2, 28)),
        (Grain.DAY, date(2025, 3, 31), "last_year", date(2024, 3, 31)),
    ],
)
def test_the_baseline_of_a_period(grain: Grain, start: date, baseline: str, expected: date) -> None:
    assert baseline_start(grain, start, baseline) == expected


@pytest.mark.parametrize(
    ("form", "actual", "baseline", "expected"),
    [
        ("percent", 150, 100, Decimal("0.5")),
        ("percent", 50, 100, Decimal("-0.5")),
        ("percent", 10, 0, None),
        ("percent", 10, -5, None),
        ("points", 10, -5, 15),
        ("points", 0, 0, 0),
        ("points", None, 1, None),
        ("percent", 1, None, None),
    ],
)
def test_growth(form: str, actual: int | None, baseline: int | None, expected: Any) -> None:
    values = [None if value is None else Decimal(value) for value in (actual, baseline)]
    assert growth(form, *values) == expected


def test_a_share_of_no_target_is_missing() -> None:
    assert target_share(Decimal(5), None) is None
    assert target_share(Decimal(5), Decimal(0)) is None
    assert target_share(Decimal(5), Decimal(20)) == Decimal("0.25")


def grow(base: Metric, form: str, baseline: str) -> Metric:
    code = f"{base.code}_{form}_{baseline}"
    Metric.objects.create(
        code=code, name_zh=code, name_en=code, unit_of_measure="ratio", aggregation="growth", base=base,
        growth_form=form, growth_baseline=baseline,
    )  # fmt: skip
    return metric_by_code(code)


def test_growth_of_people_units_and_groups(company: Company, metrics: dict[str, Metric]) -> None:
    with company.scope():
        for day, who, value in [
            (FEB, "ann", 100),
            (FEB, "bob", 50),
            (MAR, "ann", 150),
            (date(2024, 3, 5), "ann", 60),
        ]:
            company.fact(who, "sum", day, value)
        company.drain()
        before, last_year = grow(metrics["sum"], "percent", "previous"), grow(metrics["sum"], "points", "last_year")
        ann, bob = company.people["ann"].pk, company.people["bob"].pk
        found = employee_figures(before, grain=Grain.MONTH, first=FEB, last=MAR)
        assert found.value(ann, MAR) == Decimal("0.5")
        assert found.value(bob, MAR) == -1
        assert found.value(ann, FEB) is None
        assert found.together([ann, bob], [MAR]) == 0
        assert found.together([ann], [FEB, MAR]) is None
        assert found.n(ann, MAR) == 1
        year = employee_figures_of([before, last_year], grain=Grain.MONTH, start=MAR, employee_ids=[ann, bob])
        assert year[last_year.pk].value(ann, MAR) == 90
        assert year[before.pk].value(ann, MAR) == Decimal("0.5")
        north = unit_figures(before, grain=Grain.MONTH, first=MAR, last=MAR)
        assert north.value(company.units["north"].pk, MAR) == 0
        group = group_totals(before, grain=Grain.MONTH, first=FEB, last=MAR, employee_ids=[ann, bob])
        assert [group.value(month) for month in (FEB, MAR)] == [None, 0]


def test_growth_of_a_ratio_compares_the_ratios(company: Company, metrics: dict[str, Metric]) -> None:
    with company.scope():
        for day, code, value in [(FEB, "sum", 10), (FEB, "count", 1), (MAR, "sum", 30), (MAR, "count", 1)]:
            company.fact("ann", code, day, value)
        company.drain()
        points = grow(metrics["ratio"], "points", "previous")
        found = employee_figures(points, grain=Grain.MONTH, first=MAR, last=MAR)
        assert found.value(company.people["ann"].pk, MAR) == 20


def set_target(company: Company, who: str, month: date, value: int, code: str = "sum") -> None:
    MonthlyTarget.objects.create(
        metric=Metric.objects.get(code=code), employee=company.people[who], month=month, value=value
    )


@pytest.fixture
def share(company: Company, metrics: dict[str, Metric]) -> Metric:
    with company.scope():
        Metric.objects.create(
            code="share", name_zh="s", name_en="s", unit_of_measure="ratio", aggregation="target_share",
            base=metrics["count"], target_metric=metrics["sum"],
        )  # fmt: skip
        return metric_by_code("share")


def test_the_share_of_the_unit_s_target(company: Company, share: Metric) -> None:
    """The target of a unit is what its people are to reach, those below included."""
    with company.scope():
        for who, value in [("ann", 3), ("bob", 5), ("cid", 4), ("boss", 8)]:
            set_target(company, who, MAR, value)
        for who in ("ann", "ann", "bob", "cid"):
            company.fact(who, "count", date(2025, 3, 7))
        company.drain()
        ids = {who: company.people[who].pk for who in ("ann", "bob", "cid")}
        units = {key: unit.pk for key, unit in company.units.items()}
        people = employee_figures(share, grain=Grain.MONTH, first=FEB, last=MAR)
        assert people.value(ids["ann"], MAR) == Decimal("0.25")  # 2 of 3 + 5
        assert people.value(ids["cid"], MAR) == Decimal("0.25")  # 1 of 4
        assert people.value(ids["ann"], FEB) is None
        assert people.together([ids["ann"], ids["bob"]], [MAR]) == Decimal("0.375")
        assert people.together([ids["ann"], ids["cid"]], [MAR]) is None  # of two units
        found = unit_figures(share, grain=Grain.MONTH, first=MAR, last=MAR)
        assert [found.value(units[key], MAR) for key in ("north", "south", "sales")] == [
            Decimal("0.375"), Decimal("0.25"), Decimal("0.2")
        ]  # fmt: skip
        group = group_totals(share, grain=Grain.MONTH, first=FEB, last=MAR, employee_ids=[ids["ann"], ids["bob"]])
        assert [group.value(month) for month in (FEB, MAR)] == [None, Decimal("0.375")]
        both = group_totals(share, grain=Grain.MONTH, first=MAR, last=MAR, employee_ids=list(ids.values()))
        assert both.value(MAR) is None


def test_the_unit_is_that_of_the_last_day(company: Company, share: Metric) -> None:
    with company.scope():
        assign(company.people["ann"], unit=company.units["south"], valid_from=date(2025, 3, 20))
        set_target(company, "cid", MAR, 4)
        set_target(company, "bob", MAR, 5)
        company.fact("ann", "count", date(2025, 3, 7))
        company.drain()
        people = employee_figures(share, grain=Grain.MONTH, first=MAR, last=MAR)
        assert people.value(company.people["ann"].pk, MAR) == Decimal("0.25")


def test_a_ratio_with_a_distinct_count_is_not_added_up(company: Company, metrics: dict[str, Metric]) -> None:
    with company.scope():
        Metric.objects.create(code="per", name_zh="p", name_en="p", unit_of_measure="ratio", aggregation="ratio",
                              numerator=metrics["sum"], denominator=metrics["distinct"])  # fmt: skip
        for who in ("ann", "bob"):
            company.fact(who, "sum", MAR, 10)
            company.fact(who, "distinct", MAR, customer="A")
        company.drain()
        found = employee_figures(metric_by_code("per"), grain=Grain.MONTH, first=MAR, last=MAR)
        ids = [company.people[who].pk for who in ("ann", "bob")]
        assert found.value(ids[0], MAR) == 10
        assert found.together(ids, [MAR]) is None
        north = unit_figures(metric_by_code("per"), grain=Grain.MONTH, first=MAR, last=MAR)
        assert north.value(company.units["north"].pk, MAR) == 20


def printed(code: str, by: str = "unit", period: str = "month") -> dict[tuple[str, str], Any]:
    out = StringIO()
    call_command("rollups", workspace="acme", metric=code, period=period, by=by, stdout=out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    return {(row["name"], row["period"]): row["value"] for row in rows}


def test_the_command_prints_every_metric_of_the_library(company: Company) -> None:
    with company.scope():
        for day, customer, series in [(date(2025, 1, 9), "A", "高端"), (date(2025, 2, 9), "A", ""), (MAR, "B", "")]:
            for code, value in [("sales_amount", 200), ("orders", 1), ("supported_sales_amount", 30)]:
                company.fact("ann", code, day, value, customer=customer, series=series)
        set_target(company, "bob", FEB, 300, "sales_amount")
        codes = list(metrics_with_parts().values_list("code", flat=True))
    for code in codes:
        printed(code)
    assert printed("retention")["North", "2025-02"] == 1
    assert printed("retention")["North", "2025-03"] == 0
    assert printed("new_customers")["North", "2025-03"] == 1
    assert printed("repeat_purchase_amount", by="employee")["李安", "2025-02"] == 200
    assert printed("high_end_share")["Sales", "2025-01"] == 1
    assert printed("high_end_share", period="quarter")["Sales", "2025-Q1"] == pytest.approx(1 / 3)
    assert printed("supported_target_share", by="employee")["李安", "2025-02"] == 0.1
    assert printed("sales_growth")["North", "2025-02"] is None
