"""Putting mail into the outbox, and waking the worker that sends it."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from perfmgmt.notify.letters import Letter, write
from perfmgmt.notify.models import AccountMail, MailState, OutgoingMail, WorkspaceMail
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)
QUEUE = "mail"


def has_server() -> bool:
    """Return whether a mail server is configured; without one mail is kept and read on a page."""
    return bool(settings.EMAIL_HOST)


def queue_mail(
    letter: Letter,
    *,
    to: str,
    kind: str,
    language: str,
    secret: str = "",
    created_by_id: int | None = None,
    at_most_once: bool = False,
) -> WorkspaceMail:
    """Put a mail of the open workspace into its outbox; it is sent after the commit.

    `secret` is the part of the text that gives access (a link); it is hidden on pages and wiped when it is sent.
    """
    mail = WorkspaceMail.objects.create(
        **_row(letter, to=to, kind=kind, language=language, secret=secret),
        created_by_id=created_by_id,
        at_most_once=at_most_once,
    )
    if mail.is_waiting:
        _ring(current_tenant_id())
    return mail


def queue_account_mail(letter: Letter, *, to: str, kind: str, language: str, secret: str = "") -> AccountMail:
    """Put a mail about a sign-in into the outbox, outside of every workspace; it is sent after the commit."""
    mail = AccountMail.objects.create(**_row(letter, to=to, kind=kind, language=language, secret=secret))
    if mail.is_waiting:
        transaction.on_commit(wake_account)
    return mail


def retry(mail_id: int) -> WorkspaceMail:
    """Queue a mail of the open workspace again that failed or whose fate is unknown.

    Raises Conflict for any other state, and without a mail server.
    """
    mail = WorkspaceMail.objects.select_for_update().get(pk=mail_id)
    if mail.state not in (MailState.FAILED, MailState.UNKNOWN) or not has_server():
        raise Conflict
    mail.state, mail.attempts, mail.error, mail.due_at = MailState.QUEUED, 0, "", timezone.now()
    mail.save(update_fields=["state", "attempts", "error", "due_at"])
    _ring(current_tenant_id())
    return mail


def _row(letter: Letter, *, to: str, kind: str, language: str, secret: str) -> dict[str, Any]:
    written = write(letter, language)
    return {
        "kind": kind,
        "recipient": to,
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "language": language,
        "secret": secret,
        "message_id": new_message_id(),
        "state": MailState.QUEUED if has_server() else MailState.KEPT,
    }


def new_message_id() -> str:
    """Return a Message-ID that nobody has had; it is kept in the mail's row for every attempt."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return f"<{uuid.uuid4().hex}@{domain}>"


def _ring(tenant_id: int) -> None:
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
