"""Long work: started, run once, cancelled, failed with a message, rescued, given up."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import registry, services
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import JobKind
from perfmgmt.people.models import Position
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.models import Doorbell
from tests.factories import Company

Work = Callable[[JobContext], dict[str, Any]]


@pytest.fixture
def kind() -> Iterator[Callable[[Work], str]]:
    """Register what a job of the kind `test` does."""
    yield lambda work: registry.register(JobKind("test", "Test", work)) or "test"
    registry._kinds.pop("test", None)


@pytest.fixture
def shop(committed: None) -> Company:
    """A workspace in committed data: jobs open scopes of their own."""
    return Company.create("acme")


def start(company: Company, **params: Any) -> Job:
    with company.scope():
        return services.start("test", params, user_id=company.users["owner"].pk)


def again(company: Company, job: Job) -> Job:
    with company.scope():
        return Job.objects.get(pk=job.pk)


def add_position(name: str) -> None:
    Position.objects.create(name=name)


def positions(company: Company) -> list[str]:
    with company.scope():
        return list(Position.objects.values_list("name", flat=True))


def test_a_job_keeps_its_result_and_its_work(shop: Company, kind: Callable[[Work], str]) -> None:
    kind(lambda context: add_position(context.params["name"]) or {"rows": 3})
    job = start(shop, name="Seller")
    assert services.run_next(shop.scope) is False
    job = again(shop, job)
    assert (job.state, job.result, job.attempts, job.created_by) == (
        JobState.DONE, {"rows": 3}, 1, shop.users["owner"],
    )  # fmt: skip
    assert job.finished_at is not None
    assert positions(shop) == ["Seller"]


def test_a_job_of_an_unknown_kind_is_not_started(shop: Company) -> None:
    with shop.scope(), pytest.raises(KeyError):
        services.start("no.such.kind", {}, user_id=None)


@pytest.mark.parametrize(
    ("language", "message"),
    [("en", "We can't find that here."), ("zh-hans", "这里找不到")],
)
def test_a_failed_job_undoes_its_work_and_says_why_in_its_language(
    shop: Company, kind: Callable[[Work], str], language: str, message: str
) -> None:
    def fail(context: JobContext) -> dict[str, Any]:
        add_position("half-done")
        raise NotFound

    kind(fail)
    job = start(shop, language=language)
    with translation.override("en"):
        services.run_next(shop.scope)
    job = again(shop, job)
    assert (job.state, job.error_code) == (JobState.FAILED, "not_found")
    assert job.error.startswith(message)
    assert positions(shop) == []


def test_a_lost_server_leaves_the_job_to_the_next_attempt(shop: Company, kind: Callable[[Work], str]) -> None:
    def crash(context: JobContext) -> dict[str, Any]:
        add_position("half-done")
        raise OperationalError("server closed the connection unexpectedly")

    kind(crash)
    job = start(shop)
    with pytest.raises(OperationalError):
        services.run_next(shop.scope)
    assert (again(shop, job).state, positions(shop)) == (JobState.RUNNING, [])
    assert Doorbell.objects.filter(queue="jobs").exists()
    kind(lambda context: {})
    services.run_next(shop.scope)
    assert (again(shop, job).state, again(shop, job).attempts) == (JobState.DONE, 2)


@pytest.mark.parametrize(
    ("language", "message"), [("en", "The worker stopped several times"), ("zh-hans", "处理程序")]
)
def test_after_too_many_attempts_a_job_is_given_up(
    shop: Company, kind: Callable[[Work], str], language: str, message: str
) -> None:
    ran = []
    kind(lambda context: ran.append(1) or {})
    job = start(shop, language=language)
    with shop.scope():
        Job.objects.update(state=JobState.RUNNING, attempts=services.MOST_ATTEMPTS)
    services.run_next(shop.scope)
    job = again(shop, job)
    assert (job.state, job.error_code, ran) == (JobState.FAILED, "worker_died", [])
    assert message[:2] in job.error


def test_a_job_of_a_kind_that_is_no_longer_known_fails_and_holds_nobody_up(
    shop: Company, kind: Callable[[Work], str]
) -> None:
    kind(lambda context: {})
    old, new = start(shop), start(shop)
    with shop.scope():
        Job.objects.filter(pk=old.pk).update(kind="of.an.earlier.version")
    services.run_next(shop.scope)
    services.run_next(shop.scope)
    assert (again(shop, old).state, again(shop, new).state) == (JobState.FAILED, JobState.DONE)


def test_a_waiting_job_is_cancelled_at_once(shop: Company, kind: Callable[[Work], str]) -> None:
    ran = []
    kind(lambda context: ran.append(1) or {})
    job = start(shop)
    with shop.scope():
        services.cancel(job.pk)
    services.run_next(shop.scope)
    assert (again(shop, job).state, ran) == (JobState.CANCELLED, [])


def test_a_running_job_stops_at_its_next_report_and_leaves_nothing(
    shop: Company, kind: Callable[[Work], str]
) -> None:
    def work(context: JobContext) -> dict[str, Any]:
        add_position("half-done")
        context.report("reading", 1, 2)
        elsewhere(lambda: cancel(context.job_id))
        context.report("reading", 2, 2)
        raise AssertionError("went on")

    def cancel(job_id: int) -> None:
        with shop.scope():
            services.cancel(job_id)

    kind(work)
    job = start(shop)
    services.run_next(shop.scope)
    job = again(shop, job)
    assert (job.state, job.error_code, positions(shop)) == (JobState.CANCELLED, "cancelled", [])


def test_what_is_finished_can_not_be_cancelled(shop: Company, kind: Callable[[Work], str]) -> None:
    kind(lambda context: {})
    job = start(shop)
    services.run_next(shop.scope)
    with shop.scope(), pytest.raises(Conflict):
        services.cancel(job.pk)


def test_a_job_of_another_workspace_can_not_be_cancelled(shop: Company, kind: Callable[[Work], str]) -> None:
    kind(lambda context: {})
    job, other = start(shop), Company.create("globex")
    with other.scope(), pytest.raises(NotFound):
        services.cancel(job.pk)
    assert again(shop, job).state == JobState.QUEUED


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do it on another connection, as another worker would."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=60)


def test_a_workspace_has_one_job_at_work(shop: Company, kind: Callable[[Work], str]) -> None:
    ran: list[int] = []

    def work(context: JobContext) -> dict[str, Any]:
        ran.append(context.job_id)
        if len(ran) == 1:  # a second worker comes while the first is at it
            assert elsewhere(lambda: services.run_next(shop.scope)) is False
        return {}

    kind(work)
    first, second = start(shop), start(shop)
    assert services.run_next(shop.scope) is True
    assert ran == [first.pk]
    assert services.run_next(shop.scope) is False
    assert ran == [first.pk, second.pk]


def test_a_job_that_was_started_meanwhile_is_not_forgotten(shop: Company, kind: Callable[[Work], str]) -> None:
    later: list[Job] = []

    def work(context: JobContext) -> dict[str, Any]:
        if not later:
            later.append(elsewhere(lambda: start(shop)))
            assert elsewhere(lambda: services.run_next(shop.scope)) is False
        return {}

    kind(work)
    start(shop)
    assert services.run_next(shop.scope) is True
    services.run_next(shop.scope)
    assert again(shop, later[0]).state == JobState.DONE


def test_the_note_of_a_job_goes_when_nothing_is_open(shop: Company, kind: Callable[[Work], str]) -> None:
    kind(lambda context: {})
    start(shop)
    services.run_next(shop.scope)
    assert Doorbell.objects.filter(queue="jobs").count() == 1
    services.run_next(shop.scope)
    assert Doorbell.objects.filter(queue="jobs").count() == 0


def test_a_message_with_braces_is_shown_as_it_is() -> None:
    error = DomainError(_("There is no workspace “{slug}”."), slug="{name} {0}")
    assert "{name} {0}" in str(error)
