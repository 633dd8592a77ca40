"""Low scores become tasks in the transaction of the answer; what the customer changes later is noted on them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.followups import notices
from reviews.followups.rules import USUAL, Scored, due_on, is_low, worst
from reviews.models import (
    FollowUp,
    FollowUpOutcome,
    FollowUpOwner,
    FollowUpRule,
    FollowUpState,
    FollowUpStep,
    FollowUpStepKind,
    SurveyInvitation,
)
from reviews.surveys.content import SurveyDraft
from reviews.surveys.page import Said


def rule_of(survey_id: int) -> FollowUpRule:
    """Return a survey's rule; the usual one, not saved, for a survey without its own."""
    found = FollowUpRule.objects.select_related("person").filter(survey_id=survey_id).first()
    return found or FollowUpRule(survey_id=survey_id)


def thresholds(rule: FollowUpRule) -> dict[str, int]:
    """Return up to which score an answer is low, by kind of question."""
    return {kind: getattr(rule, f"{kind}_most") for kind in USUAL}


def scored(draft: SurveyDraft, answers: dict[str, Said]) -> list[Scored]:
    """Return the answers to scales that are shown with the customer's name: others lead to nobody."""
    asked = [one for one in draft.questions if one.is_scale and one.identified]
    return [Scored(one.key, one.kind, said) for one in asked if isinstance(said := answers.get(one.key), int)]


def on_finished(invitation: SurveyInvitation, draft: SurveyDraft, answers: dict[str, Said]) -> FollowUp | None:
    """Open a task when one of the scores is low; the invitation is locked, so that this happens once."""
    scores = scored(draft, answers)
    if not scores:
        return None
    rule = rule_of(invitation.survey_id)
    low = worst(scores, thresholds(rule)) if rule.is_on else None
    if low is None or FollowUp.objects.filter(invitation=invitation).exists():
        return None
    return _open(invitation, rule, low)


def _open(invitation: SurveyInvitation, rule: FollowUpRule, low: Scored) -> FollowUp:
    now = timezone.now()
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    today = workspace.today(now)
    owner_id = owner_for(rule, invitation, today)
    due = due_on(today, rule.due_days, workspace.calendar(today, today))
    made = FollowUp.objects.create(
        invitation=invitation, owner_id=owner_id, key=low.key, kind=low.kind, score=low.number,
        score_now=low.number, due=due, opened_at=now,
    )  # fmt: skip
    FollowUpStep.objects.create(follow_up=made, kind=FollowUpStepKind.OPENED, to_id=owner_id, new=low.number)
    notices.tell_opened(made, invitation, today)
    return made


def owner_for(rule: FollowUpRule, invitation: SurveyInvitation, today: date) -> int | None:
    """Return whose task it is: who the rule says, else the manager of the day served, else today's; who has left is
    passed over. None when there is nobody."""
    served = invitation.employee_id
    wanted: list[int | None] = []
    if rule.owner == FollowUpOwner.PERSON:
        wanted.append(rule.person_id)
    elif rule.owner == FollowUpOwner.ASSISTANT:
        wanted.append(served)
    wanted += _managers(served, (invitation.day, today))
    here = Employee.objects.filter(Q(left_on=None) | Q(left_on__gte=today), pk__in=[pk for pk in wanted if pk])
    there = set(here.values_list("pk", flat=True))
    return next((pk for pk in wanted if pk in there), None)


def _managers(employee_id: int | None, days: Iterable[date]) -> list[int | None]:
    rows = list(
        Assignment.objects.filter(employee_id=employee_id or 0)
        .order_by("valid_from")
        .values_list("valid_from", "valid_to", "manager_id")
    )
    return [manager for day in days for first, last, manager in rows if first <= day <= last]


def on_corrected(invitation: SurveyInvitation, draft: SurveyDraft, answers: dict[str, Said]) -> None:
    """Note on the task what the customer changed; a score that is low only now opens one.

    A good score closes nothing: somebody may have mended it, and says so.
    """
    found = _locked(invitation)
    if found is None:
        on_finished(invitation, draft, answers)
        return
    scores = scored(draft, answers)
    said = next((one.number for one in scores if one.key == found.key), None)
    is_good = not any(is_low(one.kind, one.number, thresholds(rule_of(invitation.survey_id))) for one in scores)
    if (said, is_good) == (found.score_now, found.is_good_now):
        return
    step = FollowUpStep(follow_up=found, kind=FollowUpStepKind.CORRECTED, old=found.score_now, new=said)
    step.save()
    found.score_now, found.is_good_now = said, is_good
    found.save(update_fields=["score_now", "is_good_now"])
    if found.is_open:
        notices.tell_corrected(found, step)


def on_disowned(invitation: SurveyInvitation, now: datetime) -> None:
    """Call the task of an answer off that was somebody else's; a closed one keeps its outcome."""
    found = _locked(invitation)
    if found is None:
        return
    FollowUpStep.objects.create(follow_up=found, kind=FollowUpStepKind.DISOWNED, old=found.score_now)
    found.score_now, found.is_good_now = None, False
    if found.is_open:
        found.state, found.outcome, found.closed_at = FollowUpState.CLOSED, FollowUpOutcome.CALLED_OFF, now
    found.save(update_fields=["score_now", "is_good_now", "state", "outcome", "closed_at"])
    notices.settle(found)


def _locked(invitation: SurveyInvitation) -> FollowUp | None:
    return FollowUp.objects.select_for_update(of=("self",)).filter(invitation=invitation).first()
