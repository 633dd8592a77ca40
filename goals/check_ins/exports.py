"""The team's week as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext_lazy

from goals.check_ins.team import Row, Status, TeamWeek
from goals.models import CheckInLine
from goals.permissions import FOLLOW_CHECK_INS
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx
from perfmgmt.web import formats
from perfmgmt.web.statuses import STATUSES

EXPORT = "check_ins.export"
STATUS_WORDS = {
    Status.HELP: pgettext_lazy("check-in", "Help wanted"),
    Status.SENT: pgettext_lazy("check-in", "Sent"),
    Status.MISSING: pgettext_lazy("check-in", "Missing"),
    Status.NOT_YET: pgettext_lazy("check-in", "Not yet"),
    Status.AWAY: pgettext_lazy("check-in", "Away"),
    Status.ANSWERED: pgettext_lazy("check-in", "Answered"),
}


def export(context: JobContext) -> dict[str, Any]:
    """Write the list as the page has it, one row for each person and goal (params: query, format, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, FOLLOW_CHECK_INS)
        team = TeamWeek(context.params["query"], viewer=viewer, workspace=workspace)
        people = team.chosen
        team.fill(people)
        rows = [cells for row in people for cells in _cells(row, team.label)]
        form = "xlsx" if context.params.get("format") == "xlsx" else "csv"
        write = write_xlsx if form == "xlsx" else write_csv
        return write(context, f"check-ins-{team.label}.{form}", _header(), rows, total=len(rows))


def _header() -> list[str]:
    return [
        _t("Employee number"), _t("Name"), _t("Week"), _t("State"), _t("Weeks without a check-in"), _t("Goal"),
        _t("Target"), _t("Figure"), _t("Attainment"), _t("Pacing"), _t("Confidence"), _t("What stands in the way"),
        _t("Note"), _t("What I do next"), _t("What I need help with"), _t("Key tasks done"), _t("Key tasks"),
        _t("Answer"),
    ]  # fmt: skip


def _cells(row: Row, week: str) -> list[list[Any]]:
    check_in = row.check_in
    first = [row.number, row.name, week, str(STATUS_WORDS[row.status]), row.missed]
    last = [
        check_in.next_steps if check_in else "",
        check_in.help_text if check_in and check_in.help_wanted else "",
        sum(task.done for task in row.tasks),
        len(row.tasks),
        check_in.answer if check_in else "",
    ]
    goals = [_goal(line.figures) for line in row.lines] or [[""] * 8]
    return [[*first, *goal, *last] for goal in goals]


def _goal(line: CheckInLine) -> list[Any]:
    share = "" if line.attainment is None else formats.percent(line.attainment)
    pace = str(STATUSES[line.pace.replace(" ", "_")].word) if line.pace else ""
    confidence = str(line.get_confidence_display()) if line.confidence else ""
    return [line.name, _number(line.target), _number(line.actual), share, pace, confidence, line.blocker, line.note]


def _number(value: Any) -> Any:
    return "" if value is None else value
