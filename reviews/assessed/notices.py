"""What people are told about how they are assessed."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from perfmgmt.tenants.calendar import Period
from perfmgmt.web import formats

SHOWN = "scorecards.shown"


def _shown(values: dict[str, Any]) -> str:
    text = _("How you are assessed in {period} is ready. Please read and acknowledge it.")
    return str(text).format(period=formats.period(values["period"]))


KINDS = (NotificationKind(SHOWN, _shown, "scale", title=_("How I am assessed is ready or has changed")),)


def tell_shown(employee_ids: Iterable[int], period: Period) -> int:
    """Tell people that their scorecard of a period waits to be read; return how many have a sign-in and are told."""
    users = accounts_of(employee_ids).values()
    return tell(SHOWN, user_ids=users, path=f"assessed/?period={period.label}", key=period.label, period=period.label)
