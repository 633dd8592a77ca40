"""How a goal comes to be agreed, and how what is agreed changes (G6)."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals import stages
from goals.access import Reach, approvers, goal_to_answer, goal_to_edit, goal_to_touch
from goals.agreement import notices
from goals.agreement.checks import failing_letters
from goals.agreement.rules import is_large_change
from goals.agreement.selectors import rules_of_goals
from goals.agreement.steps import note
from goals.making import LARGEST, BadGoal, calendar_of
from goals.models import ChangeRequest, Form, Goal, Level, RequestState, State, StepKind
from goals.proration import prorations_of
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound


class WrongState(DomainError):
    """The goal is no longer where the page showed it."""

    code = "goal_moved_on"
    status = 409
    message = _("This goal has moved on since the page was opened. Look at it again.")


@transaction.atomic
def propose(
    goal_id: int,
    *,
    viewer: Viewer,
    today: date,
    reason: str = "",
    target: Decimal | None = None,
    version: int | None = None,
) -> Goal:
    """Propose a draft, or answer a counter-offer with another number; return the goal.

    A goal that fails a letter of SMART needs a `reason`, which stays visible. `version` is the one the page showed,
    so that no counter-offer is passed over that came meanwhile. Raises BadGoal, WrongState.
    """
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if goal.state == State.PROPOSED and _is_repeated(goal, StepKind.PROPOSED, viewer, version):
        return goal
    goal = _propose(goal_id, viewer, today, reason, target, version)
    notices.tell_proposed([goal], by_user_id=viewer.user_id)
    return goal


def _propose(
    goal_id: int,
    viewer: Viewer,
    today: date,
    reason: str = "",
    target: Decimal | None = None,
    version: int | None = None,
    states: Collection[State] = (State.DRAFT, State.COUNTERED),
) -> Goal:
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if goal.state not in states or version not in (None, goal.version):
        raise WrongState
    before = goal.target
    if target is not None:
        goal.target = _checked(goal, target)
    _require_number(goal)
    _require_reason(goal, reason, today)
    goal.state, goal.proposed_target, goal.version = State.PROPOSED, None, goal.version + 1
    goal.save()
    stages.spread(goal, calendar_of(goal), user_id=viewer.user_id)
    note(goal, StepKind.PROPOSED, viewer, before=before, after=goal.target, reason=reason)
    return goal


@transaction.atomic
def propose_many(goal_ids: Iterable[int], *, viewer: Viewer, today: date) -> tuple[list[Goal], dict[int, str]]:
    """Propose many drafts at once; return those that were, and by id why the others were not.

    What was countered since the list was opened is answered on the goal's page, where the offer is seen.
    """
    done, why = [], {}
    for goal_id in sorted(set(goal_ids)):
        try:
            with transaction.atomic():
                done.append(_propose(goal_id, viewer, today, states=(State.DRAFT,)))
        except DomainError as error:
            why[goal_id] = str(error)
    notices.tell_proposed(done, by_user_id=viewer.user_id)
    return done, why


@transaction.atomic
def withdraw(goal_id: int, *, viewer: Viewer, today: date, version: int | None = None) -> Goal:
    """Take a proposal back; it is a draft again. Raises WrongState once it is agreed, and for an old page."""
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if _is_repeated(goal, StepKind.WITHDRAWN, viewer, version):
        return goal
    if goal.state not in (State.PROPOSED, State.COUNTERED) or version not in (None, goal.version):
        raise WrongState
    goal.state, goal.proposed_target, goal.version = State.DRAFT, None, goal.version + 1
    goal.save()
    note(goal, StepKind.WITHDRAWN, viewer, before=goal.target)
    return goal


@transaction.atomic
def accept(goal_id: int, *, viewer: Viewer, today: date, version: int, reason: str = "") -> Goal:
    """Agree: the other side to what is proposed, or who makes the goal to a counter-offer; return the goal.

    `version` is the one the page showed, so that nobody signs another number. Raises WrongState, NotAllowed, BadGoal.
    """
    reach = Reach(viewer, today)
    goal = goal_to_touch(goal_id, reach)
    if _is_repeated(goal, StepKind.AGREED, viewer, version):
        return goal
    if goal.version != version:
        raise WrongState
    before = goal.target
    if goal.state == State.COUNTERED and reach.edits(goal) and not reach.answers(goal):
        goal.target = goal.proposed_target
    elif goal.state != State.PROPOSED or not _may_sign(goal, reach):
        raise WrongState if goal.state != State.PROPOSED else NotAllowed
    _require_number(goal)
    _require_reason(goal, reason, today)
    goal.state, goal.proposed_target, goal.agreed_at = State.AGREED, None, timezone.now()
    goal.version += 1
    goal.save()
    stages.spread(goal, calendar_of(goal), user_id=viewer.user_id)
    note(goal, StepKind.AGREED, viewer, before=before, after=goal.target, reason=reason)
    notices.tell_agreed(goal, by_user_id=viewer.user_id, on=today)
    return goal


@transaction.atomic
def counter(goal_id: int, target: Decimal, reason: str, *, viewer: Viewer, today: date, version: int) -> Goal:
    """Offer another number, with a reason; return the goal. Raises BadGoal, WrongState."""
    goal = goal_to_answer(goal_id, Reach(viewer, today))
    if _is_repeated(goal, StepKind.COUNTERED, viewer, version) and goal.proposed_target == target:
        return goal
    if goal.state not in (State.PROPOSED, State.COUNTERED) or goal.version != version:
        raise WrongState
    if goal.target is None or goal.form == Form.BAND:
        raise BadGoal("target", _("This goal has no number to counter. Write to your manager."))
    if not reason.strip():
        raise BadGoal("reason", _("Say why you offer another number."))
    goal.proposed_target = _checked(goal, target)
    if goal.proposed_target == goal.target:
        raise BadGoal("target", _("This is the number that was proposed. Accept it, or offer another one."))
    goal.state, goal.version = State.COUNTERED, goal.version + 1
    goal.save()
    note(goal, StepKind.COUNTERED, viewer, before=goal.target, after=goal.proposed_target, reason=reason)
    notices.tell_countered(goal, by_user_id=viewer.user_id, on=today)
    return goal


@transaction.atomic
def request_change(goal_id: int, target: Decimal, reason: str, *, viewer: Viewer, today: date) -> ChangeRequest:
    """Ask for another number of an agreed goal; return the request. Raises BadGoal, WrongState, Conflict."""
    goal = goal_to_touch(goal_id, Reach(viewer, today))
    if not goal.is_binding:
        raise WrongState
    if goal.target is None or goal.form == Form.BAND:
        raise BadGoal("target", _("This goal has no number to change. Cancel it and make another one."))
    if not reason.strip():
        raise BadGoal("reason", _("Say why the target is to change."))
    target = _checked(goal, target)
    if target == goal.target:
        raise BadGoal("target", _("This is the target already."))
    large = goal.state == State.LOCKED or is_large_change(goal.target, target, rules_of_goals().large_change)
    try:
        with transaction.atomic():
            request = ChangeRequest.objects.create(
                goal=goal, target=target, reason=reason.strip(), is_large=large, asked_by_id=viewer.user_id
            )
    except IntegrityError as error:
        raise Conflict(_("A change of this goal is being decided already.")) from error
    note(goal, StepKind.REQUESTED, viewer, before=goal.target, after=target, reason=reason)
    notices.tell_requested(goal, request, by_user_id=viewer.user_id, on=today)
    return request


@transaction.atomic
def decide(
    request_id: int, *, goal_id: int, approve: bool, reason: str, viewer: Viewer, today: date
) -> ChangeRequest:
    """Approve or refuse a change; who asked may only take it back, which is a refusal. Returns the request.

    A refusal by somebody else needs a reason. Raises NotAllowed, WrongState, BadGoal.
    """
    reach = Reach(viewer, today)
    goal = goal_to_touch(goal_id, reach)
    request = goal.requests.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound
    if request.state != RequestState.OPEN or (approve and not goal.is_binding):
        raise WrongState
    is_own = request.asked_by_id == viewer.user_id
    if not is_own and not approvers(goal, asked_by=request.asked_by_id, is_large=request.is_large, reach=reach):
        raise NotAllowed(_("This change is for the manager's manager or HR to decide."))
    if is_own and approve:
        raise NotAllowed(_("Nobody decides on their own request."))
    if not approve and not is_own and not reason.strip():
        raise BadGoal("reason", _("Say why the change is refused."))
    request.state = RequestState.APPROVED if approve else RequestState.WITHDRAWN if is_own else RequestState.REFUSED
    request.decided_by_id, request.decided_at, request.decision = viewer.user_id, timezone.now(), reason.strip()
    request.save()
    before = goal.target
    if approve:
        goal.target, goal.version = request.target, goal.version + 1
        if goal.state == State.LOCKED:
            shares = prorations_of([goal], calendar_of(goal))
            goal.prorated = shares[goal.pk].target(goal) if goal.pk in shares else goal.target
        goal.save(update_fields=["target", "prorated", "version", "updated_at"])
        stages.spread(goal, calendar_of(goal), user_id=viewer.user_id)
    kind = StepKind.APPROVED if approve else StepKind.WITHDRAWN if is_own else StepKind.REFUSED
    note(goal, kind, viewer, before=before, after=request.target, reason=reason)
    notices.tell_decided(goal, request, by_user_id=viewer.user_id, on=today)
    return request


def _is_repeated(goal: Goal, kind: StepKind, viewer: Viewer, version: int | None) -> bool:
    """Whether the last step of a goal is what is asked for, by the same person from the same page: a double click."""
    if version is None or goal.version - version not in (0, 1):
        return False
    return goal.steps.filter(kind=kind, version=goal.version, by_user_id=viewer.user_id).exists()


def _may_sign(goal: Goal, reach: Reach) -> bool:
    """Whose signature a proposal waits for: the person's; of a wider goal who answers for it, else who makes it."""
    if goal.level == Level.PERSON or goal.owner_id is not None:
        return reach.answers(goal)
    return reach.edits(goal)


def _checked(goal: Goal, target: Decimal) -> Decimal:
    if target < 0:
        raise BadGoal("target", _("A target can't be negative."))
    if target >= LARGEST:
        raise BadGoal("target", _("This number is too large for a target."))
    return target


def _require_number(goal: Goal) -> None:
    """Raise for a goal whose metric is archived meanwhile, or that has no number."""
    if goal.metric is not None and goal.metric.archived_at is not None:
        raise BadGoal("metric", _("“{name}” is archived. Choose another metric."), name=goal.metric.name)
    if goal.metric_id is not None and goal.target is None and goal.form != Form.BAND:
        raise BadGoal("target", _("Enter the target before you propose the goal."))


def _require_reason(goal: Goal, reason: str, today: date) -> None:
    """A goal that fails a letter of SMART is agreed with a written reason only (G1), which stays on it."""
    fails = failing_letters(goal, today=today)
    goal.smart_fails = fails
    if not fails:
        goal.smart_reason = ""
    elif reason.strip():
        goal.smart_reason = reason.strip()
    elif not goal.smart_reason:
        raise BadGoal(
            "reason", _("This goal fails the SMART check ({letters}). Mend it, or write why it is to be agreed."),
            letters=", ".join(fails),
        )  # fmt: skip
