"""What a real worker does with committed data, without anybody calling a drain."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from perfmgmt.jobs import progress
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.retrying import retry
from perfmgmt.jobs.shown import state_of
from perfmgmt.metrics.imports.mapping import DEFAULT_FACTS
from perfmgmt.metrics.models import DirtyKey, Metric, Source, UnitRollup
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.services import BATCH, drain_all
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.models import Doorbell
from tests.embedded.support import eventually
from tests.factories import Company
from tests.workers.support import Worker, running

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("workers")]
DAY = date(2025, 6, 2)


@pytest.fixture
def shop(committed: None) -> Company:
    company = Company.create("acme")
    drain_all(company.scope)
    return company


@pytest.fixture
def worker(shop: Company, tmp_path: Path) -> Iterator[Worker]:
    with running(tmp_path) as worker:
        yield worker


def sales(company: Company, unit: str = "sales") -> int:
    """The year of a unit as it is stored."""
    with company.scope():
        row = UnitRollup.objects.filter(metric__code="sales_amount", grain=5, unit_id=company.units[unit].pk).first()
        return int(row.total) if row else 0


def sell(company: Company, value: int) -> None:
    with company.scope():
        company.fact("ann", "sales_amount", DAY, value)


def test_a_fact_reaches_the_top_unit_by_itself_again_and_again(shop: Company, worker: Worker) -> None:
    sell(shop, 5)
    eventually(lambda: sales(shop) == 5, worker.said, 15)
    sell(shop, 7)  # long before the sweep would look
    eventually(lambda: sales(shop) == 12, worker.said, 5)
    eventually(lambda: not Doorbell.objects.exists(), worker.said, 5)


def backlog(company: Company, keys: int) -> None:
    """Many dirty days at once, several turns of a worker."""
    source = Source.objects.create(code="many", name="Many")
    metric = Metric.objects.get(code="sales_amount").pk
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_fact (tenant_id, source_id, external_id, line, credit_role, credit_share, metric_id,
                employee_id, day, value, currency, customer, customer_type, product, series, region, channel)
            SELECT %(tenant)s, %(source)s, n, 0, 'owner', 1, %(metric)s, %(ann)s, date '2000-01-01' + n / 4, 1,
                '', '', '', '', '', '', '' FROM generate_series(1, %(keys)s) n;
            INSERT INTO metrics_dirtykey (tenant_id, metric_id, employee_id, first_day, last_day)
            SELECT %(tenant)s, %(metric)s, %(ann)s, date '2000-01-01' + n / 4, date '2000-01-01' + n / 4
            FROM generate_series(1, %(keys)s) n
            """,
            {"tenant": company.tenant.pk, "source": source.pk, "metric": metric, "keys": keys,
             "ann": company.people["ann"].pk},
        )  # fmt: skip
    dirty.ring()


def test_a_large_workspace_does_not_starve_a_small_one(shop: Company, tmp_path: Path) -> None:
    small = Company.create("globex")
    drain_all(small.scope)
    keys = 3 * BATCH
    with shop.scope():
        backlog(shop, keys)
    sell(small, 3)
    with running(tmp_path) as worker:
        eventually(lambda: sales(small) == 3, worker.said)
        with shop.scope():
            waiting = DirtyKey.objects.count()
        assert 0 < waiting < keys


def test_a_lost_message_is_made_good_by_the_sweep(shop: Company, tmp_path: Path) -> None:
    sell(shop, 5)
    cache.clear()  # the broker forgets everything
    Doorbell.objects.update(rung_at="2025-01-01T00:00Z")
    with running(tmp_path, beat=True) as worker:
        eventually(lambda: sales(shop) == 5, worker.said)
        eventually(lambda: not Doorbell.objects.exists(), worker.said)


def test_a_fresh_note_is_left_to_its_own_message(shop: Company, tmp_path: Path) -> None:
    small = Company.create("globex")
    drain_all(small.scope)
    sell(shop, 5)
    sell(small, 3)
    cache.clear()
    Doorbell.objects.filter(tenant=small.tenant).update(rung_at="2025-01-01T00:00Z")
    Doorbell.objects.filter(tenant=shop.tenant).update(rung_at="2999-01-01T00:00Z")  # stays fresh on a slow machine
    with running(tmp_path, beat=True) as worker:
        eventually(lambda: sales(small) == 3, worker.said)
        assert sales(shop) == 0


def upload(company: Company, rows: int) -> Job:
    lines = ["external_id,employee,metric,date,value"]
    lines += [f"{n},{company.people['ann'].number},sales_amount,2025-0{n % 9 + 1}-1{n % 7},2" for n in range(rows)]
    with company.scope():
        name = default_storage.save("imports/many.csv", ContentFile("\n".join(lines).encode()))
        params = {"file": name, "file_name": "many.csv", "mapping": DEFAULT_FACTS, "language": "en"}
        return jobs.start("facts.import", params, user_id=company.users["owner"].pk)


def test_an_import_runs_by_itself_with_progress_and_reaches_the_figures(shop: Company, worker: Worker) -> None:
    rows = 45_000
    job = upload(shop, rows)
    seen: list[progress.Progress] = []

    def finished() -> bool:
        with shop.scope():
            seen.append(progress.read(job.pk))
            job.refresh_from_db()
        return not job.is_open

    eventually(finished, worker.said, 60)
    assert (job.state, job.result and job.result["added"], job.error) == (JobState.DONE, rows, "")
    assert {found.phase for found in seen} >= {"reading", "publishing"}
    assert any(found.percent is not None and 0 < found.percent < 100 for found in seen)
    eventually(lambda: sales(shop) == 2 * rows, worker.said)


def test_a_job_whose_message_was_lost_is_started_by_the_sweep(shop: Company, tmp_path: Path) -> None:
    job = upload(shop, 3)
    cache.clear()
    Doorbell.objects.update(rung_at="2025-01-01T00:00Z")

    def done() -> bool:
        with shop.scope():
            job.refresh_from_db()
        return job.state == JobState.DONE

    with running(tmp_path, beat=True) as worker:
        eventually(done, worker.said)
        eventually(lambda: not Doorbell.objects.filter(queue="jobs").exists(), worker.said)


def test_a_job_whose_workers_are_killed_is_marked_lost_and_can_be_started_again(
    shop: Company, tmp_path: Path
) -> None:
    rows = 45_000
    job = upload(shop, rows)
    with running(tmp_path, beat=True) as worker:
        eventually(lambda: current(shop, job).state == JobState.RUNNING, worker.said, 60)
        worker.kill()  # in the middle of the work
    assert current(shop, job).state == JobState.RUNNING
    with shop.scope():
        Job.objects.filter(pk=job.pk).update(attempts=jobs.MOST_ATTEMPTS)  # as if it had died as often as it may
    Doorbell.objects.update(rung_at="2025-01-01T00:00Z")
    with running(tmp_path, beat=True) as worker:
        eventually(lambda: not current(shop, job).is_open, worker.said, 60)
        assert state_of(current(shop, job)) == "lost"
        assert sales(shop) == 0
        with shop.scope():
            owner = viewer_in(shop.users["owner"].pk, DAY)
            assert owner is not None
            assert owner.unread == 1
            again = retry(job.pk, viewer=owner)
        eventually(lambda: not current(shop, again).is_open, worker.said, 60)
        found = current(shop, again)
        assert (found.state, found.result and found.result["added"]) == (JobState.DONE, rows)


def current(company: Company, job: Job) -> Job:
    with company.scope():
        return Job.objects.get(pk=job.pk)
