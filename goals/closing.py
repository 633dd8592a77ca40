"""What a locked period keeps of targets, and what the checklist asks about them."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.models import MonthlyTarget
from perfmgmt.closing.registry import Finding
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Period


def targets_of(period: Period) -> str:
    """People's targets of a period, the sum of its months."""
    return """SELECT metric_id, employee_id AS owner_id, sum(value) AS total, count(*) AS n FROM goals_monthlytarget
              WHERE tenant_id = %(tenant)s AND month BETWEEN %(start)s AND %(end)s GROUP BY 1, 2"""


def missing_targets(period: Period, slug: str, today: date) -> Finding:
    """People below a manager who have no target at all in the period."""
    spells = Assignment.objects.filter(valid_from__lte=period.end, valid_to__gte=period.start, manager__isnull=False)
    leaders = Assignment.objects.filter(valid_from__lte=period.end, valid_to__gte=period.start, manager__isnull=False)
    have = MonthlyTarget.objects.filter(month__gte=period.start, month__lte=period.end).values("employee_id")
    without = (
        spells.exclude(employee_id__in=have).exclude(employee_id__in=leaders.values("manager_id"))
        .values("employee_id").distinct().count()
    )  # fmt: skip
    if not without:
        return Finding("ok", _("Everybody has a target."))
    text = ngettext("%(n)s person has no target.", "%(n)s people have no target.", without)
    url = f"{reverse('targets', args=[slug])}?month={period.start:%Y-%m}"
    return Finding("warn", text % {"n": without}, url, without)
