"""What HR does with a session: open, change, lock and unlock it, name its members."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.directory import options
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from reviews.calibration import selectors, services
from reviews.calibration.forms import EditForm, MemberForm, ReasonForm, SessionForm
from reviews.calibration.views import session_page
from reviews.models import CalibrationSession
from reviews.permissions import MANAGE_CYCLES


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
def new_calibration(request: WorkspaceRequest) -> HttpResponse:
    """Open a session for a unit of a closed cycle (`?cycle=`)."""
    data = request.POST if request.method == "POST" else None
    cycles = selectors.cycles_to_calibrate()
    begin = {"cycle": selectors.number(request.GET.get("cycle", "")) or None, "invites_managers": True}
    form = SessionForm(data, initial=begin, cycles=cycles, units=options().units)
    if data is not None and form.is_valid():
        made = tried(form, lambda: services.open_session(
            form.cleaned_data["cycle"].pk, form.draft(), invites_managers=form.cleaned_data["invites_managers"],
            viewer=request.viewer))  # fmt: skip
        if made is not None:
            messages.success(request, _("The session is open. Its members find it under “Calibration”."))
            return _to(request, made.pk)
    context = {"form": form, "has_cycles": cycles.exists()}
    return render(request, "reviews/calibration/new.html", context, status=400 if data is not None else 200)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
def edit_calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Change a session's name, day and note; its members are below."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    data = request.POST if request.method == "POST" else None
    form = EditForm(data, initial={name: getattr(session, name) for name in ("name", "held_on", "note")})
    if data is not None and form.is_valid():
        services.edit_session(session.pk, **form.cleaned_data, viewer=request.viewer)
        messages.success(request, _("Saved."))
        return _to(request, session.pk)
    return _edit_page(request, session, form=form, status=400 if data is not None else 200)


def _edit_page(
    request: WorkspaceRequest, session: CalibrationSession, *, form: Any = None, member_form: Any = None, status: int
) -> HttpResponse:
    begin = {name: getattr(session, name) for name in ("name", "held_on", "note")}
    context = {
        "session": session,
        "form": form or EditForm(initial=begin),
        "member_form": member_form or MemberForm(slug=request.workspace.slug),
        "members": list(session.members.select_related("employee").order_by("employee__name_key")),
        "has_moves": session.moves.exists(),
    }
    return render(request, "reviews/calibration/edit.html", context, status=status)


@workspace_view(MANAGE_CYCLES)
@require_POST
def add_calibration_member(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Name a manager as member."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    form, today = MemberForm(request.POST, slug=request.workspace.slug), request.workspace.today()
    if form.is_valid():
        employee = form.cleaned_data["member"]
        tried(form, lambda: services.add_member(session.pk, employee, viewer=request.viewer, today=today))
    if not form.is_valid() or form.errors:
        return _edit_page(request, session, member_form=form, status=400)
    messages.success(request, _("Saved."))
    return _to_members(request, session.pk)


@workspace_view(MANAGE_CYCLES)
@require_POST
def remove_calibration_member(
    request: WorkspaceRequest, calibration_id: int, calibration_member_id: int
) -> HttpResponse:
    """Take a member out."""
    services.remove_member(calibration_id, calibration_member_id, viewer=request.viewer)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(
        reverse("edit_calibration", args=[request.workspace.slug, calibration_id]) + "#members"
    )


@workspace_view(MANAGE_CYCLES)
@require_POST
def lock_calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Lock a session: nobody is moved any more."""
    services.lock(calibration_id, viewer=request.viewer)
    messages.success(request, _("The session is locked. Nobody is moved in it any more."))
    return _to(request, calibration_id)


@workspace_view(MANAGE_CYCLES)
@require_POST
def unlock_calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Open a locked session again, with a reason for the audit trail."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            with transaction.atomic():
                services.unlock(session.pk, reason=reason, viewer=request.viewer)
            messages.success(request, _("The session is open again."))
            return _to(request, session.pk)
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            form.add_error(None, str(error))
    return session_page(request, session, unlock_form=form)


@workspace_view(MANAGE_CYCLES)
@require_POST
def remove_calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Remove a session in which nobody was moved."""
    services.remove_session(calibration_id, viewer=request.viewer)
    messages.success(request, _("The session is removed."))
    return HttpResponseRedirect(reverse("calibrations", args=[request.workspace.slug]))


def _to(request: WorkspaceRequest, session_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("calibration", args=[request.workspace.slug, session_id]))


def _to_members(request: WorkspaceRequest, session_id: int) -> HttpResponse:
    address = reverse("edit_calibration", args=[request.workspace.slug, session_id])
    return HttpResponseRedirect(f"{address}#members")
