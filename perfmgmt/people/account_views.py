"""Pages of a person's own account: name, password, second factor, sessions, workspaces."""

from typing import Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.notify.notifications import registered
from perfmgmt.people.access import signed_in_user, signed_in_view
from perfmgmt.people.account_forms import NewWorkspaceForm, NotificationsForm, ProfileForm
from perfmgmt.people.adapter import remember_language
from perfmgmt.people.address_views import pending_address
from perfmgmt.people.devices import device_name
from perfmgmt.people.models import User
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import workspaces_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.services import create_workspace

OWN = "shows and changes the caller's own sign-in only"


class TooMany(DomainError):
    """A rate limit was reached."""

    code = "too_many"
    status = 429
    message = gettext_lazy("That was often in a short time. Wait a while and try again.")


@signed_in_view(OWN)
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's name and language, and the ways to password, second factor, sessions and workspaces."""
    user = signed_in_user(request)
    before = User(pk=user.pk, name=user.name, email=user.email)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        instance=user,
        initial={"language": user.language or _language(request)},
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        with override(user.language):
            messages.success(request, _("Your account was saved."))
        response = HttpResponseRedirect(reverse("account"))
        remember_language(response, user.language)
        return response
    found = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    told = [kind.code for kind in registered() if kind.code not in user.muted]
    context = {
        "form": form,
        "person": before,
        "factors": set(found) - {Authenticator.Type.RECOVERY_CODES},
        "sessions": len(_sessions(request)),
        "workspaces": workspaces_of(user.pk),
        "may_create": settings.SIGNUP_OPEN,
        "has_password": user.has_usable_password(),
        "pending": pending_address(before),
        "notifications": NotificationsForm(initial={"told": told}),
    }
    return render(request, "account/account.html", context)


@signed_in_view(OWN)
@require_POST
def account_notifications(request: HttpRequest) -> HttpResponse:
    """Keep of which kinds of things one wants to be told, in every workspace."""
    form = NotificationsForm(request.POST)
    if not form.is_valid():
        raise BadRequest("An unknown kind of notification.")
    user = signed_in_user(request)
    user.muted = form.muted
    user.save(update_fields=["muted"])
    messages.success(request, _("Saved. It holds for what happens from now on."))
    return HttpResponseRedirect(reverse("account"))


@signed_in_view(OWN)
@never_cache
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, the newest first."""
    return render(request, "account/sessions.html", {"rows": _sessions(request)})


@signed_in_view(OWN)
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign one's own session out, wherever it is. Raises NotFound for somebody else's."""
    found = UserSession.objects.filter(user=signed_in_user(request), pk=session_id).first()
    if found is None:
        raise NotFound
    if found.is_current():
        raise Conflict(gettext_lazy("This is the session you are using. Sign out instead."))
    found.end()
    messages.success(request, _("The session was signed out."))
    return HttpResponseRedirect(reverse("sessions"))


@signed_in_view(OWN)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    for session in UserSession.objects.filter(user=signed_in_user(request)):
        if not session.is_current():
            session.end()
    messages.success(request, _("You are signed out everywhere else."))
    return HttpResponseRedirect(reverse("sessions"))


@signed_in_view("makes a workspace of the caller's own; can be switched off (SIGNUP_OPEN), rate-limited")
@require_http_methods(["GET", "POST"])
def new_workspace(request: HttpRequest) -> HttpResponse:
    """Make a workspace and be its owner."""
    if not settings.SIGNUP_OPEN:
        raise NotAllowed(gettext_lazy("New workspaces are made by the operator of this installation. Ask them."))
    form = NewWorkspaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="create_workspace"):
            raise TooMany
        values: dict[str, Any] = dict(form.cleaned_data)
        user = signed_in_user(request)
        try:
            create_workspace(values.pop("slug"), furnish=lambda: _own(user), **values)
        except DomainError as error:
            form.add_error("slug", str(error))
        else:
            return HttpResponseRedirect(reverse("home", args=[form.cleaned_data["slug"]]))
    return render(request, "account/new_workspace.html", {"form": form})


def _own(user: User) -> None:
    add_member(user, Role.OWNER)


def _language(request: HttpRequest) -> str:
    return getattr(request, "LANGUAGE_CODE", "en")


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """The caller's living sessions; the present one is always among them."""
    user = signed_in_user(request)
    UserSession.objects.create_from_request(request)
    living = sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.created_at, reverse=True)
    return [
        {"session": session, "device": device_name(session.user_agent), "current": session.is_current()}
        for session in living
    ]
