"""The command palette: apps register where they find something, in `AppConfig.ready()`.

Each source asks one or two queries, so a search takes a fixed number whatever is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.names import name_key
from perfmgmt.people.permissions import SEE_PERSON
from perfmgmt.people.selectors import directory, visible_employees
from perfmgmt.web import navigation

if TYPE_CHECKING:
    from perfmgmt.people.access import WorkspaceRequest

MOST_HITS, MOST_PAGES = 6, 30
MOST_CHARACTERS = 100


@dataclass(frozen=True)
class Hit:
    """One thing that was found: where it is, what to call it, and a word that tells it from others."""

    url: str
    label: str
    note: str = ""
    icon: str = "arrow-right"


Find = Callable[["WorkspaceRequest", str], list[Hit]]


@dataclass(frozen=True)
class Source:
    """`find(request, text)` returns what the viewer may open, the best first; it asks at most two queries."""

    code: str
    title: str | Promise
    find: Find
    order: int = 100


@dataclass(frozen=True)
class Group:
    """What one source has found."""

    code: str
    title: str | Promise
    hits: list[Hit]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source; the same code again replaces it."""
    _sources[source.code] = source


def search(request: WorkspaceRequest, text: str) -> list[Group]:
    """Return what is found, by source; without a text the pages that the viewer may open."""
    text = text[:MOST_CHARACTERS].strip()
    sources = sorted(_sources.values(), key=lambda source: source.order)
    groups = [Group(each.code, each.title, each.find(request, text)) for each in sources]
    return [group for group in groups if group.hits]


def find_pages(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the pages of the navigation by their names in both languages and by pinyin; no query."""
    links = [link for group in navigation.groups_for(request) for link in group.links]
    hits = [Hit(link.url, str(link.label), icon=link.icon) for link in links if _fits(link.label, text)]
    slug = request.workspace.slug
    for name, label, icon in (("notifications", _("Notifications"), "bell"), ("account", _("Your account"), "user")):
        if _fits(label, text):
            hits.append(Hit(reverse(name, args=[] if name == "account" else [slug]), str(label), icon=icon))
    return hits[:MOST_PAGES]


def _fits(label: str | Promise, text: str) -> bool:
    if not text:
        return True
    wanted = text.casefold()
    names = []
    for code in ("zh-hans", "en"):
        with translation.override(code):
            names.append(str(label))
    pinyin = _pinyin(names[0])
    compact = wanted.replace(" ", "")
    initials = "".join(word[:1] for word in pinyin.split())
    return (
        any(wanted in name.casefold() for name in names)
        or compact in pinyin.replace(" ", "")
        or initials.startswith(compact)
    )


@lru_cache(maxsize=512)
def _pinyin(name: str) -> str:
    return name_key(name)


def find_people(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the people whose page the viewer may open, by name, pinyin, initials or number; two queries."""
    if not text or not request.viewer.may(SEE_PERSON):
        return []
    today = request.workspace.today()
    people = directory(search=text, on=today)
    reach = visible_employees(viewer=request.viewer, on=today)
    if reach is not None:
        people = people.filter(pk__in=reach)
    slug = request.workspace.slug
    return [
        Hit(reverse("person", args=[slug, pk]), name, number, "user")
        for pk, name, number in people.values_list("pk", "name", "number")[:MOST_HITS]
    ]
