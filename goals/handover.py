"""Targets of months that somebody who leaves will not see."""

from collections import defaultdict
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals.agreement.selectors import bound_cells
from goals.models import MonthlyTarget
from goals.news import tell_cells_changed
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web import formats

LARGEST = Decimal(10) ** 15


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the targets of months that begin after people's last days, one item each, by employee."""
    rows = (
        MonthlyTarget.objects.select_related("metric")
        .filter(employee_id__in=list(last_days), month__gt=min(last_days.values()))
        .order_by("month", "metric_id")
    )
    found: dict[int, list[OpenItem]] = defaultdict(list)
    for target in rows:
        if target.month > last_days[target.employee_id]:
            value = f"{target.value:,.4f}".rstrip("0").rstrip(".")
            label = f"{target.metric.name} · {formats.period(Period(Grain.MONTH, target.month))}"
            found[target.employee_id].append(OpenItem(str(target.pk), label, value))
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Add the targets to those of somebody else, or take them back."""
    rows = MonthlyTarget.objects.filter(pk__in=[int(key) for key in handover.keys], employee=handover.leaver)
    if handover.to is not None:
        for target in rows.order_by("pk"):
            _add(target, handover)
    people = [handover.leaver.pk, *([handover.to.pk] if handover.to else [])]
    tell_cells_changed(people, list(rows.values_list("month", flat=True)))
    rows.delete()


def _add(target: MonthlyTarget, handover: Handover) -> None:
    bound = bound_cells([target.metric_id], [handover.to.pk], target.month, target.month) if handover.to else {}
    if bound:
        raise DomainError(
            _("{month}: this person has agreed to a goal of this metric. Ask for a change, or choose another one."),
            code="cell_is_bound", month=f"{target.month:%Y-%m}",
        )  # fmt: skip
    mine, _created = MonthlyTarget.objects.select_for_update().get_or_create(
        metric_id=target.metric_id, employee=handover.to, month=target.month, defaults={"value": Decimal(0)}
    )
    mine.value += target.value
    if mine.value >= LARGEST:
        raise DomainError(_("The targets together are too large for one person."), code="bad_target")
    mine.updated_by_id, mine.updated_at = handover.by_user_id, timezone.now()
    mine.save(update_fields=["value", "updated_by", "updated_at"])


KIND = HandoverKind(
    "targets", _("Targets after the last day"), find, hand_over, may_drop=True, drop_label=_("take them back"),
    order=30,
)  # fmt: skip
