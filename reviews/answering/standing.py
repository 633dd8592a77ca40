"""What may be done at a link now. Reads what was selected with the invitation, no more."""

from datetime import datetime, timedelta
from enum import StrEnum

from reviews.models import AskChannel, InvitationState, SurveyInvitation, SurveyState

#: For so long an answer can be corrected.
CORRECT_FOR = timedelta(days=7)


class Standing(StrEnum):
    """How a customer finds their survey."""

    OPEN = "open"
    ANSWERED = "answered"
    FINAL = "final"
    DISOWNED = "disowned"
    EXPIRED = "expired"
    CLOSED = "closed"
    GONE = "gone"


def standing_of(invitation: SurveyInvitation, now: datetime) -> Standing:
    """Return how an invitation stands; its survey and contact are selected.

    Closing and the end of the time are for who has not answered: an answer can be corrected after them as well. Of
    somebody who was erased there is nobody left who could answer.
    """
    contact = invitation.contact
    if invitation.state == InvitationState.CANCELLED or contact is None or contact.erased_at is not None:
        return Standing.GONE
    if invitation.state == InvitationState.DISOWNED:
        return Standing.DISOWNED
    if invitation.state == InvitationState.FINISHED:
        return Standing.ANSWERED if now < correctable_until(invitation) else Standing.FINAL
    if invitation.survey.state != SurveyState.OPEN:
        return Standing.CLOSED
    return Standing.OPEN if now < invitation.expires_at else Standing.EXPIRED


def keeps_shut(invitation: SurveyInvitation) -> bool:
    """Return whether what was answered is neither shown nor changed at the link: somebody else has it as well.

    Who hands a link over, perhaps the one who is rated, could otherwise read and rewrite what the customer said.
    """
    return invitation.channel == AskChannel.LINK


def correctable_until(invitation: SurveyInvitation) -> datetime:
    """Return the end of the time in which a finished answer can be corrected."""
    if invitation.finished_at is None:
        raise ValueError("Nothing was answered yet.")
    return invitation.finished_at + CORRECT_FOR
