"""One person of a cycle: who was asked, how far they are, and what HR does about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from reviews.cycles import nudging, services
from reviews.cycles.board import Board, asked_of, visible_person
from reviews.cycles.forms import ReasonForm, ReassignForm, UntilForm
from reviews.cycles.rules import IDENTIFIED, waits_until
from reviews.cycles.views import said_of
from reviews.models import CycleState, Participant, Rater, RaterKind
from reviews.permissions import FOLLOW_CYCLES, MANAGE_CYCLES


def _to_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("cycle_person", args=[request.workspace.slug, participant_id]))


@workspace_view(FOLLOW_CYCLES)
@require_GET
def cycle_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Who was asked about a person; of anonymous groups how many are done, never who."""
    return _page(request, visible_person(participant_id, request.viewer, request.workspace))


def _page(request: WorkspaceRequest, found: Participant, **forms: Any) -> HttpResponse:
    board = Board(found.cycle, {}, viewer=request.viewer, workspace=request.workspace)
    acts = request.viewer.may(MANAGE_CYCLES) and found.cycle.state == CycleState.OPEN
    until = waits_until(found.answer_until, found.cycle.answer_until)
    context = {
        "participant": found,
        "cycle": found.cycle,
        "groups": asked_of(found, board.groups),
        "until": until,
        "acts": acts and found.dropped_at is None,
        "until_form": UntilForm(initial={"until": until}),
        "reason_form": ReasonForm(),
        "changed_code": services.MANAGER_CHANGED,
        "today": request.workspace.today(),
        **forms,
    }
    return render(request, "reviews/cycles/person.html", context, status=400 if forms else 200)


@workspace_view(MANAGE_CYCLES)
@require_POST
def nudge_cycle_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Remind those who have not handed in about this person."""
    done = nudging.nudge_about(participant_id, viewer=request.viewer, workspace=request.workspace)
    messages.success(request, said_of(done))
    return _to_person(request, participant_id)


@workspace_view(MANAGE_CYCLES)
@require_POST
def extend_cycle_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Give this person's raters more time."""
    found = visible_person(participant_id, request.viewer, request.workspace)
    form = UntilForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["until"]
        saved = tried(form, lambda: services.extend_person(
            participant_id, day, viewer=request.viewer, workspace=request.workspace))  # fmt: skip
        if saved is not None:
            messages.success(request, _("There is more time for the reviews of {name}.").format(name=found.employee))
            return _to_person(request, participant_id)
    return _page(request, found, until_form=form)


@workspace_view(MANAGE_CYCLES)
@require_POST
def drop_cycle_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Take this person out of the cycle, with a reason."""
    found = visible_person(participant_id, request.viewer, request.workspace)
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if tried(form, lambda: services.drop_person(participant_id, reason, viewer=request.viewer)) is not None:
            messages.success(request, _("{name} is out of the cycle.").format(name=found.employee))
            return _to_person(request, participant_id)
    return _page(request, found, reason_form=form)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
def reassign_rater(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Ask somebody else in place of a manager, or a manager's manager, who has not handed in."""
    rater = Rater.objects.select_related("employee", "participant__employee", "participant__cycle").filter(
        pk=rater_id
    )
    found = rater.exclude(group=RaterKind.SELF).filter(group__in=IDENTIFIED).first()
    if found is None:
        raise NotFound
    data = request.POST if request.method == "POST" else None
    form = ReassignForm(data, slug=request.workspace.slug)
    if data is not None and form.is_valid():
        entered = form.cleaned_data
        made = tried(form, lambda: services.reassign(
            rater_id, entered["to"].pk, entered["reason"], viewer=request.viewer,
            workspace=request.workspace))  # fmt: skip
        if made is not None:
            messages.success(request, _("{name} is asked instead.").format(name=entered["to"].name))
            return _to_person(request, found.participant_id)
    context = {"rater": found, "form": form}
    return render(request, "reviews/cycles/reassign.html", context, status=400 if data is not None else 200)
