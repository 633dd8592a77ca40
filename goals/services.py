"""Writes of targets."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals.models import MonthlyTarget
from goals.notices import tell_changed
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.people.models import Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

# Months can be added up for these only, so only these take one number a month.
ADDING = (Aggregation.SUM, Aggregation.COUNT)


@transaction.atomic
def set_targets(
    metric: Metric,
    month: date,
    values: Mapping[int, Decimal | None],
    *,
    viewer: Viewer,
    today: date,
    seen: Mapping[int, Decimal | None] | None = None,
) -> int:
    """Set people's targets of one month, None removes one; return how many changed.

    With `seen`, what the page showed, Conflict is raised when somebody has changed one of these targets since.
    Raises NotFound when a person is not within the viewer's reach today, DomainError for a metric whose months
    don't add up or a negative target. All or nothing.
    """
    if metric.aggregation not in ADDING:
        raise DomainError(_("Only sums and counts take a monthly target."), code="not_additive")
    reach = visible_employees(viewer=viewer, on=today)
    own = {viewer.employee_id}
    if reach is not None and not set(values) <= set(reach) - own:
        raise NotFound
    if any(value is not None and value < 0 for value in values.values()):
        raise DomainError(_("A target can't be negative."), code="negative_target")
    if Employee.objects.filter(pk__in=list(values)).count() != len(values):
        raise NotFound
    present = dict(
        MonthlyTarget.objects.filter(metric=metric, month=month, employee_id__in=list(values)).values_list(
            "employee_id", "value"
        )
    )
    if seen is not None and any(seen.get(pk) != present.get(pk) for pk in values):
        raise Conflict
    changed = {pk: value for pk, value in values.items() if value != present.get(pk)}
    removed = [pk for pk, value in changed.items() if value is None]
    MonthlyTarget.objects.filter(metric=metric, month=month, employee_id__in=removed).delete()
    # Two people who save at the same moment must not meet as an error: the later one wins.
    MonthlyTarget.objects.bulk_create(
        [
            MonthlyTarget(
                metric=metric, employee_id=pk, month=month, value=value, updated_by_id=viewer.user_id,
                updated_at=timezone.now(),
            )
            for pk, value in sorted(changed.items())
            if value is not None
        ],
        update_conflicts=True,
        unique_fields=["tenant", "metric", "employee", "month"],
        update_fields=["value", "updated_by", "updated_at"],
    )  # fmt: skip
    if month >= today.replace(day=1):  # what is over is no news
        tell_changed(metric, month, changed, by_user_id=viewer.user_id)
    return len(changed)
