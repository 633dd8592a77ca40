"""A campaign that chooses is a job: begun at its time, seen with its progress, cancelled, started again, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from perfmgmt.jobs import progress
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.jobs.retrying import retry
from perfmgmt.jobs.services import run_next
from perfmgmt.tenants.errors import Conflict, DomainError
from reviews.asking import campaign_jobs, services
from reviews.models import SurveyCampaign, SurveyInvitation
from reviews.surveys import services as surveys
from tests.factories import Company, today_here
from tests.reviews.asking_factories import buyer, campaign, outcome
from tests.reviews.followup_factories import viewer
from tests.reviews.handing_factories import handing
from tests.reviews.survey_factories import NPS, published, ready

SignIn = Callable[[Any], Any]


def begin(made: SurveyCampaign) -> Job | None:
    return campaign_jobs.begin(made.pk, user_id=None, now=timezone.now())


def test_a_campaign_of_today_begins_at_once_and_its_page_shows_the_progress(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        survey_id = handing("Relation").survey_id
        buyer("A"), buyer("B", email=""), buyer("C", "refused")
    client, page = sign_in(company.users["hr"]), f"/w/acme/surveys/{survey_id}/asking/"
    data = {"name": "Spring", "customer_type": "", "region": "", "starts_on": str(today_here()), "rate": 100,
            "quota": "", "quiet_days": 0}  # fmt: skip
    client.post(f"{page}campaign/", data)
    with company.scope():
        made = SurveyCampaign.objects.select_related("job").get()
        assert made.job is not None and made.job.created_by == company.users["hr"]
        progress.report(made.job.pk, progress.measured(progress.Meter(), "choosing", 1, 4, 1))
        Job.objects.update(state="running", started_at=timezone.now())
    text = client.get(page).content.decode()
    assert "25%" in text and "Cancel this work" in text and 'hx-select="#asking"' in text
    assert "Call off" not in text
    assert "Cancel this work" not in sign_in(company.users["manager"]).get(page).content.decode()
    client = sign_in(company.users["hr"])
    assert client.get(f"/w/acme/surveys/campaigns/{made.pk}/").status_code == 302
    assert client.post(f"/w/acme/surveys/campaigns/{made.pk}/cancel/").status_code == 409
    run_next(company.scope)
    with company.scope():
        job = Job.objects.get()
        assert (job.state, job.result) == (
            "done", {"survey": survey_id, "chosen": 2, "links": 1, "skipped": 1},
        )  # fmt: skip
        assert outcome() == {"A": "asked", "B": "asked", "C": "refused"}
    text = client.get(page).content.decode()
    assert "Sent out" in text and "hx-select" not in text.split('id="asking"')[1].split(">")[0]
    assert "Of them to be asked by link" in client.get(f"/w/acme/jobs/{job.pk}/").content.decode()


def test_the_same_campaign_begins_once(company: Company) -> None:
    with company.scope():
        made = campaign(published("Relation", ready(NPS)))
        assert begin(made) is not None and begin(made) is None
        assert campaign_jobs.due(timezone.now()) == [] and Job.objects.count() == 1


def test_what_is_not_due_or_rests_waits_for_the_clock(company: Company) -> None:
    with company.scope():
        version = published("Relation", ready(NPS))
        made, later = campaign(version), campaign(version, starts_at=timezone.now() + timedelta(days=1))
        surveys.set_state(version.survey_id, "closed")
        assert (begin(made), begin(later), campaign_jobs.due(timezone.now())) == (None, None, [])
        surveys.set_state(version.survey_id, "open")
        assert (begin(later), campaign_jobs.due(timezone.now())) == (None, [made.pk])


def test_a_cancelled_one_asked_nobody_and_only_a_person_starts_it_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_jobs, "BATCH", 1)
    with company.scope():
        for name in ("A", "B", "C"):
            buyer(name)
        made = campaign(published("Relation", ready(NPS)))
        job = begin(made)
        assert job is not None
    report = JobContext.report

    def cancel_midway(self: JobContext, phase: str, done: int = 0, total: int = 0, *, rows: int = 0) -> None:
        if done:
            Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        report(self, phase, done, total, rows=rows)

    monkeypatch.setattr(JobContext, "report", cancel_midway)
    run_next(company.scope)
    monkeypatch.setattr(JobContext, "report", report)
    with company.scope():
        made.refresh_from_db()
        assert Job.objects.get().state == "cancelled" and made.state == "planned"
        assert not SurveyInvitation.objects.exists() and campaign_jobs.due(timezone.now()) == []
        again = retry(job.pk, viewer=viewer(company, "hr"))
    run_next(company.scope)
    with company.scope():
        made.refresh_from_db()
        assert (made.state, made.job) == ("done", again) and SurveyInvitation.objects.count() == 3
        with pytest.raises(DomainError):
            campaign_jobs.run(JobContext(job.pk, job.params, None))
        assert campaign_jobs.against_retry(job)


def test_while_it_chooses_it_can_be_neither_changed_nor_called_off(company: Company) -> None:
    with company.scope():
        made = campaign(published("Relation", ready(NPS)))
        job = begin(made)
        assert job is not None
        settings = services.CampaignSettings("Later", "", "", timezone.now() + timedelta(days=3))
        with pytest.raises(Conflict):
            services.cancel_campaign(made.pk)
        with pytest.raises(Conflict):
            services.edit_campaign(made.pk, settings, user_id=None)
        jobs.cancel(job.pk)
        assert services.edit_campaign(made.pk, settings, user_id=None).job is None
        assert services.cancel_campaign(made.pk) == 0
