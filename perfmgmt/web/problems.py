"""Errors for programs: problem documents (RFC 9457), `application/problem+json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise

MEDIA_TYPE: Final = "application/problem+json"
API: Final = "/api/"
#: Status -> stable code and title, where a problem has none of its own.
GENERAL: Final[dict[int, tuple[str, str | Promise]]] = {
    400: ("invalid", _("The request is not valid")),
    401: ("not_authenticated", _("A working token is needed")),
    403: ("not_allowed", _("The token is not allowed to do this")),
    404: ("not_found", _("Not found")),
    405: ("method_not_allowed", _("This address does not take this method")),
    406: ("not_acceptable", _("Answers are JSON")),
    409: ("conflict", _("Something else came first")),
    413: ("too_large", _("The request is too large")),
    415: ("unsupported_media_type", _("Requests must be JSON")),
    422: ("unprocessable", _("The request can't be carried out")),
    429: ("throttled", _("Too many requests")),
    500: ("server_error", _("Something went wrong on our side")),
    503: ("busy", _("Busy right now")),
}


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, and an HTML page would be no answer. The guide for people is a page."""
    return request.path.startswith(API)


def problem(status: int, *, code: str = "", detail: str = "", **more: Any) -> dict[str, Any]:
    """Return the problem document of a status; `code` is stable, `detail` says this case in the reader's language."""
    general, title = GENERAL.get(status, GENERAL[500 if status >= 500 else 400])
    code = code or general
    found = {"type": f"urn:perfmgmt:problem:{code}", "title": str(title), "status": status, "code": code}
    if detail:
        found["detail"] = detail
    return {**found, **more}


def problem_response(status: int, *, code: str = "", detail: str = "") -> HttpResponse:
    """Return it as an answer of its own, for what fails before a view of the API runs."""
    body = json.dumps(problem(status, code=code, detail=detail), ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)
