"""Figures of people and units computed by hand (RULES.md section 2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from perfmgmt.metrics.models import EmployeeRollup, Fact, Metric, UnitRollup
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.services import rebuild
from perfmgmt.metrics.selectors import employee_figures, group_totals, metric_by_code, unit_figures
from perfmgmt.people.services import assign, move_unit
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.models import WorkspaceProfile
from tests.factories import Company

DAYS = [  # person, day, value, customer
    ("ann", date(2025, 3, 3), 10, "A"),
    ("ann", date(2025, 3, 14), 20, "B"),
    ("ann", date(2025, 3, 15), 30, "A"),  # from here on in South
    ("ann", date(2025, 3, 31), 40, "C"),
    ("ann", date(2025, 4, 2), 50, "A"),  # in no unit
    ("bob", date(2025, 3, 14), 5, "A"),
    ("bob", date(2025, 3, 14), 7, "D"),  # the same day, later
]
FACT_METRICS = ("sum", "count", "distinct", "mean", "stock", "latest")


def tell(company: Company) -> None:
    """Ann moves from North to South on 15 March and is in no unit from April on; the same facts in each metric."""
    ann, south = company.people["ann"], company.units["south"]
    assign(ann, unit=south, valid_from=date(2025, 3, 15), valid_to=date(2025, 3, 31), manager=company.people["rival"])
    for metric in FACT_METRICS:
        for person, day, value, customer in DAYS:
            company.fact(person, metric, day, value, customer=customer)


@pytest.fixture
def told(company: Company, metrics: dict[str, Metric]) -> Iterator[Company]:
    with company.scope():
        tell(company)
        company.drain()
        yield company


def figure(company: Company, who: str, metric: str, grain: Grain, start: date) -> Decimal | None:
    found = metric_by_code(metric)
    if who in company.people:
        return employee_figures(found, grain=grain, first=start, last=start).value(company.people[who].pk, start)
    unit_id = company.units[who].pk if who in company.units else UNASSIGNED
    return unit_figures(found, grain=grain, first=start, last=start).value(unit_id, start)


# Per line: who, period, then sum, count, distinct, mean, stock, latest, ratio (sum / count).
DAY_14, DAY_2 = (Grain.DAY, date(2025, 3, 14)), (Grain.DAY, date(2025, 4, 2))
WEEK_11, WEEK_14 = (Grain.WEEK, date(2025, 3, 10)), (Grain.WEEK, date(2025, 3, 31))
MARCH, APRIL = (Grain.MONTH, date(2025, 3, 1)), (Grain.MONTH, date(2025, 4, 1))
Q1, Q2 = (Grain.QUARTER, date(2025, 1, 1)), (Grain.QUARTER, date(2025, 4, 1))
YEAR = (Grain.YEAR, date(2025, 1, 1))
NOTHING = (0, 0, 0, None, None, None, None)
BY_HAND = [
    ("ann", DAY_14, (20, 1, 1, 20, 20, 20, 20)),
    ("bob", DAY_14, (12, 2, 2, 6, 7, 7, 6)),
    ("north", DAY_14, (32, 3, 3, "32/3", 27, None, "32/3")),
    ("sales", DAY_14, (32, 3, 3, "32/3", 27, None, "32/3")),
    ("south", DAY_14, NOTHING),
    ("unassigned", DAY_2, (50, 1, 1, 50, 50, None, 50)),
    ("sales", DAY_2, NOTHING),
    ("ann", WEEK_11, (50, 2, 2, 25, 30, 30, 25)),
    ("ann", WEEK_14, (90, 2, 2, 45, 50, 50, 45)),
    ("north", WEEK_11, (32, 3, 3, "32/3", 27, None, "32/3")),
    ("south", WEEK_11, (30, 1, 1, 30, 30, None, 30)),
    ("south", WEEK_14, (40, 1, 1, 40, 40, None, 40)),
    ("sales", WEEK_11, (62, 4, 3, "15.5", 37, None, "15.5")),
    ("unassigned", WEEK_14, (50, 1, 1, 50, 50, None, 50)),
    ("ann", MARCH, (100, 4, 3, 25, 40, 40, 25)),
    ("ann", APRIL, (50, 1, 1, 50, 50, 50, 50)),
    ("north", MARCH, (42, 4, 3, "10.5", 27, None, "10.5")),
    ("south", MARCH, (70, 2, 2, 35, 40, None, 35)),
    ("sales", MARCH, (112, 6, 4, "112/6", 47, None, "112/6")),
    ("sales", APRIL, NOTHING),
    ("unassigned", APRIL, (50, 1, 1, 50, 50, None, 50)),
    ("unassigned", MARCH, NOTHING),
    ("ann", Q1, (100, 4, 3, 25, 40, 40, 25)),
    ("sales", Q1, (112, 6, 4, "112/6", 47, None, "112/6")),
    ("unassigned", Q2, (50, 1, 1, 50, 50, None, 50)),
    ("ann", YEAR, (150, 5, 3, 30, 50, 50, 30)),
    ("bob", YEAR, (12, 2, 2, 6, 7, 7, 6)),
    ("cid", YEAR, NOTHING),
    ("north", YEAR, (42, 4, 3, "10.5", 27, None, "10.5")),
    ("sales", YEAR, (112, 6, 4, "112/6", 47, None, "112/6")),
    ("unassigned", YEAR, (50, 1, 1, 50, 50, None, 50)),
]


def number(value: int | str | None) -> Decimal | None:
    if value is None:
        return None
    above, _, below = str(value).partition("/")
    return Decimal(above) / Decimal(below or 1)


def disagreements(
    company: Company, table: list[tuple[str, tuple[Grain, date], tuple[int | str | None, ...]]]
) -> list:
    """The cells of a table by hand that the rollups contradict."""
    found = []
    for who, (grain, start), values in table:
        for metric, value in zip((*FACT_METRICS, "ratio"), values, strict=True):
            actual = figure(company, who, metric, grain, start)
            if actual != number(value):
                found.append((who, grain.name, start, metric, f"{actual} instead of {value}"))
    return found


def test_every_way_of_computing_at_every_length_of_time(told: Company) -> None:
    assert disagreements(told, BY_HAND) == []


def test_a_fiscal_year_from_april_has_its_own_quarters_and_years(
    company: Company, metrics: dict[str, Metric]
) -> None:
    with company.scope():
        WorkspaceProfile.objects.update(fiscal_start_month=4)
        tell(company)
        company.drain()
        fiscal_2025, fiscal_2026 = (Grain.YEAR, date(2024, 4, 1)), (Grain.YEAR, date(2025, 4, 1))
        table = [
            ("ann", fiscal_2025, (100, 4, 3, 25, 40, 40, 25)),
            ("ann", fiscal_2026, (50, 1, 1, 50, 50, 50, 50)),
            ("sales", fiscal_2025, (112, 6, 4, "112/6", 47, None, "112/6")),
            ("unassigned", fiscal_2026, (50, 1, 1, 50, 50, None, 50)),
            ("ann", Q1, (100, 4, 3, 25, 40, 40, 25)),
            ("ann", Q2, (50, 1, 1, 50, 50, 50, 50)),
        ]
        assert disagreements(company, table) == []
        assert set(EmployeeRollup.objects.filter(grain=5).values_list("start", flat=True)) == {
            date(2024, 4, 1), date(2025, 4, 1),
        }  # fmt: skip


def test_a_fiscal_quarter_from_february_crosses_calendar_quarters(
    company: Company, metrics: dict[str, Metric]
) -> None:
    with company.scope():
        WorkspaceProfile.objects.update(fiscal_start_month=2)
        tell(company)
        company.drain()
        february = (Grain.QUARTER, date(2025, 2, 1))
        assert disagreements(company, [("ann", february, (150, 5, 3, 30, 50, 50, 30))]) == []


def test_a_deleted_fact_leaves_every_figure(told: Company) -> None:
    ann, metric = told.people["ann"], Metric.objects.get(code="sum")
    gone = Fact.objects.get(metric=metric, employee=ann, day=date(2025, 4, 2))
    Fact.objects.filter(id=gone.id).delete()
    dirty.mark([(metric.pk, ann.pk, gone.day, gone.day)])
    told.drain()
    assert figure(told, "ann", "sum", *YEAR) == 100
    assert figure(told, "unassigned", "sum", *YEAR) == 0
    assert not UnitRollup.objects.filter(metric=metric, unit_id=UNASSIGNED).exists()
    assert not EmployeeRollup.objects.filter(metric=metric, employee=ann, start__gte=date(2025, 4, 1)).exists()


@pytest.mark.parametrize(
    ("metric", "month", "root"), [("sum", 110, 122), ("mean", "27.5", "122/6"), ("stock", 50, 57)]
)
def test_a_corrected_value_reaches_every_figure(
    told: Company, metric: str, month: int | str, root: int | str
) -> None:
    pk, ann = Metric.objects.get(code=metric).pk, told.people["ann"]
    day = date(2025, 3, 31)
    Fact.objects.filter(metric_id=pk, employee=ann, day=day).update(value=50)
    dirty.mark([(pk, ann.pk, day, day)])
    told.drain()
    assert figure(told, "ann", metric, *MARCH) == number(month)
    assert figure(told, "sales", metric, *MARCH) == number(root)


def test_a_fact_that_changes_its_day_leaves_the_old_month(told: Company) -> None:
    pk, ann = Metric.objects.get(code="sum").pk, told.people["ann"]
    Fact.objects.filter(metric_id=pk, employee=ann, day=date(2025, 3, 3)).update(day=date(2025, 2, 3))
    dirty.mark([(pk, ann.pk, date(2025, 3, 3), date(2025, 3, 3)), (pk, ann.pk, date(2025, 2, 3), date(2025, 2, 3))])
    told.drain()
    assert figure(told, "ann", "sum", *MARCH) == 90
    assert figure(told, "north", "sum", Grain.MONTH, date(2025, 2, 1)) == 10
    assert figure(told, "north", "sum", *MARCH) == 32


def test_a_transfer_in_hindsight_moves_the_credit(told: Company) -> None:
    assign(told.people["ann"], unit=told.units["south"], valid_from=date(2025, 3, 1))
    told.drain()
    table = [
        ("north", MARCH, (12, 2, 2, 6, 7, None, 6)),
        ("south", MARCH, (100, 4, 3, 25, 40, None, 25)),
        ("sales", MARCH, (112, 6, 4, "112/6", 47, None, "112/6")),
        ("unassigned", YEAR, NOTHING),
        ("sales", YEAR, (162, 7, 4, "162/7", 57, None, "162/7")),
    ]
    assert disagreements(told, table) == []


def test_a_moved_unit_takes_its_figures_along(told: Company) -> None:
    move_unit(told.units["south"], parent=None)
    told.drain()
    table = [
        ("south", MARCH, (70, 2, 2, 35, 40, None, 35)),
        ("sales", MARCH, (42, 4, 3, "10.5", 27, None, "10.5")),
    ]
    assert disagreements(told, table) == []
    assert rebuild(check=True).differing == 0


def test_a_figure_of_a_unit_is_no_mean_of_means(told: Company) -> None:
    people = [told.people[who].pk for who in ("ann", "bob")]
    parts = [figure(told, who, "mean", *MARCH) for who in ("ann", "bob")]
    assert parts == [25, 6]
    assert figure(told, "sales", "mean", *MARCH) == Decimal(112) / 6
    team = group_totals(metric_by_code("mean"), grain=Grain.MONTH, first=MARCH[1], last=MARCH[1], employee_ids=people)
    assert team.value(MARCH[1]) == Decimal(112) / 6


def test_a_fact_without_the_attribute_is_no_distinct_customer(told: Company) -> None:
    told.fact("bob", "distinct", date(2025, 3, 20), customer="")
    told.drain()
    assert figure(told, "bob", "distinct", *MARCH) == 2
    assert figure(told, "sales", "distinct", *MARCH) == 4
    assert rebuild(check=True).differing == 0


def test_the_day_of_a_transfer_belongs_to_the_new_unit(told: Company) -> None:
    day = date(2025, 3, 15)
    assert figure(told, "south", "sum", Grain.DAY, day) == 30
    assert figure(told, "north", "sum", Grain.DAY, day - timedelta(days=1)) == 32
    assert figure(told, "north", "sum", Grain.DAY, day) == 0
