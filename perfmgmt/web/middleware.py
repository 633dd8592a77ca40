"""Domain errors become pages: the sentence the service wrote, the right status, a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.errors import error_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


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
