"""New and returning customers, retention and repeat rate, computed by hand; and what late news does to them."""

from datetime import date
from decimal import Decimal

import pytest

from perfmgmt.metrics.models import CustomerDay, DirtyKey, Fact, Metric
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.services import drain, rebuild
from perfmgmt.metrics.selectors import employee_figures, facts_for, metric_by_code, unit_figures
from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.calendar import Grain
from tests.factories import Company
from tests.metrics.reference import expected, stored

pytestmark = pytest.mark.usefixtures("derived")
JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))


def figure(company: Company, who: str, code: str, start: date, grain: Grain = Grain.MONTH) -> Decimal | None:
    metric = metric_by_code(code)
    if who in company.people:
        return employee_figures(metric, grain=grain, first=start, last=start).value(company.people[who].pk, start)
    return unit_figures(metric, grain=grain, first=start, last=start).value(company.units[who].pk, start)


def buy(company: Company, who: str, day: date, customer: str, value: int = 1, **more: str) -> int:
    return company.fact(who, "sum", day, value, customer=customer, **more)


def tell(company: Company) -> None:
    """A buys in January and February, B in January and in April, C in February twice, D in April."""
    for who, day, customer, value in [
        ("ann", date(2025, 1, 10), "A", 10),
        ("ann", date(2025, 1, 20), "B", 20),
        ("ann", date(2025, 2, 5), "A", 40),
        ("bob", date(2025, 2, 6), "C", 5),
        ("bob", date(2025, 2, 9), "C", 6),
        ("bob", date(2025, 4, 1), "B", 100),
        ("ann", date(2025, 4, 2), "D", 7),
        ("ann", date(2025, 4, 3), "", 1000),
    ]:
        buy(company, who, day, customer, value)
    company.drain()


def test_customers_are_new_on_their_first_day_whoever_serves_them(company: Company) -> None:
    with company.scope():
        tell(company)
        assert figure(company, "north", "new", JAN) == 30
        assert figure(company, "north", "new", FEB) == 5  # C's first day, not the second
        assert figure(company, "north", "new", APR) == 7  # B came in January, a fact without a customer is neither
        assert figure(company, "bob", "new", APR) == 0
        assert figure(company, "north", "new_buyers", date(2025, 1, 1), Grain.YEAR) == 4
        assert figure(company, "north", "again", FEB) == 2  # A on the 5th, C on the 9th
        assert figure(company, "bob", "again", APR) == 1


def test_a_rule_may_look_back_some_months_only(company: Company) -> None:
    with company.scope():
        tell(company)
        assert figure(company, "bob", "again_in_2_months", APR) == 0  # 20 January is longer ago
        assert figure(company, "bob", "new_in_a_month", APR) == 100
        assert figure(company, "ann", "new_in_a_month", FEB) == 0  # 10 January lies within the month before
        buy(company, "cid", date(2025, 2, 1), "B", 3)  # two months before 1 April, to the day
        company.drain()
        assert figure(company, "bob", "again_in_2_months", APR) == 100


def test_retention_looks_at_the_period_before(company: Company) -> None:
    with company.scope():
        tell(company)
        assert figure(company, "ann", "retention", JAN) is None
        assert figure(company, "ann", "retention", FEB) == Decimal("0.5")  # A of A and B
        assert figure(company, "north", "retention", MAR) == 0  # of A and C none
        assert figure(company, "north", "retention", APR) is None
        second = unit_figures(metric_by_code("retention"), grain=Grain.QUARTER, first=APR, last=APR)
        assert second.value(company.units["north"].pk, APR) == Decimal(1) / 3  # B of A, B and C
        assert second.n(company.units["north"].pk, APR) == 3


def test_a_customer_who_is_handed_over_stays_with_the_unit(company: Company) -> None:
    with company.scope():
        buy(company, "ann", date(2025, 1, 10), "A")
        buy(company, "bob", date(2025, 2, 10), "A")
        company.drain()
        assert figure(company, "ann", "retention", FEB) == 0
        assert figure(company, "bob", "retention", FEB) is None
        assert figure(company, "north", "retention", FEB) == 1


def test_repeat_rate_counts_days_not_facts(company: Company) -> None:
    with company.scope():
        for day, customer in [(3, "A"), (3, "A"), (4, "B"), (5, "B"), (6, "C"), (7, "")]:
            buy(company, "ann", date(2025, 3, day), customer)
        company.drain()
        assert figure(company, "ann", "repeat", MAR) == Decimal(1) / 3
        assert figure(company, "ann", "repeat", APR) is None


def test_customer_level_figures_are_neither_added_up_nor_shown_for_days(company: Company) -> None:
    with company.scope():
        tell(company)
        found = employee_figures(metric_by_code("retention"), grain=Grain.MONTH, first=JAN, last=MAR)
        ids = [company.people[who].pk for who in ("ann", "bob")]
        assert found.together(ids[:1], [FEB]) == Decimal("0.5")
        assert found.together(ids, [FEB]) is None
        assert found.together(ids[:1], [FEB, MAR]) is None
        assert figure(company, "ann", "repeat", date(2025, 1, 10), Grain.DAY) is None


