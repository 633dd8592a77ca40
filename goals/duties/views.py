"""Pages of duties and goals: a person's tab, the list of who is not covered, the metrics of a duty."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.duties import exports, services
from goals.duties.coverage_list import PARAMETERS, Row, period_of, read
from goals.duties.forms import MetricsForm
from goals.duties.selectors import coverage_of, metrics_of
from goals.duties.times import actual_bars, bars, planned_bars, times_of
from goals.duties.words import legend
from goals.permissions import EDIT_GOALS, SEE_COVERAGE, SEE_TARGETS
from perfmgmt.jobs import services as jobs
from perfmgmt.metrics.models import Metric
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.duties.selectors import duty_of, job_description
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, head, tried
from perfmgmt.people.permissions import EDIT_PEOPLE
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.calendar import Period

PER_PAGE = 50


@workspace_view(SEE_TARGETS)
@require_GET
def person_duties(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page: the duties of their position, which goals cover them, and the time they take."""
    today = request.workspace.today()
    employee = person_for(request.viewer, employee_id, on=today)
    period = period_of(request.GET.get("period", ""), request.workspace)
    found = coverage_of([employee_id], period, today)[employee_id]
    duties = [line.duty for line in found.lines]
    times = times_of(duties, [employee_id], period.start, period.end)
    planned, actual = planned_bars(duties), actual_bars(times)
    weighted = bars({part.category: part.weighted for part in found.parts})
    context = {
        **head(request, employee, "person_duties"),
        "found": found,
        "period": period,
        "previous": period.next(-1),
        "following": period.next(),
        "rows": [
            {
                "line": line,
                "hours": times.by_duty.get(line.duty.pk),
                "goal_url": goal_url(request, employee, line.missing, period),
            }
            for line in found.lines
        ],
        "times": times,
        "planned": planned,
        "actual": actual,
        "weighted": weighted,
        "legend": legend(planned, actual),
        "parts": found.parts,
        "may_measure": request.viewer.may(EDIT_PEOPLE),
    }
    return render(request, "goals/person_duties.html", context)


def goal_url(request: WorkspaceRequest, employee: Employee, metric: Metric | None, period: Period) -> str:
    """Return the page that makes a goal of a person in a metric; "" when there is none, or not by the viewer."""
    if metric is None or employee.pk == request.viewer.employee_id or not request.viewer.may(EDIT_GOALS):
        return ""
    slug = request.workspace.slug
    query = {"employee": employee.number, "metric": metric.code, "period": period.label}
    return f"{reverse('new_goal', args=[slug])}?{urlencode(query)}"


@workspace_view(SEE_COVERAGE)
@require_GET
def coverage(request: WorkspaceRequest) -> HttpResponse:
    """Whose goals do not cover the duties of their position, with the next step for each."""
    wanted = read(request.GET.dict(), viewer=request.viewer, workspace=request.workspace)
    page = Paginator(wanted.rows(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "period": wanted.period,
        "previous": wanted.period.next(-1),
        "following": wanted.period.next(),
        "page": page,
        "rows": [{"row": row, "url": _next_url(request, row, wanted.period)} for row in page],
        "may_measure": request.viewer.may(EDIT_PEOPLE),
    }
    return render(request, "goals/coverage.html", context)


def _next_url(request: WorkspaceRequest, row: Row, period: Period) -> str:
    line = row.coverage.next_line
    return goal_url(request, row.employee, line.missing, period) if line is not None else ""


@workspace_view(SEE_COVERAGE)
@require_POST
def export_coverage(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def duty_metrics(request: WorkspaceRequest, position_id: int, duty_id: int) -> HttpResponse:
    """Choose which metrics measure a duty."""
    duty = duty_of(position_id, duty_id)
    present = metrics_of([duty.pk]).get(duty.pk, [])
    data = request.POST if request.method == "POST" else None
    offered = {metric.pk: metric for metric in (*Metric.objects.filter(archived_at=None), *present)}
    form = MetricsForm(data, metrics=list(offered.values()), initial={"metrics": [m.pk for m in present]})
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.set_metrics(duty.pk, form.cleaned_data["metrics"]))
        if saved is not None:
            messages.success(request, _("Saved."))
            return _to_position(request, position_id)
    context = {"form": form, "duty": duty, "position": duty.position}
    return render(request, "goals/duty_metrics.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PEOPLE)
@require_POST
def take_ready_metrics(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    """Give the duties of the ready job description the metrics that come with them."""
    count = services.take_ready(job_description(position_id).duties)
    text = ngettext("{n} duty has its metrics now.", "{n} duties have their metrics now.", count)
    messages.success(request, text.format(n=count))
    return _to_position(request, position_id)


def _to_position(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("job_description", args=[request.workspace.slug, position_id]))
