"""A workspace of 10,000 people in 300 units and its facts, made inside PostgreSQL by the administrator.

Facts arrive day by day over one year that ends today, `PER_DAY` at a time for the same person, metric and day (three
order lines, three calls); whose turn it is and of which metric is scattered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.report import say
from bench.servers import LARGE, admin_cursor

DAYS = 365
UNITS, REGIONS = 300, 13
PER_DAY = 3
METRICS = (
    "sales_amount", "orders", "gross_profit", "collected_amount", "deals_won", "sales_cycle_days", "csat",
    "bench_calls",
)  # fmt: skip
LED_30, LED_100 = "P000002", "P000003"


@dataclass(frozen=True)
class World:
    """What the cases need to know of the workspace."""

    database: str
    tenant_id: int
    metric_ids: tuple[int, ...]
    counted_ids: tuple[int, ...]
    facts: int
    people: int


def make(facts: int, people: int, database: str = LARGE) -> World:
    """Create the workspace with people and facts in the database that Django is connected to."""
    from perfmgmt.metrics.models import Aggregation, Metric, Source, UnitOfMeasure
    from perfmgmt.tenants.scope import tenant_scope
    from perfmgmt.tenants.services import create_workspace

    say(f"{database}: {people:,} people, {facts:,} facts")
    tenant = create_workspace("bench", name="Bench", time_zone="UTC")
    with tenant_scope(tenant.pk):
        # What is measured is the plain path: no metric of the library reads the facts of another here.
        Metric.objects.exclude(numerator=None).delete()
        Metric.objects.filter(aggregation__in=[Aggregation.GROWTH, Aggregation.TARGET_SHARE]).delete()
        Metric.objects.exclude(base=None).delete()
        Metric.objects.create(
            code="bench_calls",
            name_zh="Calls",
            name_en="Calls",
            unit_of_measure=UnitOfMeasure.COUNT,
            aggregation=Aggregation.COUNT,
        )
        found = dict(Metric.objects.filter(code__in=METRICS).values_list("code", "pk"))
        source = Source.objects.create(code="bench", name="Bench")
    with admin_cursor(database) as cursor:
        _people(cursor, tenant.pk, people)
        with _without_indexes(cursor):
            _facts(cursor, tenant.pk, source.pk, [found[code] for code in METRICS], facts)
        for table in ("people_unit", "people_employee", "people_assignment", "metrics_metric", "metrics_fact"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    ids = tuple(found[code] for code in METRICS)
    return World(database, tenant.pk, ids, (found["bench_calls"],), facts, people)


def _people(cursor: Any, tenant: int, people: int) -> None:
    """One root, regions below it, teams below those; everybody is in a team, two managers lead 30 and 100."""
    run = cursor.execute
    run("INSERT INTO people_unit (tenant_id, name) VALUES (%s, 'Company') RETURNING id", [tenant])
    root = cursor.fetchone()[0]
    run(
        "INSERT INTO people_unit (tenant_id, name, parent_id) "
        "SELECT %s, 'Region ' || g, %s FROM generate_series(1, %s) g RETURNING id",
        [tenant, root, REGIONS],
    )
    regions = [pk for (pk,) in cursor.fetchall()]
    run(
        "INSERT INTO people_unit (tenant_id, name, parent_id) "
        "SELECT %s, 'Team ' || g, (%s::bigint[])[1 + g %% %s] FROM generate_series(1, %s) g RETURNING id",
        [tenant, regions, REGIONS, UNITS - REGIONS - 1],
    )
    teams = [pk for (pk,) in cursor.fetchall()]
    run(
        "INSERT INTO people_employee (tenant_id, number, name, name_key, email, phone) "
        "SELECT %s, 'P' || lpad(g::text, 6, '0'), 'Person ' || g, 'person ' || lpad(g::text, 6, '0'), '', '' "
        "FROM generate_series(1, %s) g",
        [tenant, people],
    )
    run(
        """
        INSERT INTO people_assignment (tenant_id, employee_id, unit_id, manager_id, valid_from, valid_to,
                                       sales_role_type, full_time_share)
        SELECT e.tenant_id, e.id, (%(teams)s::bigint[])[1 + g %% %(count)s],
               (SELECT id FROM people_employee m WHERE m.tenant_id = %(tenant)s AND m.number = CASE
                    WHEN g BETWEEN 4 AND 33 THEN %(led30)s WHEN g BETWEEN 34 AND 133 THEN %(led100)s
                    WHEN g > 1 THEN 'P000001' END),
               %(first)s, date '2999-12-31', '', 1
        FROM (SELECT e.*, substr(number, 2)::int AS g FROM people_employee e WHERE tenant_id = %(tenant)s) e
        """,
        {"teams": teams, "count": len(teams), "tenant": tenant, "led30": LED_30, "led100": LED_100,
         "first": date(2020, 1, 1)},
    )  # fmt: skip


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Millions of facts go in faster when the indexes are made afterwards."""
    fact = "'metrics_fact'::regclass"
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        f"WHERE conrelid = {fact} AND contype IN ('p', 'u')"
    )
    constraints = cursor.fetchall()
    cursor.execute(
        f"SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = {fact} "
        f"AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conrelid = {fact})"
    )
    indexes = cursor.fetchall()
    for name, _ in constraints:
        cursor.execute(f"ALTER TABLE metrics_fact DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE metrics_fact ADD CONSTRAINT {name} {definition}")
    for _, definition in indexes:
        cursor.execute(definition)


def _facts(cursor: Any, tenant: int, source: int, metric_ids: list[int], facts: int) -> None:
    cursor.execute(
        """
        INSERT INTO metrics_fact (tenant_id, source_id, external_id, line, credit_role, credit_share, metric_id,
            employee_id, day, value, currency, customer, customer_type, product, series, region, channel)
        SELECT %(tenant)s, %(source)s, 'F' || g, 0, 'owner', 1,
               (%(metrics)s::bigint[])[1 + (h >> 16) %% %(kinds)s], people.ids[1 + h %% people.count],
               %(first)s::date + (g / %(per_day)s * %(per_day)s * %(days)s / %(facts)s)::int,
               1 + (v %% 1000000) / 100.0, '',
               'Customer ' || v %% 50000, '', 'Product ' || v %% 200, '', 'Region ' || v %% 13, ''
        FROM (SELECT array_agg(id ORDER BY id) AS ids, count(*)::int AS count
              FROM people_employee WHERE tenant_id = %(tenant)s) people,
             (SELECT g, hashint8(g / %(per_day)s)::bigint & 2147483647 AS h,
                     hashint8(g)::bigint & 2147483647 AS v FROM generate_series(0, %(facts)s::bigint - 1) g) s
        """,
        {"tenant": tenant, "source": source, "metrics": metric_ids, "kinds": len(metric_ids), "facts": facts,
         "per_day": PER_DAY, "days": DAYS, "first": date.today() - timedelta(days=DAYS - 1)},  # noqa: DTZ011
    )  # fmt: skip
