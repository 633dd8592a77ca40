"""The tabs of a person's page: one page to the reader, whichever app each tab belongs to.

Higher apps register theirs in `AppConfig.ready()`; every tab's address takes the workspace's slug and the
employee's id.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import SEE_PERSON, Permission
from perfmgmt.people.viewer import Viewer


@dataclass(frozen=True)
class PersonTab:
    """One tab: the name of its address, what it is called, who may open it."""

    url_name: str
    label: str | Promise
    permission: Permission
    order: int = 100


_tabs: dict[str, PersonTab] = {}


def register(tab: PersonTab) -> None:
    """Make a tab known; the same address again replaces it."""
    _tabs[tab.url_name] = tab


def register_own() -> None:
    """Register the tabs of this app."""
    register(PersonTab("person_profile", _("Profile"), SEE_PERSON, order=20))
    register(PersonTab("person_assignments", _("Assignments"), SEE_PERSON, order=30))
    register(PersonTab("person_absences", _("Absences and stand-ins"), SEE_PERSON, order=40))


def tabs_for(viewer: Viewer, slug: str, employee_id: int, current: str) -> list[dict[str, object]]:
    """Return the tabs that a viewer may open, as dicts url, word, current."""
    return [
        {
            "url": reverse(tab.url_name, args=[slug, employee_id]),
            "word": tab.label,
            "current": tab.url_name == current,
        }
        for tab in sorted(_tabs.values(), key=lambda tab: (tab.order, tab.url_name))
        if viewer.may(tab.permission)
    ]
