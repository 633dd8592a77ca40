"""Case `goals.assign`: five goals to 2,000 people in one job, against a bare bulk insert of the rows it made.

Ours is the real job (`jobs.services.run`), from its start to its commit: who is meant, what they have, baselines from
rollups, targets, the split over months, goals, months and steps with policies, foreign keys and audit triggers, what
people are told. The base is Django's `bulk_create` of the same finished goals, months and steps, committed, by the
administrator, into tables of the same columns, keys and indexes without policies, foreign keys and triggers.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.data import World
from bench.report import Report, say
from bench.servers import admin_cursor, admin_url, checkpoint, using

CASE = "goals.assign"
GOAL, PEOPLE, TIMES = 2.0, 2000, 7
ADMIN = "bench_admin"
CODES = ("sales_amount", "orders", "gross_profit", "collected_amount", "deals_won")
TABLES = ("goals_goal", "goals_monthlytarget", "goals_goalstep")
EMPTIED = (*TABLES, "goals_goalevent", "goals_monthlytargetevent", "notify_notification", "jobs_job")


@dataclass(frozen=True)
class _Case:
    world: World
    user_id: int
    template_id: int
    period: str


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Assign and insert in turns, each into empty tables; compare the medians."""
    say(f"{CASE}: {world.people:,} people, {len(CODES)} goals each")
    ours, base, rows = [], [], {}
    with using(world.database), _administrator(world.database):
        case = _furnish(world)
        for turn in range(times + 1):
            _empty(world)
            seconds = _assign(case)
            if turn == 0:  # warms up, and gives the base its rows
                rows = _keep(world)
                _check(world, rows)
                continue
            ours.append(seconds)
            base.append(_insert(world, rows))
        say(f"turn {turn}: {ours[-1]:.2f} s, base {base[-1]:.2f} s")
    report.add(CASE, goal=GOAL, ours=median(ours), base=median(base), rows=sum(map(len, rows.values())))


def _furnish(world: World) -> _Case:
    """Make who assigns, the template, and figures of the year before that two of the goals grow from."""
    from decimal import Decimal

    from goals.template_sets.services import LineDraft, save_template
    from perfmgmt.metrics.models import Metric
    from perfmgmt.people.models import User
    from perfmgmt.people.roles import Role
    from perfmgmt.people.services import add_member
    from perfmgmt.people.viewer import workspace_of
    from perfmgmt.tenants.calendar import Grain, Period
    from perfmgmt.tenants.models import Tenant
    from perfmgmt.tenants.scope import tenant_scope

    user = User.objects.create_user("assign@bench.example", name="Bench HR")
    with tenant_scope(world.tenant_id):
        add_member(user, Role.HR)
        workspace = workspace_of(Tenant.objects.get(pk=world.tenant_id))
        ids = dict(Metric.objects.filter(code__in=CODES).values_list("code", "pk"))
        period = Period.containing(Grain.QUARTER, workspace.today()).next()
        lines = [
            LineDraft(code, ids[code], "percent" if place < 2 else "absolute", weight=Decimal(20),
                      value=Decimal(10 if place < 2 else 1000), baseline_kind="last_year" if place < 2 else "")
            for place, code in enumerate(CODES)
        ]  # fmt: skip
        template = save_template(None, name="Bench", position_id=None, sales_role_type="", lines=lines)
    with admin_cursor(world.database) as cursor:
        cursor.execute(
            "INSERT INTO metrics_employeerollup (tenant_id, metric_id, grain, employee_id, start, total, n) "
            "SELECT %s, m, 4, e.id, %s, 1000 + e.id %% 977, 9 FROM people_employee e, unnest(%s::bigint[]) m "
            "WHERE e.tenant_id = %s",
            [world.tenant_id, period.start.replace(year=period.start.year - 1), [ids[c] for c in CODES[:2]],
             world.tenant_id],
        )  # fmt: skip
    return _Case(world, user.pk, template.pk, period.label)


def _empty(world: World) -> None:
    with admin_cursor(world.database) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")
        for table in TABLES:
            cursor.execute(
                f"DROP TABLE IF EXISTS bench_{table}; CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)"
            )
    checkpoint()


def _assign(case: _Case) -> float:
    from goals.bulk.tasks import KIND
    from perfmgmt.jobs import services as jobs
    from perfmgmt.jobs.models import Job
    from perfmgmt.tenants.scope import tenant_scope

    open_scope = partial(tenant_scope, case.world.tenant_id)
    query = {
        "what": "template", "template": str(case.template_id), "period": case.period, "then": "propose"
    }  # fmt: skip
    with open_scope():
        params = {"query": query, "language": "en"}
        job = Job.objects.create(kind=KIND, params=params, created_by_id=case.user_id)
    begun = time.perf_counter()
    jobs.run(open_scope, job.pk)
    seconds = time.perf_counter() - begun
    with open_scope():
        job.refresh_from_db()
    if job.result is None:
        raise RuntimeError(f"nothing was assigned: {job.error}")
    return seconds


def _keep(world: World) -> dict[str, list[Any]]:
    """Return the rows that were made, finished, by table."""
    from goals.models import Goal, GoalStep, MonthlyTarget
    from perfmgmt.tenants.scope import tenant_scope

    with tenant_scope(world.tenant_id):
        return {model._meta.db_table: list(model.objects.order_by("pk")) for model in (Goal, MonthlyTarget, GoalStep)}


def _check(world: World, rows: dict[str, list[Any]]) -> None:
    """What was measured was right: everybody has all goals, three months each, one step, and an event for each."""
    goals = world.people * len(CODES)
    with admin_cursor(world.database) as cursor:
        cursor.execute("SELECT count(*) FROM goals_goalevent UNION ALL SELECT count(*) FROM goals_monthlytargetevent")
        events = sorted(count for (count,) in cursor.fetchall())
    found = [len(rows[table]) for table in TABLES]
    if found != [goals, 3 * goals, goals] or events != [goals, 3 * goals]:
        raise RuntimeError(f"{found} rows and {events} events for {goals} goals")


def _insert(world: World, rows: dict[str, list[Any]]) -> float:
    """Insert the finished rows in one transaction; return the seconds."""
    from django.db import transaction
    from django_scopes import scopes_disabled

    begun = time.perf_counter()
    with scopes_disabled(), transaction.atomic(using=ADMIN):
        for table, found in rows.items():
            with _renamed(type(found[0]), f"bench_{table}") as model:
                model._base_manager.using(ADMIN).bulk_create(found, batch_size=2000)
    return time.perf_counter() - begun


@contextmanager
def _renamed(model: Any, table: str) -> Iterator[Any]:
    """Let a model's rows go into an equal table."""
    usual, model._meta.db_table = model._meta.db_table, table
    try:
        yield model
    finally:
        model._meta.db_table = usual


@contextmanager
def _administrator(database: str) -> Iterator[None]:
    """Give Django a connection of the administrator under a name of its own."""
    from django.db import connections

    url = urlsplit(admin_url(database))
    connection = connections["default"].copy(ADMIN)
    connection.settings_dict |= {
        "NAME": database,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
    }
    connections[ADMIN] = connection
    connections.settings[ADMIN] = connection.settings_dict
    try:
        yield
    finally:
        connection.close()
        del connections[ADMIN]
        del connections.settings[ADMIN]
