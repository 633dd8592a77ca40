"""Django's mail goes into the outbox like every other mail."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from perfmgmt.notify.letters import Letter
from perfmgmt.notify.services import queue_account_mail


class OutboxBackend(BaseEmailBackend):
    """For `settings.EMAIL_BACKEND`: writes a row for each recipient and sends nothing itself."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the messages; return how many."""
        for message in email_messages:
            paragraphs: list[Any] = [part for part in str(message.body).split("\n\n") if part.strip()]
            for recipient in message.recipients():
                queue_account_mail(
                    Letter(message.subject, paragraphs),
                    to=recipient,
                    kind="other",
                    language=get_language() or "en",
                )
        return len(email_messages)
