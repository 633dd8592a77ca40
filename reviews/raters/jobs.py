"""Long work on raters: approving every choice without a problem, and lists as files."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Workspace
from reviews.models import Participant, ReviewCycle
from reviews.permissions import APPROVE_RATERS, MANAGE_CYCLES
from reviews.raters import selectors
from reviews.raters.access import cycle_for
from reviews.raters.circle import Circle
from reviews.raters.rules import COLLEAGUES
from reviews.raters.services import approve_many

APPROVE, EXPORT, EXPORT_LOAD = "raters.approve", "raters.export", "raters.export_load"
RESULT = "reviews/raters/approve_result.html"
BATCH, MOST_SHOWN = 200, 100


def approve_all(context: JobContext) -> dict[str, Any]:
    """Approve every choice that waits for who asked and has no problem (params: cycle, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, APPROVE_RATERS)
        cycle = cycle_for(context.params["cycle"], viewer=viewer, today=workspace.today())
        ids = selectors.ready_ids(cycle, viewer=viewer, workspace=workspace)
        people, left = 0, []
        for first in range(0, len(ids), BATCH):
            done = approve_many(ids[first : first + BATCH], viewer=viewer, workspace=workspace)
            people += done.people
            left += [[one.employee.number, one.employee.name, why] for one, why in done.left]
            context.report("approving", min(first + BATCH, len(ids)), len(ids), rows=people)
        result: dict[str, Any] = {"people": people, "left": left[:MOST_SHOWN], "more": max(0, len(left) - MOST_SHOWN)}
        if left:
            header = [_t("Employee number"), _t("Name"), _t("Reason")]
            result |= write_csv(context, f"raters-not-approved-{workspace.today()}.csv", header, left)
        return result


def export_choices(context: JobContext) -> dict[str, Any]:
    """Write ratees and who is chosen or asked, as the list finds them (params: cycle, query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, APPROVE_RATERS)
        cycle = cycle_for(context.params["cycle"], viewer=viewer, today=workspace.today())
        found = selectors.waiting_for(
            cycle, selectors.read(context.params["query"]), viewer=viewer, today=workspace.today()
        )
        header = [_t("Employee number"), _t("Name"), _t("Org unit"), _t("State"), _t("Rater group"), _t("Rater"),
                  _t("Employee number of the rater")]  # fmt: skip
        rows = _choices(cycle, found, workspace)
        return write_csv(context, f"raters-{workspace.today()}.csv", header, rows)


def _choices(cycle: ReviewCycle, found: Any, workspace: Workspace) -> Iterator[list[Any]]:
    """Yield a row for each rater, and one for a ratee without; who has answered is not said."""
    for page in Paginator(found, BATCH):
        participants: list[Participant] = list(page)
        circle = Circle(cycle, participants, workspace=workspace)
        for one in participants:
            head = [one.employee.number, one.employee.name, one.unit.name if one.unit else "",
                    one.get_nomination_display()]  # fmt: skip
            raters = [rater for group in COLLEAGUES for rater in circle.live(one, group)]
            for rater in raters:
                yield [*head, rater.get_group_display(), rater.employee.name, rater.employee.number]
            if not raters:
                yield [*head, "", "", ""]


def export_load(context: JobContext) -> dict[str, Any]:
    """Write how many colleagues each rater is asked about, as the list has them (params: cycle, query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, MANAGE_CYCLES)
        cycle = cycle_for(context.params["cycle"], viewer=viewer, today=workspace.today())
        wanted = selectors.read_load(context.params["query"])
        found = list(selectors.load_rows(cycle, wanted, today=workspace.today()))
        header = [_t("Employee number"), _t("Name"), _t("Org unit"), _t("Asked"), _t("Proposed"), _t("Declined"),
                  _t("At most")]  # fmt: skip
        rows = (
            [row["number"], row["name"], row["unit"] or "", row["asked"], row["proposed"], row["declined"],
             cycle.most_per_rater]
            for row in found
        )  # fmt: skip
        return write_csv(context, f"rater-load-{workspace.today()}.csv", header, rows, total=len(found))
