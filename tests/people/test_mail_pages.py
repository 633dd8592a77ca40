"""Who reads mail: the workspace's on its pages, mail about sign-ins on a try-out's own machine only."""

from typing import Any

import pytest
from django.test import Client

from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.services import queue_account_mail, queue_mail
from tests.factories import Company

pytestmark = pytest.mark.django_db
LINK = "http://testserver/accounts/password/reset/key/abc/"


@pytest.fixture
def try_out(settings: Any) -> str:
    """A try-out with one reset mail; returns its page."""
    settings.EMAIL_HOST, settings.MAIL_PAGE = "", True
    letter = Letter("Set a new password", [], action=("Choose", LINK))
    return f"/mail/{queue_account_mail(letter, to='a@example.com', kind='reset', language='en', secret=LINK).pk}/"


def test_on_a_try_out_the_operator_reads_a_reset_mail_on_the_same_machine(try_out: str) -> None:
    assert try_out in Client().get("/mail/").content.decode()
    assert LINK in Client().get(try_out).content.decode()


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "192.168.1.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_HOST": "perf.example.com"},
    ],
)
def test_from_elsewhere_there_is_no_such_page(try_out: str, meta: dict[str, str], settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for path in ("/mail/", try_out):
        assert Client().get(path, **meta).status_code == 404, path


@pytest.mark.parametrize("setting", [("MAIL_PAGE", False), ("EMAIL_HOST", "mail.example.com")])
def test_with_a_mail_server_or_switched_off_there_is_no_such_page(
    try_out: str, setting: tuple[str, Any], settings: Any
) -> None:
    setattr(settings, *setting)
    for path in ("/mail/", try_out):
        assert Client().get(path).status_code == 404, path


def test_a_failed_mail_is_sent_again_from_its_page(company: Company, sign_in: Any, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    with company.scope():
        pk = queue_mail(Letter("Reminder", ["Text"]), to="a@example.com", kind="other", language="en").pk
        WorkspaceMail.objects.update(state=MailState.FAILED, error="550 no such mailbox")
    path = f"/w/acme/mail/{pk}/"
    assert "550 no such mailbox" in sign_in(company.users["auditor"]).get(path).content.decode()
    assert sign_in(company.users["auditor"]).post(f"{path}again/").status_code == 403
    hr = sign_in(company.users["hr"])
    assert [hr.post(f"{path}again/").status_code for _ in range(2)] == [302, 409]
    with company.scope():
        assert WorkspaceMail.objects.get().state == MailState.QUEUED
