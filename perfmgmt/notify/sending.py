"""The worker's side of the outbox.

A batch of mails is reserved in one short transaction. Then one transaction for each: it holds a lock, hands the mail
to the server, notes what came of it and marks the next one `sending`, so that when it commits both are known before
anything else happens. Between the server's "250" and that commit nobody can be exact: a mail whose worker dies there
is sent again, with the same Message-ID, or, when it may go out once at most, becomes `unknown`; the others of the
batch were never begun, and are due again when their reservation ends. The same goes for a connection that breaks
while the server has the text.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from email.mime.image import MIMEImage
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from perfmgmt.notify import suppression, turns
from perfmgmt.notify.bounces import printable
from perfmgmt.notify.hooks import POSTMARK_HEADER
from perfmgmt.notify.models import WAITING, AccountMail, MailState, OutgoingMail, SuppressionReason, WorkspaceMail
from perfmgmt.notify.reserving import PAUSES, reserve
from perfmgmt.notify.smtp import Message, ServerBackend

logger = logging.getLogger(__name__)
OpenScope = Callable[[], AbstractContextManager[Any]]
KEEP_ACCOUNT_MAIL = timedelta(days=30)


def send_due(model: type[OutgoingMail], open_scope: OpenScope, *, more: Callable[[], None] = lambda: None) -> bool:
    """Send what is due, one batch at most; return whether more may be due now.

    `more` is then called, once: as soon as the server has taken a mail, so that a second worker, if one is free,
    begins with the next batch meanwhile. A server that can't be reached calls nobody.
    """
    server = ServerBackend(timeout=settings.EMAIL_TIMEOUT)
    called = False
    try:
        with open_scope():
            batch = reserve(model, end=_end)
            mail = batch.mark_next()
        while mail is not None:
            with open_scope():
                if batch.is_ours(mail) and not _send(mail, server):
                    batch.release()  # the rest would only wait for the server, too
                    return False
                mail = batch.mark_next()
            if batch.is_full and not called:
                more()
                called = True
    finally:
        server.close()
    if batch.is_full and not called:
        more()
    return batch.is_full


def prune() -> int:
    """Delete mail about sign-ins that is done with and old; return how many."""
    old = AccountMail.objects.filter(created_at__lt=timezone.now() - KEEP_ACCOUNT_MAIL)
    turns.forget_old()
    return old.exclude(state__in=WAITING).delete()[0]


def message_of(mail: OutgoingMail) -> Message:
    """Return the mail as it goes to the server: plain text with HTML beside it, and its own Message-ID."""
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", "Content-Language": mail.language}
    message = Message(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [mail.recipient], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    if isinstance(mail, WorkspaceMail):
        if "postmark" in settings.MAIL_WEBHOOKS:
            message.extra_headers[POSTMARK_HEADER] = mail.message_id
        message.reply_to = [mail.reply_to] if mail.reply_to else []
        if mail.unsubscribe:
            message.extra_headers |= {
                "List-Unsubscribe": f"<{mail.unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        if mail.picture and default_storage.exists(mail.picture):
            message.mixed_subtype = "related"  # type: ignore[attr-defined]  # a class attribute that stubs lack
            message.attach(_picture(mail.picture))
    return message


def _picture(name: str) -> MIMEImage:
    """Return a stored picture as the part that the HTML shows as `cid:logo`."""
    with default_storage.open(name) as file:
        part = MIMEImage(file.read(), "png")
    part.add_header("Content-ID", "<logo>")
    part.add_header("Content-Disposition", "inline", filename="logo.png")
    return part


def _send(mail: OutgoingMail, server: ServerBackend) -> bool:
    """Hand one mail that is marked to the server and note what came of it; return False when it can't be reached."""
    server.in_data = False
    try:
        server.hand_over(message_of(mail))
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _attempt_failed(mail, f"{code} {_words(said)}", final=code >= 500)
        _suppress_if_gone(mail, code, _words(said))
    except smtplib.SMTPResponseException as error:
        # A server that refuses our own sign-in will take the mail once the settings are mended.
        final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        _attempt_failed(mail, f"{error.smtp_code} {_words(error.smtp_error)}", final=final)
    except (smtplib.SMTPException, OSError) as error:
        if server.in_data and mail.at_most_once:
            mail.error = type(error).__name__
            _end(mail, MailState.UNKNOWN)
        else:
            _attempt_failed(mail, type(error).__name__, final=False)
        return False
    except ValueError as error:  # no such address or header can be; nothing was sent
        _attempt_failed(mail, f"{type(error).__name__}: {error}", final=True)
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


def _suppress_if_gone(mail: OutgoingMail, code: int, words: str) -> None:
    """Ask an address no more that its own server says is not there. Mail that somebody waits for is left alone."""
    if isinstance(mail, WorkspaceMail) and mail.unsubscribe and suppression.is_address_gone(code, words):
        suppression.suppress(mail.recipient, reason=SuppressionReason.REFUSED, detail=f"{code} {words}")


def _end(mail: OutgoingMail, state: MailState) -> None:
    """Finish a mail; one that the server has keeps no link that gives access."""
    mail.state = state
    changed: dict[str, Any] = {"state": state, "error": mail.error}
    if state == MailState.SENT:
        changed |= {"sent_at": timezone.now(), "error": ""}
        if mail.secret:
            changed |= {"text": mail.hidden_text, "html": "", "secret": ""}
        if isinstance(mail, WorkspaceMail):
            changed["unsubscribe"] = ""
    type(mail)._default_manager.filter(pk=mail.pk).update(**changed)


def _words(said: bytes | str) -> str:
    return printable(said.decode(errors="replace") if isinstance(said, bytes) else said)
