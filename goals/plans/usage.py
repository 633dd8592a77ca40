"""Plans that a metric measures."""

from django.utils.translation import gettext as _

from goals.models import PlanMeasure
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use

MOST = 10


def uses_of(metric: Metric) -> list[Use]:
    """Return the team performance plans that are measured by a metric, the newest first."""
    rows = PlanMeasure.objects.select_related("plan").filter(metric=metric).order_by("-plan_id")[:MOST]
    return [Use(_("Measures the plan “{plan}”").format(plan=row.plan.title), "plan", (row.plan_id,)) for row in rows]
