"""What every page of the shell needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from perfmgmt.people.mail_views import has_mail_page
from perfmgmt.web import navigation

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Each language by its own name: a reader looks for the word they know.
LANGUAGE_NAMES = {"zh-hans": ("中文", "中"), "en": ("English", "EN")}
#: Where a member changes workspace; the first that exists.
SWITCH_URL_NAMES = ("workspaces",)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, languages and links of the frame around a page. Evaluated only when a template asks."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    workspace = getattr(request, "workspace", None)
    viewer = getattr(request, "viewer", None)
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    return {
        "workspace": workspace,
        "signed_in": signed_in,
        "display_name": _display_name(viewer, user) if signed_in else "",
        "acting_for": getattr(viewer, "acting_for", ()),
        "left_until": getattr(viewer, "left_until", None),
        "email": getattr(user, "email", "") if signed_in else "",
        "nav": navigation.groups_for(request),
        "unread": getattr(viewer, "unread", 0),
        "has_tools": workspace is not None and viewer is not None,
        "switch_url": _first_url(SWITCH_URL_NAMES),
        "account_url": _first_url(("account",)),
        "signup_open": settings.SIGNUP_OPEN,
        "mail_page": has_mail_page(request),
        "languages": _languages(),
        "here": request.get_full_path() if request.method in {"GET", "HEAD"} else request.path,
    }


def _display_name(viewer: Any, user: Any) -> str:
    return getattr(viewer, "display_name", "") or getattr(user, "display_name", "") or getattr(user, "email", "")


def _languages() -> list[dict[str, Any]]:
    active = translation.get_language()
    return [
        {
            "code": code,
            "name": LANGUAGE_NAMES[code][0],
            "short": LANGUAGE_NAMES[code][1],
            "active": code == active,
        }
        for code, _name in settings.LANGUAGES
    ]


def _first_url(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
