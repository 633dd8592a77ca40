"""Putting mail into the outbox, and waking the worker that sends it."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.http import int_to_base36
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from perfmgmt.notify.letters import Letter, Written, one_line, write
from perfmgmt.notify.models import AccountMail, MailState, OutgoingMail, WorkspaceMail
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)
QUEUE = "mail"


def has_server() -> bool:
    """Return whether a mail server is configured; without one mail is kept and read on a page."""
    return bool(settings.EMAIL_HOST)


def queue_mail(
    letter: Letter | Written,
    *,
    to: str,
    kind: str,
    language: str,
    secret: str = "",
    created_by_id: int | None = None,
    at_most_once: bool = False,
    reply_to: str = "",
    picture: str = "",
    unsubscribe: str = "",
) -> WorkspaceMail:
    """Put a mail of the open workspace into its outbox; it is sent after the commit.

    `secret` is the part of the text that gives access (a link); it is hidden on pages and wiped when it is sent.
    A mail with a layout of its own comes as `Written`; `reply_to`, `picture` and `unsubscribe` are those of
    `WorkspaceMail`.
    """
    mail = prepared(letter, to=to, kind=kind, language=language, secret=secret)
    mail.created_by_id, mail.at_most_once = created_by_id, at_most_once
    mail.reply_to, mail.picture, mail.unsubscribe = reply_to, picture, unsubscribe
    mail.save()
    if mail.is_waiting:
        ring()
    return mail


def prepared(letter: Letter | Written, *, to: str, kind: str, language: str, secret: str = "") -> WorkspaceMail:
    """Return a mail of the open workspace that is not yet in its outbox, for writing many at once."""
    return WorkspaceMail(
        **_row(letter, to=to, kind=kind, language=language, secret=secret, tenant_id=current_tenant_id()),
        domain=domain_of(to),
    )


def put(mails: list[WorkspaceMail]) -> None:
    """Put prepared mails into the outbox in one statement for each thousand; they are sent after the commit."""
    WorkspaceMail.objects.bulk_create(mails, batch_size=1000)
    if any(mail.is_waiting for mail in mails):
        ring()


def domain_of(address: str) -> str:
    """Return the domain of an address in small letters."""
    return address.rpartition("@")[2].strip().lower()[:253]


def queue_mails(mails: Iterable[tuple[Letter, str, str]], *, kind: str, at_most_once: bool = True) -> int:
    """Put many mails (letter, address, language) of the open workspace into its outbox in one statement; return how
    many. A letter that goes to many people in one language is written once.
    """
    written: dict[tuple[int, str], Written] = {}
    kept: list[Letter] = []  # so that no letter's id is given to another one meanwhile
    rows = []
    for letter, to, language in mails:
        key = (id(letter), language)
        if key not in written:
            kept.append(letter)
            written[key] = write(letter, language)
        rows.append(prepared(written[key], to=to, kind=kind, language=language))
        rows[-1].at_most_once = at_most_once
    put(rows)
    return len(rows)


def queue_account_mail(letter: Letter, *, to: str, kind: str, language: str, secret: str = "") -> AccountMail:
    """Put a mail about a sign-in into the outbox, outside of every workspace; it is sent after the commit."""
    mail = AccountMail.objects.create(**_row(letter, to=to, kind=kind, language=language, secret=secret))
    if mail.is_waiting:
        transaction.on_commit(wake_account)
    return mail


def _row(
    letter: Letter | Written, *, to: str, kind: str, language: str, secret: str, tenant_id: int = 0
) -> dict[str, Any]:
    written = letter if isinstance(letter, Written) else write(letter, language)
    return {
        "kind": kind,
        "recipient": to,
        "subject": one_line(written.subject),
        "secret": secret,
        "text": written.text,
        "html": written.html,
        "language": language,
        "message_id": new_message_id(tenant_id),
        "state": MailState.QUEUED if has_server() else MailState.KEPT,
    }


def new_message_id(tenant_id: int = 0) -> str:
    """Return a Message-ID that nobody has had; it is kept in the mail's row for every attempt.

    That of a workspace's mail says which, so that a report of its delivery finds the way back (`bounces`).
    """
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    place = f".{int_to_base36(tenant_id)}" if tenant_id else ""
    return f"<{uuid.uuid4().hex}{place}@{domain}>"


def ring() -> None:
    """Leave a note that the open workspace has mail to send, and wake a worker after the commit."""
    tenant_id = current_tenant_id()
    Doorbell.objects.create(tenant_id=tenant_id, queue=QUEUE)
    transaction.on_commit(lambda: wake(tenant_id))


def wake(tenant_id: int) -> None:
    """Send the task that sends a workspace's mail; if no broker answers, the sweep will."""
    from perfmgmt.notify.tasks import send_mail

    _announce(send_mail, [tenant_id])


def wake_account() -> None:
    """Send the task that sends mail about sign-ins; if no broker answers, beat will."""
    from perfmgmt.notify.tasks import send_account_mail

    _announce(send_account_mail, [])


def _announce(task: Any, args: list[int]) -> None:
    try:
        task.apply_async(args=args, retry=False)
    except (BrokerError, RedisError) as error:
        logger.warning("No broker (%s): the sweep will send the mail.", type(error).__name__)


def on_sweep(*, queue: str, tenant_id: int) -> None:
    """The sweep found an old note: a message was lost, a worker died, or a mail waits for its next attempt."""
    if queue == QUEUE:
        from perfmgmt.notify.tasks import send_mail

        send_mail.apply_async(args=[tenant_id], retry=False, expires=60)


def shown_text(mail: OutgoingMail, *, with_secret: bool) -> str:
    """Return a mail's plain text for a page: what gives access only to who may have it, and only while no server
    delivers the mail to its recipient."""
    return mail.text if with_secret and not has_server() and mail.state == MailState.KEPT else mail.hidden_text
