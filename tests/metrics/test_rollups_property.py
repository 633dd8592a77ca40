"""Whatever happens in whatever order: incremental equals full equals an independent computation in Python."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfmgmt.metrics.models import EmployeeRollup, Fact, Metric, UnitRollup
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.services import drain, rebuild
from perfmgmt.people.models import FOREVER
from perfmgmt.people.services import assign, move_unit
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.models import WorkspaceProfile
from tests.factories import Company
from tests.metrics.reference import DERIVED, expected, stored

FIRST = date(2024, 12, 20)  # around the turns of weeks, quarters, years, and of the ISO year
days = st.integers(0, 120).map(lambda n: FIRST + timedelta(days=n))
people = st.sampled_from(["ann", "bob", "cid", "manager"])
codes = st.sampled_from(["sum", "count", "distinct", "mean", "stock", "latest"])
values = st.integers(-9, 9)
customers = st.sampled_from(["", "A", "B"])
units = st.sampled_from(["sales", "north", "south"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), codes, people, days, values, customers),
        st.tuples(st.just("add"), codes, people, days, values, customers),
        st.tuples(st.just("add"), codes, people, days, values, customers),
        st.tuples(st.just("remove"), st.integers(0, 20)),
        st.tuples(st.just("correct"), st.integers(0, 20), people, days, values, customers),
        st.tuples(st.just("assign"), people, units, days, st.one_of(st.none(), st.integers(0, 40))),
        st.tuples(st.just("move"), units, st.one_of(st.none(), units)),
        st.tuples(st.just("drain"), st.integers(1, 4)),
    ),
    min_size=6,
    max_size=14,
)


def mark(fact: Fact) -> None:
    dirty.mark([(fact.metric_id, fact.employee_id, fact.day, fact.day)])


class World:
    """One method for each thing that can happen."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def add(self, code: str, who: str, day: date, value: int, customer: str) -> None:
        self.company.fact(who, code, day, value, customer=customer)

    def remove(self, at: int) -> None:
        for fact in Fact.objects.order_by("id")[at : at + 1]:
            mark(fact)
            Fact.objects.filter(id=fact.id).delete()

    def correct(self, at: int, who: str, day: date, value: int, customer: str) -> None:
        for fact in Fact.objects.order_by("id")[at : at + 1]:
            mark(fact)
            changes = {"employee": self.company.people[who], "day": day, "value": Decimal(value)}
            Fact.objects.filter(id=fact.id).update(**changes, customer=customer)
            mark(Fact.objects.get(id=fact.id))

    def buy(self, who: str, day: date, value: int, attributes: dict[str, str]) -> None:
        self.company.fact(who, "sum", day, value, **attributes)

    def change(self, at: int, who: str, day: date, value: int, attributes: dict[str, str]) -> None:
        self.correct(at, who, day, value, attributes["customer"])
        for fact in Fact.objects.order_by("id")[at : at + 1]:
            Fact.objects.filter(id=fact.id).update(**attributes)

    def redefine(self, code: str, wide: bool) -> None:
        """Another definition, as the form saves it: everything of the metric is dirty."""
        metric = Metric.objects.filter(code=code).first()
        if metric is None:
            return
        metric.filters = [] if wide else [{"attribute": "series", "op": "in", "values": ["low", ""]}]
        metric.save()
        dirty.mark([(metric.pk, None, FIRST, FIRST)])

    def assign(self, who: str, unit: str, day: date, length: int | None) -> None:
        last = FOREVER if length is None else day + timedelta(days=length)
        assign(self.company.people[who], unit=self.company.units[unit], valid_from=day, valid_to=last)

    def move(self, unit: str, parent: str | None) -> None:
        unit_row = self.company.units[unit]
        unit_row.refresh_from_db()
        with suppress(Conflict):
            move_unit(unit_row, parent=self.company.units[parent] if parent else None)

    def drain(self, limit: int) -> None:
        drain(limit)


