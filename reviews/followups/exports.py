"""The list of follow-ups as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.web import formats
from reviews.followups import selectors
from reviews.followups.access import shown_names
from reviews.permissions import SEE_FOLLOW_UPS

EXPORT = "surveys.export_follow_ups"
CHUNK = 1000


def export_follow_ups(context: JobContext) -> dict[str, Any]:
    """Write the tasks as the page lists them (params: query, language); customers are masked as on the page."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_FOLLOW_UPS)
        today = workspace.today()
        found = selectors.follow_ups(selectors.read(context.params["query"]), viewer=viewer, today=today)
        header = [_t("Customer survey"), _t("Customer"), _t("Contact"), _t("Employee number"), _t("Employee"),
                  _t("Day"), _t("Question"), _t("Score"), _t("Score now"), _t("Responsible"), _t("Due"),
                  _t("State"), _t("Outcome"), _t("What was done"), _t("Customer told"), _t("Opened at"),
                  _t("Closed at")]  # fmt: skip
        rows = _rows(found, viewer, workspace)
        return write_csv(context, f"follow-ups-{today}.csv", header, rows, total=found.count())


def _rows(found: Any, viewer: Viewer, workspace: Workspace) -> Iterator[list[Any]]:
    today, zone = workspace.today(), workspace.time_zone
    tasks = found.iterator(chunk_size=CHUNK)
    while chunk := list(islice(tasks, CHUNK)):
        names = shown_names([task.invitation.contact for task in chunk], viewer=viewer, on=today)
        for task in chunk:
            asked = task.invitation
            who = (asked.employee.number, asked.employee.name) if asked.employee else ("", "")
            yield [asked.survey.name, asked.customer, names.get(asked.contact_id, ""), *who, asked.day,
                   task.get_kind_display(), task.score, "" if task.score_now is None else task.score_now,
                   task.owner.name if task.owner else "", task.due, task.get_state_display(),
                   task.get_outcome_display(), task.outcome_text,
                   formats.moment(task.told_at, zone) if task.told_at else "", formats.moment(task.opened_at, zone),
                   formats.moment(task.closed_at, zone) if task.closed_at else ""]  # fmt: skip
