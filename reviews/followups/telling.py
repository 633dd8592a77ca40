"""Telling a customer what came of a low score: one mail from the outbox, for who may be written to."""

import re

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from perfmgmt.customers.models import ConsentState, Contact
from perfmgmt.notify.letters import Letter, one_line
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.services import queue_mail
from perfmgmt.notify.suppression import suppressed_addresses
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.models import WorkspaceProfile
from reviews.mailing.stopping import WITHDRAWN
from reviews.mailing.writing import asked
from reviews.models import FollowUp, FollowUpStep

KIND = "surveys.follow_up"
LONGEST = 3000


def against(contact: Contact | None) -> str | Promise:
    """Return why a customer can't be told; "" when they can."""
    if contact is None:
        return _("The customer was erased or is no longer there, so nobody can be told.")
    if not contact.email:
        return _("The customer has no email address, so nobody can be told by mail.")
    if contact.consent != ConsentState.GIVEN:
        return _("The customer does not agree to mail, or took that back.")
    if suppressed_addresses([contact.email]):
        return _("The customer's address no longer takes mail.")
    return ""


def draft(task: FollowUp) -> tuple[str, str]:
    """Return subject and body of the mail as they are proposed, in the customer's language."""
    with override(task.invitation.language):
        company = WorkspaceProfile.objects.only("name").get().name
        body = _t(
            "Thank you for your answer to our survey. You were not content with us, and we are sorry for that.\n\n"
            "We have looked into it: [what was found and done].\n\n"
            "If anything is still open, simply reply to this mail."
        )
        return _t("What came of your answer to {company}").format(company=company), body


def write(task: FollowUp, subject: str, body: str, *, user_id: int | None) -> WorkspaceMail:
    """Put the mail to the customer into the outbox; the contact is held, so that a consent can't be withdrawn
    unseen. The greeting is ours: the name may be masked for who writes. Raises DomainError."""
    invitation = task.invitation
    linked = invitation.contact
    ids = [linked.pk, linked.merged_into_id or linked.pk] if linked is not None else []
    list(Contact.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
    invitation.refresh_from_db(fields=["contact"])
    contact = asked(invitation)
    reason = against(contact)
    if reason or contact is None:
        raise DomainError(reason, code="cant_tell")
    if not one_line(subject) or not body.strip():
        raise DomainError(_("A mail needs a subject and a text."), code="no_mail")
    if "[" in body and "]" in body:
        raise DomainError(_("Write what was found and done in place of the text in brackets."), code="not_filled")
    with override(invitation.language):
        hello = _t("Dear {name},").format(name=contact.name) if contact.name else _t("Hello,")
        foot = _t("You get this mail once, because you answered our survey and it asked for a reply.")
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", body[:LONGEST].replace("\r\n", "\n")) if part.strip()]
    return queue_mail(
        Letter(one_line(subject)[:200], [hello, *paragraphs], footnote=foot), to=contact.email, kind=KIND,
        language=invitation.language, created_by_id=user_id, at_most_once=True,
        reply_to=invitation.survey.reply_to,
    )  # fmt: skip


def held_back(ids: list[int]) -> set[int]:
    """Return those mails that must not go out again: their customer may no longer be written to."""
    found = FollowUp.objects.filter(mail_id__in=ids).select_related("invitation__contact__merged_into")
    free = {one.mail_id for one in found if not against(asked(one.invitation))}
    return set(ids) - free


def on_consent_changed(*, contact_id: int, state: str) -> None:
    """Stop what is written and not sent yet to somebody who no longer agrees to it."""
    if state == ConsentState.GIVEN:
        return
    queued = WorkspaceMail.objects.select_for_update().filter(pk__in=_mails(contact_id), state=MailState.QUEUED)
    ids = list(queued.values_list("pk", flat=True))
    WorkspaceMail.objects.filter(pk__in=ids).update(state=MailState.FAILED, error=WITHDRAWN, html="", text="")


def _mails(contact_id: int) -> list[int]:
    mine = Q(invitation__contact_id=contact_id) | Q(invitation__contact__merged_into_id=contact_id)
    rows = FollowUp.objects.filter(mine).exclude(mail=None)
    return [pk for pk in rows.values_list("mail_id", flat=True) if pk]


def forget(contact_id: int) -> None:
    """Take a contact who is erased out of the mails and of what staff wrote about them; runs before the unlinking."""
    mails = WorkspaceMail.objects.filter(pk__in=_mails(contact_id))
    mails.filter(state__in=(MailState.QUEUED, MailState.SENDING)).update(state=MailState.FAILED)
    mails.update(recipient="", subject="—", text="", html="", bounce="", error="", domain="")
    contact = Contact.objects.get(pk=contact_id)
    for task in FollowUp.objects.filter(invitation__contact_id=contact_id).exclude(outcome_text=""):
        task.outcome_text = without(task.outcome_text, contact)
        task.save(update_fields=["outcome_text"])
    for step in FollowUpStep.objects.filter(follow_up__invitation__contact_id=contact_id).exclude(text=""):
        step.text = without(step.text, contact)
        step.save(update_fields=["text"])


def without(text: str, contact: Contact) -> str:
    """Return a text in which a contact's name, address and number are dashes."""
    for word in (contact.email, contact.phone, contact.name):
        if word.strip():
            text = re.sub(re.escape(word.strip()), "—", text, flags=re.IGNORECASE)
    return text
