"""EXPLAIN as the application's role: hot reads use an index by workspace and by what they ask for."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from perfmgmt.metrics.models import DirtyKey, Metric, Source
from perfmgmt.metrics.rollups import services
from perfmgmt.metrics.rollups.incremental import recompute
from perfmgmt.metrics.selectors import employee_figures, facts_for, group_totals, unit_figures
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import reports_of
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.isolation import owned_models
from tests import servers
from tests.conftest import admin_cursor
from tests.factories import START, Company

PEOPLE, SELLERS, DAYS, KEYS = 2000, 60, 40, 4000
DAY, MONTH = date(2025, 2, 3), date(2025, 2, 1)


def fill(company: Company) -> None:
    """2,000 people, 60 of them with a fact of two metrics on each of 40 days, and some thousand dirty keys."""
    leader = company.people["manager"]
    people = Employee.objects.bulk_create(
        Employee(number=f"P{n:04d}", name=f"P {n}", name_key=f"p {n}") for n in range(PEOPLE)
    )
    Assignment.objects.bulk_create(
        Assignment(employee=person, unit=company.units["north" if n % 10 else "south"], valid_from=START,
                   manager=leader if n < 30 else people[n // 40])
        for n, person in enumerate(people)
    )  # fmt: skip
    source = Source.objects.create(code="many", name="Many")
    metrics = list(Metric.objects.filter(code__in=["sales_amount", "orders"]).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_fact (tenant_id, source_id, external_id, line, credit_role, credit_share, metric_id,
                employee_id, day, value, currency, customer, customer_type, product, series, region, channel)
            SELECT %(tenant)s, %(source)s, concat_ws('-', m, p, d), 0, 'owner', 1, m, p, date '2025-01-01' + d, 1,
                '', 'C' || d %% 7, '', '', '', '', ''
            FROM unnest(%(metrics)s::bigint[]) m, unnest(%(people)s::bigint[]) p, generate_series(0, %(days)s) d
            """,
            {"tenant": company.tenant.pk, "source": source.pk, "metrics": metrics, "days": DAYS - 1,
             "people": [person.pk for person in people[:SELLERS]]},
        )  # fmt: skip
    services.rebuild()
    DirtyKey.objects.bulk_create(
        DirtyKey(metric_id=metrics[0], employee_id=people[n % SELLERS].pk, first_day=DAY, last_day=DAY)
        for n in range(KEYS)
    )


@pytest.fixture(scope="module")
def companies(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Company]]:
    """Two such companies with fresh statistics, for all tests of this file: they only read."""
    with django_db_blocker.unblock():
        made = [Company.create("acme"), Company.create("globex")]
        for company in made:
            with company.scope():
                fill(company)
        with admin_cursor(servers.DATABASE) as cursor:
            cursor.execute("ANALYZE")
            yield made
            connection.close()
            # Counting goes on: a sequence set back would give the ids of kept companies again (see tests/kept.py).
            cursor.execute("TRUNCATE tenants_tenant, people_user CASCADE")
            for model in owned_models():  # hot tables have no foreign key that TRUNCATE would follow
                cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.fixture
def large(companies: list[Company], django_db_blocker: Any) -> Iterator[Company]:
    """The scope of one of them; what a test changes is undone."""
    with django_db_blocker.unblock(), companies[0].scope():
        yield companies[0]
        transaction.set_rollback(True)


