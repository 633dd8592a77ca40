"""Access is declared per view: one decorator says who may come in, and opens the scope for them.

Every view of the project carries one of the three decorators (or stands in `THIRD_PARTY`, the reviewed list of
views that others wrote); a test walks the URLs and fails on one without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import User
from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer, Workspace, open_workspace
from perfmgmt.tenants.errors import NotAllowed

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Access:
    """What a view declares: `kind` is "public", "signed in" or "workspace"; `reason` stands for the first two."""

    kind: str
    permission: Permission | None = None
    reason: str = ""


class WorkspaceRequest(HttpRequest):
    """A request inside a workspace, for type checks: what `workspace_view` adds."""

    workspace: Workspace
    viewer: Viewer


# Views of libraries, by URL name.
THIRD_PARTY: dict[str, Access] = {
    "account_login": Access("public", reason="signing in; rate-limited by allauth"),
    "account_logout": Access("public", reason="signing out; changes only the caller's session, by POST"),
    "account_signup": Access("public", reason="answers that sign-up is closed (AccountAdapter)"),
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
            with open_workspace(slug, request.user.pk) as entered:
                if entered is None:
                    raise Http404("No such workspace for this person.")
                request.workspace, request.viewer = entered
                if not request.viewer.may(permission):
                    raise NotAllowed
                if request.viewer.left_until is not None and request.method not in ("GET", "HEAD"):
                    raise NotAllowed(_("You have left the company and can only read your own records."))
                response = view(request, **kwargs)
                patch_cache_control(response, private=True, no_store=True)
                return response

        return _declare(wrapped, Access("workspace", permission=permission))

    return decorate
