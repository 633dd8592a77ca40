"""What is marked of a training becomes facts of the person on its last day, and follows when the mark is corrected.

A month that is locked keeps its figures: such a fact is a late change (RULES.md section 13).
"""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _t

from perfmgmt.metrics import given
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Workspace
from reviews.models import Attendance, Enrolment
from reviews.training.enrolling import day_of

SOURCE = "training-records"
HOURS, PASSED, GAIN = "training_hours", "courses_passed", "test_gain"


def values_of(enrolment: Enrolment) -> dict[str, Decimal]:
    """Return what an enrolment counts for, by code of the metric; nothing for who was not there."""
    if enrolment.attendance != Attendance.ATTENDED:
        return {}
    found = {HOURS: enrolment.hours, PASSED: Decimal(1) if enrolment.passed else None, GAIN: enrolment.gain}
    return {code: value for code, value in found.items() if value is not None}


def settle(enrolments: Iterable[Enrolment], workspace: Workspace) -> int:
    """Make the facts of enrolments what is marked; return how many facts are others now.

    Doing it twice changes nothing. A workspace without one of the metrics has no facts of it. Needs Lock.FACTS.
    """
    rows = list(enrolments)
    metrics = {one.code: one.pk for one in Metric.objects.filter(code__in=(HOURS, PASSED, GAIN)) if one.takes_facts}
    wanted = [
        given.GivenFact(
            external_id=f"{row.pk}", metric_id=metrics[code], employee_id=row.employee_id,
            day=day_of(row.session, workspace), value=value,
        )
        for row in rows
        for code, value in values_of(row).items()
        if code in metrics
    ]  # fmt: skip
    origin = given.source(SOURCE, lambda: _t("Training records"))
    return given.settle(origin, wanted, among=[f"{row.pk}" for row in rows])
