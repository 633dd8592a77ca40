"""Writing the mails of invitations that are due, and their reminders.

One transaction for each batch: link, mail and the invitation's new state are there together or not at all, so that a
worker that dies anywhere leaves nothing half-done and nothing twice. What the outbox then does: `notify.sending`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from perfmgmt.customers.models import ConsentState, Contact
from perfmgmt.notify import services as outbox
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.suppression import suppressed_addresses
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.selectors import working_calendar, workspace_rules
from reviews.asking.calling_off import call_off
from reviews.mailing import links
from reviews.mailing.stencils import Ask, Stencils, rated_of
from reviews.mailing.window import Window
from reviews.models import (
    AskChannel,
    AskOrigin,
    InvitationState,
    SkipReason,
    SurveyInvitation,
    SurveyLink,
    SurveyState,
)
from reviews.surveys import logos
from reviews.surveys.content import Occasion, SurveyDraft, contents_of

logger = logging.getLogger(__name__)
KIND, REMINDER = "surveys.invitation", "surveys.reminder"
BATCH = 500
# When to come back to who is being changed by somebody else.
SOON = timedelta(minutes=1)
REMIND_AFTER = timedelta(days=5)
# Invitations older than this are past reminding, whatever their term.
FORGET_AFTER = timedelta(days=60)
CONSENT_REASONS = {
    "": SkipReason.NO_CONSENT, ConsentState.REFUSED: SkipReason.REFUSED, ConsentState.WITHDRAWN: SkipReason.WITHDRAWN,
}  # fmt: skip


_NOTE_MAILS = """
    UPDATE reviews_surveyinvitation i SET mail_id = m.mail_id, mailed_at = %(now)s, state = %(state)s
    FROM unnest(%(ids)s::bigint[], %(mails)s::bigint[]) AS m(id, mail_id)
    WHERE i.tenant_id = %(tenant)s AND i.id = m.id
"""


@dataclass
class Desk:
    """What writing stands on: the workspace's name and window, and what was laid out or read before."""

    company: str = ""
    window: Window | None = None
    stencils: Stencils = field(default_factory=Stencils)
    drafts: dict[int, SurveyDraft] = field(default_factory=dict)
    pictures: dict[int, bool] = field(default_factory=dict)

    def look_up(self, rows: Iterable[SurveyInvitation]) -> Window:
        """Read the rules anew, and the versions that are new; return the window."""
        profile, rules = WorkspaceProfile.objects.get(), workspace_rules()
        calendar = working_calendar(country=profile.country, weekend=frozenset(profile.weekend))
        self.company = profile.name
        self.window = Window(rules.survey_from_hour, rules.survey_to_hour, calendar, profile.time_zone)
        new = {one.version_id: one.version for one in rows if one.version_id not in self.drafts}
        for pk, draft in contents_of(new.values()).items():
            self.drafts[pk] = draft
            self.pictures[pk] = bool(draft.logo) and logos.read(draft.logo) is not None
        return self.window


def write_batch(desk: Desk) -> int:
    """Write the mail of invitations that are due, put off what comes at a wrong hour, call off what may not go out.

    Return how many were looked at; 0: nothing is left to do now.
    """
    now = timezone.now()
    if not links.base_url():
        logger.warning("SITE_URL is not set: mails of surveys would have no links, so none are written.")
        return 0
    due = list(_locked(Q(state=InvitationState.CHOSEN, send_at__lte=now)).order_by("send_at", "pk")[:BATCH])
    if not due:
        return 0
    busy = _lock_contacts(due)
    window, suppressed = desk.look_up(due), suppressed_addresses(_addresses(due))
    ready, called_off, later, by_hand = [], [], [], []
    for one in due:
        if one.pk in busy:
            one.send_at = now + SOON
            later.append(one)
            continue
        contact = asked(one)
        reason = reason_against(one, contact, suppressed, now)
        if is_for_hand(one, contact, reason):
            by_hand.append(one.pk)
        elif reason:
            called_off.append((one, reason))
        elif contact is not None and (opens := window.opening(now, contact.time_zone)) > now:
            one.send_at = opens
            later.append(one)
        else:
            ready.append(one)
    call_off(called_off, now)
    SurveyInvitation.objects.filter(pk__in=by_hand).update(channel=AskChannel.LINK)
    SurveyInvitation.objects.bulk_update(later, ["send_at"], batch_size=BATCH)
    _note_mails(ready, _write(desk, ready, KIND), now)
    return len(due)


def _note_mails(rows: list[SurveyInvitation], mails: list[WorkspaceMail], now: datetime) -> None:
    """Say of each invitation which mail was written; one statement (`bulk_update` spells out a case for each row)."""
    values: dict[str, Any] = {"tenant": current_tenant_id(), "now": now, "state": InvitationState.MAILED,
              "ids": [one.pk for one in rows], "mails": [mail.pk for mail in mails]}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_MAILS, values)


