"""Whom the system chose and no mail reaches gets a link that HR hands over: chosen, marked, answered, counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from perfmgmt.metrics.models import Fact
from perfmgmt.notify.models import WorkspaceMail
from reviews.asking import selectors as asking
from reviews.asking import suppressed
from reviews.handing import services
from reviews.mailing import links, writing
from reviews.models import SurveyInvitation, SurveySkip
from reviews.surveys import services as surveys
from tests.factories import Company, today_here
from tests.reviews.answering_factories import form
from tests.reviews.asking_factories import asked, buyer, campaign, outcome, run, trigger
from tests.reviews.handing_factories import LINKS, handing, mark, mute, path_in
from tests.reviews.survey_factories import published

SignIn = Callable[[Any], Any]


def order(company: Company, text: str, person: str = "ann") -> None:
    company.fact(person, "orders", today_here(), customer=text, external_id=f"SO-{text}")


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses that begin with "gone" take no more mail."""
    monkeypatch.setattr(suppressed, "_checks", [lambda addresses: {a for a in addresses if a.startswith("gone")}])


@pytest.mark.parametrize("by", ["trigger", "campaign"])
def test_whom_no_mail_reaches_is_chosen_for_a_link_when_the_survey_says_so(
    company: Company, gone: None, by: str
) -> None:
    with company.scope():
        version = handing()
        buyer("GOOD"), buyer("GONE"), buyer("MUTE", email="")
        buyer("REFUSED", "refused", email=""), buyer("NEVER", "", email=""), buyer("BACK", "withdrawn", email="")
        for name in ("GOOD", "GONE", "MUTE", "REFUSED", "NEVER", "BACK"):
            order(company, name)
        run(company, trigger(version) if by == "trigger" else campaign(version))
        assert outcome() == {
            "GOOD": "asked", "GONE": "asked", "MUTE": "asked", "REFUSED": "refused", "NEVER": "no_consent",
            "BACK": "withdrawn",
        }  # fmt: skip
        rows = SurveyInvitation.objects.values_list("customer", "channel", "state", "purpose")
        assert set(rows) == {
            ("GOOD", "mail", "chosen", "scored"), ("GONE", "link", "chosen", "scored"),
            ("MUTE", "link", "chosen", "scored"),
        }  # fmt: skip


def test_off_by_default_they_are_passed_over(company: Company, gone: None) -> None:
    with company.scope():
        version = published()
        assert not version.survey.by_link
        buyer("GONE"), buyer("MUTE", email="")
        order(company, "GONE"), order(company, "MUTE")
        run(company, trigger(version))
        assert outcome() == {"GONE": "suppressed", "MUTE": "no_email"}


def test_budget_quota_quiet_period_and_draw_hold_for_links(company: Company) -> None:
    with company.scope():
        version = handing()
        tired = buyer("TIRED", email="")
        asked(tired, published("Other"), timezone.now() - timedelta(days=3))
        for name in ("A", "B"):
            buyer(name, email="")
        for name in ("TIRED", "A", "B"):
            order(company, name)
        run(company, trigger(version, quota=1))
        assert sorted(outcome().values()) == ["asked", "asked", "fatigue", "quota"]  # the old one has no customer
        SurveyInvitation.objects.all().delete(), SurveySkip.objects.all().delete()
        run(company, trigger(handing("Third"), rate=1))
        assert set(outcome().values()) == {"not_drawn"}


@pytest.mark.parametrize(("change", "becomes"), [({"email": ""}, "link"), ({"email": "gone@x.example"}, "link")])
def test_an_address_that_is_lost_before_the_mail_makes_it_a_link(
    company: Company, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], becomes: str
) -> None:
    monkeypatch.setattr(writing, "suppressed_addresses", lambda found: {a for a in found if a.startswith("gone")})
    with company.scope():
        contact, version = buyer("A"), handing()
        one = asked(contact, version, timezone.now(), state="chosen")
        type(contact).objects.filter(pk=contact.pk).update(**change)
        assert writing.write_batch(writing.Desk()) == 1
        one.refresh_from_db()
        assert (one.channel, one.state, one.mail) == (becomes, "chosen", None)
        assert not SurveySkip.objects.exists() and not WorkspaceMail.objects.exists()
        assert writing.write_batch(writing.Desk()) == 0


