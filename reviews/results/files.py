"""A result as a PDF, made by a job as its reader sees it, in their language."""

from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext as _c

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker
from perfmgmt.people.viewer import Workspace
from perfmgmt.web import formats, pdf
from reviews.models import ResultState
from reviews.permissions import SEE_RESULTS
from reviews.results.access import Reach, result_for
from reviews.results.page import Shown, Table, eyes_of, meeting_of, shown
from reviews.results.words import agenda_line
from reviews.scores.shown import ShownDimension, ShownPart, shown_trace

KIND = "results.pdf"
TEMPLATE = Path(__file__).resolve().parent / "pdf" / "result.typ"


def print_result(context: JobContext) -> dict[str, Any]:
    """Make the PDF of a result (params: result, language) and return the job's result: file, file_name, result.

    Raises NotFound for one that whoever asked doesn't see any more.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_RESULTS)
        reach = Reach(viewer, workspace.today())
        result = result_for(context.params["result"], reach)
        seen = shown(result, eyes_of(result, reach))
        context.report("writing", 0, 1)
        body = pdf.render(TEMPLATE, pdf.printable(data_of(seen, workspace)))
        cycle = result.batch.cycle
        name = f"result-{result.participant.employee.number}-{cycle.start:%Y-%m-%d}.pdf"
    path = default_storage.save(f"exports/{context.job_id}/{name}", ContentFile(body))
    return {"file": path, "file_name": name, "result": result.pk}


def data_of(seen: Shown, workspace: Workspace) -> dict[str, Any]:
    """Return everything the file says, as formatted texts in the active language."""
    result, cycle, person = seen.result, seen.result.batch.cycle, seen.result.participant.employee
    days = f"{formats.day(cycle.start)} – {formats.day(cycle.end)}"
    released = _t("released on {day}").format(day=formats.day(result.batch.released_at.date()))
    trace, deductions = _trace(seen, workspace)
    return {
        "lang": "en" if get_language() == "en" else "zh",
        "workspace": workspace.name,
        "title": f"{person.name} · {cycle.name}",
        "sub": " · ".join(filter(None, [person.number, str(result.participant.unit or ""), days, released])),
        "score": formats.number(result.score, 2),
        "grade": result.grade,
        "meaning": seen.meaning,
        "previous": _previous(seen),
        "remarks": _remarks(seen),
        "words": _words(),
        "lines": [
            {"name": one.name, "share": float(one.share or 0), "score": one.score, "weight": one.weight,
             "before": one.before, "change": one.change}
            for one in seen.lines
        ],
        "strengths": [{"name": one.name, "score": one.score} for one in seen.strengths],
        "weaknesses": [{"name": one.name, "score": one.score} for one in seen.weaknesses],
        "trace": trace,
        "deductions": deductions,
        "forms": [_form(one) for one in seen.forms],
        "comments": [
            {"question": one["question"], "group": one["group"], "texts": list(one["texts"])} for one in seen.comments
        ],
        "answer": _answer(seen),
        "meeting": _meeting(seen),
    }  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "dimensions": _t("Scores by dimension"), "dimension": _t("Dimension"), "score": _c("points", "Score"),
        "weight": _t("Weight"), "before": _c("result", "Last time"), "change": _c("result", "Change"),
        "strengths": _t("Strengths"), "weaknesses": _t("Where most is to be won"),
        "trace": _t("How this score came about"), "part": _t("Part"),
        "figure": _t("Figure"), "used": _t("Weight as used"), "points": _t("Points"), "group": _t("Rater group"),
        "raters": _t("Raters"), "hidden": _t("Too few answers to be shown"), "question": _t("Question"),
        "comments": _t("Comments"), "answer": _t("Answer to the result"), "meeting": _t("Review meeting"),
    }  # fmt: skip


def _previous(seen: Shown) -> str:
    if seen.previous is None:
        return ""
    values = {"cycle": seen.previous["cycle"], "score": seen.previous["shown"], "grade": seen.previous["grade"],
              "change": seen.previous["change"]}  # fmt: skip
    return _t("{cycle}: {score}, {grade} ({change})").format(**values)


def _remarks(seen: Shown) -> list[str]:
    found = []
    if seen.calibrated_words:
        found.append(seen.calibrated_words)
    if seen.calibration is not None:
        one = seen.calibration
        found.append(
            _t("Calibration: {before} ({grade_before}) → {after} ({grade_after}). Reason: {reason}").format(
                before=one["before"], grade_before=one["grade_before"], after=one["after"],
                grade_after=one["grade_after"], reason=one["reason"],
            )
        )  # fmt: skip
    if seen.managers:
        people = _t(", ").join(f"{one.get('name', '')} ({formats.by_unit(one.get('days'), 'days')})"
                               for one in seen.managers)  # fmt: skip
        found.append(_t("Managers of the period: {people}").format(people=people))
    return found


def _trace(seen: Shown, workspace: Workspace) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of the trace, dimensions strong, and the deductions as sentences."""
    if seen.trace is None:
        return [], []
    found = shown_trace(seen.trace, slug=workspace.slug, currency=workspace.currency, opens_facts=False)
    rows = []
    for dimension in found.dimensions:
        rows.append(_dimension_row(dimension))
        rows += [_part_row(part) for part in dimension.parts]
    deductions = [
        _t("Score deduction: −{points} ({reason})").format(points=one["points"], reason=one["reason"])
        for one in found.deductions
    ]
    return rows, deductions


