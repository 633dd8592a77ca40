"""What becomes of invitations when a contact is merged, erased, or takes a consent back."""

from django.db.models import QuerySet
from django.utils import timezone

from perfmgmt.customers import merging
from perfmgmt.customers.models import ConsentState
from reviews.asking.calling_off import call_off
from reviews.models import InvitationState, SkipReason, SurveyInvitation, SurveySkip


def waiting(**who: int) -> QuerySet[SurveyInvitation]:
    """Return the invitations of a contact, campaign or trigger that are chosen and not mailed."""
    return SurveyInvitation.objects.filter(state=InvitationState.CHOSEN, mail=None, **who)


def _call_off(contact_id: int, reason: str) -> None:
    rows = waiting(contact_id=contact_id).select_for_update(of=("self",)).order_by("pk")
    call_off([(one, reason) for one in rows], timezone.now())


def on_consent_changed(*, contact_id: int, state: str) -> None:
    """Call off what waits for somebody who does not want mail; `choosing` has the contact locked while it decides."""
    if state != ConsentState.GIVEN:
        _call_off(contact_id, SkipReason.WITHDRAWN if state == ConsentState.WITHDRAWN else SkipReason.REFUSED)


def on_merged(what: str, loser_id: int, winner_id: int) -> None:
    """Give a contact's invitations and skips to the one that stands for it from now on.

    Where both wait to be asked, the loser's are called off: one person is asked once. Where both were asked by one
    campaign, the loser keeps its own, which leads to the winner.
    """
    if what != merging.CONTACT:
        return
    if waiting(contact_id=winner_id).exists():
        _call_off(loser_id, SkipReason.QUIET)
    theirs = SurveyInvitation.objects.filter(contact_id=winner_id).exclude(campaign=None)
    twice = list(theirs.values_list("campaign_id", flat=True))
    SurveyInvitation.objects.filter(contact_id=loser_id).exclude(campaign_id__in=twice).update(contact_id=winner_id)
    SurveySkip.objects.filter(contact_id=loser_id).update(contact_id=winner_id)


def on_erased(contact_id: int) -> None:
    """Unlink an erased contact: answers stay, nobody can tell whose; what waits is called off."""
    _call_off(contact_id, SkipReason.NO_CONTACT)
    SurveyInvitation.objects.filter(contact_id=contact_id).update(contact_id=None)
    SurveySkip.objects.filter(contact_id=contact_id).update(contact_id=None)
