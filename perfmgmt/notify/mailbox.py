"""The mailbox to which mail comes back, read over IMAP: each new mail once, however large or broken it is."""

import imaplib
import logging
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from django.conf import settings

from perfmgmt.notify.bounces import MOST_BYTES, Report, read

logger = logging.getLogger(__name__)
AT_ONCE, TIMEOUT = 200, 30


def poll(hand_on: Callable[[Report], None]) -> int:
    """Read the new mails of the mailbox of BOUNCE_IMAP_URL, hand the reports on, mark all as seen; return how many.

    One that could not be handed on stays new, and the next run finds it. A mailbox that can't be read is logged.
    """
    if not settings.BOUNCE_IMAP_URL:
        return 0
    try:
        with _open(settings.BOUNCE_IMAP_URL) as box:
            return _read_new(box, hand_on)
    except (imaplib.IMAP4.error, OSError) as error:
        logger.warning("The mailbox of returned mail can't be read: %s", type(error).__name__)
        return 0


def _open(url: str) -> imaplib.IMAP4:
    """Connect, sign in and choose the folder: imaps://user:password@host:port/folder."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    box: imaplib.IMAP4
    if parts.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, parts.port or 993, timeout=TIMEOUT)
    else:
        box = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    box.login(unquote(parts.username or ""), unquote(parts.password or ""))
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    state, _said = box.select('"' + re.sub(r'["\\\r\n]', "", folder) + '"')
    if state != "OK":
        raise imaplib.IMAP4.error("no such folder")
    return box


def _read_new(box: imaplib.IMAP4, hand_on: Callable[[Report], None]) -> int:
    _state, found = box.uid("SEARCH", "UNSEEN")
    numbers = (found[0] or b"").split()[:AT_ONCE] if found else []
    for number in numbers:
        _state, parts = box.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        data = next((part[1] for part in parts or [] if isinstance(part, tuple)), b"")
        report = read(data)
        if report is not None:
            hand_on(report)
        box.uid("STORE", number.decode(), "+FLAGS", r"(\Seen)")
    return len(numbers)
