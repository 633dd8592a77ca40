"""Access and roles on a person's timeline, from the audit trail of memberships: what, by whom, and why."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext as _

from perfmgmt.people.models import Employee, Membership, User
from perfmgmt.people.records.event import Event
from perfmgmt.people.roles import Role

INSERT, DELETE = "insert", "delete"


def access_events(employee: Employee, time_zone: str) -> list[Event]:
    """Return what happened to the access of a person who is or was a member, newest first; two or three queries."""
    trail: Any = apps.get_model("people", "MembershipEvent")
    rows = trail.objects.filter(pgh_obj__in=trail.objects.filter(employee_id=employee.pk).values("pgh_obj"))
    changes = list(rows.order_by("pgh_obj", "pgh_id"))
    names = _names({change.pgh_context["user"] for change in changes if (change.pgh_context or {}).get("user")})
    told = [(change.pgh_id, event) for change, event in _told(changes, names, ZoneInfo(time_zone))]
    return [event for _id, event in sorted(told, key=lambda pair: pair[0], reverse=True)]


def _told(changes: Iterable[Any], names: dict[int, str], zone: ZoneInfo) -> Iterator[tuple[Any, Event]]:
    for _row, steps in groupby(changes, key=lambda change: change.pgh_obj_id):
        before: set[str] = set()
        for change in steps:
            day = timezone.localtime(change.pgh_created_at, zone).date()
            detail, now = _circumstances(change.pgh_context or {}, names), set(change.roles)
            if change.pgh_label == DELETE:
                yield change, Event(day, "lock", _("Access taken away"), detail)
                continue
            if change.pgh_label == INSERT:
                yield change, Event(day, "login", _("Access given"), detail)
            if given := now - before:
                yield change, Event(day, "shield-check", _("Role given: {roles}").format(roles=_words(given)), detail)
            if taken := before - now:
                yield change, Event(day, "shield", _("Role withdrawn: {roles}").format(roles=_words(taken)), detail)
            before = now


def _words(roles: set[str]) -> str:
    return _(", ").join(str(role.label) for role in Role if role.value in roles)


def _circumstances(context: dict[str, Any], names: dict[int, str]) -> str:
    """Return by whom, and why if they said so."""
    who = names.get(context.get("user", 0), _("Removed account")) if context.get("user") else _("The system")
    reason = str(context.get("reason", ""))
    return " · ".join(part for part in (_("by {name}").format(name=who), reason) if part)


def _names(user_ids: set[int]) -> dict[int, str]:
    """Return accounts' names, the company's own for its people."""
    found = {user.pk: str(user) for user in User.objects.filter(pk__in=user_ids)}
    members = Membership.objects.filter(user_id__in=user_ids, employee__isnull=False)
    return found | dict(members.values_list("user_id", "employee__name"))
