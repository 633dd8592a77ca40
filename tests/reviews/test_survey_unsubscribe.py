"""No more surveys: one click of a mail program, or a page that asks once; a GET changes nothing."""

from typing import Any

import pytest
from django.test import Client
from django.utils.http import int_to_base36

from perfmgmt.customers.forgetting import erase_contact
from perfmgmt.customers.models import Consent, Contact
from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.notify.suppression import suppress
from reviews.mailing import writing
from reviews.mailing.links import new_link
from reviews.models import SurveyInvitation
from tests.customers.book import viewer
from tests.factories import Company, today_here
from tests.reviews.mailing_factories import agreed, invited
from tests.reviews.survey_factories import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(company: Company) -> str:
    """The address in the mail of a customer of the company."""
    return made(company)


def made(company: Company, **values: Any) -> str:
    with company.scope():
        token = new_link(invited(company, published(), agreed(), **values))
    return f"/s/{int_to_base36(company.tenant.pk)}/{token}/unsubscribe/"


def consent(company: Company) -> tuple[str, int]:
    with company.scope():
        return Contact.objects.get().consent, Consent.objects.count()


def test_opening_the_page_changes_nothing(company: Company, link: str) -> None:
    page = Client().get(link)
    assert page.status_code == 200
    assert "No more surveys?" in page.content.decode() and "Acme" in page.content.decode()
    assert "不再" in Client().get(f"{link}?lang=zh-hans").content.decode()
    assert Client().head(link).status_code == 200
    assert consent(company) == ("given", 1)
    assert "no-store" in page["Cache-Control"]


def test_one_click_of_a_mail_program_is_enough_and_once(company: Company, link: str) -> None:
    program = Client(enforce_csrf_checks=True)
    for _time in range(2):
        answer = program.post(link, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "You will get no more surveys" in answer.content.decode()
    assert consent(company) == ("withdrawn", 2)
    with company.scope():
        entry = Consent.objects.latest("pk")
        assert f"{SurveyInvitation.objects.get().pk}" in entry.proof
        assert entry.source and entry.recorded_by_id is None


def test_the_button_of_the_page_says_it_in_the_readers_language(company: Company, link: str) -> None:
    answer = Client().post(f"{link}?lang=zh-hans", {"lang": "zh-hans"})
    assert 'lang="zh-hans"' in answer.content.decode()
    assert consent(company)[0] == "withdrawn"


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_nobody_was_given_is_not_there(company: Company, other_company: Company, link: str, method: str) -> None:
    token = link.split("/")[3]
    wrong = [f"/s/{int_to_base36(other_company.tenant.pk)}/{token}/unsubscribe/", f"/s/zz/{token}/unsubscribe/",
             f"/s/{'z' * 13}/{token}/unsubscribe/", f"/s/{'9' * 40}/{token}/unsubscribe/",
             f"/s/0/{token}/unsubscribe/", f"/s/-1/{token}/unsubscribe/", f"/s/ü/{token}/unsubscribe/",
             link.replace(token, token[::-1]), link.replace(token, "a" * 500)]  # fmt: skip
    assert [getattr(Client(), method)(each).status_code for each in wrong] == [404] * len(wrong)
    assert consent(company) == ("given", 1)


def test_too_many_attempts_are_stopped(company: Company, link: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "survey_unsubscribe": "2/m/ip"}
    client = Client()
    assert [client.get(link).status_code for _time in range(3)] == [200, 200, 429]


def test_an_erased_contact_leaves_nothing_in_the_outbox(company: Company, link: str, settings: Any) -> None:
    settings.SITE_URL = "https://perf.example"
    with company.scope():
        desk = writing.Desk()
        one = SurveyInvitation.objects.select_related("survey", "version", "contact", "employee").get()
        desk.look_up([one])
        writing._write(desk, [one], writing.KIND)
        suppress("buyer1@lakeside.example", reason="bounced")
        erase_contact(one.contact_id or 0, viewer=viewer(company, "hr", today_here()))
        (row,) = WorkspaceMail.objects.values()
    assert "buyer1" not in repr(row) and "Buyer 1" not in repr(row)
    assert Client().post(link).status_code == 200  # the link still answers, and says nothing of them
