"""kill -9 of the process that writes or sends, at each step: nobody gets a mail twice, and HR sees what is open."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from perfmgmt.notify import sending
from perfmgmt.notify import services as outbox
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.reserving import waiting
from perfmgmt.tenants.models import WorkspaceProfile, WorkspaceRules
from reviews.mailing import links, writing
from reviews.models import SurveyInvitation, SurveyLink
from tests.factories import Company
from tests.mailbox import Mailbox
from tests.reviews.mailing_factories import agreed, invited, write_all
from tests.reviews.survey_factories import published

PEOPLE = 3


def asked(company: Company) -> None:
    """Three customers are to be asked now, whatever the hour."""
    with company.scope():
        WorkspaceRules.objects.update_or_create(defaults={"survey_from_hour": 0, "survey_to_hour": 24})
        WorkspaceProfile.objects.update(country="", weekend=[])
        version = published()
        for number in range(PEOPLE):
            invited(company, version, agreed(number))


def killed(patch: pytest.MonkeyPatch, module: Any, name: str, work: Callable[[], Any], *, before: bool) -> None:
    """Do some work in a process of its own, and kill it before or after `name` of a module has done its part."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        connection.connection = None  # the parent's: this one opens its own
        part: Callable[..., Any] = getattr(module, name)

        def stopped(*args: Any, **kwargs: Any) -> Any:
            if not before:
                part(*args, **kwargs)
            os.write(write, b"x")
            time.sleep(60)

        patch.setattr(module, name, stopped)
        try:
            work()
        finally:
            os._exit(1)
    os.close(write)
    assert os.read(read, 1) == b"x", "it ended before it could be killed"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read)


def until(done: Callable[[], bool]) -> None:
    """Try again until the database has noticed that the other process is gone."""
    for _attempt in range(100):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize(
    ("module", "name", "before"),
    [(links, "new_token", True), (outbox, "put", True), (outbox, "put", False), (writing, "_write", False)],
)
def test_a_writer_that_dies_leaves_nothing_and_the_next_writes_all_once(
    committed: None, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, before: bool
) -> None:
    company = Company.create("acme")
    asked(company)

    def write() -> int:
        with company.scope():
            return write_all()

    killed(monkeypatch, module, name, write, before=before)
    with company.scope():
        assert not (WorkspaceMail.objects.exists() or SurveyLink.objects.exists())
        assert set(SurveyInvitation.objects.values_list("state", flat=True)) == {"chosen"}
    until(lambda: write() > 0)
    with company.scope():
        assert WorkspaceMail.objects.count() == SurveyLink.objects.count() == PEOPLE
        assert set(SurveyInvitation.objects.values_list("state", flat=True)) == {"mailed"}


@pytest.mark.parametrize(
    ("name", "before", "taken"),
    [("_claim", False, 0), ("message_of", True, 0), ("_end", True, 1), ("_end", False, 1)],
)
def test_a_sender_that_dies_sends_nothing_twice(
    committed: None, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, name: str, before: bool, taken: int
) -> None:
    company = Company.create("acme")
    asked(company)
    with company.scope():
        write_all()

    def send() -> None:
        sending.send_due(WorkspaceMail, company.scope)

    # `_claim` runs inside a transaction of its own: to die after its commit, the second step is stopped at its start.
    killed(monkeypatch, sending, "_send" if name == "_claim" else name, send, before=before or name == "_claim")
    assert len(mailbox.messages) == taken

    def settled() -> bool:
        with company.scope():
            WorkspaceMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        send()
        with company.scope():
            return not waiting(WorkspaceMail).exists()

    until(settled)
    with company.scope():
        states = sorted(WorkspaceMail.objects.values_list("state", flat=True))
    assert states == [MailState.SENT] * (PEOPLE - 1) + [MailState.UNKNOWN]
    assert len(mailbox.messages) == PEOPLE - 1 + taken
    assert len(set(mailbox.ids)) == len(mailbox.ids)
