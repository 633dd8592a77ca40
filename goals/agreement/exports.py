"""The list of goals as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals import goal_list
from goals.models import Goal
from goals.permissions import SEE_GOALS
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv

GOALS = "goals.export"


def export_goals(context: JobContext) -> dict[str, Any]:
    """Write the goals as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_GOALS)
        wanted = goal_list.read(context.params["query"], viewer=viewer, workspace=workspace)
        header = [
            _t("Level"), _t("Employee number"), _t("Name"), _t("Goal"), _t("Metric"), _t("First day"), _t("Last day"),
            _t("Target"), _t("Weight"), _t("State"), _t("Reason to agree all the same"),
        ]  # fmt: skip
        found = wanted.goals()
        rows = (_cells(goal) for goal in found.iterator(chunk_size=1000))
        return write_csv(context, f"goals-{wanted.period.label}.csv", header, rows, total=found.count())


def _cells(goal: Goal) -> list[Any]:
    who = goal.employee or goal.unit
    return [
        goal.get_level_display(), goal.employee.number if goal.employee else "", str(who or ""), goal.title,
        goal.metric.name if goal.metric else "", goal.first_day.isoformat(), goal.last_day.isoformat(),
        "" if goal.target is None else goal.target, goal.weight, goal.get_state_display(), goal.smart_reason,
    ]  # fmt: skip