def _dimension_row(one: ShownDimension) -> dict[str, Any]:
    return {"strong": True, "name": one.name, "figure": "", "score": "", "used": one.used, "points": one.contribution}


def _part_row(one: ShownPart) -> dict[str, Any]:
    figure = one.why
    if not figure and one.kind != "questionnaire":
        figure = f"{one.figure} / {one.target}" if one.target else one.figure
    return {"strong": False, "name": one.name, "figure": figure, "score": one.score, "used": one.used,
            "points": one.contribution}  # fmt: skip


def _form(one: Table) -> dict[str, Any]:
    groups = [
        {"name": group["name"], "hidden": group["hidden"], "share": float(group["share"]),
         "n": "" if group["hidden"] else str(group["n"]), "score": "" if group["hidden"] else group["score"]}
        for group in one.groups
    ]  # fmt: skip
    return {
        "name": one.name,
        "groups": groups,
        "heads": [group["name"] for group in groups],
        "questions": [[text, *means] for text, means in one.questions],
    }


def _answer(seen: Shown) -> list[str]:
    result = seen.result
    if result.state == ResultState.RELEASED:
        return []
    when = formats.day(result.answered_at.date()) if result.answered_at else ""
    return [f"{result.get_state_display()} · {when}", *([result.comment] if result.comment else [])]


def _meeting(seen: Shown) -> dict[str, Any] | None:
    meeting = meeting_of(seen.result)
    if meeting is None:
        return None
    kept = [item for item in meeting.agenda if isinstance(item, dict) and item.get("kept", True)]
    texts = [
        (_t("Notes of the manager"), meeting.manager_notes), (_t("Notes of the employee"), meeting.employee_notes),
        (_t("What was agreed"), meeting.agreed),
    ]  # fmt: skip
    signed = [
        (_t("Signed by the employee on {day}"), meeting.signed_by_employee_at),
        (_t("Signed by the manager on {day}"), meeting.signed_by_manager_at),
    ]
    return {
        "sub": formats.day(meeting.held_on) if meeting.held_on else "",
        "agenda": [agenda_line(item) for item in kept],
        "texts": [{"head": head, "text": text} for head, text in texts if text],
        "signed": [text.format(day=formats.day(when.date())) for text, when in signed if when is not None],
    }
