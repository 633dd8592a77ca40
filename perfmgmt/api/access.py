"""Coming in as a program: the token names the workspace, opens its scope, and bounds what may be done.

This is the API's part of "the request" in `tenants.scope`: nothing else of the API opens a scope.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from perfmgmt.api.models import ApiToken, TokenRoute
from perfmgmt.api.scopes import Scope
from perfmgmt.api.services import digest
from perfmgmt.api.throttling import FailedThrottle, TokenThrottle
from perfmgmt.people.access import Access
from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.errors import NotAllowed
from perfmgmt.tenants.scope import tenant_scope

CHALLENGE = 'Bearer realm="perfmgmt"'


class MissingScope(NotAllowed):
    """The token works, but not for this."""

    code = "missing_scope"
    message = _("This token lacks the scope “{scope}”. An owner can create one that has it.")


@dataclass(frozen=True)
class Caller:
    """The token that asks, and the workspace it belongs to."""

    token_id: int
    name: str
    scopes: frozenset[str]
    workspace: Workspace

    def may(self, scope: Scope) -> bool:
        """Return whether the token has a scope."""
        return scope.code in self.scopes


@contextmanager
def open_for(secret: str) -> Iterator[Caller | None]:
    """Open the scope of the workspace a token belongs to; yield None for a token that does not work."""
    route = TokenRoute.objects.select_related("tenant").filter(token_hash=digest(secret)).first()
    if route is None:
        yield None
        return
    with tenant_scope(route.tenant_id, savepoint=False):
        workspace = workspace_of(route.tenant)
        today = workspace.today()
        token = ApiToken.objects.filter(token_hash=route.token_hash, revoked_at=None, expires_on__gte=today).first()
        if token is not None and token.last_used_on != today:
            _note_use(token.pk, today)
        yield None if token is None else Caller(token.pk, token.name, frozenset(token.scopes), workspace)


def _note_use(token_id: int, today: date) -> None:
    """Note the day of use, once a day; whoever comes at the same time does not wait for it."""
    free = ApiToken.objects.select_for_update(skip_locked=True).filter(pk=token_id).first()
    if free is not None:
        free.last_used_on = today
        free.save(update_fields=["last_used_on"])


def bearer(request: HttpRequest) -> str:
    """Return the secret of an `Authorization: Bearer ...` header; raise NotAuthenticated without one."""
    kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise NotAuthenticated(_("Send a token in the header “Authorization: Bearer …”."))
    return secret.strip()


class ApiView(APIView):
    """A view of the API: names its `scope`; `request.caller` is there and the workspace's scope is open.

    A parameter that is unknown, empty or given twice is refused: a typing error must not look like an answer
    without a filter.
    """

    scope: ClassVar[Scope]
    http_method_names: ClassVar[list[str]] = ["get", "post", "head"]
    throttle_classes: ClassVar[list[Any]] = [TokenThrottle]
    caller: Caller

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view function, which declares the scope it needs."""
        view = super().as_view(**initkwargs)
        view.access = Access("token", scope=cls.scope.code)
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the workspace's scope open until the answer is complete."""
        with ExitStack() as self.opened:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def perform_authentication(self, request: Request) -> None:
        """Let the token in; raises NotAuthenticated, AuthenticationFailed, or Throttled after many failures."""
        caller = self.opened.enter_context(open_for(bearer(request)))
        if caller is None:
            self.opened.close()
            failures = FailedThrottle()
            if not failures.allow_request(request, self):
                raise Throttled(failures.wait())
            raise AuthenticationFailed(_("This token is unknown, expired or revoked. An owner can create a new one."))
        self.caller = caller

    def check_permissions(self, request: Request) -> None:
        """Raise MissingScope for a token that has another purpose."""
        if not self.caller.may(self.scope):
            raise MissingScope(scope=self.scope.code)

    def get_authenticate_header(self, request: Request) -> str:
        """What a 401 says in WWW-Authenticate."""
        return CHALLENGE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that mean nothing here, after everything else has let the request in."""
        super().initial(request, *args, **kwargs)
        known = self.parameters()
        faults: dict[str, list[Any]] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                faults[name] = [_("There is no parameter “%(name)s” here.") % {"name": name[:60]}]
            elif len(values) > 1:
                faults[name] = [_("Give this parameter once.")]
            elif not values[0]:
                faults[name] = [_("Give this parameter a value, or leave it out.")]
        if faults:
            raise ValidationError(faults)

    def parameters(self) -> frozenset[str]:
        """Return the names of the parameters that the view reads."""
        return frozenset()
