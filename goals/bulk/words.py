"""What the reasons of a plan are called, for readers."""

from django.utils.translation import gettext_lazy as _

from goals.bulk import planning
from goals.models import State

PROBLEMS = {
    planning.THERE: _("Has this goal in the period already"),
    planning.LEFT: _("Is not with the company in the period"),
    planning.NO_BASELINE: _("No figure to grow from"),
    planning.NO_TARGET: _("No target: the template says none, or there is no recommendation"),
    planning.ZERO: _("The target would be 0"),
    planning.TOO_LARGE: _("The target would be negative or too large"),
    planning.SLIP: _("Not a target here: a percentage is at most 1,000%, a score at most 100"),
    planning.ARCHIVED: _("The metric is archived"),
    planning.NOTHING: _("Had no goals in the period before"),
}
NOTES = {
    planning.BOUND: _("Months of an agreed goal stay as they are"),
    planning.KEPT: _("Monthly targets that are there stay as they are"),
}
STATES = {"draft": State.DRAFT.label, "propose": State.PROPOSED.label}


def problem(code: str) -> str:
    """Return the sentence of a problem."""
    return str(PROBLEMS.get(code, code))
