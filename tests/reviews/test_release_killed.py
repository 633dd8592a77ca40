"""kill -9 of the worker in the middle of a release: nobody is released, then everybody, once."""

from functools import partial

import pytest

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import JobState
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import ReleaseBatch, ReviewResult
from reviews.results import services
from reviews.results.checking import Chosen
from tests.factories import Company
from tests.goals.test_killed_worker import finished, killed
from tests.reviews.result_factories import closed_cycle, viewer


def test_a_worker_that_is_killed_in_the_middle_releases_everybody_once(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = Company.create("acme")
    with acme.scope():
        cycle = closed_cycle(acme)
        job = services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=viewer(acme, "hr"))
    killed(acme, job, monkeypatch, services, "_saved")
    with acme.scope():
        assert not ReviewResult.objects.exists() and not ReleaseBatch.objects.exists()
    done = finished(acme, job)
    assert (done.state, done.result) == (JobState.DONE, {"released": 3, "finished": True, "cycle": cycle.row.pk})
    jobs.run(partial(tenant_scope, acme.tenant.pk), job.pk)
    with acme.scope():
        assert (ReviewResult.objects.count(), ReleaseBatch.objects.count()) == (3, 1)
