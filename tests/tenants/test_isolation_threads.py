"""Two workspaces hammered in parallel, with real connections and real commits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg2
from django.core.cache import cache
from django.db import connection, connections, transaction
from django_scopes import get_scope

from perfmgmt.metrics.models import EmployeeRollup, Fact
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import workspaces_of
from tests import servers
from tests.factories import Company

ROUNDS, THREADS = 12, 4


def in_threads(jobs: list[Callable[[], None]]) -> None:
    """Run the jobs at the same time, each with its own connection; raise what one of them raised."""
    start = threading.Barrier(len(jobs))

    def work(job: Callable[[], None]) -> None:
        try:
            start.wait(timeout=30)
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(work, job) for job in jobs]:
            done.result(timeout=120)


def hammer(company: Company, number: int) -> None:
    """Open the scope again and again: read, write, compute, and see nothing of anybody else."""
    tenant_id, slug = company.tenant.pk, company.tenant.slug
    for turn in range(ROUNDS):
        with company.scope():
            mark = f"{number}-{turn}"
            Employee.objects.create(number=f"{slug}-{mark}", name=f"{slug} {mark}")
            company.fact("ann", "sales_amount", date(2025, 2, 1 + turn), 5, external_id=mark, customer=slug)
            company.drain()
            cache.set("slug", slug, timeout=60)
            assert set(Fact.objects.values_list("tenant_id", "customer")) == {(tenant_id, slug)}
            assert set(EmployeeRollup.objects.values_list("tenant_id", flat=True)) == {tenant_id}
            assert cache.get("slug") == slug
            with connection.cursor() as cursor:
                cursor.execute("SELECT DISTINCT tenant_id FROM people_employee")
                assert cursor.fetchall() == [(tenant_id,)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_employee")
            assert cursor.fetchone() == (0,)
        assert get_scope() == {}


def test_two_workspaces_in_parallel_never_see_each_other(committed: None) -> None:
    companies = [Company.create("acme"), Company.create("globex")]
    in_threads([
        (lambda company=companies[n % 2], n=n: hammer(company, n)) for n in range(THREADS)
    ])  # fmt: skip
    for company in companies:
        with company.scope():
            assert Fact.objects.count() == ROUNDS * THREADS // 2
            year = EmployeeRollup.objects.get(grain=5, metric__code="sales_amount")
            assert year.total == 5 * Fact.objects.count()


def test_the_setting_does_not_survive_on_a_persistent_connection(committed: None) -> None:
    company = Company.create("acme")
    pids = set()
    for _ in range(2):
        with company.scope(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), count(*) FROM people_employee")
            pids.add(cursor.fetchone())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_employee")
            assert cursor.fetchone() == (0,)
    assert len(pids) == 1  # it was one connection all the time


def test_a_persons_list_of_workspaces_in_parallel_is_their_own(committed: None) -> None:
    companies = [Company.create("acme"), Company.create("globex")]

    def look(company: Company) -> None:
        for _ in range(ROUNDS):
            assert workspaces_of(company.users["hr"].pk) == [(company.tenant.slug, company.tenant.slug.title())]

    in_threads([(lambda company=company: look(company)) for company in companies * 2])


def test_even_the_owner_of_the_tables_sees_no_row_without_a_scope(committed: None) -> None:
    Company.create("acme")
    owner: Any = psycopg2.connect(servers.with_database(servers.OWNER, servers.DATABASE))
    try:
        with owner, owner.cursor() as cursor:
            cursor.execute("SELECT current_user, (SELECT count(*) FROM people_employee)")
            assert cursor.fetchone() == ("perfmgmt_owner", 0)
    finally:
        owner.close()
