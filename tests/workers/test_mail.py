"""A real worker and a real mail server: by itself, after a lost message, and killed between "250" and the commit."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import AccountMail, MailState, WorkspaceMail
from perfmgmt.notify.services import queue_account_mail, queue_mail
from perfmgmt.tenants.models import Doorbell
from tests.embedded.support import eventually
from tests.factories import Company
from tests.mailbox import Mailbox
from tests.workers.support import Worker

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("workers")]
LETTER = Letter("Welcome", ["Come in."])
Start = Callable[[], Worker]


@pytest.fixture
def start(
    committed: None, mailbox: Mailbox, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Start]:
    """Start a worker (with beat) that sends to the tests' mail server."""
    monkeypatch.setenv("EMAIL_HOST", settings.EMAIL_HOST)
    monkeypatch.setenv("EMAIL_PORT", str(settings.EMAIL_PORT))
    started: list[Worker] = []

    def begin() -> Worker:
        started.append(Worker(tmp_path, beat=True))
        return started[-1].ready()

    yield begin
    for worker in started:
        worker.stop()


def queue(company: Company) -> WorkspaceMail:
    with company.scope():
        return queue_mail(LETTER, to="li@example.com", kind="sample", language="en")


def state(company: Company, mail: WorkspaceMail) -> str:
    with company.scope():
        return WorkspaceMail.objects.get(pk=mail.pk).state


def test_both_kinds_of_mail_leave_by_themselves_and_after_a_lost_message(start: Start, mailbox: Mailbox) -> None:
    company = Company.create("acme")
    lost = queue(company)
    cache.clear()  # the broker forgets the message
    Doorbell.objects.update(rung_at="2025-01-01T00:00Z")
    worker = start()
    eventually(lambda: state(company, lost) == MailState.SENT, worker.said)
    mail = queue(company)
    queue_account_mail(LETTER, to="li@example.com", kind="sample", language="en")
    eventually(lambda: state(company, mail) == MailState.SENT, worker.said)
    eventually(lambda: AccountMail.objects.get().state == MailState.SENT, worker.said)
    assert len(set(mailbox.ids)) == 3
    eventually(lambda: not Doorbell.objects.filter(queue="mail").exists(), worker.said)


def test_a_worker_killed_between_the_servers_250_and_the_commit_sends_again(start: Start, mailbox: Mailbox) -> None:
    company = Company.create("acme")
    worker = start()

    def kill_first(number: int) -> str:
        if number == 1:
            worker.kill()
        return "250 OK"

    mailbox.answer = kill_first
    mail = queue(company)
    eventually(lambda: len(mailbox.messages) == 1, worker.said)
    assert state(company, mail) == MailState.SENDING
    with company.scope():
        WorkspaceMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    Doorbell.objects.update(rung_at="2025-01-01T00:00Z")
    second = start()
    eventually(lambda: state(company, mail) == MailState.SENT, second.said)
    assert mailbox.ids == [mail.message_id] * 2