def test_a_fact_that_comes_late_makes_a_later_one_returning(company: Company) -> None:
    with company.scope():
        buy(company, "bob", date(2025, 3, 10), "A", 5)
        company.drain()
        assert figure(company, "bob", "new", MAR) == 5
        early = buy(company, "cid", date(2025, 1, 2), "A", 9)  # somebody else's, in another unit, two months earlier
        company.drain()
        assert figure(company, "cid", "new", JAN) == 9
        assert figure(company, "bob", "new", MAR) == 0
        assert figure(company, "bob", "again", MAR) == 1
        dirty.mark([(f.metric_id, f.employee_id, f.day, f.day) for f in Fact.objects.filter(id=early)])
        Fact.objects.filter(id=early).delete()
        company.drain()
        assert figure(company, "bob", "new", MAR) == 5
        assert stored() == expected(1)
        assert rebuild(check=True).differing == 0


def test_a_corrected_customer_moves_both_customers_later_days(company: Company) -> None:
    with company.scope():
        first = buy(company, "ann", date(2025, 1, 2), "A", 1)
        buy(company, "bob", date(2025, 2, 2), "A", 2)
        buy(company, "cid", date(2025, 2, 3), "B", 4)
        company.drain()
        assert [figure(company, who, "new", FEB) for who in ("bob", "cid")] == [0, 4]
        Fact.objects.filter(id=first).update(customer="B")
        dirty.mark([(f.metric_id, f.employee_id, f.day, f.day) for f in Fact.objects.filter(id=first)])
        company.drain()
        assert [figure(company, who, "new", FEB) for who in ("bob", "cid")] == [2, 0]


def test_one_customer_for_another_on_a_day_reaches_the_month(company: Company, derived: dict[str, Metric]) -> None:
    """The day's number stays 1, the month's does not."""
    with company.scope():
        buy(company, "ann", date(2025, 3, 3), "A")
        second = buy(company, "ann", date(2025, 3, 4), "A")
        company.drain()
        assert figure(company, "ann", "buyers", MAR) == 1
        Fact.objects.filter(id=second).update(customer="B")
        dirty.mark([(f.metric_id, f.employee_id, f.day, f.day) for f in Fact.objects.filter(id=second)])
        company.drain()
        assert figure(company, "ann", "buyers", MAR) == 2
        assert figure(company, "north", "buyers", MAR) == 2


def test_keys_that_wait_while_a_rule_is_recomputed_lose_nothing(company: Company, derived: dict[str, Metric]) -> None:
    """A broad key brings the customers' days up to date before the narrow key of the fact is looked at."""
    with company.scope():
        buy(company, "bob", date(2025, 3, 10), "A", 5)
        company.drain()
        buy(company, "cid", date(2025, 1, 2), "A", 9)
        dirty.mark([(derived["new_in_a_month"].pk, None, EARLIEST, FOREVER)])
        assert DirtyKey.objects.count() == 2
        company.drain()
        assert stored() == expected(1)


def test_only_what_a_fact_moves_is_recomputed(company: Company, derived: dict[str, Metric]) -> None:
    with company.scope():
        tell(company)
        before = CustomerDay.objects.count()
        buy(company, "cid", date(2025, 1, 5), "C", 9)
        drain()
        assert CustomerDay.objects.count() == before + 1
        assert stored() == expected(1)
        Metric.objects.exclude(customer_rule="").delete()
        dirty.mark([(derived["sum"].pk, None, EARLIEST, FOREVER)])
        company.drain()
        assert CustomerDay.objects.count() == 0  # nobody asks for them any more


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ("sum", {10, 20, 5, 6, 9, 1, 2, 3}),
        ("new", {10, 20, 6, 2}),
        ("again", {5, 9, 1}),
        ("new_in_a_month", {10, 20, 6, 1, 2}),
        ("again_in_2_months", {5, 9}),
        ("retention", {10, 20, 5, 6, 9, 1, 2}),
    ],
)
def test_the_facts_behind_a_figure_are_those_that_count(company: Company, code: str, days: set[int]) -> None:
    with company.scope():
        tell(company)
        found = facts_for(metric_by_code(code), first=JAN, last=date(2025, 12, 31), employee_ids=None)
        assert {fact.day.day for fact in found} == days


def test_the_facts_behind_a_filter(company: Company) -> None:
    with company.scope():
        for series, channel in [("high", "shop"), ("top", "web"), ("low", "web"), ("", "")]:
            buy(company, "ann", date(2025, 3, 3), "A", series=series, channel=channel)
        company.drain()

        def behind(code: str) -> int:
            return facts_for(metric_by_code(code), first=MAR, last=date(2025, 3, 31), employee_ids=None).count()

        assert [behind(code) for code in ("high", "high_count", "high_mean")] == [2, 1, 3]
        assert [figure(company, "north", code, MAR) for code in ("high", "high_count")] == [2, 1]


def test_another_company_s_customers_are_not_seen(company: Company, other_company: Company) -> None:
    from tests.metrics.reference import make_derived, make_metrics

    with other_company.scope():
        make_derived(make_metrics())
        other_company.drain()
        buy(other_company, "ann", date(2025, 1, 1), "A", 1)
        other_company.drain()
    with company.scope():
        buy(company, "ann", date(2025, 3, 1), "A", 4)
        company.drain()
        assert figure(company, "ann", "new", MAR) == 4
        assert CustomerDay.objects.count() == 1
