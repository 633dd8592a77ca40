"""Events in words: who, what, from what to what, with ids turned into names. A fixed number of queries per page."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from perfmgmt.audit import labels
from perfmgmt.audit.selectors import Entry
from perfmgmt.people.models import FOREVER, Membership, User
from perfmgmt.tenants.base import TenantOwned
from perfmgmt.web import formats

Names = dict[type[models.Model], dict[int, str]]
# How many changes an entry tells before it is opened.
MOST_BRIEF = 2
# A field that holds ISO numbers of weekdays.
WEEKEND = "weekend"
# A field that holds the first day of a month and means the month.
MONTH = "month"
# Rows that take more than one value to name.
TITLES_OF: dict[str, tuple[str, ...]] = {
    "goals.MonthlyTarget": ("employee", "metric", "month"),
    "metrics.MarketIndex": ("month", "region", "product"),
    "people.Absence": ("employee", "first_day"),
    "people.Assignment": ("employee", "unit"),
    "people.Duty": ("position", "text_zh"),
    "people.StandIn": ("employee", "stand_in"),
    "tenants.CalendarDay": ("day", "name"),
    "worklog.DutyTime": ("employee", "day"),
    "worklog.WorkEntry": ("employee", "metric", "day"),
}
# What any other row is called by, the first that it has; {} is the language's.
TITLES = ("name", "name_{}", "employee", "user", "code", "currency", "number")


@dataclass(frozen=True)
class Change:
    """One field: what it was and what it is, in the reader's words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One event as page and export show it."""

    entry: Entry
    kind: str
    operation: str
    title: str
    who: str
    by: str
    reason: str
    changes: list[Change]

    @property
    def brief(self) -> list[Change]:
        """What changed, when it is little enough to be said in the list."""
        few = self.entry.operation == "update" and len(self.changes) <= MOST_BRIEF
        return self.changes if few else []


def told(entries: Iterable[Entry]) -> list[Told]:
    """Return events in words of the active language."""
    found = list(entries)
    names = _names(found)
    return [_told(entry, names) for entry in found]


def _told(entry: Entry, names: Names) -> Told:
    model = apps.get_model(entry.kind)
    context = entry.context
    user = context.get("user")
    return Told(
        entry=entry,
        kind=labels.kind(entry.kind),
        operation=str(labels.OPERATIONS[entry.operation]),
        title=_title(model, entry, names),
        who=names[User].get(user, _("Removed account")) if user else _("The system"),
        by=_by(context),
        reason=str(context.get("reason", "")),
        changes=_changes(model, entry, names),
    )


def _by(context: dict[str, Any]) -> str:
    """Return by which way the change came."""
    if "job" in context:
        return _("Job {number}").format(number=context["job"])
    if "command" in context:
        return _("Command {name}").format(name=context["command"])
    return str(context.get("address", ""))


def _changes(model: type[models.Model], entry: Entry, names: Names) -> list[Change]:
    before, after = entry.before or {}, entry.after or {}
    return [
        Change(
            labels.field(entry.kind, name),
            _say(model, name, before.get(name), names) if entry.before is not None else "",
            _say(model, name, after.get(name), names) if entry.after is not None else "",
        )
        for name in (entry.after if entry.after is not None else before)
        if (before.get(name) or None) != (after.get(name) or None)
    ]


def _title(model: type[models.Model], entry: Entry, names: Names) -> str:
    values = entry.after or entry.before or {}
    parts = [_say(model, name, values[name], names) for name in TITLES_OF.get(entry.kind, ()) if values.get(name)]
    if parts:
        return " · ".join(parts)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    for name in (each.format(language) for each in TITLES):
        if values.get(name):
            return _say(model, name, values[name], names)
    return f"#{entry.row_id}"


def _say(model: type[models.Model], name: str, value: Any, names: Names) -> str:
    """Return a value of the trail's JSON as a person reads it."""
    field: Any = model._meta.get_field(name)
    if value is None or value == "" or value == []:
        return formats.MISSING
    if isinstance(field, models.ForeignKey):
        return names.get(field.related_model, {}).get(value, f"#{value}")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return _(", ").join(_part(field, part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if getattr(field, "flatchoices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        return formats.moment(datetime.fromisoformat(value))
    if isinstance(field, models.DateField):
        day = date.fromisoformat(value)
        if name == MONTH:
            return formats.month_label(day.year, day.month)
        return _("open") if day == FOREVER else formats.day(day)
    if isinstance(field, models.DecimalField):
        return formats.number(value, None if float(value) == round(float(value), 2) else field.decimal_places)
    return str(value)


def _part(field: Any, part: Any) -> str:
    """Return one element of a list: a choice's word, or what it is."""
    if isinstance(part, list | dict):  # points of a curve, steps of a scale
        return json.dumps(part, ensure_ascii=False)
    if field.name == WEEKEND:
        return str(WEEKDAYS[part - 1])
    choices = dict(field.base_field.flatchoices or ()) if hasattr(field, "base_field") else {}
    return str(choices.get(part, part))


def _names(entries: list[Entry]) -> Names:
    """Return the names of every row that an event points at, one query per kind of row."""
    wanted: dict[type[models.Model], set[int]] = {User: {e.context["user"] for e in entries if e.context.get("user")}}
    for entry in entries:
        model = apps.get_model(entry.kind)
        for values in (entry.before or {}, entry.after or {}):
            for name, value in values.items():
                field = model._meta.get_field(name)
                if isinstance(field, models.ForeignKey) and value is not None:
                    wanted.setdefault(field.related_model, set()).add(value)
    found = {model: _names_of(model, ids) for model, ids in wanted.items()}
    members = Membership.objects.filter(user_id__in=wanted[User], employee__isnull=False)
    found[User] |= dict(members.values_list("user_id", "employee__name"))  # a company knows its people by this name
    return found


def _names_of(model: type[models.Model], ids: set[int]) -> dict[int, str]:
    manager: Any = model.objects if issubclass(model, TenantOwned) else model._default_manager
    return {row.pk: str(row) for row in manager.filter(pk__in=ids)}
