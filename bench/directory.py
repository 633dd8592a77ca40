"""Case `directory.10000`: the directory of 10,000 people against a page that is only the shell.

As the owner, who sees everybody: the first page, a unit with everything below it, and a search, in turns with the
shell; the slowest of the three counts.
"""

from typing import Any

from bench.data import World
from bench.home import measure, queries_of
from bench.report import Report, say

CASE = "directory.10000"
GOAL, MOST_QUERIES, TIMES = 4.0, 8, 40
TABLES = ("people_employee", "people_assignment", "people_unit", "people_membership")


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Measure the pages; the most queries of any of them are reported."""
    from django.urls import reverse

    say(CASE)
    client, unit_id = _owner(world)
    shell, people = (reverse(name, kwargs={"slug": "bench"}) for name in ("about", "people"))
    pages = [people, f"{people}?unit={unit_id}&sort=unit", f"{people}?q=person+00"]
    found = [(*measure(client, page, shell, times), queries_of(client, page)) for page in pages]
    ours, base, _number = max(found, key=lambda one: one[0] / one[1])
    queries = max(queries for _ours, _base, queries in found)
    report.add(CASE, goal=GOAL, ours=ours, base=base, met=queries <= MOST_QUERIES,
               queries=queries, queries_goal=MOST_QUERIES)  # fmt: skip


def _owner(world: World) -> tuple[Any, int]:
    """Return a client signed in as an owner, and a unit with others below it."""
    from django.test import Client

    from perfmgmt.people.models import Unit, User
    from perfmgmt.people.roles import Role
    from perfmgmt.people.services import add_member
    from perfmgmt.tenants.scope import tenant_scope

    user = User.objects.create_user("directory@bench.example", name="Bench Owner")
    with tenant_scope(world.tenant_id):
        add_member(user, Role.OWNER)
        region = Unit.objects.filter(parent__parent=None, parent__isnull=False).earliest("pk")
    client = Client()
    client.force_login(user)
    return client, region.pk
