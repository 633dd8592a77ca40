"""What a mail service tells about our mails (anymail's webhooks): read as a report, and believed like one.

The services that are listed are those whose events carry the Message-ID of mail that came by SMTP; Postmark, which
gives its own, is told ours in a header. An event that names no mail of ours is passed over.
"""

import re
from typing import Any

from anymail.signals import EventType, RejectReason
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.utils.http import base36_to_int
from django.views import View

from perfmgmt.notify import bounces
from perfmgmt.notify.bounces import Report
from perfmgmt.notify.models import SuppressionReason

SERVICES: dict[str, type[View]] = {
    "brevo": BrevoTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
}
#: What Postmark gives back as metadata.
POSTMARK_HEADER, POSTMARK_NAME = "X-PM-Metadata-mail", "mail"
_OURS = re.compile(r"<?([0-9a-f]{32}\.([0-9a-z]{1,12})@[^<>\s\"'\x00-\x1f]{1,150})>?")
_FOR_GOOD = re.compile(r"\b5(?:\d\d|\.\d+\.\d+)\b")
_FOR_NOW = re.compile(r"^\D*4(?:\d\d|\.\d\.\d)\b")
_RETURNED = (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED)


def report_of(event: Any) -> Report | None:
    """Return what one event (anymail's) says of a mail of ours; None when it came, or is none of ours."""
    named = f"{event.message_id} {(event.metadata or {}).get(POSTMARK_NAME, '')}"
    found = _OURS.search(named)
    tenant_id = base36_to_int(found[2]) if found else 0
    if found is None or not 0 < tenant_id < 2**63:
        return None
    message_id = f"<{found[1]}>"
    words = bounces.printable(str(event.mta_response or event.description or event.reject_reason or ""))
    if event.event_type == EventType.COMPLAINED:
        return Report(tenant_id, message_id, SuppressionReason.COMPLAINED, True, words or "abuse")
    if event.event_type not in _RETURNED or _FOR_NOW.match(words):
        return None
    status = _FOR_GOOD.search(words)
    is_gone = bounces.is_gone(status[0], words) if status else event.reject_reason == RejectReason.INVALID
    return Report(tenant_id, message_id, SuppressionReason.BOUNCED, is_gone, words)


def on_event(*, event: Any, **_others: Any) -> None:
    """Hand what a service told to a task of the workspace that it is about; the service tells again if that fails."""
    from perfmgmt.notify.tasks import note_bounce

    report = report_of(event)
    if report is not None:
        args = [report.tenant_id, report.message_id, str(report.reason), report.is_gone, report.detail]
        note_bounce.apply_async(args=args, retry=False)
