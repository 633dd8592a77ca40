"""Case `goals.grid`: the target grid of a manager of 200 people, a year of months, three metrics with forecasts.

Measured against a page that is only the shell, through all of Django, in turns. The same manager's grid of 20 people
must take as many statements.
"""

from datetime import date
from typing import Any

from bench.data import LED_30, LED_100, World
from bench.home import TIMES, measure, queries_of
from bench.report import Report, say
from bench.servers import admin_cursor

CASE = "goals.grid"
GOAL, MOST_QUERIES, METRICS = 5.0, 12, 3
# Who leads how many: with their own row these are 20 and 200 people.
FEW, MANY = (LED_30, 19), (LED_100, 199)
TABLES = (
    "people_assignment", "goals_monthlytarget", "metrics_employeerollup", "metrics_forecast", "metrics_forecastbasis",
)  # fmt: skip
_LEAD = """
    UPDATE people_assignment a SET manager_id = m.id FROM people_employee e, people_employee m
    WHERE a.employee_id = e.id AND m.tenant_id = a.tenant_id AND m.number = %(leader)s AND a.tenant_id = %(tenant)s
        AND substr(e.number, 2)::int >= %(first)s AND substr(e.number, 2)::int < %(first)s + %(count)s
"""
_MONTHS = "generate_series(%(from)s::date, %(to)s::date, interval '1 month') AS m(start)"
_FILL = f"""
    INSERT INTO goals_monthlytarget (tenant_id, metric_id, employee_id, month, value, updated_at)
    SELECT e.tenant_id, k.id, e.id, m.start::date, 100000 + (hashint8(e.id) & 65535), now()
    FROM people_employee e, unnest(%(metrics)s) AS k(id), {_MONTHS} WHERE e.tenant_id = %(tenant)s;
    INSERT INTO metrics_employeerollup (tenant_id, metric_id, grain, employee_id, start, total, n)
    SELECT e.tenant_id, k.id, 3, e.id, (m.start - interval '1 year')::date, 90000 + (hashint8(e.id) & 65535), 12
    FROM people_employee e, unnest(%(metrics)s) AS k(id), {_MONTHS} WHERE e.tenant_id = %(tenant)s;
    INSERT INTO metrics_forecastbasis (tenant_id, metric_id, grain, employee_id, basis, months, best, history,
        transform, step, through)
    SELECT e.tenant_id, k.id, g.grain, e.id, 'own', 24, 180000,
        (SELECT jsonb_agg(90000 + 1234.5 * g) FROM generate_series(1, 24) g), 'sqrt', 0, %(from)s
    FROM people_employee e, unnest(%(metrics)s) AS k(id), (VALUES (3), (5)) AS g(grain)
    WHERE e.tenant_id = %(tenant)s;
    INSERT INTO metrics_forecast (tenant_id, metric_id, grain, employee_id, start, point, low, high, mu, sigma,
        season, market, days, peers_median)
    SELECT e.tenant_id, k.id, g.grain, e.id, m.start::date, 110000.25, 80000.5, 150000.75, 331.6629, 41.3318, 1.08,
        0.97, 1.02, 105000.5
    FROM people_employee e, unnest(%(metrics)s) AS k(id), (VALUES (3), (5)) AS g(grain), {_MONTHS}
    WHERE e.tenant_id = %(tenant)s AND (g.grain = 3 OR m.start = %(from)s);
"""


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Measure the large grid, count the statements of both."""
    from django.urls import reverse

    say(CASE)
    year = date.today().year + 1  # noqa: DTZ011
    _furnish(world, year)
    grid = f"{reverse('target_grid', kwargs={'slug': 'bench'})}?period={year}"
    shell = reverse("about", kwargs={"slug": "bench"})
    clients = {number: _signed_in(world, number) for number, _count in (FEW, MANY)}
    counts = {number: queries_of(client, grid) for number, client in clients.items()}
    for number, count in (FEW, MANY):
        found = clients[number].get(grid).content
        if (found.count(b'data-row="'), found.count(b'data-tab="')) != (count + 1, METRICS):
            raise RuntimeError("The grid does not show what is measured.")
    ours, base = measure(clients[MANY[0]], grid, shell, times)
    queries = counts[MANY[0]]
    report.add(CASE, goal=GOAL, ours=ours, base=base, met=queries == counts[FEW[0]] and queries <= MOST_QUERIES,
               queries=queries, queries_goal=MOST_QUERIES)  # fmt: skip


def _furnish(world: World, year: int) -> None:
    """Lines of 19 and 199, and for everybody targets, last year's figures and forecasts."""
    values = {
        "tenant": world.tenant_id, "metrics": list(world.metric_ids[:METRICS]), "from": date(year, 1, 1),
        "to": date(year, 12, 1),
    }  # fmt: skip
    with admin_cursor(world.database) as cursor:
        first = 10
        for leader, count in (FEW, MANY):
            cursor.execute(_LEAD, {"tenant": world.tenant_id, "leader": leader, "first": first, "count": count})
            first += count
        cursor.execute("UPDATE people_assignment SET manager_id = NULL WHERE manager_id NOT IN "
                       "(SELECT id FROM people_employee WHERE number IN (%s, %s))", [FEW[0], MANY[0]])  # fmt: skip
        cursor.execute(
            "UPDATE people_assignment a SET manager_id = NULL FROM people_employee e WHERE a.employee_id = e.id "
            "AND (substr(e.number, 2)::int < 10 OR substr(e.number, 2)::int >= %s)", [first]
        )  # fmt: skip
        cursor.execute(_FILL, values)
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _signed_in(world: World, number: str) -> Any:
    from django.test import Client

    from perfmgmt.people.models import Employee, User
    from perfmgmt.people.services import add_member
    from perfmgmt.tenants.scope import tenant_scope

    user = User.objects.create_user(f"grid-{number.lower()}@bench.example", name="Bench Manager")
    with tenant_scope(world.tenant_id):
        add_member(user, employee=Employee.objects.get(number=number))
    client = Client()
    client.force_login(user)
    return client
