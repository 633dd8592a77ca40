"""What people themselves leave open: those they lead, and those they were to stand in for."""

from datetime import date, timedelta

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.people.models import Assignment, StandIn
from perfmgmt.people.records.assignments import change_manager
from perfmgmt.people.records.services import end_stand_in, name_stand_in

ONE_DAY = timedelta(days=1)


def _reports(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the people who would be led by somebody who is gone."""
    led = (
        Assignment.objects.select_related("employee", "unit")
        .filter(manager_id__in=list(last_days), valid_to__gt=min(last_days.values()))
        .order_by("employee__name_key", "employee_id", "valid_from")
    )
    found: dict[int, dict[int, OpenItem]] = {}
    for spell in led:
        manager_id = spell.manager_id or 0
        if spell.valid_to > last_days[manager_id] and not _gone(spell, last_days[manager_id]):
            item = OpenItem(
                str(spell.employee_id), spell.employee.name, spell.unit.name, "person_profile", (spell.employee_id,)
            )
            found.setdefault(manager_id, {}).setdefault(spell.employee_id, item)
    return {pk: list(items.values()) for pk, items in found.items()}


def _gone(spell: Assignment, last_day: date) -> bool:
    """Whether the led person leaves on the same day or before, so that nobody has to lead them."""
    left_on = spell.employee.left_on
    return left_on is not None and left_on <= last_day


def _reassign(handover: Handover) -> None:
    for key in sorted(handover.keys, key=int):
        change_manager(
            int(key),
            old_manager=handover.leaver,
            new_manager=handover.to,
            first_day=handover.last_day + ONE_DAY,
        )


def _duties(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the days after the last one on which somebody was to stand in for others."""
    rows = (
        StandIn.objects.select_related("employee")
        .filter(stand_in_id__in=list(last_days), last_day__gt=min(last_days.values()))
        .order_by("first_day", "pk")
    )
    found: dict[int, list[OpenItem]] = {}
    for row in rows:
        last = last_days[row.stand_in_id]
        if row.last_day > last:
            first = max(row.first_day, last + ONE_DAY)
            label = _t("For {name}").format(name=row.employee.name)
            item = OpenItem(str(row.pk), label, f"{first} – {row.last_day}", "person_absences", (row.employee_id,))
            found.setdefault(row.stand_in_id, []).append(item)
    return found


def _pass_on(handover: Handover) -> None:
    """Let somebody else stand in after the last day, or nobody."""
    rows = StandIn.objects.select_related("employee").filter(pk__in=[int(key) for key in handover.keys])
    for row in rows.filter(stand_in=handover.leaver).order_by("pk"):
        first, last = max(row.first_day, handover.last_day + ONE_DAY), row.last_day
        if row.first_day > handover.last_day:
            end_stand_in(row.employee, row.pk)
        else:
            StandIn.objects.filter(pk=row.pk).update(last_day=handover.last_day)
        if handover.to is not None:
            name_stand_in(row.employee, stand_in=handover.to, first_day=first, last_day=last, reason=row.reason)


REPORTS = HandoverKind("reports", _("People they lead"), _reports, _reassign, order=10)
DUTIES = HandoverKind(
    "stand_ins", _("Standing in for others"), _duties, _pass_on, may_drop=True,
    drop_label=_("nobody stands in"), order=20,
)  # fmt: skip
