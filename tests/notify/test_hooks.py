"""A mail service tells what became of a mail: who may, what is believed, and what it changes."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from django.utils.http import int_to_base36

from perfmgmt.notify import services, suppression, tasks
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.sending import send_due
from tests.factories import Company
from tests.mailbox import Mailbox

pytestmark = pytest.mark.django_db
SECRET, KEY, TO = "hooks:correct-horse-battery", "mailgun-signing-key", "buyer@lakeside.example"
GONE = "550 5.1.1 no such user"


@pytest.fixture(autouse=True)
def _services(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All services may tell; what they tell is noted at once instead of by a worker."""
    settings.MAIL_WEBHOOKS = ["brevo", "mailgun", "postmark"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    monkeypatch.setattr(tasks.note_bounce, "apply_async", lambda args, retry: tasks.note_bounce(*args))


@pytest.fixture
def mail(company: Company) -> WorkspaceMail:
    """A survey that was sent to a customer."""
    with company.scope():
        made = services.queue_mail(Letter("How was it?", ["Tell us."]), to=TO, kind="surveys.invitation",
                                   language="en", at_most_once=True)  # fmt: skip
        WorkspaceMail.objects.update(state=MailState.SENT)
    return made


def tell(service: str, body: Any, secret: str = SECRET) -> int:
    """Post what a service posts; return the status of the answer."""
    sign = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        f"/hooks/mail/{service}/", data, content_type="application/json", headers=sign
    ).status_code  # fmt: skip


def brevo(message_id: str, **values: Any) -> dict[str, Any]:
    return {"event": "hard_bounce", "email": TO, "message-id": message_id, "ts_event": 1760000000, "reason": GONE,
            "id": 1, **values}  # fmt: skip


def postmark(message_id: str, **values: Any) -> dict[str, Any]:
    return {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
            "Metadata": {"mail": message_id}, "Email": TO, "Description": GONE, "Details": GONE, "ID": 43233720,
            "BouncedAt": "2026-03-02T09:00:00Z", **values}  # fmt: skip


def mailgun(message_id: str, key: str = KEY, **values: Any) -> dict[str, Any]:
    when, token = "1760000000", "a" * 50
    signature = hmac.new(key.encode(), f"{when}{token}".encode(), hashlib.sha256).hexdigest()
    event = {"event": "failed", "severity": "permanent", "id": "m1", "timestamp": 1760000000.5, "recipient": TO,
             "reason": "bounce", "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
             "message": {"headers": {"message-id": message_id.strip("<>")}}, "user-variables": {},
             **values}  # fmt: skip
    return {"signature": {"timestamp": when, "token": token, "signature": signature}, "event-data": event}


EVENTS = {"brevo": brevo, "postmark": postmark, "mailgun": mailgun}


def after(company: Company) -> tuple[bool, bool]:
    """Whether the mail is noted as returned, and whether its address is asked no more."""
    with company.scope():
        return WorkspaceMail.objects.get().bounced_at is not None, bool(suppression.suppressed_addresses([TO]))


@pytest.mark.parametrize("service", EVENTS)
def test_a_mail_that_came_back_is_noted_and_its_address_asked_no_more(
    company: Company, mail: WorkspaceMail, service: str
) -> None:
    for _time in range(2):
        assert tell(service, EVENTS[service](mail.message_id)) == 200
    assert after(company) == (True, True)
    with company.scope():
        assert "no such user" in WorkspaceMail.objects.get().bounce


def test_a_complaint_is_noted(company: Company, mail: WorkspaceMail) -> None:
    assert tell("brevo", brevo(mail.message_id, event="spam", reason="")) == 200
    assert after(company) == (True, True)


@pytest.mark.parametrize(
    "values",
    [{"event": "delivered", "reason": ""}, {"event": "opened", "reason": ""},
     {"event": "soft_bounce", "reason": "452 4.2.2 full"}],
)  # fmt: skip
def test_what_is_no_return_changes_nothing(company: Company, mail: WorkspaceMail, values: dict[str, str]) -> None:
    assert tell("brevo", brevo(mail.message_id, **values)) == 200
    assert after(company) == (False, False)


def test_a_mail_refused_for_its_contents_does_not_blame_the_address(company: Company, mail: WorkspaceMail) -> None:
    assert tell("brevo", brevo(mail.message_id, reason="550 5.7.1 refused as spam")) == 200
    assert after(company) == (True, False)


def test_an_event_of_another_workspaces_number_or_of_nobodys_finds_nothing(
    company: Company, other_company: Company, mail: WorkspaceMail
) -> None:
    foreign = mail.message_id.replace(
        f".{int_to_base36(company.tenant.pk)}@", f".{int_to_base36(other_company.tenant.pk)}@"
    )
    for named in (foreign, "<somebody@else.example>", "", "<" + "0" * 32 + ".zzzzzzzzzzzz@x>"):
        assert tell("brevo", brevo(named)) == 200
    assert after(company) == (False, False)


@pytest.mark.parametrize("secret", ["", "hooks:wrong", "correct-horse-battery"])
def test_who_does_not_know_the_secret_is_not_believed(company: Company, mail: WorkspaceMail, secret: str) -> None:
    for service, event in EVENTS.items():
        assert tell(service, event(mail.message_id), secret) == 400
    assert tell("mailgun", mailgun(mail.message_id, key="another")) == 400
    assert after(company) == (False, False)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"[1]", b'{"event": 1}', b"\xff\x00"])
@pytest.mark.parametrize("service", EVENTS)
def test_what_is_no_event_is_refused_or_passed_over(company: Company, service: str, body: bytes) -> None:
    assert tell(service, body) in (200, 400)


def test_a_service_that_is_not_set_up_has_no_address(company: Company, settings: Any) -> None:
    settings.MAIL_WEBHOOKS = ["brevo"]
    assert tell("postmark", postmark("<x>")) == 404
    assert tell("nobody", {}) == 404
    assert Client().get("/hooks/mail/brevo/").status_code == 405


def test_postmark_is_told_our_message_id(company: Company, mailbox: Mailbox, settings: Any) -> None:
    with company.scope():
        mail = services.queue_mail(Letter("How was it?", ["Tell us."]), to=TO, kind="surveys.invitation",
                                   language="en")  # fmt: skip
    send_due(WorkspaceMail, company.scope)
    assert mailbox.messages[0]["X-PM-Metadata-mail"] == mail.message_id


@pytest.mark.parametrize("service", EVENTS)
def test_events_nested_without_end_are_refused(company: Company, mail: WorkspaceMail, service: str) -> None:
    assert tell(service, b"[" * 100_000) == 400
    assert after(company) == (False, False)


@pytest.mark.parametrize("service", ["brevo", "postmark"])
def test_words_that_can_not_be_stored_lose_no_bounce(company: Company, mail: WorkspaceMail, service: str) -> None:
    odd = f"{GONE}\x00 \ud800 \x1b[2J"
    values = {"brevo": {"reason": odd}, "postmark": {"Description": odd, "Details": odd}}[service]
    assert tell(service, EVENTS[service](mail.message_id, **values)) == 200
    assert after(company) == (True, True)
    assert tell(service, EVENTS[service](mail.message_id.replace("@", "@\x00"), **values)) == 200
