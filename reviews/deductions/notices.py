"""What people are told about deductions from their score."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Period
from perfmgmt.web import formats
from reviews.models import ScoreDeduction

DEDUCTED, WITHDRAWN = "scores.deducted", "scores.deduction_withdrawn"


def _deducted(values: dict[str, Any]) -> str:
    text = _("{by} took {points} points off your score of {period}: {reason}")
    return str(text).format(**values | {"period": formats.period(values["period"])})


def _withdrawn(values: dict[str, Any]) -> str:
    return str(_("{by} took back a deduction of {points} points from your score.")).format(**values)


KINDS = (
    NotificationKind(DEDUCTED, _deducted, "circle-minus", "warn", _("Points are taken off my score")),
    NotificationKind(WITHDRAWN, _withdrawn, "arrow-back-up", "good", _("A deduction from my score is taken back")),
)


def tell_deducted(row: ScoreDeduction, period: Period, *, by: Viewer) -> None:
    """Tell a person that points were taken off, for what."""
    tell(
        DEDUCTED, user_ids=accounts_of([row.employee_id]).values(), path="assessed/", by=by.display_name,
        points=formats.number(row.points), period=period.label, reason=row.reason[:200],
    )  # fmt: skip


def tell_withdrawn(row: ScoreDeduction, *, by: Viewer) -> None:
    """Tell a person that a deduction was taken back."""
    tell(
        WITHDRAWN, user_ids=accounts_of([row.employee_id]).values(), path="assessed/", by=by.display_name,
        points=formats.number(row.points),
    )  # fmt: skip
