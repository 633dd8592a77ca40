"""Whatever happens in whatever order: scores that were kept current equal scores that are computed anew."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goals.models import MonthlyTarget
from goals.news import tell_cells_changed
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import Metric
from perfmgmt.people.services import assign
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.events import publish
from reviews.answers import door
from reviews.models import ScoreDeduction
from reviews.scores import services
from tests.factories import Company
from tests.reviews.factories import Cycle, add_peers, answer, open_cycle
from tests.reviews.scores_factories import Q1, QUARTER, differing, make_card, settle

people = st.sampled_from(["ann", "bob", "cid", "manager"])
days = st.integers(0, 110).map(lambda n: Q1 + timedelta(days=n))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("fact"), people, st.sampled_from(["sales_amount", "csat"]), days, st.integers(1, 5)),
        st.tuples(st.just("fact"), people, st.sampled_from(["sales_amount", "csat"]), days, st.integers(1, 5)),
        st.tuples(st.just("target"), people, st.integers(1, 4), st.integers(0, 9)),
        st.tuples(st.just("answer"), st.integers(0, 6), st.integers(1, 5)),
        st.tuples(st.just("withdraw"), st.integers(0, 6)),
        st.tuples(st.just("deduct"), people, st.integers(1, 30)),
        st.tuples(st.just("assign"), people, st.sampled_from(["north", "south"]), days),
        st.tuples(st.just("lock")),
        st.tuples(st.just("drain"), st.integers(1, 3)),
    ),
    min_size=5,
    max_size=12,
)


class World:
    """One method for each thing that can happen."""

    def __init__(self, company: Company, cycle: Cycle) -> None:
        self.company, self.cycle = company, cycle
        self.raters = list(cycle.people["ann"].raters.order_by("pk"))

    def fact(self, who: str, code: str, day: date, value: int) -> None:
        self.company.fact(who, code, day, value)

    def target(self, who: str, month: int, value: int) -> None:
        employee, first = self.company.people[who], date(2025, month, 1)
        metric = Metric.objects.get(code="sales_amount")
        MonthlyTarget.objects.update_or_create(
            metric=metric, employee=employee, month=first, defaults={"value": Decimal(value)}
        )
        tell_cells_changed([employee.pk], [first])

    def answer(self, at: int, value: int) -> None:
        answer(self.cycle, self.raters[at % len(self.raters)], value, None, value)

    def withdraw(self, at: int) -> None:
        door.withdraw(self.raters[at % len(self.raters)])

    def deduct(self, who: str, points: int) -> None:
        employee = self.company.people[who]
        ScoreDeduction.objects.create(
            employee=employee, grain=QUARTER, start=Q1, points=points, reason="x", happened_on=Q1
        )
        publish("reviews.deductions_changed", employee_id=employee.pk, grain=QUARTER, start=Q1)

    def assign(self, who: str, unit: str, day: date) -> None:
        leader = None if who == "manager" else self.company.people["boss"]
        assign(self.company.people[who], unit=self.company.units[unit], valid_from=day, manager=leader)

    def lock(self) -> None:
        period = Period(Grain.MONTH, date(2025, 2, 1))
        lock_period(period, today=date(2025, 6, 1), user_id=None, job_id=None, slug="acme")

    def drain(self, limit: int) -> None:
        self.company.drain()
        services.drain(limit)


@given(steps)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_incremental_equals_full(company: Company, happening: list[tuple[Any, ...]]) -> None:
    with company.scope(), transaction.atomic():
        cycle = open_cycle(company, "ann")
        add_peers(company, cycle, "ann", 4)
        csat = {"metric": "csat", "kind": "csat", "input": "actual", "points": [["1", "0"], ["5", "100"]]}
        sales = {"metric": "sales_amount"}
        make_card((60, [sales, {**csat, "weight": 0}]), (20, [csat]), (20, [{"questionnaire": cycle.questionnaire}]))
        make_card((70, [sales]), (30, [csat]), rhythm=3, valid_from=date(2025, 2, 1))
        settle(company)
        world = World(company, cycle)
        for name, *arguments in happening:
            try:
                with transaction.atomic():
                    getattr(world, name)(*arguments)
            except DomainError:
                continue
        settle(company)

        assert differing() == {}

        transaction.set_rollback(True)