def plans(work: Callable[[], Any], *, executed: bool = False) -> list[dict[str, Any]]:
    """The plans of every statement that `work` executes, taken just before it is executed.

    `executed`, for reads only: a subquery in the columns of a recursion is in no plan before it has run.
    """
    found, explained = [], "EXPLAIN (ANALYZE, FORMAT JSON) " if executed else "EXPLAIN (FORMAT JSON) "

    def explain(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if any(sql.strip().startswith(word) for word in ("SELECT", "WITH", "INSERT", "DELETE", "CREATE TEMP")):
            execute(explained + sql, params, many, context)
            (answer,) = context["cursor"].fetchone()
            found.append((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        work()
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def scans(found: list[dict[str, Any]], table: str) -> list[str]:
    """How a table is read: the index condition of each scan, "everything" where there is none."""
    conditions = []
    for plan in found:
        for node in nodes(plan):
            if node.get("Relation Name") == table and "Scan" in node["Node Type"]:
                below = [part.get("Index Cond", "") for part in nodes(node) if "Index" in part["Node Type"]]
                conditions.append(" ".join(below) or "everything")
    return conditions


def assert_by(found: list[dict[str, Any]], table: str, *columns: str) -> None:
    """Each scan of the table must be by an index on the workspace and on the given columns."""
    conditions = scans(found, table)
    assert conditions, f"{table} is not read"
    for condition in conditions:
        assert all(column in condition for column in ("tenant_id", *columns)), f"{table}: {condition}"


def thirty() -> list[int]:
    return list(Employee.objects.filter(number__startswith="P").order_by("number").values_list("pk", flat=True)[:30])


def test_figures_of_thirty_people_over_months(large: Company) -> None:
    metric, team = Metric.objects.get(code="sales_amount"), thirty()
    span = {"grain": Grain.MONTH, "first": date(2025, 1, 1), "last": MONTH}
    assert_by(plans(lambda: employee_figures(metric, employee_ids=team, **span)), "metrics_employeerollup",
              "metric_id", "grain", "employee_id")  # fmt: skip
    assert_by(plans(lambda: group_totals(metric, employee_ids=team, **span)), "metrics_employeerollup",
              "metric_id", "grain", "employee_id")  # fmt: skip


def test_figures_of_a_unit_over_months(large: Company) -> None:
    metric = Metric.objects.get(code="sales_amount")
    found = plans(
        lambda: unit_figures(metric, grain=Grain.DAY, first=DAY, last=DAY, unit_ids=[large.units["north"].pk])
    )
    assert_by(found, "metrics_unitrollup", "metric_id", "grain", "unit_id")


def test_the_facts_behind_a_figure(large: Company) -> None:
    metric, team = Metric.objects.get(code="sales_amount"), thirty()
    found = plans(lambda: list(facts_for(metric, first=DAY, last=DAY, employee_ids=team[:1])))
    assert_by(found, "metrics_fact", "metric_id", "employee_id", "day")


def test_everybody_below_a_manager(large: Company) -> None:
    manager = large.people["manager"].pk
    with connection.cursor() as cursor:
        # Reading so small a table as a whole is cheaper; the question is whether the index can be used.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        )
    found = plans(lambda: reports_of(manager, on=DAY), executed=True)
    assert_by(found, "people_assignment", "manager_id")


def test_taking_dirty_keys_reads_the_oldest_only(large: Company) -> None:
    found = plans(lambda: services._take(10))
    by_workspace, by_id = sorted(scans(found, "metrics_dirtykey"), key=lambda condition: "tenant_id" not in condition)
    assert "tenant_id" in by_workspace
    assert "id = " in by_id
    assert all(node["Plan Rows"] <= 10 for plan in found for node in nodes(plan) if node["Node Type"] == "Limit")
    assert not [node for plan in found for node in nodes(plan) if node["Node Type"] == "Sort"]


def recomputed() -> list[dict[str, Any]]:
    """The plans of computing one day of one person and metric anew."""
    metric, person = Metric.objects.get(code="sales_amount").pk, thirty()[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE metrics_fact SET value = 2 WHERE metric_id = %s AND employee_id = %s AND day = %s",
                       [metric, person, DAY])  # fmt: skip
    return plans(lambda: recompute([(metric, person, DAY, DAY)], 1))


def test_recomputing_one_day_reads_no_more_than_it_needs(large: Company) -> None:
    found = recomputed()
    assert_by(found, "metrics_fact", "metric_id", "employee_id", "day")
    assert_by(found, "metrics_employeerollup", "metric_id", "start")


def test_recomputing_one_day_reads_units_by_index(large: Company) -> None:
    with connection.cursor() as cursor:
        # Three units have so few rows that reading all is about as cheap; the question is whether the index serves.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert_by(recomputed(), "metrics_unitrollup", "metric_id", "grain", "unit_id")
