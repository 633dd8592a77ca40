"""Access is declared per view: one decorator says who may come in, and opens the scope for them.

Every view of the project carries one of the three decorators (or stands in `THIRD_PARTY`, the reviewed list of
views that others wrote); a test walks the URLs and fails on one without.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import User
from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer, Workspace, open_workspace
from perfmgmt.tenants.acting import because
from perfmgmt.tenants.errors import NotAllowed

View = Callable[..., HttpResponseBase]
# The field of a form in which people say why they change something.
REASON = "reason_of_change"


@dataclass(frozen=True)
class Access:
    """What a view declares: `kind` is "public", "signed in", "workspace" or "token" (the API's).

    `reason` stands for the first two, `permission` for the third, `scope` (what a token needs) for the last.
    """

    kind: str
    permission: Permission | None = None
    reason: str = ""
    scope: str = ""


class WorkspaceRequest(HttpRequest):
    """A request inside a workspace, for type checks: what `workspace_view` adds."""

    workspace: Workspace
    viewer: Viewer


# Views of libraries, by URL name.
THIRD_PARTY: dict[str, Access] = {
    "account_login": Access("public", reason="signing in; rate-limited by allauth"),
    "account_logout": Access("public", reason="signing out; changes only the caller's session, by POST"),
    "account_signup": Access(
        "public", reason="signing up where SIGNUP_OPEN allows it; rate-limited, tells nobody who is known"
    ),
    "account_inactive": Access("public", reason="says that an account is closed; the same for everybody"),
    "account_email_verification_sent": Access("public", reason="says that a mail was sent; the same for everybody"),
    "account_reset_password": Access(
        "public", reason="asks for a reset mail; rate-limited, tells nobody who is known"
    ),
    "account_reset_password_done": Access("public", reason="says that a mail was sent; the same for everybody"),
    "account_reset_password_from_key": Access("public", reason="needs the key of a reset mail; rate-limited"),
    "account_reset_password_from_key_done": Access("public", reason="says that the password was set; reads nothing"),
    "mfa_authenticate": Access("public", reason="second step of a sign-in that has begun; rate-limited"),
    "mfa_login_webauthn": Access("public", reason="signing in with a passkey; rate-limited"),
    "account_reauthenticate": Access(
        "signed in", reason="asks the caller for their own password again; rate-limited"
    ),
    "account_change_password": Access("signed in", reason="changes the caller's own password; rate-limited"),
    "account_set_password": Access("signed in", reason="gives the caller a password who has none"),
    "mfa_index": Access("signed in", reason="the caller's own second factors"),
    "mfa_reauthenticate": Access("signed in", reason="asks the caller for their own code again; rate-limited"),
    "mfa_reauthenticate_webauthn": Access("signed in", reason="asks the caller for their own passkey again"),
    "mfa_activate_totp": Access("signed in", reason="adds the caller's own authenticator app, after the password"),
    "mfa_deactivate_totp": Access(
        "signed in", reason="removes the caller's own authenticator app, after the password"
    ),
    "mfa_view_recovery_codes": Access("signed in", reason="the caller's own recovery codes, after the password"),
    "mfa_generate_recovery_codes": Access("signed in", reason="makes the caller's own recovery codes anew"),
    "mfa_download_recovery_codes": Access("signed in", reason="the caller's own recovery codes, after the password"),
    "mfa_list_webauthn": Access("signed in", reason="the caller's own passkeys"),
    "mfa_add_webauthn": Access("signed in", reason="adds a passkey of the caller's own, after the password"),
    "mfa_remove_webauthn": Access("signed in", reason="removes one of the caller's own passkeys, after the password"),
    "mfa_edit_webauthn": Access("signed in", reason="names one of the caller's own passkeys"),
}


def signed_in_user(request: HttpRequest) -> User:
    """Return the user of a request that a decorator has let in."""
    if not isinstance(request.user, User):
        raise TypeError("The view is open to people who are not signed in.")
    return request.user


def _declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public_view(reason: str) -> Callable[[View], View]:
    """Declare a view that anybody may open, and why that is right."""
    return lambda view: _declare(view, Access("public", reason=reason))


def signed_in_view(reason: str) -> Callable[[View], View]:
    """Declare a view outside workspaces that every signed-in person may open, and why."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return view(request, *args, **kwargs)

        return _declare(wrapped, Access("signed in", reason=reason))

    return decorate


def _reason(request: HttpRequest) -> AbstractContextManager[None]:
    """Hand the reason that a form carries (components/reason.html) to the audit trail."""
    given = request.POST.get(REASON, "").strip()[:300] if request.method == "POST" else ""
    return because(given) if given else nullcontext()


def _refuse_nul(request: HttpRequest) -> None:
    """Answer 400 to a form with a NUL, as to an address with one: the database holds it in no text."""
    if request.method == "POST" and any("\x00" in text for _name, texts in request.POST.lists() for text in texts):
        raise BadRequest("A NUL in a form.")


def workspace_view(permission: Permission) -> Callable[[View], View]:
    """Declare a view below `/w/<slug>/` that needs `permission`, and run it inside the workspace's scope.

    The view gets `request.workspace` and `request.viewer`; the slug is not passed on. Not signed in: to the
    sign-in page. No member: 404, the same as for a workspace that does not exist. No permission: 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: WorkspaceRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            _refuse_nul(request)
            with open_workspace(slug, request.user.pk) as entered:
                if entered is None:
                    raise Http404("No such workspace for this person.")
                request.workspace, request.viewer = entered
                if not request.viewer.may(permission):
                    raise NotAllowed
                if request.viewer.left_until is not None and request.method not in ("GET", "HEAD"):
                    raise NotAllowed(_("You have left the company and can only read your own records."))
                with _reason(request):
                    response = view(request, **kwargs)
                patch_cache_control(response, private=True, no_store=True)
                return response

        return _declare(wrapped, Access("workspace", permission=permission))

    return decorate
