"""What people are told about locked periods."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import given
from perfmgmt.tenants.calendar import Period
from perfmgmt.web import formats

LOCKED = "periods.locked"


def _locked(values: dict[str, Any]) -> str:
    return _("{period} was locked.").format(period=formats.period(values["period"]))


KINDS = (NotificationKind(LOCKED, _locked, "lock", title=gettext_lazy("A period is locked")),)


def tell_locked(period: Period, *, by_user_id: int | None) -> None:
    """Tell everybody who sees to periods that one was locked; not the one who did it."""
    users = set(given(SEE_PERIODS)) - {by_user_id}
    tell(LOCKED, user_ids=users, path=f"periods/one/?period={period.label}", period=period.label)
