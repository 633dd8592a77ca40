"""The worker's side of the outbox.

Two short transactions for each mail. The first marks it `sending`, counts the attempt and puts the next one into the
future; the second holds a lock, hands the mail to the server and marks it sent. Between the server's "250" and that
commit nobody can be exact: a mail whose worker dies there is sent again, with the same Message-ID, or, when it may
go out once at most, becomes `unknown`.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.utils import timezone

from perfmgmt.notify.models import WAITING, AccountMail, MailState, OutgoingMail, WorkspaceMail
from perfmgmt.tenants.locks import Lock, try_lock

logger = logging.getLogger(__name__)
OpenScope = Callable[[], AbstractContextManager[Any]]
BATCH = 50
# How long to wait after the first, second … attempt; after the last one the mail has failed.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360)]
KEEP_ACCOUNT_MAIL = timedelta(days=30)
LOCKS: dict[type[OutgoingMail], Lock] = {WorkspaceMail: Lock.MAIL, AccountMail: Lock.ACCOUNT_MAIL}


def send_due(model: type[OutgoingMail], open_scope: OpenScope) -> bool:
    """Send what is due, one batch at most; return whether more may be due now."""
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=settings.EMAIL_TIMEOUT)
    try:
        for _turn in range(BATCH):
            with open_scope():
                mail_id = _claim(model)
            if mail_id is None:
                return False
            with open_scope():
                reached = _send(model, mail_id, connection)
            if not reached:
                return False  # the rest of the batch would only wait for the server, too
    finally:
        connection.close()
    return True


def waiting(model: type[OutgoingMail]) -> QuerySet[Any]:
    """Return the mail that is still to be sent, in the open scope."""
    return model._default_manager.filter(state__in=WAITING)


def prune() -> int:
    """Delete mail about sign-ins that is done with and old; return how many."""
    old = AccountMail.objects.filter(created_at__lt=timezone.now() - KEEP_ACCOUNT_MAIL)
    return old.exclude(state__in=WAITING).delete()[0]


def message_of(mail: OutgoingMail) -> EmailMultiAlternatives:
    """Return the mail as it goes to the server: plain text with HTML beside it, and its own Message-ID."""
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", "Content-Language": mail.language}
    message = EmailMultiAlternatives(
        mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [mail.recipient], headers=headers
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _claim(model: type[OutgoingMail]) -> int | None:
    """Take the next due mail for an attempt and return its id; None when nothing is due."""
    busy: list[int] = []
    while True:
        due = waiting(model).filter(due_at__lte=timezone.now()).exclude(pk__in=busy).order_by("due_at", "pk")
        mail = due.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        if not try_lock(LOCKS[model], mail.pk):
            busy.append(mail.pk)  # a slow server still has another worker's attempt
        elif mail.state == MailState.SENDING and mail.at_most_once:
            _end(mail, MailState.UNKNOWN)
        elif mail.attempts > len(PAUSES):
            _end(mail, MailState.FAILED)
        else:
            mail.state = MailState.SENDING
            mail.due_at = timezone.now() + PAUSES[min(mail.attempts, len(PAUSES) - 1)]
            mail.attempts += 1
            mail.save(update_fields=["state", "attempts", "due_at"])
            return int(mail.pk)


def _send(model: type[OutgoingMail], mail_id: int, connection: BaseEmailBackend) -> bool:
    """Hand one claimed mail to the server and note what came of it; return False when it can't be reached."""
    if not try_lock(LOCKS[model], mail_id):
        return True
    mail = model._default_manager.get(pk=mail_id)
    if mail.state != MailState.SENDING:
        return True
    try:
        connection.send_messages([message_of(mail)])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _attempt_failed(mail, f"{code} {_words(said)}", final=code >= 500)
    except smtplib.SMTPResponseException as error:
        # A server that refuses our own sign-in will take the mail once the settings are mended.
        final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        _attempt_failed(mail, f"{error.smtp_code} {_words(error.smtp_error)}", final=final)
    except (smtplib.SMTPException, OSError) as error:
        _attempt_failed(mail, type(error).__name__, final=False)
        return False
    else:
        _end(mail, MailState.SENT)
    return True


def _attempt_failed(mail: OutgoingMail, error: str, *, final: bool) -> None:
    """Note a failed attempt: the mail waits for the next one, or has failed for good."""
    mail.error = error[:300]
    final = final or mail.attempts > len(PAUSES)
    mail.state = MailState.FAILED if final else MailState.QUEUED
    mail.save(update_fields=["error", "state"])
    logger.warning("Mail %s (%s) was not taken: %s", mail.pk, mail.kind, mail.error)


def _end(mail: OutgoingMail, state: MailState) -> None:
    """Finish a mail; one that the server has keeps no link that gives access."""
    mail.state = state
    if state == MailState.SENT:
        mail.sent_at, mail.error = timezone.now(), ""
        if mail.secret:
            mail.text, mail.html, mail.secret = mail.hidden_text, "", ""
    mail.save(update_fields=["state", "sent_at", "error", "text", "html", "secret"])


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
