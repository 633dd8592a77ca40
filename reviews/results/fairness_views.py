"""The two questions about a cycle's fairness, and what was answered, for HR."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotAllowed, NotFound
from perfmgmt.tenants.selectors import workspace_rules
from perfmgmt.web import formats
from reviews.answers import voices
from reviews.models import CycleState, ReviewCycle
from reviews.permissions import REVIEW, SEE_STATISTICS
from reviews.results.deciding import number
from reviews.results.forms import SCALE, FairnessForm
from reviews.results.tabs import tabs_for


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def fairness(request: WorkspaceRequest) -> HttpResponse:
    """Two anonymous questions about each cycle one took part in; the newest that is open comes first."""
    viewer, workspace = request.viewer, request.workspace
    form = FairnessForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if viewer.employee_id is None:
            raise NotAllowed
        if form.is_valid() and _given(request, form):
            messages.success(request, _("Thank you. Nobody sees who said what."))
            return HttpResponseRedirect(reverse("fairness", args=[workspace.slug]))
    asked = voices.open_for(viewer.employee_id, workspace)
    cycle_id = number(request.POST.get("cycle", ""))
    cycle = next((each for each in asked if each.pk == cycle_id), asked[0] if asked else None)
    context = {
        "cycle": cycle,
        "form": form,
        "until": voices.last_day(cycle, workspace) if cycle is not None else None,
        "more": len(asked) - 1,
        "minimum": workspace_rules().minimum_voices,
    }
    return render(request, "reviews/results/fairness.html", context, status=400 if form.errors else 200)


def _given(request: WorkspaceRequest, form: FairnessForm) -> bool:
    def write() -> bool:
        voices.give(
            number(request.POST.get("cycle", "")), request.viewer.employee_id, **form.cleaned_data,
            workspace=request.workspace,
        )  # fmt: skip
        return True

    return bool(tried(form, write))


@workspace_view(SEE_STATISTICS)
@require_GET
def heard_fairness(request: WorkspaceRequest) -> HttpResponse:
    """What was answered about a cycle, once its days are over and enough people have answered."""
    cycles = list(ReviewCycle.objects.filter(state=CycleState.RELEASED).order_by("-start", "name", "pk")[:50])
    wanted = number(request.GET.get("cycle", ""))
    cycle = next((each for each in cycles if each.pk == wanted), None if wanted else next(iter(cycles), None))
    if wanted and cycle is None:
        raise NotFound
    found = voices.heard(cycle, request.workspace) if cycle is not None else None
    context = {
        "cycles": cycles,
        "cycle": cycle,
        "found": found,
        "questions": _questions(found) if found is not None else [],
        "tabs": tabs_for(request.viewer, request.workspace.slug, "heard_fairness"),
    }
    return render(request, "reviews/results/heard.html", context)


def _questions(found: voices.Voices) -> list[dict[str, Any]]:
    labels = FairnessForm.base_fields
    return [
        {
            "label": labels[name].label,
            "mean": formats.number(one.mean, 2),
            "bars": [
                {"word": word, "n": n, "share": n / max(1, found.count or 0),
                 "text": formats.percent(n / max(1, found.count or 0), 0)}
                for (_step, word), n in zip(SCALE, one.counts, strict=True)
            ],
        }
        for name, one in (("fair", found.fair), ("useful", found.useful))
        if one is not None
    ]  # fmt: skip
