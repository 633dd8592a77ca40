"""Every URL pattern of the project, found in the URL configuration itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from goals.models import (
    ActionPlan,
    CheckIn,
    Goal,
    GoalEvidence,
    GoalTemplate,
    LockDate,
    PlanMeasure,
    PlanReview,
    PlanTask,
)
from perfmgmt.api.models import ApiToken
from perfmgmt.customers.models import Consent, Contact, Customer
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Fact, FactsBatch, ImportDraft, ImportProfile, MarketIndex, Metric
from perfmgmt.notify.models import Notification, SuppressedAddress, WorkspaceMail
from perfmgmt.people.access import Access
from perfmgmt.people.models import Absence, Assignment, Duty, Invitation, Position, StandIn
from perfmgmt.worklog.models import Proof, WorkEntry
from reviews.models import (
    CalibrationMember,
    CalibrationSession,
    CompanyValue,
    Course,
    Enrolment,
    FeedbackAsk,
    FeedbackReceiver,
    FeedbackRequest,
    FollowUp,
    Participant,
    Proposal,
    Question,
    Questionnaire,
    Rater,
    Remark,
    RemarkProof,
    ReviewCycle,
    ReviewResult,
    Scorecard,
    ScorecardVersion,
    ScoreDeduction,
    Survey,
    SurveyAnswer,
    SurveyCampaign,
    SurveyInvitation,
    SurveyTrigger,
    SurveyVersion,
    TrainingSession,
    VoiceTheme,
)
from reviews.voice.hiding import shown_id
from tests.factories import Company
from tests.tenants.samples import canary


@dataclass(frozen=True)
class Route:
    """One URL pattern with everything it takes from the address."""

    name: str
    pattern: str
    callback: Callable[..., Any]
    kwargs: frozenset[str] = field(default_factory=frozenset)

    @property
    def access(self) -> Access | None:
        return getattr(self.callback, "access", None)


def routes(resolver: Any = None, prefix: str = "", kwargs: frozenset[str] = frozenset()) -> Iterator[Route]:
    """Yield all patterns, those of included modules too."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = kwargs | set(entry.pattern.converters)
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, text, here)
        elif isinstance(entry, URLPattern):
            yield Route(entry.name or "", text, entry.callback, frozenset(here))


def workspace_routes() -> list[Route]:
    return [route for route in routes() if route.access is not None and route.access.kind == "workspace"]


def _customer(person: str, number: int) -> Callable[[Company], int]:
    """The first or second customer of somebody."""
    return lambda company: Customer.objects.filter(owners__employee=company.people[person]).order_by("pk")[number].pk


def _contact(person: str, number: int) -> Callable[[Company], int]:
    """The contact there."""
    return lambda company: Contact.objects.get(customer_id=_customer(person, number)(company)).pk


