"""Which mails of surveys must not go out again, whatever became of them."""

from django.db.models import Q
from django.utils import timezone

from perfmgmt.notify.suppression import suppressed_addresses
from reviews.mailing.writing import asked, reason_against
from reviews.models import InvitationState, SurveyInvitation


def held_back(ids: list[int]) -> set[int]:
    """Return those mails whose customer has begun to answer or may not be asked, or that nobody is behind."""
    found = list(
        SurveyInvitation.objects.filter(Q(mail_id__in=ids) | Q(reminder_id__in=ids)).select_related(
            "survey", "contact__merged_into"
        )
    )
    people = [asked(one) for one in found]
    suppressed = suppressed_addresses(one.email for one in people if one is not None and one.email)
    now, free = timezone.now(), set()
    for one, contact in zip(found, people, strict=True):
        if one.state == InvitationState.MAILED and not reason_against(one, contact, suppressed, now):
            free |= {one.mail_id, one.reminder_id}
    return set(ids) - free
