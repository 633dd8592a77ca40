"""Pages of scores: everybody's of a period, and how one person's came about."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import head
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web.charts import Chart, Series
from reviews.models import Score
from reviews.permissions import MANAGE_SCORECARDS, SEE_SCORES
from reviews.results.masks import Eyes, seen_trace
from reviews.scores import exports
from reviews.scores.dirty import first_scored_day
from reviews.scores.score_list import PARAMETERS, ScoreList, period_of, read, sealed_people, waits_for_release
from reviews.scores.trace import has_reviews, score_trace, without_reviews

PER_PAGE = 50


@workspace_view(SEE_SCORES)
@require_GET
def scores(request: WorkspaceRequest) -> HttpResponse:
    """The computed scores of a period."""
    wanted = read(request.GET, viewer=request.viewer, workspace=request.workspace)
    page = Paginator(wanted.scores(), PER_PAGE).get_page(request.GET.get("page"))
    grades = wanted.grades()
    context = {
        "wanted": wanted,
        "page": page,
        "rows": wanted.rows(list(page)),
        "grades": grades,
        "chart": _chart(wanted, grades) if len(grades) > 1 else None,
        "previous": wanted.period.next(-1),
        "following": wanted.period.next(),
        "is_scored": bool(page.paginator.count) or first_scored_day() is not None,
        "may_publish": request.viewer.may(MANAGE_SCORECARDS),
    }
    return render(request, "reviews/scores.html", context)


def _chart(wanted: ScoreList, grades: list[tuple[str, int]]) -> Chart:
    return Chart(
        id="grades", title=_("People by grade"), categories=[grade for grade, _n in grades],
        series=[Series(_("People"), [n for _grade, n in grades], kind="bar")], kind="bar",
        category_title=_("Grade"), height="small",
    )  # fmt: skip


@workspace_view(SEE_SCORES)
@require_POST
def export_scores(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.SCORES, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_SCORES)
@require_GET
def person_score(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page: how their score of a period came about, down to the facts."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    period = period_of(request.GET.get("period", ""), request.workspace)
    is_own = employee_id == request.viewer.employee_id
    waits = is_own and waits_for_release(period, employee_id)
    trace = None if waits else score_trace(employee_id, int(period.grain), period.start)
    if trace is not None and has_reviews(trace) and sealed_people(period, [employee_id]):
        trace = without_reviews(trace)
    if trace is not None:
        # Raw beside adjusted tells a single rater's leniency: that is on the result, for HR. Nobody reads here what
        # groups said about themselves: their result shows what the cycle lets them see.
        trace = seen_trace(trace, Eyes(is_own, is_hr=False, groups=not is_own))
    others = Score.objects.filter(employee_id=employee_id).order_by("-start", "grain")
    context = {
        **head(request, employee, "person_score"),
        "trace": trace,
        "waits": waits,
        "period": period,
        "previous": period.next(-1),
        "following": period.next(),
        "others": [Period(Grain(one.grain), one.start, request.workspace.fiscal_start_month) for one in others[:12]],
        "may_publish": request.viewer.may(MANAGE_SCORECARDS),
    }
    return render(request, "reviews/person_score.html", context)
