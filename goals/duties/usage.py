"""Duties that a metric measures."""

from django.utils.translation import gettext as _

from goals.models import DutyMetric
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use

MOST = 10


def uses_of(metric: Metric) -> list[Use]:
    """Return the duties that a metric measures, by position."""
    rows = DutyMetric.objects.select_related("duty__position").filter(metric=metric)
    found = []
    for row in rows.order_by("duty__position_id", "duty__place")[:MOST]:
        text = _("Measures a duty of “{position}”: {duty}").format(
            position=row.duty.position, duty=str(row.duty)[:60]
        )
        found.append(Use(text, "job_description", (row.duty.position_id,)))
    return found
