"""Who has no facts in the month of a day, as a filter of the directory."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.models import EmployeeRollup, Metric
from perfmgmt.people.gaps import Gap
from perfmgmt.tenants.calendar import Grain


def _without_facts(on: date) -> Q:
    # By metric first: the key of the rollups begins with it.
    busy = EmployeeRollup.objects.filter(
        metric_id__in=list(Metric.objects.values_list("pk", flat=True)), grain=int(Grain.MONTH),
        start=on.replace(day=1), n__gt=0,
    )  # fmt: skip
    # Each person once: a list that PostgreSQL expects to be short it hashes, a long one it would read per person.
    return ~Q(pk__in=busy.values("employee_id").distinct())


FACTS = Gap("facts", _("Without facts this month"), _("With facts this month"), _without_facts, order=10)
