"""A mail server of the tests' own."""

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """What the server was given. `answer` decides what it says to the n-th mail; it may do things, too."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answer: Callable[[int], str] = lambda number: "250 OK"
        self.refused: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return self.answer(len(self.messages))

    @property
    def ids(self) -> list[str]:
        """The Message-ID of every mail, in the order in which they came."""
        return [str(message["Message-ID"]) for message in self.messages]


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A running mail server that the settings name."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    try:
        yield box
    finally:
        controller.stop()
