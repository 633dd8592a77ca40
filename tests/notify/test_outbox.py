"""Mail is a row first; a worker gives it to the server, once more when in doubt, always with the same Message-ID."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from perfmgmt.notify import fates, services
from perfmgmt.notify.letters import Letter, write
from perfmgmt.notify.models import AccountMail, MailState, WorkspaceMail
from perfmgmt.notify.reserving import PAUSES
from perfmgmt.notify.sending import prune, send_due
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.models import Doorbell
from tests.factories import Company
from tests.mailbox import Mailbox

pytestmark = pytest.mark.django_db
LINK = "https://perf.example.com/invitation/acme/tok<en&1/"
LETTER = Letter(
    "欢迎 加入\nAcme",
    ["第一段。", "<b>not bold</b>"],
    action=("打开", LINK),
    details=[("来自", "王敏")],
    footnote="You get this because somebody invited you.",
)


def queue(company: Company, **options: Any) -> WorkspaceMail:
    with company.scope():
        return services.queue_mail(
            LETTER, **{"to": "li@example.com", "kind": "invitation", "language": "zh-hans", **options}
        )


def fresh(company: Company, mail: WorkspaceMail) -> WorkspaceMail:
    with company.scope():
        return WorkspaceMail.objects.get(pk=mail.pk)


def make_due(company: Company) -> None:
    with company.scope():
        WorkspaceMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_mail_reaches_the_server_as_text_and_html_with_its_message_id(company: Company, mailbox: Mailbox) -> None:
    mail = queue(company)
    assert send_due(WorkspaceMail, company.scope) is False
    (message,) = mailbox.messages
    assert (message["To"], message["Subject"]) == ("li@example.com", "欢迎 加入 Acme")
    assert message["Message-ID"] == mail.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_content() for part in message.iter_parts())  # type: ignore[attr-defined]
    assert LINK in text
    assert "第一段。" in text
    assert "来自：王敏" in text.replace(" ", "") or "来自: 王敏" in text
    assert "&lt;b&gt;not bold" in html
    assert "<style" not in html
    assert 'style="' in html
    assert fresh(company, mail).state == MailState.SENT
    assert send_due(WorkspaceMail, company.scope) is False
    assert len(mailbox.messages) == 1


def test_what_gives_access_is_wiped_once_the_server_has_the_mail(company: Company, mailbox: Mailbox) -> None:
    mail = queue(company, secret=LINK)
    assert LINK not in services.shown_text(mail, with_secret=True)  # the server delivers it to its recipient
    send_due(WorkspaceMail, company.scope)
    sent = fresh(company, mail)
    assert LINK in mailbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "tok" not in sent.text + sent.html + sent.secret


def test_without_a_server_mail_is_kept_and_readable_by_who_may(company: Company, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    mail = queue(company, secret=LINK)
    assert mail.state == MailState.KEPT
    assert LINK in services.shown_text(mail, with_secret=True)
    hidden = services.shown_text(mail, with_secret=False)
    assert LINK not in hidden
    assert "第一段。" in hidden
    settings.EMAIL_HOST = "mail.example.com"
    assert LINK not in services.shown_text(mail, with_secret=True)
    assert send_due(WorkspaceMail, company.scope) is False
    assert fresh(company, mail).state == MailState.KEPT  # old invitations don't go out when a server is set up


def test_a_refused_recipient_fails_at_once_and_the_others_go_out(company: Company, mailbox: Mailbox) -> None:
    mailbox.refused = {"nobody@example.com"}
    bad, good = queue(company, to="nobody@example.com"), queue(company)
    send_due(WorkspaceMail, company.scope)
    assert (fresh(company, bad).state, fresh(company, bad).error) == (MailState.FAILED, "550 no such mailbox")
    assert fresh(company, good).state == MailState.SENT


def test_a_busy_server_is_asked_again_later_and_later_and_then_no_more(company: Company, mailbox: Mailbox) -> None:
    mailbox.answer = lambda number: "451 try again"
    mail, waits = queue(company), []
    for _attempt in range(len(PAUSES) + 1):
        before = timezone.now()
        send_due(WorkspaceMail, company.scope)
        waits.append(round((fresh(company, mail).due_at - before).total_seconds() / 60))
        make_due(company)
    assert waits == [1, 5, 30, 120, 360, 360]
    failed = fresh(company, mail)
    assert (failed.state, failed.attempts, failed.error) == (MailState.FAILED, 6, "451 try again")
    assert set(mailbox.ids) == {mail.message_id}
    with company.scope():
        fates.retry(mail.pk)
    mailbox.answer = lambda number: "250 OK"
    send_due(WorkspaceMail, company.scope)
    assert fresh(company, mail).state == MailState.SENT


def test_only_a_mail_that_failed_is_queued_again_by_hand(company: Company, mailbox: Mailbox) -> None:
    mail = queue(company)
    with company.scope(), pytest.raises(Conflict):
        fates.retry(mail.pk)


def test_a_server_that_is_gone_costs_one_mail_an_attempt(company: Company, mailbox: Mailbox, settings: Any) -> None:
    first, second = queue(company), queue(company)
    settings.EMAIL_PORT = 1
    assert send_due(WorkspaceMail, company.scope) is False
    assert fresh(company, first).state == MailState.QUEUED
    assert "Connection" in fresh(company, first).error
    assert fresh(company, second).attempts == 0


@pytest.mark.parametrize(("once", "state", "sent"), [(False, MailState.SENT, 1), (True, MailState.UNKNOWN, 0)])
def test_a_mail_in_flight_when_its_worker_died(
    company: Company, mailbox: Mailbox, once: bool, state: str, sent: int
) -> None:
    mail = queue(company, at_most_once=once)
    with company.scope():
        WorkspaceMail.objects.update(state=MailState.SENDING, attempts=1)
    send_due(WorkspaceMail, company.scope)
    assert fresh(company, mail).state == state
    assert len(mailbox.messages) == sent


def test_mail_about_a_sign_in_goes_out_outside_of_workspaces_and_is_forgotten(db: None, mailbox: Mailbox) -> None:
    from django.db import transaction

    mail = services.queue_account_mail(LETTER, to="li@example.com", kind="reset", language="en", secret=LINK)
    send_due(AccountMail, transaction.atomic)
    mail.refresh_from_db()
    assert (mail.state, mail.secret) == (MailState.SENT, "")
    assert len(mailbox.messages) == 1
    assert prune() == 0
    AccountMail.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert prune() == 1


def test_django_s_own_mail_becomes_rows(db: None, mailbox: Mailbox) -> None:
    backend = get_connection("perfmgmt.notify.backend.OutboxBackend")
    message = EmailMultiAlternatives("Subject", "One.\n\nTwo.", to=["a@example.com"], cc=["b@example.com"])
    assert backend.send_messages([message]) == 1
    assert sorted(AccountMail.objects.values_list("recipient", flat=True)) == ["a@example.com", "b@example.com"]
    assert mailbox.messages == []


def test_the_task_keeps_its_note_until_nothing_waits(company: Company, mailbox: Mailbox) -> None:
    from perfmgmt.notify.tasks import send_mail

    mailbox.answer = lambda number: "451 try again" if number == 1 else "250 OK"
    queue(company)
    notes = Doorbell.objects.filter(queue=services.QUEUE)
    send_mail.run(company.tenant.pk)
    assert notes.exists()
    make_due(company)
    send_mail.run(company.tenant.pk)
    assert not notes.exists()


def test_a_letter_is_written_in_its_own_language_whatever_is_active() -> None:
    written = {language: write(LETTER, language) for language in ("en", "zh-hans")}
    assert 'lang="zh-hans"' in written["zh-hans"].html
    assert "If the button does not work" in written["en"].html
    assert "If the button does not work" not in written["zh-hans"].html
