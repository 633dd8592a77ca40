"""Mail that came back, and complaints: reports are read, matched to our mail by its Message-ID, and noted.

A report comes from anybody who can write to the mailbox. It is believed only when it quotes a Message-ID of ours,
which nobody but the recipient's side has seen; the workspace is named in it, and its scope alone is looked at.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from django.utils import timezone
from django.utils.http import base36_to_int

from perfmgmt.notify import fates, suppression
from perfmgmt.notify.models import MailState, SuppressionReason, WorkspaceMail

MOST_BYTES, MOST_PARTS = 256 * 1024, 60
REPORTS = ("message/delivery-status", "message/feedback-report")
_OURS = re.compile(rb"<([0-9a-f]{32}\.([0-9a-z]{1,12})@[^<>\s\x00-\x1f]{1,150})>")
_FIELD = re.compile(rb"^([A-Za-z-]{3,40}):[ \t]*((?:[^\r\n]|\r?\n[ \t])*)", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What became of one of our mails: `reason` is a SuppressionReason, `is_gone` whether its address is to blame."""

    tenant_id: int
    message_id: str
    reason: str
    is_gone: bool
    detail: str


def read(data: bytes) -> Report | None:
    """Return what a delivery report (RFC 3464) or a complaint (RFC 5965) says; None for any other mail.

    Only the first 256 KB and 60 parts are looked at; a broken mail is no report.
    """
    data = data[:MOST_BYTES]
    found = _OURS.search(data)
    if found is None:
        return None
    report = _report(data)
    if report is None:
        return None
    tenant_id = base36_to_int(found[2].decode())
    if not 0 < tenant_id < 2**63:
        return None
    message_id = f"<{found[1].decode(errors='replace')}>"
    kind, fields = report
    if kind == "message/feedback-report":
        words = printable(fields.get("feedback-type", "abuse"))
        is_complaint = words.lower() in ("abuse", "fraud", "virus", "other")
        return Report(tenant_id, message_id, SuppressionReason.COMPLAINED, True, words) if is_complaint else None
    if fields.get("action", "").lower() != "failed":
        return None  # only late, or delivered
    status = fields.get("status", "")
    words = printable(f"{status} {fields.get('diagnostic-code', '')}")
    return Report(tenant_id, message_id, SuppressionReason.BOUNCED, is_gone(status, words), words)


def printable(words: str) -> str:
    """Return what a stranger's server says as it can be stored: one line without control characters, 300 long."""
    return "".join(mark for mark in " ".join(words[:10_000].split()) if mark.isprintable())[:300]


def is_gone(status: str, words: str) -> bool:
    """Return whether a server's words say that there is no such address."""
    code = re.search(r"\b(5\d\d)\b", words)
    return suppression.is_address_gone(int(code[1]) if code else 550, words if status or code else "")


def _report(data: bytes) -> tuple[str, dict[str, str]] | None:
    """The kind of the first report inside a mail, and its fields; of two recipients' the failed one."""
    message: Message = message_from_bytes(data)
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return None
        if part.get_content_type() in REPORTS:
            return part.get_content_type(), _fields(part)
    return None


def _fields(part: Message) -> dict[str, str]:
    text = part.as_bytes() if part.is_multipart() else (part.get_payload(decode=True) or b"")
    found: dict[str, str] = {}
    for match in _FIELD.finditer(text if isinstance(text, bytes) else b""):
        name, value = match[1].decode().lower(), " ".join(match[2].decode(errors="replace").split())
        if name not in found or (name == "action" and value.lower() == "failed"):
            found[name] = value
    return found


def note(message_id: str, reason: str, *, is_gone: bool, detail: str) -> bool:
    """Note in the open workspace that a mail came back, or that its recipient complained; return whether it was ours.

    The address of a customer is asked no more when it is to blame. Twice is the same as once.
    """
    mail = WorkspaceMail.objects.select_for_update().filter(message_id=message_id).first()
    if mail is None:
        return False
    if mail.bounced_at is None:
        mail.bounced_at = timezone.now()
        mail.bounce = re.sub(re.escape(mail.recipient), "…", detail, flags=re.I)[:300] if mail.recipient else ""
        if mail.state == MailState.UNKNOWN and mail.settled_at is None:
            mail.settled_at = mail.bounced_at  # now it is known to have left
        mail.save(update_fields=["bounced_at", "bounce", "settled_at"])
    if is_gone and mail.recipient and fates.is_watched(mail.kind):
        suppression.suppress(mail.recipient, reason=reason, detail=detail)
    return True
