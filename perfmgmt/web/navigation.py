"""Navigation: apps register items in `AppConfig.ready()`, the shell shows what the viewer may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

#: Groups in the order they are shown. The first has no heading.
GROUPS: dict[str, str | _StrPromise] = {
    "work": "",
    "goals": _("Goals and plans"),
    "reviews": pgettext_lazy("navigation", "Reviews"),
    "customers": _("Customers and surveys"),
    "incentives": _("Incentives"),
    "analysis": _("Analysis"),
    "admin": _("Set up"),
}


class Viewer(Protocol):
    """What the shell needs to know of the person looking."""

    display_name: str

    def may(self, permission: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link. `icon` is a Tabler outline icon; `permission` None means every member of the workspace.

    `pages` are the url names of pages elsewhere that mark it as well.
    """

    url_name: str
    label: str | _StrPromise
    icon: str
    permission: Any = None
    group: str = "work"
    order: int = 100
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NavLink:
    """An item as the template shows it."""

    url: str
    label: str | _StrPromise
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    title: str | _StrPromise
    links: list[NavLink]


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add an item; the same url name again replaces it (a test may load an app twice)."""
    if item.group not in GROUPS:
        raise ValueError(f"unknown navigation group {item.group!r}")
    _items[item.url_name] = item


def registered() -> list[NavItem]:
    """All items in the order of the page."""
    order = list(GROUPS)
    return sorted(_items.values(), key=lambda item: (order.index(item.group), item.order, item.url_name))


def groups_for(request: HttpRequest) -> list[NavGroup]:
    """What this viewer may open in this workspace, the current one marked."""
    workspace = getattr(request, "workspace", None)
    viewer: Viewer | None = getattr(request, "viewer", None)
    if workspace is None or viewer is None:
        return []
    allowed = [item for item in registered() if item.permission is None or viewer.may(item.permission)]
    links = [(item, url) for item in allowed if (url := _url(item.url_name, workspace.slug))]
    page = getattr(request.resolver_match, "url_name", None)
    named = next((url for item, url in links if page in item.pages), "")
    current = named or _current([url for _item, url in links], request.path)
    found: dict[str, list[NavLink]] = {}
    for item, url in links:
        found.setdefault(item.group, []).append(NavLink(url, item.label, item.icon, url == current))
    return [NavGroup(GROUPS[name], found[name]) for name in GROUPS if name in found]


def _url(url_name: str, slug: str) -> str:
    """Workspace pages take the slug as their only argument; a page that is not built yet has no link."""
    args: tuple[Any, ...]
    for args in ((slug,), ()):
        try:
            return reverse(url_name, args=args)
        except NoReverseMatch:
            continue
    return ""


def _current(urls: Iterable[str], path: str) -> str:
    """The longest link that the path begins with: a detail page marks its list."""
    return max((url for url in urls if path.startswith(url)), key=len, default="")
