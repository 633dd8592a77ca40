"""The list of cycles, and a cycle's page: its status board, and what HR does with it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.shown import shown
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import tried
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from reviews.cycles import drafting, exports, launching, listing, nudging, services
from reviews.cycles.board import PARAMETERS, Board, leavers_asked, visible_cycle
from reviews.cycles.ending import announced_or_due
from reviews.cycles.forms import AddPersonForm, UntilForm
from reviews.cycles.launching import shown_state
from reviews.cycles.rules import days_left
from reviews.models import CycleState, ReviewCycle
from reviews.permissions import (
    APPROVE_RATERS,
    CALIBRATE,
    FOLLOW_CYCLES,
    MANAGE_CYCLES,
    RELEASE,
    SEE_RESULTS,
    SEE_STATISTICS,
)


@workspace_view(FOLLOW_CYCLES)
@require_GET
def cycles(request: WorkspaceRequest) -> HttpResponse:
    """The review cycles: found, filtered, sorted, with how far each is."""
    wanted = listing.read(request.GET.dict())
    page: Any = Paginator(listing.find(wanted, viewer=request.viewer), listing.PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "wanted": wanted,
        "page": page,
        "lines": listing.lines(page, viewer=request.viewer, workspace=request.workspace),
        "states": [each for each in CycleState.choices if each[0] != CycleState.LAUNCHING],
        "may_plan": request.viewer.may(MANAGE_CYCLES),
    }
    return render(request, "reviews/cycles/cycles.html", context)


@workspace_view(FOLLOW_CYCLES)
@require_POST
def export_cycles(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in listing.PARAMETERS}
    return _to_job(request, exports.CYCLES, {"query": query})


def _to_job(request: WorkspaceRequest, kind: str, params: dict[str, Any]) -> HttpResponse:
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    params = {**params, "format": form, "language": get_language() or "en"}
    job = jobs.start(kind, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def to_cycle(request: WorkspaceRequest, cycle_id: int, name: str = "cycle") -> HttpResponse:
    """Send back to a cycle's page, or to another one of it."""
    return HttpResponseRedirect(reverse(name, args=[request.workspace.slug, cycle_id]))


@workspace_view(FOLLOW_CYCLES)
@require_GET
def cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """A cycle: a draft leads to its plan, a launch shows its progress, later the status board."""
    found = visible_cycle(cycle_id, request.viewer)
    if request.htmx and shown_state(found) != CycleState.LAUNCHING:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})  # the launch that was watched is over
    if shown_state(found) == CycleState.DRAFT:
        return to_cycle(request, cycle_id, "cycle_check" if found.job_id else "cycle_who")
    return board_page(request, found)


def board_page(request: WorkspaceRequest, found: ReviewCycle, **forms: Any) -> HttpResponse:
    """Show the board; `forms` are those that could not be saved, which stay as typed."""
    board = Board(found, request.GET.dict(), viewer=request.viewer, workspace=request.workspace)
    may_plan, launching_now = request.viewer.may(MANAGE_CYCLES), found.state == CycleState.LAUNCHING
    today = request.workspace.today()
    context = {
        "cycle": found,
        "period": Period(Grain(found.grain), found.start, request.workspace.fiscal_start_month),
        "board": board,
        "page": board.page(request.GET.get("page")) if board.by == "people" and not launching_now else None,
        "unit_rows": board.unit_rows() if board.by == "units" else [],
        "job": shown(found.job, viewer=request.viewer, workspace=request.workspace)
        if launching_now and found.job
        else None,
        "left": days_left(found.answer_until, today),
        "may_plan": may_plan,
        "is_open": found.state == CycleState.OPEN,
        "closing": announced_or_due(found) if found.state == CycleState.OPEN else None,
        "links": _links(request, found),
        "by_choices": [("people", _("By person")), ("units", _("By unit"))],
        **(_forms(request, found) if may_plan and not launching_now else {}),
        **forms,
    }
    return render(request, "reviews/cycles/cycle.html", context, status=400 if forms else 200)


#: Where a cycle goes on: (state, permission, name of the page, its words, whether its address takes the cycle).
_NEXT = (
    (CycleState.OPEN, APPROVE_RATERS, "approve_raters", gettext_lazy("Approve raters"), True),
    (CycleState.OPEN, MANAGE_CYCLES, "rater_load", gettext_lazy("Load of raters"), True),
    (CycleState.CLOSED, CALIBRATE, "calibrations", gettext_lazy("Calibration"), False),
    (CycleState.CLOSED, SEE_STATISTICS, "cycle_statistics", gettext_lazy("Rater statistics"), True),
    (CycleState.CLOSED, RELEASE, "release_results", gettext_lazy("Release"), False),
    (CycleState.RELEASED, SEE_STATISTICS, "cycle_statistics", gettext_lazy("Rater statistics"), True),
    (CycleState.RELEASED, SEE_RESULTS, "results", gettext_lazy("Results"), False),
)


def _links(request: WorkspaceRequest, found: ReviewCycle) -> list[tuple[str, Any]]:
    """Return where the cycle goes on from here, for who may: addresses and words."""
    slug = request.workspace.slug
    return [
        (reverse(name, args=[slug, found.pk] if of_cycle else [slug]), word)
        for state, permission, name, word, of_cycle in _NEXT
        if found.state == state and request.viewer.may(permission)
    ]


