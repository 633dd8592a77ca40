"""The page that assigns goals to many: what, to whom, the preview, then one job."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goals.bulk import planning, tasks, words
from goals.bulk.asked import MOST_PEOPLE, MOST_PREVIEWED, WHATS, Asked
from goals.bulk.forms import AssignForm, choices_of
from goals.bulk.planning import Plan
from goals.bulk.reading import baseline_period
from goals.models import Form
from goals.permissions import EDIT_GOALS, MANAGE_GOALS
from goals.template_sets.selectors import weight_of
from perfmgmt.closing.selectors import locks_between
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web import formats

PEOPLE_PER_PAGE = 20
IGNORED = ("page", "csrfmiddlewaretoken")


@workspace_view(EDIT_GOALS)
@require_http_methods(["GET", "POST"])
def assign_goals(request: WorkspaceRequest) -> HttpResponse:
    """Choose and preview; POST starts the job with what the address says, or a trial that writes nothing."""
    query = {name: str(value) for name, value in request.GET.items() if name not in IGNORED}
    form = AssignForm(query, choices=choices_of(request.workspace))
    asked_for = "period" in query and form.is_valid()
    if request.method == "POST":
        return _start(request, form, query)
    context: dict[str, Any] = {
        "form": form, "what": form.kind, "whats": WHATS, "may_manage": request.viewer.may(MANAGE_GOALS),
        "shown_errors": "period" in query,
        "weight": weight_of(form["template"].value()) if form.kind == "template" and form.choices.templates else None,
    }  # fmt: skip
    if asked_for:
        context |= _preview(request, form)
    return render(request, "goals/assign.html", context)


def _start(request: WorkspaceRequest, form: AssignForm, query: dict[str, str]) -> HttpResponse:
    if "period" not in query or not form.is_valid():  # without a period nobody has seen a preview
        raise DomainError(_("Something in what is to be assigned does not fit. Go back and look at the form."))
    params = {"query": query, "language": get_language() or "en", "trial": "trial" in request.POST}
    job = jobs.start(tasks.KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def _preview(request: WorkspaceRequest, form: AssignForm) -> dict[str, Any]:
    """Return what the preview shows: a page of people with their goals, and of few people the whole plan in numbers.

    A fixed number of queries, over `MOST_PREVIEWED` people at the most.
    """
    asked = form.asked()
    found = asked.find(form.choices.people, viewer=request.viewer, workspace=request.workspace)
    kept = found.exclude(pk__in=asked.out)
    pages = Paginator(kept, PEOPLE_PER_PAGE)
    if pages.count > MOST_PEOPLE:
        return {"too_many": MOST_PEOPLE}
    page = pages.get_page(request.GET.get("page"))
    shown, is_whole = list(page), pages.count <= MOST_PREVIEWED
    plan = planning.make(asked, list(kept) if is_whole else shown, workspace=request.workspace)
    return {
        "plan": plan, "asked": asked, "page": page, "is_whole": is_whole, "people": pages.count,
        "rows": [(person, *_rows(plan, person)) for person in shown],
        "problems": [(words.problem(code), n) for code, n in plan.problems()],
        "taken_out": _taken_out(found, asked),
        "unfinished": _unfinished(plan, request), "late": late_months(asked.period),
    }  # fmt: skip


def _taken_out(found: QuerySet[Employee], asked: Asked) -> list[tuple[Employee, str]]:
    """Return who was taken out, and the parameter that puts them back."""
    if not asked.out:
        return []
    return [(person, _out(asked.out - {person.pk})) for person in found.filter(pk__in=asked.out)]


def late_months(period: Period) -> list[str]:
    """Return the locked months of a period: targets there are late changes (RULES.md section 13)."""
    found = sorted(start for grain, start in locks_between(period.start, period.end) if grain == int(Grain.MONTH))
    return [formats.period(Period(Grain.MONTH, start)) for start in found]


def _rows(plan: Plan, person: Employee) -> tuple[list[dict[str, Any]], str]:
    """Return a person's goals for the table, and the parameter that takes the person out."""
    rows = [
        {"row": row, "problem": words.PROBLEMS.get(row.problem, ""), "note": words.NOTES.get(row.note, "")}
        for row in plan.by_person[person.pk]
    ]
    return rows, _out(plan.asked.out | {person.pk})


def _out(ids: frozenset[int]) -> str:
    return ",".join(map(str, sorted(ids)))


def _unfinished(plan: Plan, request: WorkspaceRequest) -> list[Period]:
    """Return the periods that targets grow from and that are not over: their figures still rise."""
    kinds = {
        row.line.baseline_kind or "previous" for row in plan.good if row.line.form in (Form.PERCENT, Form.POINTS)
    }
    found = {baseline_period(plan.asked.period, kind) for kind in kinds}
    return sorted(period for period in found if period.end >= request.workspace.today())
