"""Customers who read no mail are asked by a link that somebody hands over, with a QR code and a few words."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from perfmgmt.customers import consents
from perfmgmt.customers.forgetting import erase_contact
from perfmgmt.customers.models import Contact
from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.tenants.models import WorkspaceRules
from perfmgmt.web import qr
from reviews.mailing import links, writing
from reviews.models import SurveyAnswer, SurveyInvitation, SurveyLink
from reviews.surveys import services as surveys
from tests.factories import Company
from tests.reviews.answering_factories import form
from tests.reviews.asking_factories import asked, buyer, owned
from tests.reviews.followup_factories import viewer
from tests.reviews.survey_factories import published

#: Every question of the survey.
SHOWN = ("satisfaction", "reason", "comment")
SignIn = Callable[[Any], Any]


@pytest.fixture
def mine(company: Company) -> Contact:
    """A contact of Ann's customer, with an address."""
    with company.scope():
        return owned(buyer("MINE"), company, "ann")


@pytest.fixture
def survey_id(company: Company) -> int:
    """A survey that is open."""
    with company.scope():
        return published().survey_id


def ask(client: Any, contact: Contact, survey_id: int, channel: str = "link") -> Any:
    address = f"/w/acme/surveys/ask/{contact.pk}/"
    return client.post(address, {"survey": survey_id, "channel": channel}, follow=True)


