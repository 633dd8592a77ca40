"""The connection to the mail server: kept for a batch, and it remembers whether a mail was being handed over."""

import secrets
import smtplib
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend


class Message(EmailMultiAlternatives):
    """Django's, with boundaries nobody can guess: the standard library would search each text for its own first."""

    def message(self, *args: Any, **options: Any) -> Any:
        """Return the mail as it is sent, Date and boundaries chosen anew at each call."""
        built = super().message(*args, **options)
        for part in built.walk():
            if part.is_multipart():
                part.set_boundary(f"=_{secrets.token_hex(16)}")
        return built


class ServerBackend(EmailBackend):
    """Django's, with `in_data`: the server was given the mail's text, and its answer has not come.

    What breaks before or after that is known to have been sent, or not; what breaks there may be either.
    """

    in_data = False

    def open(self) -> bool | None:
        """Connect if there is no connection yet, or the one there was has ended."""
        if self._has_ended():
            self.connection = None
        opened = super().open()
        if opened and self.connection is not None:
            hand_over = self.connection.data

            def noted(msg: Any) -> tuple[int, bytes]:
                self.in_data = True
                answer = hand_over(msg)
                self.in_data = False
                return answer

            self.connection.data = noted  # type: ignore[method-assign]
        return opened

    def hand_over(self, message: Message) -> None:
        """Give one mail to the server, on the connection that the last one left open.

        Servers end connections that are idle or have carried enough (some say 421 first). That says nothing of the
        mail: as long as the text was not being handed over it is tried once more, on a new connection.

        Raises:
            smtplib.SMTPException, OSError: what the server or the network said; `in_data` tells what it means.
        """
        is_new = self.open()
        try:
            self.send_messages([message])
        except smtplib.SMTPException:
            if is_new or self.in_data or not self._has_ended():
                raise
            self.open()
            self.send_messages([message])

    def _has_ended(self) -> bool:
        return self.connection is not None and self.connection.sock is None
