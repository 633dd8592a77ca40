"""Triggers and campaigns at work: whom they find, what they write, twice, at once, and killed."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.customers import consents, forgetting, joining
from perfmgmt.jobs.services import run_next
from perfmgmt.metrics.models import Fact
from perfmgmt.tenants.models import WorkspaceRules
from reviews.asking import suppressed, tasks, triggers
from reviews.models import SurveyCampaign, SurveyInvitation, SurveySkip, SurveyTrigger
from reviews.surveys import services as surveys
from tests.customers.book import contact, customer, viewer
from tests.factories import Company, today_here
from tests.reviews.asking_factories import asked, buyer, campaign, outcome, owned, run, trigger, workspace
from tests.reviews.survey_factories import NPS, published, ready


def order(company: Company, text: str, person: str = "ann", days: int = 0, **values: Any) -> int:
    return company.fact(person, "orders", today_here() - timedelta(days=days), customer=text, **values)


def test_a_trigger_asks_who_can_be_asked_and_says_why_others_not(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppressed, "_checks", [lambda addresses: {a for a in addresses if a.startswith("gone")}])
    with company.scope():
        version = published()
        buyer("GOOD", customer_type="key", region="East")
        for name, consent in [("ASKED", ""), ("NO", "refused"), ("BACK", "withdrawn"), ("GONE", "given")]:
            buyer(name, consent)
        buyer("MUTE", email="")
        customer("EMPTY", "Empty")
        for name in ("GOOD", "ASKED", "NO", "BACK", "GONE", "MUTE", "EMPTY", "STRANGER", ""):
            order(company, name, external_id=f"SO-{name}", region="East", product="Tea")
        made = trigger(version)
        run(company, made, size=2)
        assert outcome() == {
            "GOOD": "asked", "ASKED": "no_consent", "NO": "refused", "BACK": "withdrawn", "GONE": "suppressed",
            "MUTE": "no_email", "EMPTY": "no_contact", "STRANGER": "unknown_customer", "": "no_customer",
        }  # fmt: skip
        one = SurveyInvitation.objects.get()
        assert (one.version, one.number, one.region, one.product) == (version, "SO-GOOD", "East", "Tea")
        assert (one.employee, one.language, one.state) == (company.people["ann"], "zh-hans", "chosen")
        assert (one.purpose, one.origin, one.after) == ("scored", "trigger", "order")
        assert one.expires_at - one.chosen_at == timedelta(days=30)
        # Looked at once: a second run finds nothing, not even those who could be asked now.
        run(company, made)
        assert (SurveyInvitation.objects.count(), SurveySkip.objects.count()) == (1, 8)


def test_a_trigger_waits_and_looks_at_owners_from_its_day_on(company: Company) -> None:
    with company.scope():
        version = published()
        for name in ("A", "B", "C", "D", "E"):
            buyer(name)
        made = trigger(version, delay_days=3, from_day=today_here() - timedelta(days=40))
        order(company, "A", days=2)
        order(company, "B", days=3)
        order(company, "C", days=34)
        order(company, "D", days=41)
        company.fact("ann", "orders", today_here() - timedelta(days=5), -1, customer="E")
        Fact.objects.filter(pk=(company.tenant.pk, order(company, "E", days=5))).update(line=1)
        run(company, made)
        assert outcome() == {"B": "asked", "C": "too_old"}


def test_a_trigger_that_is_off_or_of_a_closed_survey_rests(company: Company) -> None:
    with company.scope():
        version, other = published(), published("Other", ready(NPS))
        buyer("A")
        order(company, "A")
        closed, off = trigger(version), trigger(other, is_on=False)
        surveys.set_state(version.survey_id, "closed")
        assert triggers.working() == []
        for made in (closed, off):
            run(company, made)
        assert outcome() == {}
        surveys.set_state(version.survey_id, "open")
        assert triggers.working() == [closed.pk]


def test_the_budget_is_one_over_all_surveys(company: Company) -> None:
    with company.scope():
        first, second = published(), published("Relation", ready(NPS))
        person = buyer("A")
        WorkspaceRules.objects.create(survey_days_between=30, surveys_per_year=2)
        now = timezone.now()
        old = asked(person, first, now - timedelta(days=29))
        order(company, "A")
        run(company, trigger(second))
        assert outcome()["A"] == "fatigue"
        # What was called off does not count, and a reminder is no second question.
        SurveyInvitation.objects.filter(pk=old.pk).update(state="cancelled")
        asked(person, first, now - timedelta(days=90), reminded_at=now - timedelta(days=1))
        order(company, "A")
        run(company, SurveyTrigger.objects.get(survey=second.survey))
        assert SurveyInvitation.objects.filter(survey=second.survey).count() == 1


def test_the_quiet_period_is_that_of_one_survey(company: Company) -> None:
    with company.scope():
        first, second = published(), published("Relation", ready(NPS))
        WorkspaceRules.objects.create(survey_days_between=0)
        for name, version in (("A", first), ("B", second)):
            asked(buyer(name), version, timezone.now() - timedelta(days=50))
            order(company, name)
        run(company, trigger(first, quiet_days=90))
        assert SurveySkip.objects.get().customer == "A" and SurveySkip.objects.get().reason == "quiet"
        assert SurveyInvitation.objects.get(origin="trigger", state="chosen").customer == "B"


def test_a_quota_goes_on_from_run_to_run_and_begins_anew_each_month(company: Company) -> None:
    with company.scope():
        version = published()
        made = trigger(version, quota=1)
        last_month = (today_here().replace(day=1) - timedelta(days=1)).day
        days_back = today_here().day
        assert last_month >= 28
        for name, days in (("A", 0), ("B", 0), ("C", days_back), ("D", days_back)):
            buyer(name)
            order(company, name, days=days)
            run(company, made)
        assert outcome() == {"A": "asked", "B": "quota", "C": "asked", "D": "quota"}


def test_thousands_take_as_many_queries_as_one(company: Company) -> None:
    with company.scope():
        version = published()
        made = trigger(version, quota=100)
        buyer("A")
        order(company, "A")
        with CaptureQueriesContext(connection) as few:
            run(company, made)
        for number in range(30):
            buyer(f"N{number}")
            order(company, f"N{number}")
        with CaptureQueriesContext(connection) as many:
            run(company, made)
        assert len(many) <= len(few) + 1  # skips and invitations are written each in one


def test_a_campaign_asks_its_group_once(company: Company) -> None:
    with company.scope():
        version = published("Relation", ready(NPS))
        owned(buyer("A", customer_type="key"), company, "ann")
        buyer("B", "refused", customer_type="key")
        buyer("C", customer_type="other")
        made = campaign(version, customer_type="key")
        run(company, made, size=1)
        assert outcome() == {"A": "asked", "B": "refused"}
        one = SurveyInvitation.objects.get()
        assert (one.employee, one.day, one.origin) == (company.people["ann"], today_here(), "campaign")
        run(company, made)
        assert SurveyCampaign.objects.get().state == "done" and SurveyInvitation.objects.count() == 1


def test_the_clock_asks_in_every_workspace(committed: None) -> None:
    companies = [Company.create("acme"), Company.create("globex")]
    for company in companies:
        with company.scope():
            version = published()
            buyer("A"), buyer("B")
            order(company, "A")
            trigger(version)
            campaign(version)
    for company in companies:
        tasks.ask_customers_of(company.tenant.pk)
        run_next(company.scope)
        with company.scope():
            assert set(outcome()) == {"A", "B"} and SurveyInvitation.objects.count() == 2
            assert SurveySkip.objects.get().reason == "fatigue"


def test_two_workers_at_once_ask_once(committed: None) -> None:
    company, start = Company.create("acme"), Barrier(2)
    with company.scope():
        version = published()
        for number in range(6):
            buyer(f"N{number}")
            for _ in range(2):
                order(company, f"N{number}")
        made = trigger(version)
    failed: list[BaseException] = []

    def work() -> None:
        start.wait()
        try:
            tasks.ask_customers_of(company.tenant.pk)
        except Exception as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with company.scope():
        assert not failed
        assert SurveyInvitation.objects.filter(trigger=made).count() == 6
        assert SurveySkip.objects.filter(reason="fatigue").count() == 6


def test_a_worker_that_dies_leaves_its_batch_for_the_next(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.create("acme")
    with company.scope():
        made = trigger(published())
        for number in range(3):
            buyer(f"N{number}")
            order(company, f"N{number}")

    class Killed(BaseException):
        pass

    def die(*_args: Any, **_more: Any) -> None:
        raise Killed

    with pytest.raises(Killed), company.scope():
        after = triggers.step(made.pk, 0, workspace=workspace(company), now=timezone.now(), size=2)
        assert after is not None and SurveyInvitation.objects.count() == 2
        die()
    tasks.ask_customers_of(company.tenant.pk)
    with company.scope():
        assert SurveyInvitation.objects.count() == 3


def test_who_takes_consent_back_is_not_mailed(company: Company) -> None:
    with company.scope():
        version, person, other = published(), buyer("A"), buyer("B")
        now = timezone.now()
        waiting, gone = asked(person, version, now, state="chosen"), asked(person, version, now)
        kept = asked(other, version, now, state="chosen")
        consents.note_consent(person.pk, state="withdrawn", source="link", at=now)
        consents.note_consent(other.pk, state="given", source="link", at=now)
        states = dict(SurveyInvitation.objects.values_list("pk", "state"))
        assert states == {waiting.pk: "cancelled", gone.pk: "mailed", kept.pk: "chosen"}
        assert SurveySkip.objects.get().reason == "withdrawn"


def test_a_merged_contact_gives_its_invitations_to_the_other(company: Company) -> None:
    today = today_here()
    with company.scope():
        version, hr = published(), viewer(company, "hr", today)
        winner, loser = buyer("A"), buyer("B")
        now, made = timezone.now(), campaign(version)
        both = [asked(each, version, now, campaign=made, origin="campaign") for each in (winner, loser)]
        waiting = [asked(each, version, now, state="chosen") for each in (winner, loser)]
        SurveySkip.objects.create(survey=version.survey, contact=loser, day=today, reason="fatigue", at=now)
        joining.merge_contacts(winner.pk, loser.pk, take={}, viewer=hr)
        skips = SurveySkip.objects.order_by("pk").values_list("contact", "reason")
        assert list(skips) == [(winner.pk, "fatigue"), (winner.pk, "quiet")]
        found = {each.pk: each for each in SurveyInvitation.objects.all()}
        assert [found[each.pk].state for each in waiting] == ["chosen", "cancelled"]
        assert found[waiting[1].pk].contact == winner
        assert [found[each.pk].contact for each in both] == [winner, loser]


def test_an_erased_contact_is_unlinked(company: Company) -> None:
    today = today_here()
    with company.scope():
        version, hr, person = published(), viewer(company, "hr", today), buyer("A")
        now = timezone.now()
        asked(person, version, now, state="chosen", customer="A")
        asked(person, version, now, state="finished", customer="A")
        SurveySkip.objects.create(
            survey=version.survey, contact=person, customer="A", day=today, reason="fatigue", at=now
        )
        forgetting.erase_contact(person.pk, viewer=hr)
        assert set(SurveyInvitation.objects.values_list("contact", "state", "customer")) == {
            (None, "cancelled", "A"), (None, "finished", "A")}  # fmt: skip
        skips = SurveySkip.objects.order_by("pk").values_list("contact", "customer", "reason")
        assert list(skips) == [(None, "A", "fatigue"), (None, "A", "no_contact")]


def test_the_second_contact_of_a_company_is_asked_when_the_first_refused(company: Company) -> None:
    with company.scope():
        first = buyer("A", "refused")
        second = contact(first.customer, "Second", "second@buyers.example")
        type(second).objects.filter(pk=second.pk).update(consent="given")
        order(company, "A")
        run(company, trigger(published()))
        assert SurveyInvitation.objects.get().contact_id == second.pk


def test_nothing_of_another_workspace_is_asked(company: Company, other_company: Company) -> None:
    with other_company.scope():
        buyer("A")
    with company.scope():
        order(company, "A")
        run(company, trigger(published()))
        assert outcome() == {"A": "unknown_customer"}
    with other_company.scope():
        assert outcome() == {} and isinstance(today_here(), date)
