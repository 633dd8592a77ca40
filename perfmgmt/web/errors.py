"""Error pages: what happened, in the reader's language, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template import loader
from django.utils.translation import get_language

from perfmgmt.web.problems import is_api, problem_response

if TYPE_CHECKING:
    from django.http import HttpRequest

_LAST_RESORT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>500</title>
<h1>Something went wrong on our side</h1><p>Try again in a minute.</p>
<h1 lang="zh-Hans">我们这边出了问题</h1><p lang="zh-Hans">请过一分钟再试。</p></html>"""
_TEMPLATES = {400: "400.html", 403: "403.html", 404: "404.html", 429: "429.html"}


def error_response(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """The page of a status (the nearest one we have), with an exact sentence instead of the general one.

    Programs get a problem document instead.
    """
    if is_api(request):
        return problem_response(status, detail=message)
    template = loader.get_template(_TEMPLATES.get(status, "400.html"))
    return HttpResponse(template.render({"error_message": message}, request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400. The text of the exception is for the log, not for the reader."""
    return error_response(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return error_response(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404. Says nothing about whether the page exists for someone else."""
    return error_response(request, 404)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """handler500. No request context: it may need what broke (database, session, a processor)."""
    if is_api(request):
        return problem_response(500)
    try:
        page = loader.get_template("500.html").render({"LANGUAGE_CODE": get_language() or "en"})
    except Exception:  # noqa: BLE001 - the last page we have: even a broken template or static file gets an answer
        page = _LAST_RESORT
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For `settings.CSRF_FAILURE_VIEW`: usually a page that stayed open too long."""
    return HttpResponse(loader.get_template("403_csrf.html").render({}, request), status=403)
