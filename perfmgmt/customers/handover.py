"""Customers of somebody who leaves."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.models import CustomerOwner
from perfmgmt.customers.rules import ONE_DAY
from perfmgmt.customers.services import locked_customers, store_owner
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the customers that people look after beyond their last day, by employee; one query."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    spells = CustomerOwner.objects.select_related("customer").filter(employee_id__in=list(last_days))
    for spell in spells.order_by("customer__name_key", "pk"):
        if spell.to_day > last_days[spell.employee_id]:
            item = OpenItem(str(spell.pk), spell.customer.name, spell.customer.external_id, "customer",
                            (spell.customer_id,))  # fmt: skip
            found[spell.employee_id].append(item)
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Let somebody else look after the customers from the day after the last one, or nobody."""
    rows = CustomerOwner.objects.filter(pk__in=[int(key) for key in handover.keys], employee=handover.leaver)
    spells = list(rows.order_by("customer_id", "pk"))
    locked_customers(*{spell.customer_id for spell in spells})
    for spell in spells:
        store_owner(spell.customer_id, handover.to, max(spell.from_day, handover.last_day + ONE_DAY))


KIND = HandoverKind(
    "customers", _("Customers they look after"), find, hand_over, may_drop=True,
    drop_label=_("nobody looks after them"), order=30,
)  # fmt: skip
