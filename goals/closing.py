"""What a locked period keeps of targets, and what the checklist asks about them."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.locking.selectors import not_agreed
from goals.models import MonthlyTarget
from perfmgmt.closing.registry import Finding
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Period


def targets_of(period: Period) -> str:
    """People's targets of a period: the sum of its months, or the level they share (`rules.over_months`)."""
    return """SELECT t.metric_id, t.employee_id AS owner_id,
                  CASE WHEN m.aggregation IN ('sum', 'count') THEN sum(t.value) ELSE min(t.value) END AS total,
                  count(*) AS n
              FROM goals_monthlytarget t
              JOIN metrics_metric m ON m.tenant_id = t.tenant_id AND m.id = t.metric_id
              WHERE t.tenant_id = %(tenant)s AND t.month BETWEEN %(start)s AND %(end)s
              GROUP BY 1, 2, m.aggregation
              HAVING m.aggregation IN ('sum', 'count') OR min(t.value) = max(t.value)"""


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


def goals_not_agreed(period: Period, slug: str, today: date) -> Finding:
    """Goals of the period that both sides have not signed."""
    waiting = not_agreed(period).count()
    if not waiting:
        return Finding("ok", _("No goal waits for an agreement."))
    text = ngettext("%(n)s goal is not agreed.", "%(n)s goals are not agreed.", waiting)
    url = f"{reverse('lock_goals', args=[slug])}?period={period.label}"
    return Finding("warn", text % {"n": waiting}, url, waiting)
