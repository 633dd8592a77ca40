"""Starting work again: by whom, once, with what, and when not."""

from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import override

from perfmgmt.jobs import registry, retrying, services
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import JobKind
from perfmgmt.metrics.models import ImportDraft
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.notify.models import Notification
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.errors import Conflict, NotFound
from tests.factories import Company, today_here


@pytest.fixture
def shop(committed: None) -> Iterator[Company]:
    registry.register(JobKind("test", "Test", lambda context: {"rows": 1}, IMPORT_FACTS))
    registry.register(JobKind("test.bound", "Bound", lambda context: {}))
    yield Company.create("acme")
    registry._kinds.pop("test", None)
    registry._kinds.pop("test.bound", None)


def viewer(company: Company, role: str) -> Viewer:
    found = viewer_in(company.users[role].pk, today_here())
    assert found is not None
    return found


def failed(company: Company, kind: str = "test", state: str = JobState.FAILED, **params: object) -> Job:
    return Job.objects.create(
        kind=kind, state=state, params={"language": "en", **params}, created_by=company.users["owner"], error="broken"
    )


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_the_work_is_done_again_as_a_new_job_that_names_the_old_one(shop: Company, state: str) -> None:
    with shop.scope():
        job = failed(shop, state=state, name="x")
        again = retrying.retry(job.pk, viewer=viewer(shop, "hr"))
    services.run_next(shop.scope)
    with shop.scope():
        again.refresh_from_db()
        job.refresh_from_db()
        assert (again.state, again.params, again.retry_of_id) == (JobState.DONE, job.params, job.pk)
        assert again.created_by == shop.users["hr"]
        assert (job.state, job.error) == (state, "broken")


def test_a_second_click_finds_the_first_ones_job(shop: Company) -> None:
    with shop.scope():
        job, owner = failed(shop), viewer(shop, "owner")
        assert retrying.retry(job.pk, viewer=owner).pk == retrying.retry(job.pk, viewer=owner).pk
        assert Job.objects.filter(retry_of=job).count() == 1


def test_the_database_takes_one_retry_of_a_job_only(shop: Company) -> None:
    with shop.scope():
        job = failed(shop)
        Job.objects.create(kind="test", retry_of=job)
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.create(kind="test", retry_of=job)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_what_is_open_or_done_is_not_started_again(shop: Company, state: str) -> None:
    with shop.scope():
        job = failed(shop, state=state)
        with pytest.raises(Conflict):
            retrying.retry(job.pk, viewer=viewer(shop, "owner"))
        assert Job.objects.count() == 1


def test_who_may_not_start_the_kind_may_not_start_it_again(shop: Company) -> None:
    with shop.scope():
        job, auditor = failed(shop), viewer(shop, "auditor")
        with override("en"):
            assert str(retrying.obstacle(job, viewer=auditor)).startswith("Only somebody who may start work")
        with pytest.raises(Conflict):
            retrying.retry(job.pk, viewer=auditor)
        assert Job.objects.count() == 1


@pytest.mark.parametrize(("kind", "params"), [("test.bound", {}), ("facts.import", {"file": "imports/gone.csv"})])
def test_what_can_not_be_done_again_says_why(shop: Company, kind: str, params: dict[str, str]) -> None:
    with shop.scope():
        job, owner = failed(shop, kind, **params), viewer(shop, "owner")
        assert retrying.obstacle(job, viewer=owner)
        with pytest.raises(Conflict):
            retrying.retry(job.pk, viewer=owner)


def test_an_import_of_the_wizard_waits_for_the_new_job(shop: Company) -> None:
    with shop.scope():
        name = default_storage.save("imports/x.csv", ContentFile(b"a\n"))
        draft = ImportDraft.objects.create(kind="facts.import", file=name, file_name="x.csv", mapping={})
        job = failed(shop, "facts.import", draft=draft.pk, file=name)
        ImportDraft.objects.filter(pk=draft.pk).update(import_job_id=job.pk)
        again = retrying.retry(job.pk, viewer=viewer(shop, "owner"))
        draft.refresh_from_db()
        assert draft.import_job_id == again.pk
        older = failed(shop, "facts.import", draft=draft.pk, file=name)
        with pytest.raises(Conflict):  # the wizard has gone on
            retrying.retry(older.pk, viewer=viewer(shop, "owner"))


def test_a_job_of_another_workspace_is_not_started_again(shop: Company) -> None:
    other = Company.create("globex")
    with shop.scope():
        job = failed(shop)
    with other.scope(), pytest.raises(NotFound):
        retrying.retry(job.pk, viewer=viewer(other, "owner"))


def test_the_end_of_a_job_is_told_in_its_transaction_to_who_started_it(shop: Company) -> None:
    with shop.scope():
        services.start("test", {"file_name": "x.csv", "language": "en"}, user_id=shop.users["hr"].pk)
        services.start("test", {"dry": True, "language": "en"}, user_id=shop.users["hr"].pk)
    services.run_next(shop.scope)
    services.run_next(shop.scope)
    with shop.scope():
        (told,) = Notification.objects.all()
        assert (told.user, told.kind, told.params) == (
            shop.users["hr"], "job.done", {"work": "test", "file": "x.csv"},
        )  # fmt: skip
        assert viewer(shop, "hr").unread == 1
        assert viewer(shop, "owner").unread == 0