def test_without_consent_or_the_setting_a_lost_address_calls_it_off(company: Company) -> None:
    with company.scope():
        contact, other, version = buyer("A"), buyer("B"), handing()
        plain = published("Plain")
        asked(contact, version, timezone.now(), state="chosen"), asked(other, plain, timezone.now(), state="chosen")
        type(contact).objects.update(email="")
        type(contact).objects.filter(pk=contact.pk).update(consent="withdrawn")
        writing.write_batch(writing.Desk())
        assert set(SurveyInvitation.objects.values_list("state", "channel")) == {("cancelled", "mail")}


def test_handing_over_late_gives_time_but_not_for_ever(company: Company) -> None:
    with company.scope():
        one, now = mute(company), timezone.now()
        SurveyInvitation.objects.update(chosen_at=now - timedelta(days=50), expires_at=now + timedelta(days=1))
        mark(company, one)
        one.refresh_from_db()
        assert one.expires_at == one.chosen_at + services.AT_MOST == one.chosen_at + timedelta(days=60)


def test_the_answer_of_a_link_is_a_scored_fact_that_nobody_reads_at_the_link(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        one = mute(company)
    shown = path_in(sign_in(company.users["hr"]).post(f"{LINKS}{one.pk}/show/"))
    said = form("satisfaction", "reason", "comment", satisfaction=4, comment="Good")
    assert Client().post(shown, said).status_code == 303
    assert "Good" not in Client().get(shown).content.decode()
    with company.scope():
        one.refresh_from_db()
        fact = Fact.objects.get(metric__code="csat")
        assert (fact.value, fact.employee_id) == (4, company.people["ann"].pk)
        # Who answers has got the link, though nobody said that it was handed over.
        assert (one.state, one.mailed_at is not None) == ("finished", True)
        counts = asking.response(one.survey, asking.Months()).counts
        assert (counts["mailed"], counts["handed"], counts["reached"], counts["waiting"]) == (0, 1, 1, 0)


def test_links_that_nobody_handed_over_are_given_up_with_a_reason(company: Company) -> None:
    with company.scope():
        version, other = handing(), handing("Other")
        late, _shut = mute(company, "L", version=version), mute(company, "S", version=other)
        mute(company, "N", version=version)
        handed = mute(company, "H", version=version)
        mark(company, handed)
        SurveyInvitation.objects.filter(pk__in=[late.pk, handed.pk]).update(expires_at=timezone.now())
        surveys.set_state(other.survey_id, "closed")
        assert services.give_up(timezone.now()) == 2
        assert services.give_up(timezone.now()) == 0
        states = dict(SurveyInvitation.objects.values_list("customer", "state"))
        assert states == {"L": "cancelled", "S": "cancelled", "N": "chosen", "H": "mailed"}
        assert dict(SurveySkip.objects.values_list("customer", "reason")) == {"L": "not_handed", "S": "closed"}


@pytest.mark.parametrize("channel", ["link", "mail"])
@pytest.mark.parametrize("why", ["closed", "expired"])
def test_pages_without_an_answer_speak_of_the_mail_only_to_who_got_one(
    company: Company, channel: str, why: str
) -> None:
    with company.scope():
        one = mute(company)
        SurveyInvitation.objects.update(channel=channel, state="mailed")
        path = links.address(links.new_link(one), company.tenant.pk, lang="en").partition("//")[2]
        if why == "closed":
            surveys.set_state(one.survey_id, "closed")
        else:
            SurveyInvitation.objects.update(expires_at=timezone.now())
    answer = Client().get(path[path.index("/") :])
    assert answer.status_code == 410
    assert ("answer the mail" in answer.content.decode()) == (channel == "mail")
