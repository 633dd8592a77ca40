"""Reads of a workspace's own settings."""

from datetime import date

from django.utils.translation import get_language

from perfmgmt.tenants.models import CalendarDay, WorkspaceProfile, WorkspaceRules
from perfmgmt.tenants.workdays import WorkingCalendar


def workspace_rules() -> WorkspaceRules:
    """Return the open workspace's limits; the defaults, unsaved, where nobody has set any."""
    return WorkspaceRules.objects.first() or WorkspaceRules()


def own_days(*, first: date | None = None, last: date | None = None) -> dict[date, tuple[bool, str]]:
    """Return the workspace's own days (works, name), all or those between two days; one query."""
    days = CalendarDay.objects.order_by("day")
    if first is not None:
        days = days.filter(day__gte=first)
    if last is not None:
        days = days.filter(day__lte=last)
    return {day: (works, name) for day, works, name in days.values_list("day", "is_working", "name")}


def working_calendar(
    *,
    country: str | None = None,
    weekend: frozenset[int] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> WorkingCalendar:
    """Return the open workspace's calendar, valid between two days; one query, or two without country and weekend."""
    if country is None or weekend is None:
        profile = WorkspaceProfile.objects.only("country", "weekend").get()
        country, weekend = profile.country, frozenset(profile.weekend)
    return WorkingCalendar(country, weekend, own_days(first=first, last=last), get_language() or "")
