"""kill -9 of the process that launches: nothing is half done, and the next worker does it all, once."""

import pytest

from perfmgmt.jobs.models import JobState
from perfmgmt.notify.models import WorkspaceMail
from reviews.cycles import launching
from reviews.models import CycleQuestion, Participant, Rater
from tests.factories import Company
from tests.goals.test_killed_worker import finished, killed
from tests.reviews.cycle_factories import draft, viewer


def test_a_killed_launch_is_done_once(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    with company.scope():
        cycle = draft(company)
        job = launching.launch(cycle.pk, viewer=viewer(company, "hr"), version=cycle.version)
    killed(company, job, monkeypatch, launching, "take_in")
    with company.scope():
        assert not (Participant.objects.exists() or Rater.objects.exists() or CycleQuestion.objects.exists())
        cycle.refresh_from_db()
        assert cycle.state == "launching"
    assert finished(company, job).state == JobState.DONE
    with company.scope():
        cycle.refresh_from_db()
        assert cycle.state == "open"
        assert Participant.objects.count() == job.result["people"] == 6
        assert Rater.objects.count() == job.result["raters"]
        assert WorkspaceMail.objects.filter(kind="cycles.asked").count() == job.result["told"]