# What to put into an address for each of its parts, from a company that `samples.fill` has filled.
OBJECTS: dict[str, Callable[[Company], int]] = {
    "employee_id": lambda company: company.people["ann"].pk,
    "fact_id": lambda company: Fact.objects.filter(employee=company.people["ann"]).earliest("id").id,
    "job_id": lambda company: Job.objects.earliest("id").pk,
    "metric_id": lambda company: Metric.objects.get(code="repeat_purchase_amount").pk,
    "draft_id": lambda company: ImportDraft.objects.earliest("id").pk,
    "profile_id": lambda company: ImportProfile.objects.earliest("id").pk,
    "entry_id": lambda company: WorkEntry.objects.get(employee=company.people["ann"]).pk,
    "proof_id": lambda company: Proof.objects.get(entry__employee=company.people["ann"]).pk,
    "customer_id": _customer("ann", 0),
    "other_customer_id": _customer("ann", 1),
    "contact_id": _contact("ann", 0),
    "other_contact_id": _contact("ann", 1),
    "consent_id": lambda company: Consent.objects.get(contact_id=_contact("ann", 0)(company)).pk,
    "token_id": lambda company: ApiToken.objects.earliest("id").pk,
    "batch_id": lambda company: FactsBatch.objects.earliest("id").pk,
    "member_id": lambda company: company.membership("hr").pk,
    "invitation_id": lambda company: Invitation.objects.earliest("id").pk,
    "mail_id": lambda company: WorkspaceMail.objects.earliest("id").pk,
    "suppressed_id": lambda company: SuppressedAddress.objects.earliest("id").pk,
    "assignment_id": lambda company: Assignment.objects.filter(employee=company.people["ann"]).earliest("id").pk,
    "absence_id": lambda company: Absence.objects.get(employee=company.people["ann"]).pk,
    "stand_in_id": lambda company: StandIn.objects.get(employee=company.people["ann"]).pk,
    "unit_id": lambda company: company.units["north"].pk,
    "position_id": lambda company: Position.objects.earliest("id").pk,
    "notification_id": lambda company: Notification.objects.earliest("id").pk,
    "duty_id": lambda company: Duty.objects.earliest("id").pk,
    "plan_id": lambda company: ActionPlan.objects.get(owner=company.people["ann"]).pk,
    "plan_task_id": lambda company: PlanTask.objects.get(owner=company.people["ann"]).pk,
    "plan_measure_id": lambda company: PlanMeasure.objects.get(plan__owner=company.people["ann"]).pk,
    "plan_review_id": lambda company: PlanReview.objects.get(plan__owner=company.people["ann"]).pk,
    "goal_id": lambda company: Goal.objects.get(employee=company.people["ann"]).pk,
    "template_id": lambda company: GoalTemplate.objects.earliest("id").pk,
    "evidence_id": lambda company: GoalEvidence.objects.get(goal__employee=company.people["ann"]).pk,
    "lock_id": lambda company: LockDate.objects.earliest("id").pk,
    "check_in_id": lambda company: CheckIn.objects.get(employee=company.people["ann"]).pk,
    "market_id": lambda company: MarketIndex.objects.earliest("id").pk,
    "calibration_id": lambda company: CalibrationSession.objects.get(unit=company.units["north"]).pk,
    "calibrated_id": lambda company: Participant.objects.get(employee=company.people["ann"]).pk,
    "calibration_member_id": lambda company: CalibrationMember.objects.get(employee=company.people["manager"]).pk,
    "scorecard_id": lambda company: Scorecard.objects.earliest("id").pk,
    "version_id": lambda company: ScorecardVersion.objects.earliest("id").pk,
    "survey_id": lambda company: Survey.objects.earliest("id").pk,
    "survey_version_id": lambda company: SurveyVersion.objects.latest("id").pk,
    "survey_trigger_id": lambda company: SurveyTrigger.objects.earliest("id").pk,
    "survey_campaign_id": lambda company: SurveyCampaign.objects.earliest("id").pk,
    "survey_invitation_id": lambda company: SurveyInvitation.objects.filter(channel="link").earliest("id").pk,
    "voice_theme_id": lambda company: VoiceTheme.objects.earliest("id").pk,
    "words_id": lambda company: shown_id(SurveyAnswer.objects.filter(kind="text").earliest("id").pk),
    "follow_up_id": lambda company: FollowUp.objects.get(owner=company.people["ann"]).pk,
    "remark_id": lambda company: Remark.objects.get(employee=company.people["ann"]).pk,
    "remark_proof_id": lambda company: RemarkProof.objects.get(remark__employee=company.people["ann"]).pk,
    "feedback_id": lambda company: FeedbackReceiver.objects.get(employee=company.people["ann"]).feedback_id,
    "feedback_request_id": lambda company: FeedbackRequest.objects.get(employee=company.people["ann"]).pk,
    "feedback_ask_id": lambda company: FeedbackAsk.objects.get(employee=company.people["ann"]).pk,
    "company_value_id": lambda company: CompanyValue.objects.earliest("id").pk,
    "course_id": lambda company: Course.objects.earliest("id").pk,
    "training_id": lambda company: TrainingSession.objects.earliest("id").pk,
    "enrolment_id": lambda company: Enrolment.objects.get(employee=company.people["ann"]).pk,
    "deduction_id": lambda company: ScoreDeduction.objects.get(employee=company.people["ann"]).pk,
    "cycle_id": lambda company: ReviewCycle.objects.earliest("id").pk,
    "participant_id": lambda company: Participant.objects.get(employee=company.people["ann"]).pk,
    "rater_id": lambda company: Rater.objects.get(participant__employee=company.people["ann"]).pk,
    "result_id": lambda company: ReviewResult.objects.get(participant__employee=company.people["ann"]).pk,
    "proposal_id": lambda company: Proposal.objects.get(result__participant__employee=company.people["ann"]).pk,
    "question_id": lambda company: Question.objects.earliest("id").pk,
    "questionnaire_id": lambda company: Questionnaire.objects.earliest("id").pk,
}
# Addresses of what is one's own only: even the owner finds nothing at somebody else's.
OWN_ONLY = frozenset(
    {
        "decline_review", "review_form", "save_review", "hand_in_review", "take_back_review", "withdraw_review",
        "review_hints", "reply_to_feedback", "decline_feedback",
    }
)  # fmt: skip
# The same, of somebody who stands neither below the manager nor below the assistant.
OUT_OF_REACH: dict[str, Callable[[Company], int]] = {
    "employee_id": lambda company: company.people["cid"].pk,
    "fact_id": lambda company: Fact.objects.filter(employee=company.people["cid"]).earliest("id").id,
    "job_id": lambda company: Job.objects.exclude(created_by=None).latest("id").pk,
    "metric_id": lambda company: 2**40,  # the library is for everybody; this one isn't there
    "draft_id": lambda company: ImportDraft.objects.earliest("id").pk,
    "profile_id": lambda company: ImportProfile.objects.earliest("id").pk,
    "entry_id": lambda company: WorkEntry.objects.get(employee=company.people["cid"]).pk,
    "proof_id": lambda company: Proof.objects.get(entry__employee=company.people["cid"]).pk,
    "customer_id": _customer("cid", 0),
    "other_customer_id": _customer("cid", 1),
    "contact_id": _contact("cid", 0),
    "other_contact_id": _contact("cid", 1),
    "consent_id": lambda company: Consent.objects.get(contact_id=_contact("cid", 0)(company)).pk,
    "token_id": lambda company: ApiToken.objects.latest("id").pk,
    "batch_id": lambda company: FactsBatch.objects.latest("id").pk,
    "member_id": lambda company: company.membership("owner").pk,
    "invitation_id": lambda company: Invitation.objects.latest("id").pk,
    "mail_id": lambda company: WorkspaceMail.objects.latest("id").pk,
    "suppressed_id": lambda company: 2**40,  # the list is for who keeps it; this one isn't there
    "assignment_id": lambda company: Assignment.objects.filter(employee=company.people["cid"]).earliest("id").pk,
    "absence_id": lambda company: Absence.objects.get(employee=company.people["cid"]).pk,
    "stand_in_id": lambda company: StandIn.objects.get(employee=company.people["cid"]).pk,
    # Units are for who may edit everybody only, so none is out of reach.
    "unit_id": lambda company: company.units["south"].pk,
    "position_id": lambda company: 2**40,  # job descriptions are for everybody; this one isn't there
    "notification_id": lambda company: 2**40,  # everybody's own only; this one isn't there
    "duty_id": lambda company: 2**40,
    "plan_id": lambda company: ActionPlan.objects.get(owner=company.people["cid"]).pk,
    "plan_task_id": lambda company: PlanTask.objects.get(owner=company.people["cid"]).pk,
    "plan_measure_id": lambda company: PlanMeasure.objects.get(plan__owner=company.people["cid"]).pk,
    "plan_review_id": lambda company: PlanReview.objects.get(plan__owner=company.people["cid"]).pk,
    "goal_id": lambda company: Goal.objects.get(employee=company.people["cid"]).pk,
    "template_id": lambda company: 2**40,  # templates are for who keeps them; this one isn't there
    "evidence_id": lambda company: GoalEvidence.objects.get(goal__employee=company.people["cid"]).pk,
    "lock_id": lambda company: LockDate.objects.earliest("id").pk,
    "check_in_id": lambda company: CheckIn.objects.get(employee=company.people["cid"]).pk,
    "market_id": lambda company: MarketIndex.objects.earliest("id").pk,
    "calibration_id": lambda company: CalibrationSession.objects.get(unit=company.units["south"]).pk,
    "calibrated_id": lambda company: Participant.objects.get(employee=company.people["cid"]).pk,
    "calibration_member_id": lambda company: CalibrationMember.objects.get(employee=company.people["rival"]).pk,
    "scorecard_id": lambda company: 2**40,  # what is published is for everybody; this one isn't there
    "version_id": lambda company: 2**40,
    "survey_id": lambda company: 2**40,  # what is published is for everybody who sees surveys; this one isn't there
    "survey_version_id": lambda company: 2**40,
    "survey_trigger_id": lambda company: 2**40,  # for who manages surveys only; this one isn't there
    "survey_campaign_id": lambda company: 2**40,
    "survey_invitation_id": lambda company: 2**40,
    "voice_theme_id": lambda company: 2**40,
    "words_id": lambda company: 2**40,
    "follow_up_id": lambda company: FollowUp.objects.get(owner=company.people["cid"]).pk,
    "remark_id": lambda company: Remark.objects.get(employee=company.people["cid"]).pk,
    "remark_proof_id": lambda company: RemarkProof.objects.get(remark__employee=company.people["cid"]).pk,
    "feedback_id": lambda company: FeedbackReceiver.objects.get(employee=company.people["cid"]).feedback_id,
    "feedback_request_id": lambda company: FeedbackRequest.objects.get(employee=company.people["cid"]).pk,
    "feedback_ask_id": lambda company: FeedbackAsk.objects.get(employee=company.people["cid"]).pk,
    "company_value_id": lambda company: 2**40,  # the list is for who keeps it; this one isn't there
    "course_id": lambda company: 2**40,  # the catalogue and its sessions are for everybody; this one isn't there
    "training_id": lambda company: 2**40,
    "enrolment_id": lambda company: Enrolment.objects.get(employee=company.people["cid"]).pk,
    "deduction_id": lambda company: ScoreDeduction.objects.get(employee=company.people["cid"]).pk,
    "cycle_id": lambda company: 2**40,  # who follows cycles sees each, with their own people; this one isn't there
    "participant_id": lambda company: Participant.objects.get(employee=company.people["cid"]).pk,
    "rater_id": lambda company: Rater.objects.get(participant__employee=company.people["cid"]).pk,
    "question_id": lambda company: 2**40,  # the bank is for who keeps it; this one isn't there
    "questionnaire_id": lambda company: 2**40,
    "result_id": lambda company: ReviewResult.objects.get(participant__employee=company.people["cid"]).pk,
    "proposal_id": lambda company: Proposal.objects.get(result__participant__employee=company.people["cid"]).pk,
}


def address(route: Route, company: Company, objects: dict[str, Callable[[Company], int]], of: Company) -> str:
    """Return the address in a company with the ids of objects of a company, this one or another."""
    unknown = route.kwargs - {"slug"} - objects.keys()
    assert not unknown, f"{route.name}: say in tests/people/walk.py what {sorted(unknown)} stands for"
    path = "/" + route.pattern.replace("<slug:slug>", company.tenant.slug)
    with of.scope():
        for name in route.kwargs - {"slug"}:
            path = path.replace(f"<int:{name}>", str(objects[name](of)))
    assert "<" not in path, f"{route.name}: {path} has a part that the walk does not know how to fill"
    return path


def text_of(response: HttpResponseBase) -> str:
    """The body, also of a file that is sent in pieces."""
    if response.streaming:
        return b"".join(response).decode(errors="replace")  # type: ignore[arg-type]
    return response.content.decode(errors="replace")  # type: ignore[attr-defined]


def shows(response: HttpResponseBase, company: Company) -> bool:
    """Whether anything of the company is in the answer."""
    return canary(company) in text_of(response)