def _forms(request: WorkspaceRequest, found: ReviewCycle) -> dict[str, Any]:
    if found.state == CycleState.RELEASED:
        return {}
    forms: dict[str, Any] = {"until_form": UntilForm(initial={"until": found.answer_until})}
    if found.state == CycleState.CLOSED:
        forms["stays_closed"] = services.stays_closed(found)
    if found.state == CycleState.OPEN:
        forms["add_form"] = AddPersonForm(slug=request.workspace.slug)
        forms["left_raters"] = leavers_asked(found, request.workspace.today())
        forms["reminded"] = sum(nudging.reminded_today(found, request.workspace.today()).values())
    return forms


@workspace_view(FOLLOW_CYCLES)
@require_POST
def export_board(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start writing the board to a file, as the page has it."""
    found = visible_cycle(cycle_id, request.viewer)
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    return _to_job(request, exports.BOARD, {"cycle": found.pk, "query": query})


@workspace_view(MANAGE_CYCLES)
@require_POST
def new_cycle(request: WorkspaceRequest) -> HttpResponse:
    """Make a draft and begin with whom it is for."""
    made = drafting.create(viewer=request.viewer, workspace=request.workspace)
    return to_cycle(request, made.pk, "cycle_who")


@workspace_view(MANAGE_CYCLES)
@require_POST
def copy_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Make a draft like this cycle, for the period after it."""
    made = drafting.copy(cycle_id, viewer=request.viewer, workspace=request.workspace)
    messages.success(request, _("Copied: days and period are moved on. Look at every step before the launch."))
    return to_cycle(request, made.pk, "cycle_period")


@workspace_view(MANAGE_CYCLES)
@require_POST
def discard_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Remove a draft."""
    drafting.discard(cycle_id, viewer=request.viewer)
    messages.success(request, _("The draft is removed."))
    return HttpResponseRedirect(reverse("cycles", args=[request.workspace.slug]))


@workspace_view(MANAGE_CYCLES)
@require_POST
def launch_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start the launch; a second click leads to the same work."""
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else 0
    try:
        launching.launch(cycle_id, viewer=request.viewer, version=version)
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return to_cycle(request, cycle_id, "cycle")
    return to_cycle(request, cycle_id)


@workspace_view(MANAGE_CYCLES)
@require_POST
def close_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Close a cycle: answers are refused from now on."""
    services.close(cycle_id, viewer=request.viewer)
    messages.success(request, _("The cycle is closed. Until the results are released you can open it again."))
    return to_cycle(request, cycle_id)


@workspace_view(MANAGE_CYCLES)
@require_POST
def reopen_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Open a closed cycle again, until a day."""
    return _with_day(request, cycle_id, services.reopen, _("The cycle is open again."))


@workspace_view(MANAGE_CYCLES)
@require_POST
def extend_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Give everybody more time."""
    return _with_day(request, cycle_id, services.extend, _("There is more time, and those with something open know."))


def _with_day(request: WorkspaceRequest, cycle_id: int, write: Any, said: str) -> HttpResponse:
    found = visible_cycle(cycle_id, request.viewer)
    form = UntilForm(request.POST)
    if form.is_valid():
        day, viewer = form.cleaned_data["until"], request.viewer
        if tried(form, lambda: write(cycle_id, day, viewer=viewer, workspace=request.workspace)) is not None:
            messages.success(request, said)
            return to_cycle(request, cycle_id)
    return board_page(request, found, until_form=form)


@workspace_view(MANAGE_CYCLES)
@require_POST
def nudge_cycle(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Remind everybody in the cycle who has something open; nobody twice a day."""
    done = nudging.nudge_all(cycle_id, viewer=request.viewer, workspace=request.workspace)
    messages.success(request, said_of(done))
    return to_cycle(request, cycle_id)


def said_of(done: nudging.Nudged) -> str:
    """Return what came of reminding."""
    text = ngettext("%(n)s person was reminded.", "%(n)s people were reminded.", done.told) % {"n": done.told}
    if done.passed:
        rest = ngettext(
            "%(n)s was reminded today already, is away or has no sign-in.",
            "%(n)s were reminded today already, are away or have no sign-in.",
            done.passed,
        )
        text = f"{text} {rest % {'n': done.passed}}"
    return text


@workspace_view(MANAGE_CYCLES)
@require_POST
def add_cycle_person(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Take somebody into an open cycle, with a reason."""
    found = visible_cycle(cycle_id, request.viewer)
    form = AddPersonForm(request.POST, slug=request.workspace.slug)
    if form.is_valid():
        data, space = form.cleaned_data, request.workspace
        made = tried(form, lambda: services.add_person(
            cycle_id, data["employee"].pk, data["reason"], viewer=request.viewer, workspace=space))  # fmt: skip
        if made is not None:
            messages.success(request, _("{name} is in the cycle.").format(name=made.employee.name))
            return HttpResponseRedirect(reverse("cycle_person", args=[request.workspace.slug, made.pk]))
    return board_page(request, found, add_form=form)
