"""The list of tasks or plans as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals.permissions import SEE_PLANS
from goals.plans.selectors import TASKS, plans_for, progress_of_plan, read, tasks_for
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv

EXPORT = "plans.export"


def export_plans(context: JobContext) -> dict[str, Any]:
    """Write tasks or plans as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_PLANS)
        wanted, today = read(context.params["query"], viewer=viewer), workspace.today()
        if wanted.show == TASKS:
            tasks = tasks_for(wanted, viewer=viewer, today=today)
            return write_csv(context, f"tasks-{today}.csv", _task_header(), _tasks(tasks), total=tasks.count())
        plans = plans_for(wanted, viewer=viewer, today=today)
        return write_csv(context, f"plans-{today}.csv", _plan_header(), _plans(plans), total=plans.count())


def _task_header() -> list[str]:
    return [_t("Task"), _t("Plan"), _t("Responsible"), _t("Employee number"), _t("Due"), _t("Priority"),
            _t("Resources"), _t("Progress in percent"), _t("Done on")]  # fmt: skip


def _tasks(tasks: Any) -> Iterator[list[Any]]:
    for task in tasks.iterator(chunk_size=2000):
        yield [task.text, task.plan.title, task.owner.name, task.owner.number, task.due, task.get_priority_display(),
               task.resources, task.progress, task.done_on or ""]  # fmt: skip


def _plan_header() -> list[str]:
    return [_t("Plan"), _t("Kind of plan"), _t("For whom"), _t("Responsible"), _t("First day"), _t("Last day"),
            _t("State"), _t("Tasks"), _t("Overdue"), _t("Progress in percent")]  # fmt: skip


def _plans(plans: Any) -> Iterator[list[Any]]:
    for plan in plans.iterator(chunk_size=2000):
        yield [plan.title, plan.get_kind_display(), str(plan.unit or plan.employee), plan.owner.name, plan.first_day,
               plan.last_day, plan.get_state_display(), plan.task_count, plan.late_count,
               progress_of_plan(plan)]  # fmt: skip
