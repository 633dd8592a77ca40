"""The page on which HR releases the results of a closed cycle."""

from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from reviews.models import ReviewCycle
from reviews.permissions import RELEASE
from reviews.results import services
from reviews.results.checking import Chosen, standing_of, waiting_of
from reviews.results.deciding import number
from reviews.results.selectors import cycles_to_release
from reviews.results.tabs import tabs_for

ALL, UNITS, PEOPLE = "all", "units", "people"
MOST_PEOPLE = 100


@workspace_view(RELEASE)
@require_http_methods(READ_WRITE)
def release_results(request: WorkspaceRequest) -> HttpResponse:
    """Choose a cycle and whose results are released, after a look at what stands in the way."""
    cycles = cycles_to_release()
    wanted = number(request.GET.get("cycle", ""))
    usual = next((each for each in cycles if each.state == "closed"), cycles[0] if cycles else None)
    cycle = next((each for each in cycles if each.pk == wanted), None if wanted else usual)
    if wanted and cycle is None:
        raise NotFound
    error = ""
    if request.method == "POST" and cycle is not None:
        try:
            with transaction.atomic():
                return _start(request, cycle)
        except (NotFound, NotAllowed):
            raise
        except DomainError as refused:
            error = str(refused)
    context = {
        "cycles": cycles,
        "cycle": cycle,
        "error": error,
        "tabs": tabs_for(request.viewer, request.workspace.slug, "release_results"),
        **(_standing(request, cycle) if cycle is not None else {}),
    }
    return render(request, "reviews/results/release.html", context, status=400 if error else 200)


def _start(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    scope = request.POST.get("scope", ALL)
    units = tuple(number(text) for text in request.POST.getlist("unit")) if scope == UNITS else ()
    people = tuple(number(text) for text in request.POST.getlist("person")) if scope == PEOPLE else ()
    if scope != ALL and not units and not people:
        raise DomainError(_("Choose at least one unit or person."), code="nobody_chosen")
    job = services.start_release(
        cycle.pk, Chosen(units, people), confirmed=bool(request.POST.get("confirmed")),
        language=get_language() or "en", viewer=request.viewer,
    )  # fmt: skip
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def _standing(request: WorkspaceRequest, cycle: ReviewCycle) -> dict[str, Any]:
    waiting = waiting_of(cycle)
    search = request.GET.get("q", "")[:100].replace("\0", "").strip()
    people = waiting.select_related("employee", "unit").order_by("employee__name_key", "pk")
    if search:
        people = people.filter(employee__name__icontains=search)
    units = waiting.exclude(unit=None).values_list("unit_id", "unit__name").annotate(n=Count("pk"))
    at_work = Job.objects.filter(
        kind=services.KIND, state__in=[JobState.QUEUED, JobState.RUNNING], params__cycle=cycle.pk
    )
    return {
        "standing": standing_of(cycle),
        "search": search,
        "people": list(people[:MOST_PEOPLE]),
        "more": max(0, people.count() - MOST_PEOPLE),
        "units": [{"id": pk, "name": name, "n": n} for pk, name, n in units.order_by("unit__name")],
        "batches": cycle.batches.select_related("released_by").order_by("-number"),
        "job": at_work.first(),
        "scope": request.POST.get("scope", ALL),
        "chosen_units": {number(text) for text in request.POST.getlist("unit")},
        "chosen_people": {number(text) for text in request.POST.getlist("person")},
    }
