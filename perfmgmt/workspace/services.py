"""Writes of a workspace's settings."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.models import Fact
from perfmgmt.tenants.errors import Conflict, NotFound
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import CalendarDay, WorkspaceProfile, WorkspaceRules


def currency_is_fixed() -> bool:
    """Return whether amounts are kept already, so that another currency would only rename them."""
    return Fact.objects.exists()


@transaction.atomic
def save_profile(**values: Any) -> None:
    """Set fields of the workspace's profile. Raises Conflict for another currency once there are facts."""
    profile = WorkspaceProfile.objects.select_for_update().get()
    if values.get("currency", profile.currency) != profile.currency and currency_is_fixed():
        raise Conflict(_("The currency can't change any more: amounts are kept in {currency}."),
                       currency=profile.currency)  # fmt: skip
    for name, value in values.items():
        setattr(profile, name, value)
    profile.save(update_fields=list(values))
    publish("workspace.settings_changed")


@transaction.atomic
def save_rules(**values: Any) -> WorkspaceRules:
    """Set limits of the workspace; the others keep what they are."""
    rules, _created = WorkspaceRules.objects.update_or_create(defaults=values)
    publish("workspace.settings_changed")
    if "grade_bands" in values:
        publish("workspace.grades_changed")
    return rules


@transaction.atomic
def set_day(day: date, *, works: bool, name: str) -> CalendarDay:
    """Say that the workspace works or rests on a day, whatever the public calendar says."""
    saved, _created = CalendarDay.objects.update_or_create(day=day, defaults={"is_working": works, "name": name})
    publish("workspace.settings_changed")
    return saved


@transaction.atomic
def clear_day(day: date) -> None:
    """Let the public calendar count again for a day. Raises NotFound when it did already."""
    removed, _models = CalendarDay.objects.filter(day=day).delete()
    if not removed:
        raise NotFound
    publish("workspace.settings_changed")
