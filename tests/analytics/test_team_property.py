"""However people and their managers move: the teams, those without a manager, and the units sum to the company."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.homes.board import build
from analytics.homes.members import people_targets
from analytics.homes.unit_people import unit_targets
from goals.parts import part_of_target
from perfmgmt.metrics.models import Fact
from perfmgmt.people.models import Assignment
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.team import Member, joined
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import tenant_scope
from tests.analytics.test_team import _sign_up, aim, drilled, scope_of
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)
MARCH = [FIRST + timedelta(days=n) for n in range(31)]
# Boss and rival never have a manager; `manager` stands below one of them, or nobody, and may lead others.
LEADERS = ("boss", "rival")
MOVERS = ("manager", "ann", "bob", "cid")
moves = st.lists(
    st.tuples(
        st.sampled_from(MOVERS),
        st.sampled_from(MARCH),
        st.one_of(st.just(60), st.integers(0, 12)),
        st.sampled_from(["boss", "rival", "manager", None]),
        st.sampled_from(["sales", "north", "south"]),
    ),
    max_size=8,
)
sold = st.lists(st.tuples(st.sampled_from(MOVERS), st.sampled_from(MARCH), st.integers(-9, 99)), max_size=10)


def play(company: Company, moved: list[tuple[str, date, int, str | None, str]], gap: date | None) -> None:
    Assignment.objects.filter(employee=company.people["rival"]).update(manager=None)
    for who, day, length, leader, unit in moved:
        manager = company.people[leader] if leader and who != leader else None
        last = day + timedelta(days=length)
        assign(company.people[who], unit=company.units[unit], valid_from=day, valid_to=last, manager=manager)
    if gap is not None:
        Assignment.objects.filter(employee=company.people["cid"], valid_from__gte=gap).delete()
        Assignment.objects.filter(employee=company.people["cid"], valid_to__gte=gap).update(
            valid_to=gap - timedelta(days=1)
        )


def top_of(company: Company) -> dict[tuple[int, date], int | None]:
    """Who stands on top of a person's line on a day, walked by hand; None where that is neither leader."""
    leaders = {company.people[name].pk for name in LEADERS}
    held = list(Assignment.objects.values_list("employee_id", "manager_id", "valid_from", "valid_to"))
    found: dict[tuple[int, date], int | None] = {}
    for day in MARCH:
        manager_of = {who: manager for who, manager, first, last in held if first <= day <= last}
        for name in MOVERS:
            person = company.people[name].pk
            here = manager_of.get(person)
            while here is not None and here not in leaders:
                here = manager_of.get(here)
            found[person, day] = here
    return found


def check_figures(company: Company, top: dict[tuple[int, date], int | None]) -> None:
    counted: dict[int | None, list[Decimal]] = {}
    for who, day, value in Fact.objects.values_list("employee_id", "day", "value"):
        counted.setdefault(top[who, day], []).append(value)
    for name in LEADERS:
        facts = counted.get(company.people[name].pk, [])
        assert (build(scope_of(company, name)).headlines[0].value or 0) == sum(facts)
        wanted = drilled(company, name, who="team")
        total = wanted.total()
        assert total is not None
        assert (total[0] or 0, total[1]) == (sum(facts), len(facts))
        assert sorted(wanted.facts().values_list("value", flat=True)) == sorted(facts)
    everything = drilled(company, "owner").total()
    assert everything is not None
    assert (everything[0] or 0) == sum(value for facts in counted.values() for value in facts)
    units = [drilled(company, "owner", unit=str(pk)).total() for pk in (company.units["sales"].pk, 0)]
    assert sum((found[0] or Decimal(0) for found in units if found), Decimal(0)) == (everything[0] or 0)


def check_targets(company: Company, top: dict[tuple[int, date], int | None], target: int) -> None:
    parts: dict[int, Decimal] = {}
    for name in LEADERS:
        scope = scope_of(company, name)
        for pk, part in people_targets(scope, list(scope.people or {})).items():
            parts[pk] = parts.get(pk, Decimal(0)) + part
    owner = scope_of(company, "owner")
    employed = 0
    for name in MOVERS:
        pk = company.people[name].pk
        rows = Assignment.objects.filter(employee=pk, valid_from__lte=LAST, valid_to__gte=FIRST).order_by(
            "valid_from"
        )
        held = tuple((max(a, FIRST), min(z, LAST)) for a, z in rows.values_list("valid_from", "valid_to"))
        days = {day for day in MARCH if any(a <= day <= z for a, z in held)}
        alone = joined((day, day) for day in days if top[pk, day] is None)
        rest = part_of_target(Decimal(target), Member("", "", alone, held), FIRST, LAST, owner.calendar, places=2)
        assert parts.get(pk, Decimal(0)) + rest == (target if days else 0)
        employed += bool(days)
    units = unit_targets(owner, [Period(Grain.MONTH, FIRST).start])
    assert (units.together([company.units["sales"].pk]) or 0) == employed * target


@settings(
    max_examples=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
@given(moved=moves, facts=sold, target=st.integers(1, 1000), gap=st.one_of(st.none(), st.sampled_from(MARCH)))
def test_teams_units_and_who_has_no_manager_sum_to_the_company(
    company: Company,
    moved: list[tuple[str, date, int, str | None, str]],
    facts: list[tuple[str, date, int]],
    target: int,
    gap: date | None,
) -> None:
    with transaction.atomic():
        with tenant_scope(company.tenant.pk):
            for name in LEADERS:
                _sign_up(company, name)
                always = add_employee(f"K-{name}", name)  # who leads nobody today has no team's home
                assign(always, unit=company.units["sales"], valid_from=START, manager=company.people[name])
            play(company, moved, gap)
            for who, day, value in facts:
                company.fact(who, "sales_amount", day, value)
            aim(company, FIRST, **dict.fromkeys(MOVERS, target))
            company.drain()
            top = top_of(company)
            check_figures(company, top)
            check_targets(company, top, target)
            transaction.set_rollback(True)
        transaction.set_rollback(True)
