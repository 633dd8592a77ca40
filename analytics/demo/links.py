"""Links to hand over in the demo company: some wait, some were handed over and not answered yet."""

from dataclasses import dataclass
from datetime import time, timedelta

from analytics.demo.voices import LASTS, Voices
from perfmgmt.customers.models import ConsentState, Contact
from perfmgmt.metrics.models import Fact
from perfmgmt.notify.models import SuppressionReason
from perfmgmt.notify.suppression import suppress
from reviews.models import (
    AskChannel,
    AskOrigin,
    HandedHow,
    InvitationState,
    SkipReason,
    SurveyHandover,
    SurveyInvitation,
    SurveySkip,
    SurveyTrigger,
    SurveyVersion,
    SurveyVersionState,
)

#: By which way each link was handed over, the newest first ("": it waits).
HOW = ("", HandedHow.WECHAT, "", HandedHow.SMS, "", HandedHow.PHONE)
RECENT, BOUNCED = timedelta(days=29), "550 5.1.1 User unknown"


@dataclass(frozen=True)
class Links:
    """Links for customers of `voices`, whose scope is open, whom a trigger passed over before."""

    voices: Voices
    trigger: SurveyTrigger

    def make(self) -> None:
        """Let the survey hand links over, and write some as they stand by now."""
        survey = self.trigger.survey
        survey.by_link = True
        survey.save(update_fields=["by_link"])
        version = SurveyVersion.objects.get(survey=survey, state=SurveyVersionState.PUBLISHED)
        for how, skip in zip(HOW, self._passed_over(), strict=False):
            self._link(version, skip, how)

    def _passed_over(self) -> list[SurveySkip]:
        """Return the newest who were not asked after an order, one of each company."""
        skips = SurveySkip.objects.filter(
            trigger=self.trigger, reason__in=(SkipReason.NO_EMAIL, SkipReason.NOT_DRAWN, SkipReason.QUIET),
            day__gte=self.voices.story.today - RECENT,
        )  # fmt: skip
        found: dict[str, SurveySkip] = {}
        for skip in skips.order_by("-day", "pk"):
            if self._person(skip.customer) is not None:
                found.setdefault(skip.customer, skip)
        return list(found.values())

    def _person(self, customer: str) -> Contact | None:
        there = self.voices.contacts.get(customer, [])
        return next((one for one in there if one.consent == ConsentState.GIVEN), None)

    def _link(self, version: SurveyVersion, skip: SurveySkip, how: str) -> None:
        """Ask by a link in place of a skip; whoever has an address no longer gets mail there."""
        voices, contact = self.voices, self._person(skip.customer)
        fact = Fact.objects.get(id=skip.fact_id or 0)
        chosen = voices.moment(skip.day + timedelta(days=self.trigger.delay_days), time(9))
        handed = min(chosen + timedelta(hours=20), voices.now) if how else None
        if contact is not None and contact.email:
            suppress(contact.email, reason=SuppressionReason.REFUSED, detail=BOUNCED)
        one = SurveyInvitation.objects.create(
            survey=version.survey, version=version, origin=AskOrigin.TRIGGER, channel=AskChannel.LINK,
            trigger=self.trigger, fact_id=fact.id, contact=contact, employee_id=fact.employee_id,
            customer=fact.customer, customer_type=fact.customer_type, product=fact.product, region=fact.region,
            after=self.trigger.after, number=fact.external_id, day=fact.day, purpose=version.survey.purpose,
            language=contact.language if contact is not None else version.first_language,
            state=InvitationState.MAILED if how else InvitationState.CHOSEN, chosen_at=chosen, send_at=chosen,
            expires_at=(handed or chosen) + LASTS, mailed_at=handed,
        )  # fmt: skip
        skip.delete()
        if handed is not None:
            SurveyHandover.objects.create(
                invitation=one, shown_at=handed, handed_on=voices.workspace.today(handed), how=how,
                by_id=voices.hr.user_id,
            )  # fmt: skip
