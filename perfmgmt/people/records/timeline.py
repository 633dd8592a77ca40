"""What happened to a person, newest first. Higher apps add their own events (`register`)."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from perfmgmt.people.models import FOREVER, Assignment, Employee
from perfmgmt.people.records.access_events import access_events
from perfmgmt.people.records.event import Event
from perfmgmt.people.records.selectors import History
from perfmgmt.people.viewer import Viewer

#: Takes the person, who looks, and the workspace's day.
Source = Callable[[Employee, Viewer, date], Iterable[Event]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let an app add events of a person that a viewer may see; registering twice has no effect."""
    if source not in _sources:
        _sources.append(source)


def events(past: History, viewer: Viewer, *, sees_account: bool, time_zone: str = "UTC") -> list[Event]:
    """Return everything that happened to the person and is to happen, newest first.

    Access and roles are told to who `sees_account` only, by the days of `time_zone`.
    """
    found = [*_employment(past), *_assignments(past), *_absences(past)]
    if sees_account:
        found += access_events(past.employee, time_zone)
    today = timezone.localdate(timezone=ZoneInfo(time_zone))
    for source in _sources:
        found += source(past.employee, viewer, today)
    return sorted(found, key=lambda event: event.day, reverse=True)


def _employment(past: History) -> Iterable[Event]:
    employee = past.employee
    if employee.hired_on is not None:
        yield Event(employee.hired_on, "user-plus", _("Hired"))
    if employee.left_on is not None:
        yield Event(employee.left_on, "user-minus", _("Last day"))


def _assignments(past: History) -> Iterable[Event]:
    before: Assignment | None = None
    for spell in past.assignments:
        if before is not None and before.valid_to + timedelta(days=1) < spell.valid_from:
            yield Event(
                before.valid_to + timedelta(days=1), "alert-circle", _("No assignment"),
                _("These days belong to no unit."), spell.valid_from - timedelta(days=1),
            )  # fmt: skip
        yield _assignment(before, spell)
        before = spell
    if before is not None and before.valid_to != FOREVER and before.valid_to != past.employee.left_on:
        yield Event(before.valid_to, "alert-circle", _("Assignment in {unit} ends").format(unit=before.unit))


def _assignment(before: Assignment | None, spell: Assignment) -> Event:
    changes = []
    if before is None or before.position_id != spell.position_id:
        changes += [_("Position: {name}").format(name=spell.position or "—")]
    if before is None or before.manager_id != spell.manager_id:
        changes += [_("Manager: {name}").format(name=spell.manager or "—")]
    if before is not None and before.full_time_share != spell.full_time_share:
        changes += [_("Full-time share: {percent}%").format(percent=f"{spell.full_time_share * 100:.4g}")]
    if before is not None and before.sales_role_type != spell.sales_role_type:
        changes += [_("Sales role type: {name}").format(name=spell.get_sales_role_type_display() or "—")]
    detail = " · ".join(changes)
    if before is None:
        return Event(spell.valid_from, "map-pin", _("Starts in {unit}").format(unit=spell.unit), detail)
    if before.unit_id != spell.unit_id:
        title = _("Moves from {old} to {new}").format(old=before.unit, new=spell.unit)
        return Event(spell.valid_from, "transfer", title, detail)
    return Event(spell.valid_from, "edit", _("Assignment in {unit} changes").format(unit=spell.unit), detail)


def _absences(past: History) -> Iterable[Event]:
    for absence in past.absences:
        title = str(absence.get_kind_display())
        yield Event(absence.first_day, "calendar-off", title, absence.note, absence.last_day)
    for row in past.stand_ins:
        title = _("{name} stands in").format(name=row.stand_in)
        yield Event(row.first_day, "users-group", title, row.reason, row.last_day)
    for row in past.duties:
        title = _("Stands in for {name}").format(name=row.employee)
        yield Event(row.first_day, "users-group", title, "", row.last_day)
