"""Writes of targets."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from goals.grid.services import save_cells
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import DomainError


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
    In a locked month it is a late change (RULES.md section 13).
    Raises NotFound when a person is not within the viewer's reach today, DomainError for a negative target and what
    else `save_cells` refuses. All or nothing.
    """
    if any(value is not None and value < 0 for value in values.values()):
        raise DomainError(_("A target can't be negative."), code="negative_target")
    shown = None if seen is None else {(metric.pk, pk, month): value for pk, value in seen.items()}
    wanted = {(metric.pk, pk, month): value for pk, value in values.items()}
    return save_cells(wanted, viewer=viewer, today=today, seen=shown, late=True)
