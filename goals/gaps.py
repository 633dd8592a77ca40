"""Who has no target in the month of a day, as a filter of the directory."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goals.models import MonthlyTarget
from perfmgmt.people.gaps import Gap


def _without_target(on: date) -> Q:
    return ~Q(pk__in=MonthlyTarget.objects.filter(month=on.replace(day=1)).values("employee_id").distinct())


TARGET = Gap("target", _("Without a target this month"), _("With a target this month"), _without_target, order=20)
