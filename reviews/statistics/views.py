"""Pages of rater statistics, for HR: which cycles have them, one cycle, one rater."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError
from reviews.models import Rater, RaterKind, RaterState, ReviewCycle
from reviews.permissions import SEE_STATISTICS
from reviews.statistics import exports, pictures, selectors, services

PER_PAGE = 50


@workspace_view(SEE_STATISTICS)
@require_GET
def statistics(request: WorkspaceRequest) -> HttpResponse:
    """The cycles that take no more answers, the latest first, with how reliable their scores are."""
    search = request.GET.get("q", "")[:100].replace("\0", "").strip()
    found = selectors.cycles_for(request.viewer)
    if search:
        found = found.filter(name__icontains=search)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    made = selectors.statistics_of([one.pk for one in page])
    rows = [_cycle_row(one, made.get(one.pk)) for one in page]
    return render(request, "reviews/statistics/cycles.html", {"page": page, "rows": rows, "search": search})


def _cycle_row(cycle: ReviewCycle, made: Any) -> dict[str, Any]:
    figures = made.figures if made else {}
    return {
        "cycle": cycle,
        "period": _period(cycle),
        "made": made,
        "figures": figures,
        "bar": pictures.reliability_bar(figures),
    }


def _period(cycle: ReviewCycle) -> Period:
    return Period.containing(Grain(cycle.grain), cycle.start)


@workspace_view(SEE_STATISTICS)
@require_GET
def cycle_statistics(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """A cycle: three pictures, then its raters, or its people with the adjusted score beside the raw one."""
    cycle = selectors.cycle_for(cycle_id, viewer=request.viewer)
    wanted = selectors.read(request.GET.dict())
    made = selectors.statistics_of([cycle.pk]).get(cycle.pk)
    figures = selectors.figures_of(made, viewer=request.viewer)
    context = {
        "cycle": cycle, "period": _period(cycle), "made": made, "figures": figures, "wanted": wanted,
        "bands": _choices(pictures.BAND_WORDS), "gaps": _choices(pictures.GAP_WORDS), "flat": selectors.FLAT,
        **_list(request, cycle, wanted, figures),
    }  # fmt: skip
    if figures.get("n"):
        context |= {
            "chart": pictures.leniency_chart(figures), "scatter": pictures.scatter(figures),
            "diagonal": pictures.diagonal(), "axis": pictures.axis(), "bar": pictures.reliability_bar(figures),
        }  # fmt: skip
    return render(request, "reviews/statistics/cycle.html", context)


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(code, word) for code, (_tone, word) in words.items() if code]


def _list(request: WorkspaceRequest, cycle: ReviewCycle, wanted: selectors.Wanted, figures: Any) -> dict[str, Any]:
    number = request.GET.get("page")
    if wanted.show == selectors.PEOPLE:
        found_people = selectors.people(cycle, wanted, figures, without=request.viewer.employee_id)
        people = Paginator(found_people, PER_PAGE).get_page(number)
        return {"page": people, "rows": [{"row": row, "gap": pictures.GAP_WORDS[row.gap]} for row in people]}
    page = Paginator(selectors.raters(cycle, wanted), PER_PAGE).get_page(number)
    found = [selectors.rater_row(one) for one in page]
    return {"page": page, "rows": [{"row": row, "band": pictures.BAND_WORDS[row.band]} for row in found]}


@workspace_view(SEE_STATISTICS)
@require_GET
def rater_statistics(request: WorkspaceRequest, cycle_id: int, employee_id: int) -> HttpResponse:
    """A rater in plain words and on a scale of three steps; never what they said of one person."""
    cycle = selectors.cycle_for(cycle_id, viewer=request.viewer)
    row = selectors.rater_row(selectors.rater_for(cycle, employee_id))
    earlier = selectors.history_of(employee_id, viewer=request.viewer, before=cycle)
    context = {
        "cycle": cycle, "period": _period(cycle), "row": row, "band": pictures.BAND_WORDS[row.band],
        "scale": [(code, word) for code, (_tone, word) in pictures.BAND_WORDS.items() if code],
        "sides": _sides(cycle, employee_id),
        "earlier": [
            {"cycle": one, "period": _period(one), "row": found, "band": pictures.BAND_WORDS[found.band]}
            for one, found in earlier
        ],
    }  # fmt: skip
    return render(request, "reviews/statistics/rater.html", context)


def _sides(cycle: ReviewCycle, employee_id: int) -> list[tuple[str, int, int]]:
    """Return from which sides somebody was asked: the group, how many times, how many they handed in."""
    asked = Rater.objects.filter(participant__cycle=cycle, employee_id=employee_id).exclude(group=RaterKind.SELF)
    asked = asked.exclude(state__in=[RaterState.NOMINATED, RaterState.DECLINED, RaterState.REMOVED])
    found = asked.values_list("group").annotate(n=Count("pk"), done=Count("pk", filter=Q(state=RaterState.DONE)))
    names = dict(RaterKind.choices)
    return [(str(names[group]), n, done) for group, n, done in found.order_by("group")]


@workspace_view(SEE_STATISTICS)
@require_POST
def make_statistics(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start the batch again."""
    try:
        selectors.cycle_for(cycle_id, viewer=request.viewer)
        job = services.start(cycle_id, viewer=request.viewer)
    except DomainError as error:
        if error.status != 409:
            raise
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("cycle_statistics", args=[request.workspace.slug, cycle_id]))
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_STATISTICS)
@require_POST
def export_statistics(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start writing the list to a file."""
    selectors.cycle_for(cycle_id, viewer=request.viewer)
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"cycle": cycle_id, "query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))
