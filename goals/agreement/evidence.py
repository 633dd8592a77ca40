"""What shows that a milestone is reached."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goals.access import Reach, goal_to_touch
from goals.agreement.steps import note
from goals.making import BadGoal
from goals.models import Goal, GoalEvidence, State, StepKind
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.attachments import keep

MOST_EVIDENCE = 20


@transaction.atomic
def add_evidence(
    goal_id: int, *, text: str, file: UploadedFile | None, done: bool, viewer: Viewer, today: date
) -> Goal:
    """Add a sentence or a file to a milestone, and mark it as done if that is said; return the goal.

    Raises BadGoal for nothing, DomainError for a file that is not taken, or a goal that can't be shown that way.
    """
    goal = goal_to_touch(goal_id, Reach(viewer, today))
    if goal.metric_id is not None or goal.state == State.CANCELLED:
        raise DomainError(_("This goal is measured by its metric."), code="not_a_milestone")
    if not text.strip() and file is None:
        raise BadGoal("text", _("Write a sentence or attach a file."))
    if goal.evidence.count() >= MOST_EVIDENCE:
        raise DomainError(_("A goal takes {most} pieces of evidence at most."), code="too_many", most=MOST_EVIDENCE)
    kept = keep("goals", file, fallback="evidence") if file is not None else {}
    GoalEvidence.objects.create(goal=goal, text=text.strip()[:1000], added_by_id=viewer.user_id, **kept)
    if done and goal.done_on is None:
        goal.done_on, goal.version = today, goal.version + 1
        goal.save(update_fields=["done_on", "version", "updated_at"])
        note(goal, StepKind.DONE, viewer, reason=text[:500])
    return goal