def play(company: Company, happened: list[tuple[object, ...]], fiscal: int) -> None:
    WorkspaceProfile.objects.update(fiscal_start_month=fiscal)
    world = World(company)
    for name, *arguments in happened:
        step: Callable[..., None] = getattr(world, str(name))
        step(*arguments)
    company.drain()


buying = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["", "A", "B"]),
        "series": st.sampled_from(["", "high", "top", "low"]),
        "channel": st.sampled_from(["", "shop"]),
    }
)
purchases = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), people, days, values, buying),
        st.tuples(st.just("buy"), people, days, values, buying),
        st.tuples(st.just("buy"), people, days, values, buying),
        st.tuples(st.just("remove"), st.integers(0, 20)),
        st.tuples(st.just("change"), st.integers(0, 20), people, days, values, buying),
        st.tuples(st.just("assign"), people, units, days, st.one_of(st.none(), st.integers(0, 40))),
        st.tuples(st.just("move"), units, st.one_of(st.none(), units)),
        st.tuples(st.just("drain"), st.integers(1, 4)),
        st.tuples(st.just("redefine"), st.sampled_from(["new", "again", "high", "retention_high"]), st.booleans()),
    ),
    min_size=6,
    max_size=16,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    happened=purchases,
    fiscal=st.sampled_from([1, 2, 12]),
    codes=st.sets(st.sampled_from([*DERIVED]), min_size=4, max_size=4),
)
def test_metrics_that_read_the_facts_of_another(
    company: Company, derived: dict[str, Metric], happened: list[tuple[object, ...]], fiscal: int, codes: set[str]
) -> None:
    with transaction.atomic():
        with company.scope():
            Metric.objects.exclude(base=None).exclude(code__in=codes).delete()
            play(company, happened, fiscal)
            assert stored() == expected(fiscal)
            assert rebuild(check=True).differing == 0
            transaction.set_rollback(True)
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(happened=steps, fiscal=st.sampled_from([1, 2, 4, 12]))
def test_incremental_equals_full_equals_python(
    company: Company, metrics: dict[str, Metric], happened: list[tuple[object, ...]], fiscal: int
) -> None:
    with transaction.atomic():
        with company.scope():
            play(company, happened, fiscal)
            assert stored() == expected(fiscal)
            assert rebuild(check=True).differing == 0
            transaction.set_rollback(True)
        transaction.set_rollback(True)


def test_a_rebuild_brings_back_what_was_lost_or_wrong(company: Company, metrics: dict[str, Metric]) -> None:
    with company.scope():
        for n in range(10):
            company.fact("ann", "sum", FIRST + timedelta(days=9 * n), n)
            company.fact("cid", "distinct", FIRST + timedelta(days=9 * n), customer=str(n % 3))
        company.drain()
        right = stored()
        EmployeeRollup.objects.filter(grain=3).delete()
        EmployeeRollup.objects.filter(grain=1, metric=metrics["distinct"]).update(unit_id=company.units["sales"].pk)
        UnitRollup.objects.filter(grain=5).update(total=1)
        UnitRollup.objects.create(
            pk=(company.tenant.pk, metrics["sum"].pk, 2, company.units["south"].pk, date(2025, 1, 6)), total=3, n=1
        )
        assert stored() != right
        assert rebuild(check=True).differing > 0
        assert rebuild().differing > 0
        assert stored() == right == expected(1)
        assert rebuild(check=True).differing == 0
        assert rebuild().differing == 0


def test_a_comparison_changes_nothing(company: Company, metrics: dict[str, Metric]) -> None:
    with company.scope():
        company.fact("ann", "sum", date(2025, 1, 2), 1)
        company.drain()
        UnitRollup.objects.update(total=7)
        wrong = stored()
        differences = rebuild(check=True).differences
        assert stored() == wrong
    assert {level: n for level, n in differences.items() if n} == {
        f"unit {grain}": 2 for grain in ("day", "week", "month", "quarter", "year")
    }
