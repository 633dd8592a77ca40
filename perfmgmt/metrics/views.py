"""Pages of metrics and facts."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.jobs.selectors import jobs_for
from perfmgmt.metrics import exports
from perfmgmt.metrics.drill import MOST_DAYS, PARAMETERS, Drill, drill
from perfmgmt.metrics.drill_notes import notes_of
from perfmgmt.metrics.models import Fact, FactsBatch, FactVersion, Metric
from perfmgmt.metrics.permissions import IMPORT_FACTS, SEE_FACTS
from perfmgmt.people import directory
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.permissions import SEE_PEOPLE
from perfmgmt.people.selectors import visible_employees
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats

FACTS_PER_PAGE = 50
# So many facts are counted and may be paged through; more are reached by fewer days, or as a file.
MOST_FACTS = 100_000


class FactPages(Paginator):
    """Pages of a list that may have millions of facts: it ends, and says so, where counting would take long."""

    @cached_property
    def found(self) -> int:
        """The number of facts, at most one above the bound."""
        return cast("QuerySet[Fact]", self.object_list).order_by()[: MOST_FACTS + 1].count()

    @cached_property
    def count(self) -> int:
        """The number of facts that the pages hold."""
        return min(self.found, MOST_FACTS)


@workspace_view(SEE_FACTS)
@require_GET
def facts(request: WorkspaceRequest) -> HttpResponse:
    """The facts behind a figure, newest first, and the figure itself."""
    wanted = drill(request.GET, viewer=request.viewer, workspace=request.workspace)
    pages = FactPages(wanted.facts(), FACTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "page": page,
        "rows": _with_names(list(page), wanted),
        "most": MOST_FACTS if pages.found > MOST_FACTS else None,
        "total": wanted.total(),
        "cut": _is_cut(wanted, request),
        "notes": notes_of(wanted, request),
        "metrics": Metric.objects.filter(archived_at=None),
        "who_name": _who_name(wanted, request),
        "days": _days_in_team(wanted),
        "query": request.GET.urlencode(),
        "several": len(wanted.metric.sources()) > 1,
    }
    return render(request, "metrics/facts.html", context)


def _is_cut(wanted: Drill, request: WorkspaceRequest) -> bool:
    """Return whether the address asked for more days than are listed."""
    asked = {request.GET.get("from"), request.GET.get("to")}
    return wanted.last - wanted.first == MOST_DAYS and wanted.last.isoformat() not in asked


def _with_names(found: list[Fact], wanted: Drill) -> list[dict[str, Any]]:
    people = dict(Employee.objects.filter(pk__in={fact.employee_id for fact in found}).values_list("pk", "name"))
    parts = {part.pk: part for part in wanted.metric.sources()}
    return [
        {"fact": fact, "person": people.get(fact.employee_id, ""), "metric": parts[fact.metric_id]} for fact in found
    ]


def _days_in_team(wanted: Drill) -> str:
    """Say on which days one person was in the team, where that was not all the time."""
    if wanted.who != "team" or wanted.team is None or len(wanted.team) != 1:
        return ""
    spans = next(iter(wanted.team.values())).within(wanted.first, wanted.last)
    return "" if spans == ((wanted.first, wanted.last),) else formats.spans(spans)


def _who_name(wanted: Drill, request: WorkspaceRequest) -> str:
    """Say whose facts these are."""
    if wanted.unit_id is not None:
        unit = Unit.objects.filter(pk=wanted.unit_id).first()
        return str(unit) if unit else _("Without a unit")
    if request.GET.get("employee") and wanted.people:
        return Employee.objects.values_list("name", flat=True).get(pk=wanted.people[0])
    if wanted.people is None:
        return _("Everybody")
    return _("My team") if wanted.who == "team" else _("Everybody I may see")


@workspace_view(SEE_FACTS)
@require_POST
def export_facts(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the facts of the page to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    drill(query, viewer=request.viewer, workspace=request.workspace)
    return _started(request, exports.FACTS, {"query": query})


@workspace_view(SEE_PEOPLE)
@require_POST
def export_people(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the directory to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in directory.PARAMETERS}
    directory.read(query, directory.options(), sees_accounts=True)
    params = {"query": query, "format": "xlsx" if request.POST.get("format") == "xlsx" else "csv"}
    return _started(request, exports.PEOPLE, params)


def _started(request: WorkspaceRequest, kind: str, params: dict[str, Any]) -> HttpResponse:
    params["language"] = get_language() or "en"
    job = jobs.start(kind, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_FACTS)
@require_GET
def fact(request: WorkspaceRequest, fact_id: int) -> HttpResponse:
    """One fact: where it came from and what it said before."""
    found = Fact.objects.select_related("metric", "employee", "source").filter(id=fact_id).first()
    if found is None:
        raise NotFound
    reach = visible_employees(viewer=request.viewer, on=min(found.day, request.workspace.today()))
    if reach is not None and found.employee_id not in reach:
        raise NotFound
    job = Job.objects.select_related("created_by").filter(pk=found.job_id).first() if found.job_id else None
    if job is not None and not jobs_for(viewer=request.viewer).filter(pk=job.pk).exists():
        job = None  # whose file it was is for who may see that work
    versions = FactVersion.objects.select_related("employee").filter(fact_id=fact_id).order_by("-version")
    if reach is not None:
        versions = versions.filter(employee_id__in=reach)  # it may have been somebody else's before
    batch = FactsBatch.objects.filter(pk=found.job_id).first() if found.job_id and job is None else None
    may_import = request.viewer.may(IMPORT_FACTS)
    context = {"fact": found, "job": job, "batch": batch, "may_import": may_import, "versions": versions}
    return render(request, "metrics/fact.html", context)
