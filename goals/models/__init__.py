"""Goals and what belongs to them: monthly targets, agreement, templates, the workspace's rules."""

from goals.models.agreement import ChangeRequest, GoalStep, RequestState, StepKind
from goals.models.checkins import CheckIn, CheckInLine, CheckInMail, CheckInState, Confidence, KeyTask
from goals.models.duties import DutyMetric
from goals.models.goals import (
    Baseline,
    Counting,
    Form,
    Goal,
    GoalEvidence,
    GoalMember,
    Length,
    Level,
    State,
)
from goals.models.locks import LockDate
from goals.models.plans import (
    ActionPlan,
    PlanKind,
    PlanMeasure,
    PlanReminder,
    PlanReview,
    PlanState,
    PlanTask,
)
from goals.models.settings import GoalRules
from goals.models.targets import MonthlyTarget
from goals.models.templates import GoalTemplate, TemplateLine

__all__ = [
    "ActionPlan",
    "Baseline",
    "ChangeRequest",
    "CheckIn",
    "CheckInLine",
    "CheckInMail",
    "CheckInState",
    "Confidence",
    "Counting",
    "DutyMetric",
    "Form",
    "Goal",
    "GoalEvidence",
    "GoalMember",
    "GoalRules",
    "GoalStep",
    "GoalTemplate",
    "KeyTask",
    "Length",
    "Level",
    "LockDate",
    "MonthlyTarget",
    "PlanKind",
    "PlanMeasure",
    "PlanReminder",
    "PlanReview",
    "PlanState",
    "PlanTask",
    "RequestState",
    "State",
    "StepKind",
    "TemplateLine",
]
