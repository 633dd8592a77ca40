"""Pages of members and invitations, below `/w/<slug>/`."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.notify.services import has_server
from perfmgmt.people import invitations
from perfmgmt.people import members as services
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.people.member_forms import InviteForm, RolesForm
from perfmgmt.people.models import Employee, Invitation, Membership
from perfmgmt.people.permissions import INVITE, MANAGE_MEMBERS, SEE_MEMBERS
from perfmgmt.people.roles import GIVEN_BY_HAND, Role
from perfmgmt.tenants.errors import DomainError, NotFound

MEMBERS_PER_PAGE = 50
SORTS = {
    "name": ("employee__name_key", "user__name", "user__email"),
    "-name": ("-employee__name_key", "-user__name", "-user__email"),
    "email": ("user__email",),
    "-email": ("-user__email",),
    "seen": ("user__last_login", "pk"),
    "-seen": ("-user__last_login", "pk"),
}


@workspace_view(SEE_MEMBERS)
@require_GET
def members(request: WorkspaceRequest) -> HttpResponse:
    """Who has access with which roles, and the invitations that are open."""
    search, role = request.GET.get("q", "")[:100], request.GET.get("role", "")
    role = role if role in [given.value for given in GIVEN_BY_HAND] else ""
    order = SORTS.get(request.GET.get("sort", "name"), SORTS["name"])
    found = services.members(on=request.workspace.today(), search=search, role=role).order_by(*order)
    page = Paginator(found, MEMBERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(member, _role_words(member)) for member in page],
        "search": search,
        "role": role,
        "roles": [(given.value, given.label) for given in GIVEN_BY_HAND],
        "filtered": bool(search.strip() or role),
        "invitations": [_invitation_row(request, row) for row in invitations.open_invitations()],
        "may_invite": request.viewer.may(INVITE),
        "may_manage": request.viewer.may(MANAGE_MEMBERS),
        "has_server": has_server(),
    }
    return render(request, "people/members.html", context)


@workspace_view(MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def member(request: WorkspaceRequest, member_id: int) -> HttpResponse:
    """Give and take one member's roles."""
    found = services.members(on=request.workspace.today()).filter(pk=member_id).first()
    if found is None:
        raise NotFound
    form = RolesForm(
        request.POST if request.method == "POST" else None,
        choices=list(GIVEN_BY_HAND),
        initial={"roles": found.roles},
    )
    if request.method == "POST" and form.is_valid():
        services.set_roles(found.pk, form.cleaned_data["roles"], viewer=request.viewer)
        messages.success(request, _("The roles were saved."))
        return HttpResponseRedirect(_members_url(request))
    context = {"member": found, "form": form, "words": _role_words(found), "name": _name(found)}
    return render(request, "people/member.html", context)


@workspace_view(MANAGE_MEMBERS)
@require_POST
def remove_member(request: WorkspaceRequest, member_id: int) -> HttpResponse:
    """Take a member's access away."""
    found = Membership.objects.select_related("user", "employee").filter(pk=member_id).first()
    if found is None:
        raise NotFound
    name = _name(found)
    services.remove_member(found.pk, viewer=request.viewer)
    messages.success(request, _("%(name)s has no access any more.") % {"name": name})
    return HttpResponseRedirect(_members_url(request))


@workspace_view(INVITE)
@require_http_methods(["GET", "POST"])
def invite(request: WorkspaceRequest) -> HttpResponse:
    """Invite an address with roles, or somebody of the directory."""
    employee = _employee(request.GET.get("employee", ""))
    search = request.GET.get("q", "")[:100]
    start = {"email": employee.email if employee else "", "language": request.workspace.language}
    form = InviteForm(
        request.POST if request.method == "POST" else None, choices=services.grantable(request.viewer), initial=start
    )
    if request.method == "POST" and form.is_valid() and _invited(request, form, employee):
        return HttpResponseRedirect(_members_url(request))
    context = {
        "form": form,
        "employee": employee,
        "search": search,
        "found": services.without_account(search=search, on=request.workspace.today()) if search.strip() else [],
    }
    return render(request, "people/invite.html", context)


@workspace_view(INVITE)
@require_POST
def resend_invitation(request: WorkspaceRequest, invitation_id: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    _check_pace(request)
    _exists(invitation_id)
    again = invitations.send_again(invitation_id, viewer=request.viewer, link_of=lambda token: _link(request, token))
    messages.success(request, _("The invitation was sent to %(email)s again.") % {"email": again.email})
    return HttpResponseRedirect(_members_url(request))


@workspace_view(INVITE)
@require_POST
def revoke_invitation(request: WorkspaceRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation."""
    _exists(invitation_id)
    invitations.revoke(invitation_id, viewer=request.viewer)
    messages.success(request, _("The invitation was withdrawn; its link does not work any more."))
    return HttpResponseRedirect(_members_url(request))


def _invited(request: WorkspaceRequest, form: InviteForm, employee: Employee | None) -> bool:
    """Send the invitation, or put into the form why not."""
    _check_pace(request)
    values: dict[str, Any] = form.cleaned_data
    try:
        made = invitations.invite(
            **values, employee=employee, viewer=request.viewer, link_of=lambda token: _link(request, token)
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("%(email)s was invited.") % {"email": made.email})
    return True


def _check_pace(request: WorkspaceRequest) -> None:
    if not ratelimit.consume(request, action="invite"):
        raise TooMany


def _exists(invitation_id: int) -> None:
    if not Invitation.objects.filter(pk=invitation_id).exists():
        raise NotFound


def _employee(text: str) -> Employee | None:
    """Return the person named in the address; raise NotFound for one that isn't there."""
    if not text:
        return None
    found = Employee.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if found is None:
        raise NotFound
    return found


def _link(request: WorkspaceRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[request.workspace.slug, token]))


def _members_url(request: WorkspaceRequest) -> str:
    return reverse("members", args=[request.workspace.slug])


def _name(member: Membership) -> str:
    return member.employee.name if member.employee else str(member.user)


def _role_words(member: Any) -> list[Any]:
    """Every role of a member: those given by hand, then those that follow."""
    words = [Role(role).label for role in member.roles]
    if member.leads:
        words.append(Role.MANAGER.label)
    if member.employee_id is not None:
        words.append(Role.ASSISTANT.label)
    return words


def _invitation_row(request: WorkspaceRequest, row: Invitation) -> dict[str, Any]:
    roles = {Role(role) for role in row.roles}
    return {
        "invitation": row,
        "roles": [role.label for role in roles],
        "expired": row.expires_at <= timezone.now(),
        "may_change": request.viewer.may(INVITE) and roles <= set(services.grantable(request.viewer)),
    }