def path_in(answer: Any) -> str:
    """The path of the link that a page shows."""
    found = re.search(r'id="handed-url"[^>]*value="http://[^/"]+(/s/[^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_the_page_after_asking_shows_link_picture_and_words_this_once(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    with company.scope():
        Contact.objects.filter(pk=mine.pk).update(language="en")
    answer = ask(sign_in(company.users["assistant"]), mine, survey_id)
    text, path = unescape(answer.content.decode()), path_in(answer)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert qr.data_uri(links.base_url() + path) in text
    assert "Hello Buyer MINE, " in text
    with company.scope():
        one, link = SurveyInvitation.objects.get(), SurveyLink.objects.get()
        assert (one.channel, one.state, one.purpose, one.origin) == ("link", "mailed", "development", "assistant")
        assert (one.employee, one.contact, one.mail) == (company.people["ann"], mine, None)
        assert link.token_hash == links.hash_of(path.split("/")[3])
    assert Client().get(path).status_code == 200


def test_the_picture_is_an_svg_of_its_own_with_a_quiet_zone() -> None:
    uri = qr.data_uri("https://example.test/s/1/abcdefghijklmnopqrstuv/")
    svg = ElementTree.fromstring(base64.b64decode(uri.partition(",")[2]))
    size = int(svg.attrib["viewBox"].split()[2])
    assert svg[0].attrib["d"].startswith("M4,4H5")
    assert (size - 8 - 17) % 4 == 0


def test_words_are_in_the_customers_language(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    with company.scope():
        Contact.objects.filter(pk=mine.pk).update(language="zh-hans")
    assert "您好" in ask(sign_in(company.users["assistant"]), mine, survey_id).content.decode()


def test_a_double_click_makes_one_invitation_and_both_links_work(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    client = sign_in(company.users["assistant"])
    first, second = path_in(ask(client, mine, survey_id)), path_in(ask(client, mine, survey_id))
    assert first != second
    assert [Client().get(path).status_code for path in (first, second)] == [200, 200]
    with company.scope():
        assert SurveyInvitation.objects.count() == 1
    # Another way to ask is another question, and this one was asked.
    assert "spaced out" in ask(client, mine, survey_id, "mail").content.decode()


def test_a_contact_without_an_address_can_be_asked_by_link_only(
    company: Company, sign_in: SignIn, survey_id: int
) -> None:
    with company.scope():
        mute = owned(buyer("MUTE", email=""), company, "ann")
    client = sign_in(company.users["assistant"])
    shown = client.get(f"/w/acme/surveys/ask/{mute.pk}/").content.decode()
    assert 'value="link"' in shown and 'value="mail"' not in shown
    assert ask(client, mute, survey_id, "mail").status_code == 400
    assert path_in(ask(client, mute, survey_id))


@pytest.mark.parametrize(
    ("consent", "why"), [("", "asked for consent"), ("refused", "refused"), ("withdrawn", "withdrew")]
)
def test_without_consent_nobody_is_asked_by_link(
    company: Company, sign_in: SignIn, survey_id: int, consent: str, why: str
) -> None:
    with company.scope():
        contact = owned(buyer("MUTE", consent, email=""), company, "ann")
    answer = ask(sign_in(company.users["assistant"]), contact, survey_id)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    with company.scope():
        assert not SurveyInvitation.objects.exists()


def test_budget_quiet_period_and_the_year_hold_for_links(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    client = sign_in(company.users["assistant"])
    with company.scope():
        version = published()
        before = asked(mine, version, timezone.now() - timedelta(days=3))
    assert "spaced out" in ask(client, mine, survey_id).content.decode()
    with company.scope():
        SurveyInvitation.objects.filter(pk=before.pk).delete()
        WorkspaceRules.objects.update_or_create(defaults={"survey_days_between": 0})
        development = {"origin": "assistant", "purpose": "development"}
        asked(mine, version, timezone.now() - timedelta(days=100), **development)
    assert "spaced out" in ask(client, mine, survey_id).content.decode()


def test_a_new_link_needs_the_consent_that_was_given(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    client = sign_in(company.users["assistant"])
    path_in(ask(client, mine, survey_id))
    with company.scope():
        consents.note_consent(mine.pk, state="withdrawn", source="phone", at=timezone.now())
    assert "withdrew" in ask(client, mine, survey_id).content.decode()
    with company.scope():
        assert SurveyLink.objects.count() == 1


def test_what_is_closed_expired_or_answered_gets_no_new_link(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    client = sign_in(company.users["assistant"])
    path_in(ask(client, mine, survey_id))
    for values in ({"state": "finished"}, {"state": "mailed", "expires_at": timezone.now()}):
        with company.scope():
            SurveyInvitation.objects.update(**values)
        assert "spaced out" in ask(client, mine, survey_id).content.decode()
    with company.scope():
        surveys.set_state(survey_id, "closed")
    ask(client, mine, survey_id)
    with company.scope():
        assert (SurveyInvitation.objects.count(), SurveyLink.objects.count()) == (1, 1)


def test_workers_never_write_a_mail_for_a_link(company: Company, mine: Contact, survey_id: int) -> None:
    with company.scope():
        version, now = published(), timezone.now()
        asked(mine, version, now - timedelta(days=1), state="chosen", channel="link")
        old = asked(mine, version, now - timedelta(days=9), mailed_at=now - timedelta(days=9), channel="link")
        assert writing.write_batch(writing.Desk()) == 0
        assert writing.remind_batch(writing.Desk()) == 0
        assert not WorkspaceMail.objects.exists()
        letter = WorkspaceMail.objects.create(kind=writing.KIND, recipient="a@b.example", subject="x", text="x")
        with pytest.raises(IntegrityError), transaction.atomic():
            SurveyInvitation.objects.filter(pk=old.pk).update(mail=letter)


def test_who_handed_a_link_over_can_neither_read_nor_change_the_answer(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    path = path_in(ask(sign_in(company.users["assistant"]), mine, survey_id))
    client = Client()
    said = form(*SHOWN, satisfaction=2, reason="speed", comment="Too slow for us")
    assert client.post(path, said).status_code == 303
    with company.scope():
        assert SurveyInvitation.objects.get().state == "finished"
    for more in ("", "?correct=1", "?not-mine=1"):
        shown = client.get(path + more).content.decode()
        assert "Too slow" not in shown
        assert "Correct my answer" not in shown
    assert client.post(f"{path}?correct=1", {**said, "a-satisfaction": "5"}).status_code == 409
    assert client.post(f"{path}?not-mine=1").status_code == 409
    with company.scope():
        assert SurveyAnswer.objects.get(key="satisfaction").number == 2
        SurveyInvitation.objects.update(state="started", finished_at=None)
    assert "Too slow" not in client.get(path).content.decode()


def test_an_erased_customers_link_leads_nowhere(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int
) -> None:
    path = path_in(ask(sign_in(company.users["assistant"]), mine, survey_id))
    with company.scope():
        erase_contact(mine.pk, viewer=viewer(company, "owner"))
    assert Client().get(path).status_code == 410


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("hr", 200), ("manager", 200), ("auditor", 403)])
def test_who_may_ask_by_link(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int, role: str, status: int
) -> None:
    assert ask(sign_in(company.users[role]), mine, survey_id).status_code == status


def test_contacts_of_others_and_of_other_workspaces_are_not_found(
    company: Company, other_company: Company, sign_in: SignIn, survey_id: int
) -> None:
    with company.scope():
        foreign = owned(buyer("FOREIGN"), company, "cid")
    with other_company.scope():
        elsewhere, theirs = buyer("ELSEWHERE"), published().survey_id
    client = sign_in(company.users["assistant"])
    assert ask(client, foreign, survey_id).status_code == 404
    assert ask(sign_in(company.users["hr"]), elsewhere, survey_id).status_code == 404
    assert ask(sign_in(company.users["hr"]), foreign, theirs).status_code == 400
    with company.scope():
        assert not SurveyInvitation.objects.exists()


def test_a_site_without_an_address_offers_no_links(
    company: Company, sign_in: SignIn, mine: Contact, survey_id: int, settings: Any
) -> None:
    settings.PRODUCTION, settings.SITE_URL = True, ""
    answer = ask(sign_in(company.users["assistant"]), mine, survey_id)
    assert answer.status_code == 400
    assert "SITE_URL" in answer.content.decode()
    with company.scope():
        assert not SurveyInvitation.objects.exists()
