"""The job that assigns goals: works the plan out again, with the rights its starter has now, and writes it."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals.bulk import planning, words
from goals.bulk.asked import MOST_PEOPLE
from goals.bulk.forms import AssignForm, choices_of
from goals.bulk.notices import tell_proposed
from goals.bulk.planning import Plan, Planned
from goals.bulk.writing import Written, write
from goals.permissions import EDIT_GOALS
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import DomainError

KIND, RESULT, MOST_SHOWN = "goals.assign", "goals/assign_result.html", 200


class CantAssign(DomainError):
    """What was asked for is no longer there: a template, a unit, a metric."""

    code = "cant_assign"


def run(context: JobContext) -> dict[str, Any]:
    """Assign goals (params: query, language, trial); all of it or, when anything stops it, nothing.

    A trial works out what would be made and who would be left out, and writes nothing.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, EDIT_GOALS)
        context.report("planning")
        plan = plan_of(context.params["query"], viewer=viewer, workspace=workspace)
        if context.params.get("trial"):
            return _result(context, plan, Written(plan.made, 0, {row.employee_id: 1 for row in plan.good}))
        context.report("assigning", 0, plan.made, rows=0)
        written = write(plan, viewer=viewer)
        if plan.asked.proposes:
            title = plan.good[0].line.title if plan.good else ""
            tell_proposed(written.by_person, key=f"job:{context.job_id}", by_user_id=viewer.user_id, title=title)
        context.report("assigning", written.goals, plan.made, rows=written.goals)
        return _result(context, plan, written)


def plan_of(query: dict[str, str], *, viewer: Viewer, workspace: Workspace) -> Plan:
    """Return the plan of an address; raise CantAssign for one that no longer fits."""
    form = AssignForm(query, choices=choices_of(workspace))
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise CantAssign(_t("This can't be assigned any more. {field}: {text}"), field=label, text=errors[0])
    asked = form.asked()
    people = asked.find(form.choices.people, viewer=viewer, workspace=workspace).exclude(pk__in=asked.out)
    found = list(people[: MOST_PEOPLE + 1])
    if len(found) > MOST_PEOPLE:
        raise CantAssign(_t("These are more than {most} people. Narrow the filter."), most=MOST_PEOPLE)
    return planning.make(asked, found, workspace=workspace)


def _result(context: JobContext, plan: Plan, written: Written) -> dict[str, Any]:
    """Return what the page of the job shows: counts, who was left out and why, and these as a file."""
    people = {person.pk: person for person in plan.people}
    left_out = [row for row in plan.rows if row.problem]
    counts = [(words.problem(code), n) for code, n in plan.problems()]
    meanwhile = plan.made - written.goals
    if meanwhile:
        counts.append((str(words.PROBLEMS[planning.THERE]), meanwhile))
    is_trial = bool(context.params.get("trial"))
    result: dict[str, Any] = {
        "trial": urlencode(context.params["query"]) if is_trial else "",
        "goals": written.goals, "people": len(written.by_person), "cells": written.cells,
        "proposed": plan.asked.proposes, "period": plan.asked.period.label, "reasons": counts,
        "left_out": [_shown(people[row.employee_id], row) for row in left_out[:MOST_SHOWN]],
        "more": max(0, len(left_out) - MOST_SHOWN),
    }  # fmt: skip
    if left_out:
        header = [_t("Employee number"), _t("Name"), _t("Goal"), _t("Reason")]
        rows = (_shown(people[row.employee_id], row) for row in left_out)
        result |= write_csv(context, f"goals-left-out-{plan.asked.period.label}.csv", header, rows)
    return result


def _shown(person: Employee, row: Planned) -> list[str]:
    return [person.number, person.name, row.line.title, words.problem(row.problem)]
