"""Pages of asking: triggers, campaigns with their count, the response, a survey that an assistant starts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.services import run_next
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_that_take_facts
from perfmgmt.metrics.usage import uses_of
from perfmgmt.tenants.models import WorkspaceRules
from reviews.asking import campaigns, starting
from reviews.models import SurveyCampaign, SurveyInvitation, SurveySkip, SurveyTrigger
from reviews.surveys import services as surveys
from tests.factories import Company, today_here
from tests.reviews.asking_factories import asked, buyer, campaign, outcome, owned, trigger, workspace
from tests.reviews.survey_factories import NPS, published, ready

SignIn = Callable[[Any], Any]


def page(client: Any, path: str, **data: Any) -> str:
    address = f"/w/acme/surveys/{path}"
    answer = client.post(address, data, follow=True) if data else client.get(address)
    return answer.content.decode()


def typed(**values: Any) -> dict[str, Any]:
    return {
        "after": "order", "delay_days": 2, "from_day": str(today_here()), "rate": 40, "quota": 5, "quiet_days": 60,
        **values,
    }  # fmt: skip


def test_a_trigger_is_added_changed_switched_and_removed(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        survey_id, metric_id = published().survey_id, Metric.objects.get(code="orders").pk
    assert "Nothing is asked after yet" in page(client, f"{survey_id}/asking/")
    assert "Each fact of the metric" in page(client, f"{survey_id}/asking/trigger/")
    assert "chosen within the hour" in page(client, f"{survey_id}/asking/trigger/", **typed(metric=metric_id))
    with company.scope():
        made = SurveyTrigger.objects.get()
        assert (made.after, made.delay_days, made.rate, made.quota, made.quiet_days) == ("order", 2, 40, 5, 60)
        assert [(use.url_name, use.blocks) for use in uses_of(made.metric) if "survey" in use.text] == [
            ("survey_asking", True)]  # fmt: skip
    assert "asks after this metric already" in page(client, f"{survey_id}/asking/trigger/", **typed(metric=metric_id))
    old = typed(from_day=str(today_here() - timedelta(days=31)))
    assert "too old to ask about" in page(client, f"triggers/{made.pk}/", **old)
    assert "Saved." in page(client, f"triggers/{made.pk}/", **typed(quota="", rate=100))
    assert "nobody more is chosen" in page(client, f"triggers/{made.pk}/switch/", on="0")
    with company.scope():
        changed = SurveyTrigger.objects.get()
        assert (changed.is_on, changed.quota, changed.rate) == (False, None, 100)
        SurveySkip.objects.create(
            survey_id=survey_id, trigger=changed, fact_id=1, day=today_here(), reason="quota", at=timezone.now()
        )
    assert "Switch it off instead" in page(client, f"triggers/{made.pk}/remove/", go="1")
    with company.scope():
        SurveySkip.objects.all().delete()
    assert "Removed." in page(client, f"triggers/{made.pk}/remove/", go="1")
    for path in (f"triggers/{made.pk}/", "campaigns/9/"):
        assert client.get(f"/w/acme/surveys/{path}").status_code == 404


def test_a_campaign_is_planned_with_a_count_and_called_off(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        version = published("Relation", ready(NPS))
        for name, consent in (("A", "given"), ("B", "given"), ("C", "refused")):
            buyer(name, consent, customer_type="key", region="East")
        buyer("D", region="West")
        asked(buyer("E", customer_type="key"), version, timezone.now() - timedelta(days=40))
    form = page(client, f"{version.survey_id}/asking/campaign/")
    assert "4 of 5 customers have a contact who can be asked" in form and "The contact refused" in form
    some = page(client, f"{version.survey_id}/asking/campaign/count/?customer_type=key&region=&quiet_days=50")
    assert "2 of 4 customers" in some and "quiet period" in some
    tomorrow = str(today_here() + timedelta(days=1))
    tomorrow = str(today_here() + timedelta(days=1))
    settings = {"name": "Spring", "customer_type": "key", "region": "East", "starts_on": tomorrow,
                "rate": 100, "quota": "", "quiet_days": 50}  # fmt: skip
    assert "Planned." in page(client, f"{version.survey_id}/asking/campaign/", **settings)
    with company.scope():
        made = SurveyCampaign.objects.get()
        assert (made.created_by, made.job) == (company.users["hr"], None)
    today = settings | {"region": "", "starts_on": str(today_here())}
    assert "Saved." in page(client, f"campaigns/{made.pk}/", **today)
    run_next(company.scope)
    with company.scope():
        assert outcome() == {"A": "asked", "B": "asked", "C": "refused", "E": "quiet", "": "asked"}
        SurveyInvitation.objects.filter(customer="A").update(state="mailed")
    assert "has begun" in page(client, f"campaigns/{made.pk}/", **settings)
    assert "with 1 mail that was not written yet" in page(client, f"campaigns/{made.pk}/cancel/", go="1")
    with company.scope():
        states = dict(SurveyInvitation.objects.filter(campaign=made).values_list("customer", "state"))
        assert states == {"A": "mailed", "B": "cancelled"} and campaigns.due(timezone.now()) == []


def test_the_count_of_a_group_takes_the_same_queries_for_many(company: Company) -> None:
    with company.scope():
        survey = published().survey

        def count() -> Any:
            now = timezone.now()
            return campaigns.count("", "", survey=survey, quiet_days=0, workspace=workspace(company), now=now)

        buyer("A")
        with CaptureQueriesContext(connection) as few:
            count()
        for number in range(20):
            buyer(f"N{number}")
        with CaptureQueriesContext(connection) as many:
            assert count().askable == 21
        assert len(few) == len(many)


def test_the_response_says_how_far_it_came_in_numbers(
    company: Company, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with company.scope():
        version, now = published(), timezone.now()
        survey_id = version.survey_id
    assert "Nobody was asked yet" in page(sign_in(company.users["manager"]), f"{survey_id}/response/")
    with company.scope():
        for name, values in (
            ("A", {"state": "finished", "mailed_at": now, "started_at": now, "finished_at": now}),
            ("B", {"state": "mailed", "mailed_at": now}),
            ("C", {"state": "chosen"}),
            ("D", {"state": "disowned", "mailed_at": now, "started_at": now}),
        ):
            asked(buyer(name), version, now, customer=f"Customer {name}", **values)
        SurveySkip.objects.create(
            survey=version.survey, trigger=trigger(version), fact_id=1, customer="=Passed", day=today_here(),
            employee=company.people["ann"], reason="not_drawn", at=now,
        )  # fmt: skip
    client = sign_in(company.users["manager"])
    text = page(client, f"{survey_id}/response/")
    assert "Not drawn" in text and "80%" in text and "33.3%" in text
    assert "Customer A" not in text and "=Passed" not in text and "Export who was not asked" not in text
    assert client.post(f"/w/acme/surveys/{survey_id}/response/export/").status_code == 403
    month = today_here().strftime("%Y-%m")
    assert "Not drawn" in page(client, f"{survey_id}/response/?from={month}&to={month}")
    assert "Nothing in these months" in page(client, f"{survey_id}/response/?to=2001-01")
    assert "Not drawn" in page(client, f"{survey_id}/response/?from=nonsense&to=9999-99")
    sign_in(company.users["hr"]).post(f"/w/acme/surveys/{survey_id}/response/export/?from={month}")
    run_next(company.scope)
    with company.scope():
        file = default_storage.open(Job.objects.get().result["file"]).read().decode("utf-8-sig")
    assert "'=Passed" in file and "Not drawn" in file and company.people["ann"].number in file


def test_pages_take_the_same_queries_for_many(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        version = published()
        trigger(version), campaign(version)
    counts = []
    for _ in range(2):
        for path in ("asking/", "response/"):
            with CaptureQueriesContext(connection) as found:
                page(client, f"{version.survey_id}/{path}")
            counts.append(len(found))
        with company.scope():
            for metric in metrics_that_take_facts().exclude(pk__in=SurveyTrigger.objects.values("metric"))[:3]:
                trigger(version, metric.code), campaign(version)
            asked(buyer(f"A{len(counts)}"), version, timezone.now(), state="chosen")
    assert counts[:2] == counts[2:]


def test_an_assistant_asks_a_contact_of_theirs_for_development(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    with company.scope():
        version = published()
        mine, foreign = owned(buyer("MINE"), company, "ann"), owned(buyer("FOREIGN"), company, "cid")
        mute = owned(buyer("MUTE", "refused"), company, "ann")
    assert "Ask with a survey" in client.get(f"/w/acme/customers/contacts/{mine.pk}/").content.decode()
    assert "never count in scores" in page(client, f"ask/{mine.pk}/")
    assert "goes to Buyer MINE by mail" in page(client, f"ask/{mine.pk}/", survey=version.survey_id)
    with company.scope():
        one = SurveyInvitation.objects.get()
        assert (one.purpose, one.origin, one.employee) == ("development", "assistant", company.people["ann"])
        assert (one.contact, one.customer, one.trigger, one.state) == (mine, "MINE", None, "chosen")
    assert "spaced out" in page(client, f"ask/{mine.pk}/", survey=version.survey_id)
    assert "The contact refused" in page(client, f"ask/{mute.pk}/", survey=version.survey_id)
    assert client.get(f"/w/acme/surveys/ask/{foreign.pk}/").status_code == 404
    # Who was chosen is on no page of theirs.
    for path in (f"{version.survey_id}/asking/", f"{version.survey_id}/response/"):
        assert client.get(f"/w/acme/surveys/{path}").status_code == 403
    with company.scope():
        surveys.set_state(version.survey_id, "closed")
        assert starting.startable() == []
    assert "No survey is open" in page(client, f"ask/{mine.pk}/")


def test_an_assistant_uses_up_no_more_than_one_question_a_year(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    with company.scope():
        WorkspaceRules.objects.create(survey_days_between=0)
        version, mine = published(), owned(buyer("MINE"), company, "ann")
        old = {"origin": "assistant", "purpose": "development"}
        long_ago = asked(mine, version, timezone.now() - timedelta(days=100), **old)
    assert "spaced out" in page(client, f"ask/{mine.pk}/", survey=version.survey_id)
    with company.scope():
        SurveyInvitation.objects.filter(pk=long_ago.pk).update(chosen_at=timezone.now() - timedelta(days=366))
    assert "by mail" in page(client, f"ask/{mine.pk}/", survey=version.survey_id)


@pytest.mark.parametrize("role", ["owner", "hr", "manager"])
def test_others_ask_for_who_looks_after_the_customer(company: Company, sign_in: SignIn, role: str) -> None:
    with company.scope():
        version, theirs = published(), owned(buyer("THEIRS"), company, "ann")
    page(sign_in(company.users[role]), f"ask/{theirs.pk}/", survey=version.survey_id)
    with company.scope():
        assert SurveyInvitation.objects.get().employee == company.people["ann"]
