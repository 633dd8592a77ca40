"""Writes of score deductions (扣绩效分): added with a reason, taken back with a reason, never changed or removed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from reviews.deductions import notices
from reviews.deductions.access import may_deduct_from, visible_deductions
from reviews.deductions.rules import BadDeduction, check
from reviews.models import Participant, ReviewResult, ScoreDeduction
from reviews.permissions import DEDUCT_POINTS

#: Published in the transaction that changes a person's deductions: employee_id, grain, start.
CHANGED = "reviews.deductions_changed"
WORDS = {
    "points": _("Between 0 and 100 points can be taken off, with four decimals at most."),
    "later": _("It can't have happened after the period, or after today."),
    "future": _("This period has not begun yet."),
}


@dataclass(frozen=True)
class DeductionDraft:
    """How many points are taken off whose score of which period, for what, and when that was."""

    employee: Employee
    period: Period
    points: Decimal
    reason: str
    happened_on: date


@transaction.atomic
def add_deduction(draft: DeductionDraft, *, viewer: Viewer, today: date) -> ScoreDeduction:
    """Take points off a person's score; they are told.

    Raises NotFound for a person out of the viewer's reach, NotAllowed for oneself or without the permission,
    DomainError for what can't be, and once a result of the period is released.
    """
    _check_person(draft.employee.pk, viewer, today)
    Employee.objects.select_for_update().get(pk=draft.employee.pk)
    period = draft.period
    try:
        check(draft.points, draft.happened_on, period.start, period.end, today)
    except BadDeduction as error:
        raise DomainError(WORDS[error.code], code=f"deduction_{error.code}") from error
    if not draft.reason.strip():
        raise DomainError(_("Say why points are taken off."), code="no_reason")
    refuse_released(draft.employee.pk, int(period.grain), period.start)
    refuse_calibrated(draft.employee.pk, int(period.grain), period.start)
    made = ScoreDeduction.objects.create(
        employee=draft.employee, grain=int(period.grain), start=period.start, points=draft.points,
        reason=draft.reason.strip(), happened_on=draft.happened_on, created_by_id=viewer.user_id,
    )  # fmt: skip
    notices.tell_deducted(made, period, by=viewer)
    _announce(made)
    return made


@transaction.atomic
def withdraw_deduction(deduction_id: int, reason: str, *, viewer: Viewer, today: date) -> ScoreDeduction:
    """Take a deduction back; it stays in the list with the reason. One that was taken back stays as it is.

    Raises as `add_deduction`.
    """
    found = visible_deductions(viewer, today).select_for_update(of=("self",)).filter(pk=deduction_id).first()
    if found is None:
        raise NotFound
    _check_person(found.employee_id, viewer, today)
    if found.withdrawn_at is not None:
        return found
    if not reason.strip():
        raise DomainError(_("Say why the deduction is taken back."), code="no_reason")
    refuse_released(found.employee_id, found.grain, found.start)
    refuse_calibrated(found.employee_id, found.grain, found.start)
    found.withdrawn_at, found.withdrawn_reason = timezone.now(), reason.strip()
    found.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    notices.tell_withdrawn(found, by=viewer)
    _announce(found)
    return found


def refuse_released(employee_id: int, grain: int, start: date) -> None:
    """Raise DomainError when the person's result of the period is released: it is frozen, an appeal can change it."""
    if is_released(employee_id, grain, start):
        raise DomainError(
            _("The result of this period is released and stays as it is. Choose a later period."), code="released"
        )


def refuse_calibrated(employee_id: int, grain: int, start: date) -> None:
    """Raise DomainError while calibration has set the person's score of the period: the points would not count."""
    calibrated = Participant.objects.filter(
        employee_id=employee_id, cycle__grain=grain, cycle__start=start, dropped_at=None, calibrated__isnull=False
    )
    if calibrated.exists():
        raise DomainError(
            _("Calibration has set this person's score of the period. Have it moved there, with the reason."),
            code="calibrated",
        )  # fmt: skip


def is_released(employee_id: int, grain: int, start: date) -> bool:
    """Return whether a result of the person for the period is released."""
    return ReviewResult.objects.filter(
        participant__employee_id=employee_id, participant__cycle__grain=grain, participant__cycle__start=start
    ).exists()


def _check_person(employee_id: int, viewer: Viewer, today: date) -> None:
    if not viewer.may(DEDUCT_POINTS):
        raise NotAllowed
    if employee_id == viewer.employee_id:
        raise NotAllowed(_("Nobody takes points off their own score, or gives them back."))
    if not may_deduct_from(employee_id, viewer, today):
        raise NotFound


def _announce(row: ScoreDeduction) -> None:
    publish(CHANGED, employee_id=row.employee_id, grain=row.grain, start=row.start)