def remind_batch(desk: Desk, after_id: int = 0) -> int:
    """Remind customers who have not begun to answer; return the last id that was looked at, 0 when all were.

    Only those whose mail arrived as far as anybody knows. At a wrong hour nothing happens: the next run sees them.
    """
    now, most = timezone.now(), workspace_rules().survey_reminders
    if not most or not links.base_url():
        return 0
    before = now - REMIND_AFTER
    wanted = Q(
        state=InvitationState.MAILED, send_at__gte=now - FORGET_AFTER, send_at__lte=before, mailed_at__lte=before,
        reminders__lt=most, expires_at__gt=now, pk__gt=after_id, mail__bounced_at=None,
        mail__state__in=(MailState.SENT, MailState.KEPT),
    )  # fmt: skip
    due = list(_locked(wanted & (Q(reminded_at=None) | Q(reminded_at__lte=before))).order_by("pk")[:BATCH])
    if not due:
        return 0
    busy = _lock_contacts(due)
    window, suppressed = desk.look_up(due), suppressed_addresses(_addresses(due))
    ready = [
        one for one in due
        if one.pk not in busy and (contact := asked(one)) is not None
        and not reason_against(one, contact, suppressed, now) and window.opening(now, contact.time_zone) == now
    ]  # fmt: skip
    for one, mail in zip(ready, _write(desk, ready, REMINDER), strict=True):
        one.reminder, one.reminded_at, one.reminders = mail, now, one.reminders + 1
    SurveyInvitation.objects.bulk_update(ready, ["reminder", "reminded_at", "reminders"], batch_size=BATCH)
    return due[-1].pk


def _locked(wanted: Q) -> QuerySet[SurveyInvitation]:
    """Invitations with all that a mail needs, for whoever gets them first: another worker takes others.

    Those that somebody hands over are never written to.
    """
    return (
        SurveyInvitation.objects.filter(wanted, channel=AskChannel.MAIL)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("survey", "version", "employee", "contact")
    )


def _lock_contacts(rows: list[SurveyInvitation]) -> set[int]:
    """Read the contacts anew and hold them to the end of the batch: who withdraws consent meanwhile waits so long,
    and then finds the mail that was written, and stops it.

    Return the ids of invitations whose contact somebody else holds, who may wait for these invitations: to wait for
    them in turn would end in neither.
    """
    ids = {one.contact_id for one in rows if one.contact_id}
    ids |= {one.contact.merged_into_id for one in rows if one.contact and one.contact.merged_into_id}
    found = (
        Contact.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, skip_locked=True).in_bulk()
    )
    busy: set[int] = set()
    for one in rows:
        wanted = {one.contact_id, one.contact.merged_into_id if one.contact else None} - {None}
        if not wanted <= found.keys():
            busy.add(one.pk)
        one.contact = found.get(one.contact_id or 0)
        if one.contact is not None and one.contact.merged_into_id in found:
            one.contact.merged_into = found[one.contact.merged_into_id]
    return busy


def asked(invitation: SurveyInvitation) -> Contact | None:
    """Return the person who is asked: the contact, or the one that it was merged into; None when there is none."""
    contact = invitation.contact
    if contact is not None and contact.merged_into_id is not None:
        contact = contact.merged_into
    return contact if contact is not None and contact.is_living else None


def reason_against(invitation: SurveyInvitation, contact: Contact | None, suppressed: set[str], now: datetime) -> str:
    """Return why an invitation may not go out at this moment (SkipReason); "" when it may."""
    if invitation.survey.state != SurveyState.OPEN:
        return SkipReason.CLOSED
    if invitation.expires_at <= now:
        return SkipReason.TOO_OLD
    if contact is None:
        return SkipReason.NO_CONTACT
    if not contact.email:
        return SkipReason.NO_EMAIL
    if contact.consent != ConsentState.GIVEN:
        return CONSENT_REASONS.get(contact.consent, SkipReason.NO_CONSENT)
    return SkipReason.SUPPRESSED if contact.email in suppressed else ""


def is_for_hand(invitation: SurveyInvitation, contact: Contact | None, reason: str) -> bool:
    """Return whether somebody whom no mail reaches any more gets a link instead: the survey does so, they agreed."""
    agreed = contact is not None and contact.consent == ConsentState.GIVEN
    unreachable = reason in (SkipReason.NO_EMAIL, SkipReason.SUPPRESSED)
    return unreachable and agreed and invitation.survey.by_link and invitation.origin != AskOrigin.ASSISTANT


def _addresses(rows: Iterable[SurveyInvitation]) -> set[str]:
    people = (asked(one) for one in rows)
    return {one.email for one in people if one is not None and one.email}


def _write(desk: Desk, rows: list[SurveyInvitation], kind: str) -> list[WorkspaceMail]:
    """Put a mail with a link of its own into the outbox for each invitation; return the mails in the same order."""
    tokens = [links.new_token() for _one in rows]
    SurveyLink.objects.bulk_create(
        [SurveyLink(invitation=one, token_hash=links.hash_of(token)) for one, token in zip(rows, tokens, strict=True)]
    )
    mails = [_mail(desk, one, token, kind) for one, token in zip(rows, tokens, strict=True)]
    outbox.put(mails)
    return mails


def _mail(desk: Desk, one: SurveyInvitation, token: str, kind: str) -> WorkspaceMail:
    draft, contact = desk.drafts[one.version_id], asked(one)
    person = one.employee.name if one.employee else ""
    occasion = Occasion(desk.company, one.purpose, rated_of(one.after, one.number, one.day, person))
    ask = Ask(
        one.version_id, draft, one.language, occasion, current_tenant_id(), picture=desk.pictures[one.version_id],
        is_reminder=kind == REMINDER,
    )  # fmt: skip
    mail = outbox.prepared(
        desk.stencils.write(ask, token), to=contact.email if contact else "", kind=kind, language=one.language,
        secret=token,
    )  # fmt: skip
    mail.at_most_once, mail.reply_to = True, one.survey.reply_to
    mail.picture = draft.logo if ask.picture else ""
    mail.unsubscribe = links.unsubscribe_address(token, ask.tenant_id)
    return mail
