"""The history of a goal: one step for each thing somebody did."""

from decimal import Decimal

from django.utils import timezone

from goals.models import Goal, GoalStep, RequestState, StepKind
from perfmgmt.people.viewer import Viewer


def note(
    goal: Goal,
    kind: StepKind,
    viewer: Viewer,
    *,
    before: Decimal | None = None,
    after: Decimal | None = None,
    reason: str = "",
) -> GoalStep:
    """Write a step down, in the transaction that makes it."""
    return GoalStep.objects.create(
        goal=goal, kind=kind, version=goal.version, by_user_id=viewer.user_id, by_name=viewer.display_name,
        before=before, after=after, reason=reason.strip(),
    )  # fmt: skip


def end_requests(goal: Goal, *, user_id: int | None, reason: str = "") -> None:
    """Refuse the change that is still asked for, of a goal that binds nobody any more."""
    goal.requests.filter(state=RequestState.OPEN).update(
        state=RequestState.REFUSED, decided_by_id=user_id, decided_at=timezone.now(), decision=reason.strip()[:500]
    )


def was_proposed(goal: Goal) -> bool:
    """Whether a goal was ever proposed, so that its months may stand in the grid."""
    return goal.steps.filter(kind=StepKind.PROPOSED).exists()
