"""Pages that belong to no app: language, health, the style guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from redis.exceptions import RedisError

from perfmgmt.people.access import public_view
from perfmgmt.people.adapter import remember_language
from perfmgmt.people.models import User
from perfmgmt.web import styleguide as samples

if TYPE_CHECKING:
    from collections.abc import Callable


@public_view("a visitor picks a language before signing in; sets one cookie, and one's own language when signed in")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back to the same page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        remember_language(response, language)
        if isinstance(request.user, User) and request.user.language != language:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


@public_view("a supervisor asks whether the process answers; tells nothing else")
@transaction.non_atomic_requests
@never_cache
@require_GET
def health_live(request: HttpRequest) -> HttpResponse:
    """The process answers. No database: a slow one must not get a healthy process killed."""
    return JsonResponse({"status": "ok"})


@public_view("a load balancer asks whether requests can be served; tells names of parts, no data")
@transaction.non_atomic_requests
@never_cache
@require_GET
def health_ready(request: HttpRequest) -> HttpResponse:
    """Database and Redis answer; 503 names the one that does not."""
    parts = {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}
    ready = all(parts.values())
    body = {
        "status": "ok" if ready else "unavailable",
        "parts": {k: "ok" if v else "down" for k, v in parts.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, RedisError, OSError):
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _ask_redis() -> None:
    cache.get("health")


@public_view("shows components with made-up figures; reads no data")
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state: the shell's test bed and the page builders' reference."""
    return render(request, "web/styleguide.html", samples.context(request, reverse("web:styleguide")))
