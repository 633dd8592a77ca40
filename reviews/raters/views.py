"""Pages on which raters are chosen and on which one declines."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from reviews.models import Participant, Rater, RaterState
from reviews.permissions import REVIEW
from reviews.raters import pages, selectors, services
from reviews.raters.access import participant_for
from reviews.raters.writing import Pick


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def choose_raters(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Choose who reviews a person: oneself until it is proposed, whoever approves for somebody else."""
    participant, approves = participant_for(
        participant_id, viewer=request.viewer, today=request.workspace.today()
    )  # fmt: skip
    if request.method == "POST":
        done = _chosen(request, participant, approves)
        if done is not None:
            return done
        participant.refresh_from_db()  # somebody else may have approved meanwhile
    ticked = set(request.POST.getlist("pick")) if request.method == "POST" else None
    editable = pages.is_editable(participant, approves=approves, request=request)
    board = pages.Board(request, participant, search=(request.POST or request.GET).get("q", ""))
    # Who is asked in the end is not for the ratee's eyes: from the approval on they get counts.
    hidden = not approves and participant.nomination == "approved"
    board.load(with_suggestions=editable)
    context = {
        "participant": participant,
        "cycle": participant.cycle,
        "approves": approves,
        "editable": editable,
        "hidden": hidden,
        "counts": pages.asked_counts(board.circle, participant) if hidden else [],
        "sections": [] if hidden else board.sections(),
        "results": board.results() if editable else [],
        "board": board,
        "returned": selectors.returned_because(participant) if editable else "",
        "too_late": _is_late(participant, request),
        "ticked": ticked,
    }
    return render(request, "reviews/raters/choose.html", context, status=200 if ticked is None else 400)


def _is_late(participant: Participant, request: WorkspaceRequest) -> bool:
    until = participant.cycle.nominate_until
    return until is not None and request.workspace.today() > until


def _chosen(request: WorkspaceRequest, participant: Participant, approves: bool) -> HttpResponse | None:
    """Save, propose or approve what was ticked; None if it can't be: that is said, and the ticks stay."""
    act, pk = request.POST.get("act", ""), participant.pk
    who: dict[str, Any] = {"viewer": request.viewer, "workspace": request.workspace}
    try:
        with transaction.atomic():
            if act == "take_back":
                services.take_back(pk, **who)
                messages.success(request, _("You can change your choice now. Propose it again when it is ready."))
            elif act == "propose":
                services.propose(pk, _picks(request), **who)
                messages.success(request, _("Proposed. You are told when it is approved."))
            elif act == "approve" and approves:
                services.approve(pk, _picks(request), **who)
                messages.success(request, _("Approved: the raters are asked."))
                return HttpResponseRedirect(reverse("approve_person", args=[request.workspace.slug, pk]))
            else:
                services.save_picks(pk, _picks(request), **who)
                if act != "search":
                    messages.success(request, _("Saved as a draft. Nobody is asked yet."))
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        messages.error(request, str(error))
        if request.POST.getlist("pick"):
            return None
    address = reverse("choose_raters", args=[request.workspace.slug, pk])
    search = request.POST.get("q", "").strip()[:100]
    keep = f"?{urlencode({'q': search})}#found" if act == "search" and search else ""
    return HttpResponseRedirect(address + keep)


def _picks(request: WorkspaceRequest) -> list[Pick]:
    found = []
    for text in request.POST.getlist("pick"):
        group, _colon, number = text.partition(":")
        if number.isdecimal() and number.isascii() and len(number) < 19:
            found.append(Pick(group, int(number)))
    return found


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def decline_review(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Say that one can't review somebody, and why; who decides asks somebody else."""
    rater = _own_rater(request, rater_id)
    if request.method == "POST":
        try:
            with transaction.atomic():
                services.decline(
                    rater.pk, reason=request.POST.get("reason", ""), viewer=request.viewer,
                    workspace=request.workspace,
                )  # fmt: skip
        except (NotAllowed, NotFound):
            raise
        except services.ReasonMissing as error:
            return render(request, "reviews/raters/decline.html", {"rater": rater, "error": str(error)}, status=400)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Declined. Whoever decides is told, with your reason."))
        return HttpResponseRedirect(_inbox(request))
    return render(request, "reviews/raters/decline.html", {"rater": rater, "inbox": _inbox(request)})


def _own_rater(request: WorkspaceRequest, rater_id: int) -> Rater:
    """Return the viewer's own part in somebody's review; nobody else's is found."""
    rows = Rater.objects.select_related("participant__employee", "participant__cycle")
    found = rows.filter(
        pk=rater_id, employee_id=request.viewer.employee_id or 0, participant__dropped_at=None
    )  # fmt: skip
    rater = found.exclude(state__in=[RaterState.NOMINATED, RaterState.REMOVED]).first()
    if rater is None:
        raise NotFound
    return rater


def _inbox(request: WorkspaceRequest) -> str:
    """Return the address of one's reviews (the slice `forms`)."""
    return f"{reverse('home', args=[request.workspace.slug])}reviews/"
