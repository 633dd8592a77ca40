"""Cycles and the status board as files, made by jobs with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx
from perfmgmt.tenants.calendar import Grain, Period
from reviews.cycles import board, listing
from reviews.permissions import FOLLOW_CYCLES

BOARD, CYCLES = "cycles.board", "cycles.list"


def _write(context: JobContext, name: str, header: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    form = "xlsx" if context.params.get("format") == "xlsx" else "csv"
    write = write_xlsx if form == "xlsx" else write_csv
    return write(context, f"{name}.{form}", header, rows, total=len(rows))


def export_board(context: JobContext) -> dict[str, Any]:
    """Write the board as the page has it, by person or by unit (params: cycle, query, format, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, FOLLOW_CYCLES)
        cycle = board.visible_cycle(context.params["cycle"], viewer)
        found = board.Board(cycle, context.params["query"], viewer=viewer, workspace=workspace)
        groups = [word for _group, word in found.headings]
        pairs = [text for word in groups for text in (_t("{group}: done").format(group=word),
                                                      _t("{group}: asked").format(group=word))]  # fmt: skip
        if found.by == "units":
            header = [_t("Unit"), _t("People"), *pairs]
            rows = [[row.name, row.people, *_counts(row)] for row in found.unit_rows()]
        else:
            header = [_t("Employee number"), _t("Name"), _t("Unit"), pgettext("cycle", "Led by"), *pairs]
            rows = [[*_who(row), *_counts(row)] for row in found.rows(list(found.people()))]
        label = Period(Grain(cycle.grain), cycle.start, workspace.fiscal_start_month).label
        return _write(context, f"review-cycle-{label}-{found.by}", header, rows)


def _who(row: board.Row) -> list[str]:
    if row.participant is None:
        return ["", row.name, "", ""]
    each = row.participant
    unit, manager = each.unit, each.manager
    return [each.employee.number, each.employee.name, unit.name if unit else "", manager.name if manager else ""]


def _counts(row: board.Row) -> list[int]:
    return [number for cell in row.cells for number in (cell.done, cell.asked)]


def export_cycles(context: JobContext) -> dict[str, Any]:
    """Write the list of cycles as the page has it (params: query, format, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, FOLLOW_CYCLES)
        wanted = listing.read(context.params["query"])
        header = [
            pgettext("cycle", "Name"),
            pgettext("cycle", "Period"),
            _t("State"),
            _t("People"),
            _t("Done"),
            _t("Asked"),
            _t("Answers until"),
        ]
        lines = listing.lines(listing.find(wanted, viewer=viewer), viewer=viewer, workspace=workspace)
        rows = [
            [line.cycle.name, line.period.label, line.state_word, line.people, line.done, line.asked,
             line.cycle.answer_until.isoformat() if line.cycle.answer_until else ""]
            for line in lines
        ]  # fmt: skip
        return _write(context, "review-cycles", header, rows)
