"""No more surveys: a customer unsubscribes, withdraws consent by another way, or is erased."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.models import ConsentState, Contact
from perfmgmt.notify.models import MailState, SuppressionReason, WorkspaceMail
from perfmgmt.notify.suppression import forget_hint, suppress
from perfmgmt.tenants.models import WorkspaceProfile
from reviews.mailing.writing import KIND, REMINDER, asked
from reviews.models import InvitationState, SurveyInvitation


def unsubscribe(invitation: SurveyInvitation) -> bool:
    """Note that who was asked withdraws consent; return False when that was so before, or nobody is there."""
    contact = asked(invitation)
    if contact is None or contact.consent in (ConsentState.WITHDRAWN, ConsentState.REFUSED):
        return False
    with override(WorkspaceProfile.objects.only("language").get().language):
        source, proof = _t("Unsubscribe link of a survey's mail"), _t("Invitation {number}")
    note_consent(
        contact.pk, state=ConsentState.WITHDRAWN, source=source, at=timezone.now(),
        proof=proof.format(number=invitation.pk),
    )  # fmt: skip
    return True


def on_consent_changed(*, contact_id: int, state: str) -> None:
    """Stop what is written and not yet sent to somebody who no longer agrees to it."""
    if state == ConsentState.GIVEN:
        return
    mine = SurveyInvitation.objects.filter(Q(contact_id=contact_id) | Q(contact__merged_into_id=contact_id))
    waiting = list(
        WorkspaceMail.objects.select_for_update()
        .filter(
            Q(pk__in=mine.exclude(mail=None).values("mail_id"))
            | Q(pk__in=mine.exclude(reminder=None).values("reminder_id")),
            state=MailState.QUEUED,
        )
        .values_list("pk", flat=True)
    )
    stopped = WorkspaceMail.objects.filter(pk__in=waiting)
    stopped.update(state=MailState.FAILED, error=WITHDRAWN, html="", text="", secret="", unsubscribe="")
    # One that is just being reminded of is locked by who holds the contact next: it stays, and its mails are stopped.
    called_off = mine.filter(state=InvitationState.MAILED, mail_id__in=waiting).select_for_update(
        skip_locked=True, of=("self",)
    )
    ids = list(called_off.values_list("pk", flat=True))
    SurveyInvitation.objects.filter(pk__in=ids).update(state=InvitationState.CANCELLED)


#: In place of a server's answer; not translated, as those are not.
WITHDRAWN, ERASED = "Not sent: the recipient withdrew consent.", "Not sent: the recipient was erased."


def forget(contact_id: int) -> None:
    """Take out of the outbox what names an erased contact: address and words of every mail of surveys to them.

    Also of those that went to an address which they have no longer.
    """
    address = Contact.objects.filter(pk=contact_id).values_list("email", flat=True).first()
    asked_by = SurveyInvitation.objects.filter(contact_id=contact_id)
    theirs = Q(pk__in=asked_by.exclude(mail=None).values("mail_id"))
    theirs |= Q(pk__in=asked_by.exclude(reminder=None).values("reminder_id"))
    former = WorkspaceMail.objects.filter(theirs).exclude(recipient="").values_list("recipient", flat=True)
    addresses = {*former, address or ""} - {""}
    shared = Contact.objects.exclude(pk=contact_id).filter(email__in=addresses, erased_at=None, merged_into=None)
    of_others = set(shared.values_list("email", flat=True))
    theirs |= Q(recipient__in=addresses - of_others)
    mine = WorkspaceMail.objects.filter(theirs, kind__in=(KIND, REMINDER))
    mine.filter(state__in=(MailState.QUEUED, MailState.SENDING)).update(state=MailState.FAILED)
    mine.update(
        recipient="", subject="—", text="", html="", secret="", unsubscribe="", bounce="", error="", domain=""
    )
    for one in addresses - of_others:
        # An old list that is imported again brings the address back, but no survey to it.
        suppress(one, reason=SuppressionReason.ERASED)
        forget_hint(one)
