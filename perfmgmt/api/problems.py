"""Every exception of a view becomes a problem document, translated once, in the language that was asked for."""

import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.problems import MEDIA_TYPE, problem

# Faults beyond this number are not listed: who made them mends the first ones and asks again.
MOST_FAULTS = 100
CODES = {
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "invalid_token",
}


class InvalidBody(Exception):
    """The body has the wrong shape: (JSON pointer, code, text) of each fault."""

    def __init__(self, faults: list[tuple[str, str, str]]) -> None:
        self.faults = faults
        super().__init__()


class Busy(DomainError):
    """Something long has what is needed; it is free again soon."""

    code = "busy"
    status = 503
    retry_after = 5


def handle(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to an exception (REST_FRAMEWORK["EXCEPTION_HANDLER"]); None for a fault of ours."""
    found = _document(exception)
    if found is None:
        return None
    set_rollback()
    return Response(found, status=found["status"], headers=_headers(exception), content_type=MEDIA_TYPE)


def _document(exception: Exception) -> dict[str, Any] | None:
    if isinstance(exception, DomainError):
        return problem(exception.status, code=exception.code, detail=str(exception))
    if isinstance(exception, InvalidBody):
        faults = [{"pointer": p, "code": c, "detail": t} for p, c, t in exception.faults[:MOST_FAULTS]]
        return problem(400, detail=exception.faults[0][2], errors=faults)
    if isinstance(exception, exceptions.ValidationError):
        errors = list(_parameters(exception.get_full_details()))
        return problem(400, detail=errors[0]["detail"] if errors else "", errors=errors[:MOST_FAULTS])
    if isinstance(exception, Http404):
        return problem(404)
    if isinstance(exception, PermissionDenied):
        return problem(403)
    if isinstance(exception, exceptions.APIException):
        return problem(exception.status_code, code=CODES.get(type(exception), ""), detail=str(exception.detail))
    return None


def _parameters(details: Any) -> Iterator[dict[str, str]]:
    """Yield the faults of the address, one for each sentence."""
    for name, faults in details.items() if isinstance(details, dict) else [("", details)]:
        for fault in faults if isinstance(faults, list) else [faults]:
            yield {"parameter": str(name), "code": str(fault["code"]), "detail": str(fault["message"])}


def _headers(exception: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header  # type: ignore[attr-defined]
    wait = exception.wait if isinstance(exception, exceptions.Throttled) else getattr(exception, "retry_after", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers
