"""The connection to the mail server; it remembers whether a mail was being handed over when it broke."""

from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class ServerBackend(EmailBackend):
    """Django's, with `in_data`: the server was given the mail's text, and its answer has not come.

    What breaks before or after that is known to have been sent, or not; what breaks there may be either.
    """

    in_data = False

    def open(self) -> bool | None:
        """Connect if there is no connection yet."""
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
