"""Pages of results: the list, a result, what the person says to it, a person's tab."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.directory import options
from perfmgmt.people.pages import head
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.web.charts import Chart, Series
from reviews.models import ResultState, ReviewResult
from reviews.permissions import SEE_RESULTS
from reviews.results import exports, files, page, selectors, services
from reviews.results.access import Reach, result_for
from reviews.results.tabs import tabs_for

PER_PAGE = 50
LEAST_FOR_CHART = 2


def reach_of(request: WorkspaceRequest) -> Reach:
    """Return whose results the viewer sees today."""
    return Reach(request.viewer, request.workspace.today())


def to_result(request: WorkspaceRequest, result_id: int, url_name: str = "result") -> HttpResponse:
    """Send back to a result, or a page of it."""
    return HttpResponseRedirect(reverse(url_name, args=[request.workspace.slug, result_id]))


@workspace_view(SEE_RESULTS)
@require_GET
def results(request: WorkspaceRequest) -> HttpResponse:
    """The released results the viewer sees: filtered, sorted, in pages."""
    reach, wanted = reach_of(request), selectors.read(request.GET.dict())
    found = Paginator(selectors.results_for(wanted, reach=reach), PER_PAGE).get_page(request.GET.get("page"))
    is_many = reach.people is None or len(reach.people) > 1
    context = {
        "wanted": wanted,
        "page": found,
        "rows": [{"result": each, "meeting": _meeting_word(each)} for each in found],
        "cycles": selectors.cycles_seen(reach),
        "grades": selectors.grades_seen(reach),
        "units": options().units if is_many else [],
        "states": ResultState.choices,
        "meetings": [(selectors.NONE_YET, _("No record yet")), (selectors.OPEN, _("To be signed")),
                     (selectors.SIGNED, _("Signed by both"))],
        "is_many": is_many,
        "tabs": tabs_for(request.viewer, request.workspace.slug, "results"),
    }  # fmt: skip
    return render(request, "reviews/results/results.html", context)


def _meeting_word(result: ReviewResult) -> str:
    meeting = next(iter(result.meetings.all()), None)
    if meeting is None:
        return selectors.NONE_YET
    return selectors.SIGNED if meeting.is_signed else selectors.OPEN


@workspace_view(SEE_RESULTS)
@require_POST
def export_results(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.RESULTS, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_RESULTS)
@require_GET
def own_result(request: WorkspaceRequest) -> HttpResponse:
    """One's own result of a cycle (`?cycle=`), or the newest one; without any the list, which says so."""
    found = selectors.own_result(request.viewer, selectors.number(request.GET.get("cycle", "")))
    if found is None:
        return HttpResponseRedirect(reverse("results", args=[request.workspace.slug]))
    return to_result(request, found.pk)


@workspace_view(SEE_RESULTS)
@require_GET
def result(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """A released result, down to the facts."""
    reach = reach_of(request)
    return result_page(request, result_for(result_id, reach), reach)


def result_page(request: WorkspaceRequest, found: ReviewResult, reach: Reach, **more: Any) -> HttpResponse:
    """Show a result; `more` has the comment that could not be kept (`typed`) and why (`error`)."""
    eyes = page.eyes_of(found, reach)
    leads = reach.leads(found.participant.employee_id)
    context = {
        "shown": page.shown(found, eyes),
        "result": found,
        "employee": found.participant.employee,
        "cycle": found.batch.cycle,
        "meeting": page.meeting_of(found),
        "leads": leads,
        "may_answer": eyes.is_own and request.viewer.left_until is None,
        "may_print": request.viewer.left_until is None,
        "live": page.live_score(found) if reach.is_hr and not eyes.is_own else None,
        "proposals": _proposals(found) if leads else [],
        **more,
    }
    return render(request, "reviews/results/result.html", context, status=400 if more.get("error") else 200)


def _proposals(found: ReviewResult) -> list[Any]:
    return list(found.proposals.order_by("pk"))


@workspace_view(SEE_RESULTS)
@require_POST
def answer_result(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """Acknowledge one's result, or disagree with it and say why."""
    reach, state = reach_of(request), request.POST.get("state", "")
    comment = request.POST.get("comment", "")
    try:
        with transaction.atomic():
            services.answer_result(result_id, state, comment, reach=reach)
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        found = result_for(result_id, reach)
        return result_page(request, found, reach, error=str(error), typed=comment)
    if state == ResultState.ACKNOWLEDGED:
        messages.success(request, _("You have acknowledged the result."))
    else:
        messages.success(request, _("Your manager and HR can see what you disagree with."))
    return to_result(request, result_id)


@workspace_view(SEE_RESULTS)
@require_POST
def print_result(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """Start making the result's PDF, as the viewer sees it, in their language."""
    found = result_for(result_id, reach_of(request))
    params = {"result": found.pk, "language": get_language() or "en"}
    job = jobs.start(files.KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_RESULTS)
@require_GET
def person_results(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page: their results, and how the score went."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    found = Paginator(selectors.results_of(employee_id), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(found)
    context = {
        **head(request, employee, "person_results"),
        "page": found,
        "rows": rows,
        "chart": _course(rows) if len(rows) >= LEAST_FOR_CHART else None,
    }
    return render(request, "reviews/results/person.html", context)


def _course(rows: list[ReviewResult]) -> Chart:
    """Return the scores of a person's results, the oldest first."""
    old_first = rows[::-1]
    return Chart(
        id="results-course",
        title=_("Score by review"),
        categories=[each.batch.cycle.name for each in old_first],
        series=[Series(_("Score"), [each.score for each in old_first])],
        unit="score",
        kind="bar",
        category_title=_("Review cycle"),
        height="small",
    )
