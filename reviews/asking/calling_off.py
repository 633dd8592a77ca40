"""Invitations that are called off before their mail: each leaves the reason that the response report counts."""

from collections.abc import Sequence
from datetime import datetime

from reviews.models import InvitationState, SurveyInvitation, SurveySkip


def call_off(found: Sequence[tuple[SurveyInvitation, str]], now: datetime) -> None:
    """Call invitations off, each with its SkipReason. Runs in the open transaction, on rows that are locked."""
    if not found:
        return
    ids = [one.pk for one, _reason in found]
    SurveyInvitation.objects.filter(pk__in=ids).update(state=InvitationState.CANCELLED)
    SurveySkip.objects.bulk_create(
        [
            SurveySkip(
                survey_id=one.survey_id, trigger_id=one.trigger_id, campaign_id=one.campaign_id, fact_id=one.fact_id,
                contact_id=one.contact_id, customer=one.customer, employee_id=one.employee_id, day=one.day,
                reason=reason, at=now,
            )
            for one, reason in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip
