"""What somebody has to review as a file: whom, until when, how far; never what was said."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx
from reviews.forms.selectors import Task, inbox
from reviews.permissions import REVIEW

EXPORT = "reviews.export"
PARAMETERS = frozenset({"q", "show", "sort"})


def state_word(task: Task) -> str:
    """Return how a review stands, as the page says it."""
    return {
        "done": _t("Handed in"), "late": pgettext("review", "Late"), "begun": pgettext("rater", "Begun"),
        "missed": _t("Not handed in"),
    }.get(task.state) or pgettext("review", "Open")  # fmt: skip


def export_reviews(context: JobContext) -> dict[str, Any]:
    """Write the asker's own reviews as the page lists them (params: query, format, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, REVIEW)
        query = context.params["query"]
        found = inbox(
            viewer=viewer, today=workspace.today(), search=query.get("q", "")[:100].strip(),
            shown=query.get("show", ""), sort=query.get("sort", ""),
        ).listed  # fmt: skip
        header = [
            _t("Employee number"), pgettext("person", "Name"), pgettext("cycle", "Name"), _t("Rater group"),
            _t("Until"), _t("State"), _t("Answered"), _t("Questions"),
        ]  # fmt: skip
        form = "xlsx" if context.params.get("format") == "xlsx" else "csv"
        write = write_xlsx if form == "xlsx" else write_csv
        return write(context, f"my-reviews.{form}", header, [_cells(one) for one in found], total=len(found))


def _cells(task: Task) -> list[Any]:
    person = task.participant.employee
    return [
        person.number, person.name, task.cycle.name, str(task.rater.get_group_display()),
        task.due.isoformat() if task.due else "", state_word(task), task.answered, task.total,
    ]  # fmt: skip
