"""Pages of proposals from results: the list, the decision, the export."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from reviews.models import ProposalKind, ProposalState, ReviewCycle
from reviews.permissions import DECIDE_PROPOSALS
from reviews.results import deciding, exports
from reviews.results.tabs import tabs_for
from reviews.results.views import reach_of

PER_PAGE = 50


@workspace_view(DECIDE_PROPOSALS)
@require_GET
def proposals(request: WorkspaceRequest) -> HttpResponse:
    """What results suggest, for the people the viewer leads: filtered, sorted, in pages."""
    wanted, reach = deciding.read(request.GET.dict()), reach_of(request)
    found = deciding.proposals_for(wanted, reach=reach)
    everything = deciding.proposals_for(deciding.WantedProposals(state=deciding.ALL), reach=reach)
    cycles = ReviewCycle.objects.filter(pk__in=everything.order_by().values("result__batch__cycle_id"))
    context = {
        "wanted": wanted,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": ProposalKind.choices,
        "states": [*ProposalState.choices, (deciding.ALL, _("All"))],
        "cycles": list(cycles.order_by("-start", "name").values_list("pk", "name")),
        "tabs": tabs_for(request.viewer, request.workspace.slug, "proposals"),
    }
    return render(request, "reviews/results/proposals.html", context)


@workspace_view(DECIDE_PROPOSALS)
@require_POST
def decide_proposal(request: WorkspaceRequest, proposal_id: int) -> HttpResponse:
    """Accept a proposal or dismiss it, with a note."""
    state = request.POST.get("state", "")
    deciding.decide(proposal_id, state, request.POST.get("note", ""), reach=reach_of(request))
    if state == ProposalState.ACCEPTED:
        messages.success(request, _("Accepted. Nothing happens by itself: the next step is yours."))
    else:
        messages.success(request, _("Dismissed."))
    back = request.POST.get("back", "")
    usual = reverse("proposals", args=[request.workspace.slug])
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if back and safe else usual)


@workspace_view(DECIDE_PROPOSALS)
@require_POST
def export_proposals(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in deciding.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.PROPOSALS, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))
