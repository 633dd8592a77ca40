"""Who may do what, by area: the permissions of the registry as the page "About this workspace" shows them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.permissions import REGISTRY, Permission
from perfmgmt.people.roles import Role

# The first part of a permission's code, in the order of the page. What is not here stands under the last one.
AREAS: dict[str, str | Promise] = {
    "workspace": _("Workspace"),
    "home": _("Workspace"),
    "data": _("Workspace"),
    "people": _("People"),
    "goals": _("Goals"),
    "targets": _("Goals"),
    "plans": _("Goals"),
    "duties": _("Goals"),
    "forecasts": _("Goals"),
    "market": _("Goals"),
    "scorecards": _("Reviews"),
    "scores": _("Reviews"),
    "cycles": _("Reviews"),
    "reviews": _("Reviews"),
    "results": _("Reviews"),
    "feedback": _("Feedback"),
    "training": pgettext_lazy("area", "Training"),
    "customers": _("Customers"),
    "surveys": _("Customer surveys"),
    "worklog": _("Work log"),
    "metrics": _("Metrics and facts"),
    "facts": _("Metrics and facts"),
    "periods": _("Periods and calendar"),
    "calendar": _("Periods and calendar"),
    "members": _("Members and access"),
    "api": _("Members and access"),
    "settings": _("Settings and records"),
    "audit": _("Settings and records"),
    "mail": _("Settings and records"),
    "jobs": _("Settings and records"),
    "": pgettext_lazy("area", "Other"),
}


@dataclass(frozen=True)
class Right:
    """One permission in words, and for each role whether it may."""

    label: str
    allowed: list[tuple[str, bool]]


@dataclass(frozen=True)
class Area:
    """What belongs together, under one heading."""

    title: str
    rights: list[Right]


def rights(*, search: str = "", role: Role | None = None) -> list[Area]:
    """Return the permissions by area whose words contain `search` and that `role` has, for the role alone."""
    shown = [role] if role else list(Role)
    found: dict[str, list[Right]] = {str(title): [] for title in AREAS.values()}
    for permission in sorted(REGISTRY.values(), key=lambda one: one.code):
        if _fits(permission, search) and (role is None or role in permission.roles):
            allowed = [(str(each.label), each in permission.roles) for each in shown]
            found[_area(permission)].append(Right(str(permission.label), allowed))
    return [Area(title, lines) for title, lines in found.items() if lines]


def _area(permission: Permission) -> str:
    return str(AREAS.get(permission.code.partition(".")[0], AREAS[""]))


def _fits(permission: Permission, search: str) -> bool:
    wanted = search.strip().lower()
    return wanted in str(permission.label).lower() or wanted in _area(permission).lower()
