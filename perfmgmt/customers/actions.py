"""What can be done with a contact: higher apps register their pages, which the contact's page links to."""

from dataclasses import dataclass

from django.utils.functional import Promise

from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer


@dataclass(frozen=True)
class ContactAction:
    """A page of the workspace whose address takes a contact's id."""

    url_name: str
    label: str | Promise
    icon: str
    permission: Permission


_actions: dict[str, ContactAction] = {}


def register(action: ContactAction) -> None:
    """Offer a page on every living contact's page; the same address again replaces it."""
    _actions[action.url_name] = action


def actions_for(viewer: Viewer) -> list[ContactAction]:
    """Return what this viewer may do with a contact whom they see in full."""
    return [action for action in _actions.values() if viewer.may(action.permission)]
