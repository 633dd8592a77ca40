"""What the demo company's customers were asked and answered in the last three months, and what came of it.

Invitations, skips and answers are written as they would stand by now; counts, assistants' facts, whose task a low
score is, how it was closed, themes and remarks come from the services that the pages use.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from analytics.demo.roster import PEOPLE
from analytics.demo.sayings import ENGLISH, LIKED, MISSING, OUTCOMES, REASONS, REMARKS, SAID, TOLD
from analytics.demo.story import Story
from perfmgmt.customers.models import Contact
from perfmgmt.customers.selectors import Reachable, chosen_contact
from perfmgmt.customers.services import owners_on
from perfmgmt.metrics.models import Fact
from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from reviews.answering import feed
from reviews.followups import services as followups
from reviews.followups.notices import tell_opened
from reviews.followups.opening import owner_for, rule_of
from reviews.followups.rules import USUAL, due_on
from reviews.models import (
    AskOrigin,
    CampaignState,
    FollowUp,
    FollowUpState,
    FollowUpStep,
    FollowUpStepKind,
    InvitationState,
    SkipReason,
    Survey,
    SurveyAnswer,
    SurveyCampaign,
    SurveyInvitation,
    SurveySkip,
    SurveyTrigger,
    SurveyVersion,
    SurveyVersionState,
    ThemedWords,
    VoiceTheme,
)
from reviews.remarks import services as remarks
from reviews.remarks.services import RemarkDraft
from reviews.voice.rebuilding import rebuild
from reviews.voice.themes import install_ready, suggested

#: For how long customers have been asked, how often one is asked at most, and how long an invitation lasts.
ASKED_FOR, QUIET, LASTS = timedelta(days=88), timedelta(days=14), timedelta(days=30)
#: Which part of what could be asked is drawn, and which part of who is asked answers.
DRAWN, ANSWERS = 0.9, 0.7
CAMPAIGN_AGO = timedelta(days=4)
#: How far the newest low scores of each survey are; the others are closed.
NEWEST = (FollowUpState.OPEN, FollowUpState.BEGUN, FollowUpState.OPEN)
STRENGTH = {person.number: person.strength for person in PEOPLE}
Answers = dict[str, int | str]


@dataclass
class Voices:
    """The voices of the customers of a company whose scope is open; needs `Lock.FACTS`."""

    people: Mapping[str, Employee]
    viewer_at: Callable[[str], Viewer]
    hr: Viewer
    workspace: Workspace
    story: Story
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = self.story.dice("voices")
        self.now = self.moment(self.story.today, time())
        self.numbers = {employee.pk: number for number, employee in self.people.items()}
        self.contacts: dict[str, list[Contact]] = {}
        for one in Contact.objects.select_related("customer").filter(merged_into=None).order_by("pk"):
            if one.customer is not None:
                self.contacts.setdefault(one.customer.external_id, []).append(one)

    def moment(self, day: date, clock: time) -> datetime:
        """Return a moment on the workspace's clock."""
        return datetime.combine(day, clock, ZoneInfo(self.workspace.time_zone))

    def orders(self, trigger: SurveyTrigger) -> None:
        """Ask after the orders of the last months: whom the system chose, whom it passed over and why."""
        facts = Fact.objects.filter(
            metric=trigger.metric_id, line=0, day__gte=self.story.today - ASKED_FOR, day__lt=self.story.today
        )
        version, asked = self._version(trigger.survey), dict[int, date]()
        chosen, skipped = [], []
        for fact in facts.order_by("day", "external_id"):
            day = fact.day + timedelta(days=trigger.delay_days)
            if day >= self.story.today:
                continue
            contact, why = self._drawn(fact.customer, asked, day)
            about = {"trigger": trigger, "fact_id": fact.id, "customer": fact.customer, "day": fact.day}
            about |= {"employee_id": fact.employee_id, "contact": contact, "survey_id": trigger.survey_id}
            if contact is None or why:
                skipped.append(SurveySkip(**about, reason=why, at=self.moment(day, time(9))))
                continue
            asked[contact.pk] = day
            about |= {"after": trigger.after, "number": fact.external_id, "region": fact.region}
            about |= {"customer_type": fact.customer_type, "product": fact.product, "origin": AskOrigin.TRIGGER}
            chosen.append(self._asked(version, day, **about))
        SurveySkip.objects.bulk_create(skipped)
        self._answered(version, SurveyInvitation.objects.bulk_create(chosen), self._about_order)

    def _version(self, survey: Survey) -> SurveyVersion:
        return SurveyVersion.objects.select_related("survey").get(survey=survey, state=SurveyVersionState.PUBLISHED)

    def _drawn(self, customer: str, asked: Mapping[int, date], day: date) -> tuple[Contact | None, str]:
        """Return whom to ask at a customer, and why they are not asked ("": they are)."""
        there = self.contacts.get(customer)
        whom = chosen_contact(there) if there else Reachable(None, SkipReason.UNKNOWN_CUSTOMER)
        if whom.contact is None:
            return None, whom.why
        if self.dice.random() >= DRAWN:
            return whom.contact, SkipReason.NOT_DRAWN
        last = asked.get(whom.contact.pk)
        return whom.contact, SkipReason.QUIET if last is not None and day - last < QUIET else ""

    def relations(self, survey: Survey, name: str) -> None:
        """Ask every customer once about the relationship, in a campaign that is over."""
        day = self.story.working(self.story.today - CAMPAIGN_AGO)
        begun = self.moment(day, time(9))
        campaign = SurveyCampaign.objects.create(
            survey=survey, name=name, starts_at=begun, state=CampaignState.DONE, created_by_id=self.hr.user_id
        )
        version = self._version(survey)
        reached = [one for there in self.contacts.values() if (one := chosen_contact(there).contact) is not None]
        owners = owners_on({one.customer_id for one in reached if one.customer_id}, day)
        chosen = []
        for contact in reached:
            company, owner = contact.customer, owners.get(contact.customer_id or 0)
            if company is None or owner is None:
                continue
            about = {"origin": AskOrigin.CAMPAIGN, "campaign": campaign, "employee": owner, "contact": contact}
            about |= {"customer": company.external_id, "customer_type": company.customer_type, "day": day}
            chosen.append(self._asked(version, day, survey=survey, region=company.region, **about))
        self._answered(version, SurveyInvitation.objects.bulk_create(chosen), self._about_relation)

    def _asked(self, version: SurveyVersion, asked_on: date, **about: Any) -> SurveyInvitation:
        """Return an invitation as it stands by now, not saved: answered soon or later, begun, or only mailed."""
        sent = self.moment(asked_on, time(9, self.dice.randrange(60)))
        made = SurveyInvitation(
            version=version, purpose=version.survey.purpose, language=about["contact"].language,
            state=InvitationState.MAILED, chosen_at=sent, send_at=sent, mailed_at=sent,
            expires_at=sent + LASTS, **about,
        )  # fmt: skip
        draw, after = self.dice.random(), timedelta(minutes=self.dice.randint(20, 2600))
        if sent + after < self.now and draw < ANSWERS:
            made.state, made.started_at = InvitationState.FINISHED, sent + after
            made.finished_at = made.started_at + timedelta(seconds=self.dice.randint(25, 140))
        elif sent + after < self.now and draw < ANSWERS + 0.06:
            made.state, made.started_at = InvitationState.STARTED, sent + after
        return made

    def _answered(
        self, version: SurveyVersion, asked: Iterable[SurveyInvitation], say: Callable[[SurveyInvitation], Answers]
    ) -> None:
        kinds = dict(version.questions.values_list("key", "kind"))
        rows = [one for one in asked if one.state == InvitationState.FINISHED]
        found = []
        for one in rows:
            for key, said in say(one).items():
                number, text = (said, "") if isinstance(said, int) else (None, said)
                found.append(SurveyAnswer(invitation=one, key=key, kind=kinds[key], number=number, text=text))
        SurveyAnswer.objects.bulk_create(found)
        feed.settle([one.pk for one in rows])
        self._follow_up(found)

    def _about_order(self, one: SurveyInvitation) -> Answers:
        strength = STRENGTH[self.numbers[one.employee_id or 0]]
        mood = self.dice.gauss(2.7 + 1.3 * strength, 1.0)
        score = min(5, max(1, round(mood)))
        found: Answers = {"satisfaction": score}
        if score <= 3:
            found["reason"] = self.dice.choice(REASONS)
        if score <= 2 or self.dice.random() < 0.6:
            words = ENGLISH if one.language == "en" else SAID
            found["comment"] = self.dice.choice(words[score]).format(product=one.product)
        return found

    def _about_relation(self, one: SurveyInvitation) -> Answers:
        strength = STRENGTH[self.numbers[one.employee_id or 0]]
        score = min(10, max(0, round(self.dice.gauss(6.2 + 2 * strength, 1.8))))
        found: Answers = {"recommend": score}
        if score <= 6:
            found["missing"] = self.dice.choice(MISSING)
        elif score >= 9:
            found["liked"] = self.dice.choice(LIKED)
        return found

    def _follow_up(self, answers: Iterable[SurveyAnswer]) -> None:
        """Make the low scores tasks: the newest are at work, one of them too late, the others are closed."""
        scores = [one for one in answers if one.number is not None and one.number <= USUAL[one.kind]]
        scores.sort(key=lambda one: one.invitation.finished_at or self.now, reverse=True)
        for at, one in enumerate(scores):
            self._task(one, at)

    def _task(self, answer: SurveyAnswer, at: int) -> None:
        invitation, score = answer.invitation, answer.number or 0
        opened = invitation.finished_at or self.now
        day = self.workspace.today(opened)
        rule, calendar = rule_of(invitation.survey_id), self.story.calendar
        owner_id = owner_for(rule, invitation, self.story.today)
        task = FollowUp.objects.create(
            invitation=invitation, owner_id=owner_id, key=answer.key, kind=answer.kind, score=score, score_now=score,
            due=due_on(day, rule.due_days, calendar), opened_at=opened,
        )  # fmt: skip
        FollowUpStep.objects.create(follow_up=task, kind=FollowUpStepKind.OPENED, to_id=owner_id, new=score)
        if at < len(NEWEST):
            tell_opened(task, invitation, self.story.today)
            if NEWEST[at] == FollowUpState.BEGUN:
                followups.begin(task.pk, viewer=self.hr, today=self.story.today)
            FollowUpStep.objects.filter(follow_up=task).update(at=opened)
            return
        closed = opened + min(timedelta(days=self.dice.randint(1, 4), hours=2), (self.now - opened) * 0.8)
        self._close(task, closed, *OUTCOMES[(at - len(NEWEST)) % len(OUTCOMES)], tells=at == len(NEWEST))
        FollowUpStep.objects.filter(follow_up=task, kind=FollowUpStepKind.OPENED).update(at=opened)

    def _close(self, task: FollowUp, at: datetime, outcome: str, text: str, *, tells: bool) -> None:
        """Close a task as it would have been closed then, telling the customer or not."""
        subject, body = TOLD if tells else ("", "")
        closing = followups.Closing(outcome, text, tells, subject, body)
        closed = followups.close(task.pk, closing, viewer=self.hr, today=self.story.today)
        FollowUp.objects.filter(pk=task.pk).update(closed_at=at, told_at=at if tells else None)
        FollowUpStep.objects.filter(follow_up=task).update(at=at)
        if closed.mail_id:
            WorkspaceMail.objects.filter(pk=closed.mail_id).update(created_at=at)

    def themes(self) -> None:
        """Give the words the themes that they suggest, but for the newest, which wait for somebody to look."""
        install_ready()
        vocabulary = list(VoiceTheme.objects.all())
        words = SurveyAnswer.objects.filter(kind="text").order_by("-invitation__finished_at", "-pk")[12:]
        ThemedWords.objects.bulk_create(
            ThemedWords(answer=one, theme=theme, by_id=self.hr.user_id)
            for one in words for theme in vocabulary if suggested(theme, one.text)
        )  # fmt: skip

    def remarks(self) -> None:
        """Log what customers said otherwise: one is confirmed, the others wait."""
        for ago, author, about, kind, channel, customer, text, confirmed_by in REMARKS:
            day = self.story.days[-ago]
            draft = RemarkDraft(kind, channel, day, self.people[about], text, customer)
            made = remarks.log(draft, [], contact_id=None, viewer=self.viewer_at(author), today=self.story.today)
            if confirmed_by:
                remarks.decide(
                    made.pk, confirms=True, reason="", seen=remarks.seen_of(made),
                    viewer=self.viewer_at(confirmed_by), today=self.story.today,
                )  # fmt: skip

    def count(self) -> None:
        """Count the answers for the results pages."""
        rebuild()
