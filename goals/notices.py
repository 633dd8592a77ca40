"""What people are told about their targets."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from perfmgmt.metrics.models import Metric
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from perfmgmt.web import formats

CHANGED = "goals.target_changed"


def _changed(values: dict[str, Any]) -> str:
    name = values["name_zh"] if (get_language() or "").startswith("zh") else values["name_en"]
    month = formats.month_label(*values["month"])
    return _("Your target of “{metric}” for {month} was changed.").format(metric=name, month=month)


KINDS = (NotificationKind(CHANGED, _changed, "target-arrow", title=gettext_lazy("My targets are set or changed")),)


def tell_changed(metric: Metric, month: date, employee_ids: Iterable[int], *, by_user_id: int) -> None:
    """Tell people that their target of a month was set, changed or removed; not the one who did it."""
    users = set(accounts_of(employee_ids).values()) - {by_user_id}
    tell(
        CHANGED, user_ids=users, path=f"targets/?metric={metric.code}&month={month:%Y-%m}",
        key=f"{metric.pk}:{month:%Y-%m}", name_zh=metric.name_zh, name_en=metric.name_en,
        month=[month.year, month.month],
    )  # fmt: skip
