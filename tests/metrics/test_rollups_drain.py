"""Workers draining at the same time as writers write: nothing lost, nothing twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections

from perfmgmt.metrics.models import DirtyKey, EmployeeRollup, Metric
from perfmgmt.metrics.rollups import dirty, services
from perfmgmt.metrics.rollups.services import Turn, drain, drain_all, rebuild
from perfmgmt.metrics.tasks import drain_rollups
from perfmgmt.tenants.models import Doorbell
from tests.factories import Company
from tests.metrics.reference import make_metrics, stored

DAY = date(2025, 5, 5)


@pytest.fixture
def shop(committed: None) -> Company:
    company = Company.create("acme")
    with company.scope():
        make_metrics()
    drain_all(company.scope)
    return company


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do it on another connection and return what it returns."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=60)


def in_scope(company: Company, work: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with company.scope():
            return work()

    return run


def notes(company: Company) -> int:
    return Doorbell.objects.filter(tenant_id=company.tenant.pk, queue="rollups").count()


def year_total(company: Company, who: str = "ann") -> int:
    with company.scope():
        row = EmployeeRollup.objects.filter(grain=5, metric__code="sum", employee=company.people[who]).first()
        return int(row.total) if row else 0


def test_a_second_drain_of_a_workspace_is_busy_at_once(shop: Company) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
        drain()
        assert elsewhere(in_scope(shop, drain)) is Turn.BUSY
    assert elsewhere(in_scope(shop, drain)) is Turn.CLEAN


def test_a_drain_of_one_workspace_does_not_hold_up_another(shop: Company) -> None:
    other = Company.create("globex")
    drain_all(other.scope)
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
        drain()
        assert elsewhere(in_scope(other, drain)) is Turn.CLEAN


def test_a_waiting_drain_goes_on_when_the_first_is_through(shop: Company) -> None:
    started = threading.Event()

    def wait() -> Turn:
        try:
            with shop.scope():
                started.set()
                return drain(wait=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with shop.scope():
            shop.fact("ann", "sum", DAY, 1)
            drain()
            second = pool.submit(wait)
            assert started.wait(30)
        assert second.result(timeout=30) is Turn.CLEAN


def test_a_fact_written_while_a_drain_runs_is_not_lost(shop: Company) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
    with shop.scope():
        drain()
        elsewhere(in_scope(shop, lambda: shop.fact("ann", "sum", DAY, 10)))
    assert notes(shop) >= 1
    with shop.scope():
        assert DirtyKey.objects.count() == 1
    drain_all(shop.scope)
    assert year_total(shop) == 11
    assert notes(shop) == 0


def test_keys_and_rollups_are_one_commit(shop: Company) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
    with pytest.raises(ZeroDivisionError), shop.scope():
        assert drain() is Turn.CLEAN
        _ = 1 / 0
    with shop.scope():
        assert DirtyKey.objects.count() == 1
        assert stored() == ({}, {})
    assert notes(shop) == 1


def test_a_note_stays_until_all_keys_are_done(shop: Company) -> None:
    with shop.scope():
        for n in range(3):
            shop.fact("ann", "sum", date(2025, 5, 1 + n), 1)
    for turn in (Turn.MORE, Turn.MORE, Turn.CLEAN):
        assert notes(shop) == 3
        with shop.scope():
            assert drain(limit=1) is turn
    assert notes(shop) == 0


def test_a_note_without_keys_is_taken_away(shop: Company) -> None:
    with shop.scope():
        dirty.ring()
    assert notes(shop) == 1
    with shop.scope():
        assert drain() is Turn.CLEAN
    assert notes(shop) == 0


def test_a_key_for_every_metric_becomes_one_turn_per_metric(shop: Company) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
        shop.fact("ann", "count", DAY, 1)
        DirtyKey.objects.all().delete()
        dirty.mark([(None, None, DAY, DAY)])
    turns = []
    while not turns or turns[-1] is Turn.MORE:
        with shop.scope():
            turns.append(drain())
    with shop.scope():
        assert len(turns) == Metric.objects.exclude(aggregation="ratio").count()
        assert rebuild(check=True).differing == 0
    assert year_total(shop) == 1


@contextmanager
def messages() -> Iterator[list[str]]:
    """The names of the tasks that are sent, read from the broker's own queue."""
    from perfmgmt.celery import app

    found: list[str] = []
    with app.connection_for_read() as broker, broker.channel() as channel:
        for queue in ("mail", "rollups", "bulk", "default"):
            if queue in _queues(channel):
                channel.queue_purge(queue)
        yield found
        for queue in ("mail", "rollups", "bulk", "default"):
            while queue in _queues(channel) and (message := channel.basic_get(queue, no_ack=True)):
                found.append(message.headers["task"])


def _queues(channel: Any) -> set[str]:
    return {key.decode() for key in channel.client.keys("*") if channel.client.type(key) == b"list"}


def test_changes_that_come_together_wake_one_worker_after_the_commit(shop: Company) -> None:
    cache.clear()
    with messages() as sent:
        with shop.scope():
            for n in range(5):
                shop.fact("ann", "sum", date(2025, 5, 1 + n), 1)
        with shop.scope():
            shop.fact("bob", "sum", DAY, 1)
    assert sent == ["metrics.drain_rollups"]


def test_a_change_after_a_workers_turn_wakes_one_again(shop: Company) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
    drain_rollups.run(shop.tenant.pk)
    with messages() as sent, shop.scope():
        shop.fact("ann", "sum", DAY, 1)
    assert sent == ["metrics.drain_rollups"]
    drain_rollups.run(shop.tenant.pk)
    assert year_total(shop) == 2


def test_a_turn_that_leaves_work_queues_up_again(shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop.scope():
        shop.fact("ann", "sum", DAY, 1)
        shop.fact("bob", "sum", DAY, 1)
    monkeypatch.setattr(services.drain, "__defaults__", (1,))
    with messages() as sent:
        drain_rollups.run(shop.tenant.pk)
    assert sent == ["metrics.drain_rollups"]
    with messages() as sent:
        drain_rollups.run(shop.tenant.pk)
    assert sent == []


def test_a_change_that_is_rolled_back_wakes_nobody(shop: Company) -> None:
    cache.clear()
    with messages() as sent, pytest.raises(ZeroDivisionError), shop.scope():
        shop.fact("ann", "sum", DAY, 1)
        _ = 1 / 0
    assert sent == []
    assert notes(shop) == 0
