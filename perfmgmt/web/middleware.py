"""Around every request: who is at work, for the audit trail; and domain errors become pages."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied

from perfmgmt.tenants.acting import acting
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.errors import error_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class ActingMiddleware:
    """Tells the audit trail which request a change came with, and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(request=uuid.uuid4().hex, path=request.path[:300], address=_address(request)):
            return self.get_response(request)


def _address(request: HttpRequest) -> str:
    """Return the client's address, as the rate limits see it; nothing where none can be trusted."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


class DomainErrorMiddleware:
    """Answers a `DomainError` that no view caught; everything else stays an error of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """ATOMIC_REQUESTS has rolled the view's transaction back by the time this runs."""
        if isinstance(exception, DomainError):
            return error_response(request, exception.status, str(exception))
        return None
