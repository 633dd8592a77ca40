"""Cases `home.manager30` and `home.manager100`: a manager's home against a page that is only the shell.

Both pages go through all of Django in this process; the manager is signed in, leads 30 or 100 people with monthly
targets, in a workspace of 10,000 people and 5 million facts.
"""

import time
from datetime import date
from statistics import median
from typing import Any

from bench.data import LED_30, LED_100, World
from bench.report import Report, say

GOAL, MOST_QUERIES, TIMES = 4.0, 12, 40
# A transaction's begin and end read nothing.
TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Measure both managers, in turns with the shell."""
    from django.urls import NoReverseMatch, reverse

    try:
        home, shell = (reverse(name, kwargs={"slug": "bench"}) for name in ("home", "about"))
    except NoReverseMatch as error:
        report.skip("home.manager30, home.manager100", str(error))
        return
    found = {}
    for case, number in (("home.manager30", LED_30), ("home.manager100", LED_100)):
        say(case)
        client = _manager(world, number)
        found[case] = (*measure(client, home, shell, times), queries_of(client, home))
    same = len({queries for _, _, queries in found.values()}) == 1
    for case, (ours, base, queries) in found.items():
        report.add(case, goal=GOAL, ours=ours, base=base, met=same and queries <= MOST_QUERIES,
                   queries=queries, queries_goal=MOST_QUERIES)  # fmt: skip


def _manager(world: World, number: str) -> Any:
    """Return a client signed in as the person with this number; their people get targets."""
    from django.test import Client

    from goals.models import MonthlyTarget
    from perfmgmt.metrics.models import Metric
    from perfmgmt.people.models import Assignment, Employee, User
    from perfmgmt.people.services import add_member
    from perfmgmt.tenants.scope import tenant_scope

    today = date.today()  # noqa: DTZ011
    user = User.objects.create_user(f"{number.lower()}@bench.example", name="Bench Manager")
    with tenant_scope(world.tenant_id):
        employee = Employee.objects.get(number=number)
        add_member(user, employee=employee)
        people = list(Assignment.objects.filter(manager=employee).values_list("employee_id", flat=True))
        metrics = list(Metric.objects.filter(pk__in=world.metric_ids))
        MonthlyTarget.objects.bulk_create(
            MonthlyTarget(metric=metric, employee_id=person, month=date(today.year, month, 1), value=1000)
            for person in people
            for metric in metrics
            for month in range(1, 13)
        )
    client = Client()
    client.force_login(user)
    return client


def measure(client: Any, home: str, shell: str, times: int) -> tuple[float, float]:
    """Return the medians of both pages, fetched in turns after a warm-up."""
    spent: dict[str, list[float]] = {home: [], shell: []}
    for turn in range(times + 5):
        for page in (home, shell):
            begun = time.perf_counter()
            response = client.get(page)
            seconds = time.perf_counter() - begun
            if response.status_code != 200:
                raise RuntimeError(f"{page} answers {response.status_code}")
            if turn >= 5:
                spent[page].append(seconds)
    return median(spent[home]), median(spent[shell])


def queries_of(client: Any, page: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    return len([query for query in queries if not query["sql"].startswith(TRANSACTION)])
