"""Lists of results and proposals as files, made by jobs with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.web import formats
from reviews.permissions import DECIDE_PROPOSALS, SEE_RESULTS
from reviews.results import deciding, selectors
from reviews.results.access import Reach
from reviews.results.words import reason_of

RESULTS, PROPOSALS = "results.export", "results.proposals"


def export_results(context: JobContext) -> dict[str, Any]:
    """Write results as the page lists them (params: query, language).

    What calibration changed is in it for whom the page shows it: nobody's own.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_RESULTS)
        today = workspace.today()
        reach = Reach(viewer, today)
        found = selectors.results_for(selectors.read(context.params["query"]), reach=reach)
        header = [
            _t("Employee number"), _t("Name"), _t("Unit"), _t("Review cycle"), _t("First day"), _t("Last day"),
            _t("Score"), _t("Grade"), _t("Computed score"), _t("Reason of calibration"), _t("State"), _t("Comment"),
            _t("Released on"), _t("Record of the meeting"),
        ]  # fmt: skip
        rows = (_cells(each, viewer.employee_id) for each in found.iterator(chunk_size=500))
        return write_csv(context, f"results-{today}.csv", header, rows, total=found.count())


def _cells(result: Any, own: int | None) -> list[Any]:
    cycle, person = result.batch.cycle, result.participant.employee
    calibration = (result.frozen or {}).get("calibration") if person.pk != own else None
    meeting = next(iter(result.meetings.all()), None)
    word = pgettext("meeting", "none") if meeting is None else (_t("Signed by both") if meeting.is_signed
                                                               else _t("To be signed"))  # fmt: skip
    return [
        person.number, person.name, str(result.participant.unit or ""), cycle.name, cycle.start, cycle.end,
        _number(result.score), result.grade, _number(result.computed) if person.pk != own else "",
        (calibration or {}).get("reason", ""), result.get_state_display(), result.comment,
        result.batch.released_at.date(), word,
    ]  # fmt: skip


def _number(value: Any) -> Any:
    return "" if value is None else formats.round_half_up(value, 2)


def export_proposals(context: JobContext) -> dict[str, Any]:
    """Write proposals as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, DECIDE_PROPOSALS)
        today = workspace.today()
        found = deciding.proposals_for(deciding.read(context.params["query"]), reach=Reach(viewer, today))
        header = [
            _t("Employee number"), _t("Name"), _t("Review cycle"), _t("Score"), _t("Grade"), _t("Proposal"),
            _t("Reason"), _t("State"), _t("Note"), _t("Decided by"), _t("Decided on"),
        ]  # fmt: skip
        return write_csv(context, f"proposals-{today}.csv", header, _lines(found), total=found.count())


def _lines(found: Any) -> Iterator[list[Any]]:
    for one in found.iterator(chunk_size=500):
        result, person = one.result, one.result.participant.employee
        yield [
            person.number, person.name, result.batch.cycle.name, _number(result.score), result.grade,
            one.get_kind_display(), reason_of(one.reason), one.get_state_display(), one.note,
            str(one.decided_by or ""), one.decided_at.date() if one.decided_at else "",
        ]  # fmt: skip
