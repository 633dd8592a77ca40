"""The checklist of a period close: what this app and those below it know."""

from datetime import date, datetime, time

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfmgmt.closing.registry import Finding
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics import rates
from perfmgmt.metrics.imports import facts as facts_import
from perfmgmt.metrics.models import DirtyKey, EmployeeRollup
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.people.models import Employee
from perfmgmt.tenants.calendar import Grain, Period


def over(period: Period, slug: str, today: date) -> Finding:
    """A period that still runs can't be locked."""
    if period.end >= today:
        return Finding("block", _("The period is not over yet."))
    return Finding("ok", _("The period is over."))


def _imports_since(day: date) -> list[Job]:
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    jobs = Job.objects.filter(kind=facts_import.KIND, state=JobState.DONE, finished_at__gt=midnight)
    return list(jobs.order_by("-pk")[:500])


def late_imports(period: Period, slug: str, today: date) -> Finding:
    """Imports after the end: they may have brought facts of the period, so more may come."""
    found = [job for job in _imports_since(period.next().start) if (job.result or {}).get("added")]
    if not found:
        return Finding("warn", _("No facts were imported since the period ended: the last days may be missing."),
                       reverse("imports", args=[slug]))  # fmt: skip
    text = ngettext("%(n)s import since the period ended.", "%(n)s imports since the period ended.", len(found))
    return Finding("ok", text % {"n": len(found)}, reverse("imports", args=[slug]), len(found))


def waiting_work(period: Period, slug: str, today: date) -> Finding:
    """Figures and imports that are still being worked on."""
    imports = Job.objects.filter(kind=facts_import.KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).count()
    if imports:
        text = ngettext("%(n)s import is not finished.", "%(n)s imports are not finished.", imports)
        return Finding("warn", text % {"n": imports}, reverse("jobs", args=[slug]), imports)
    if DirtyKey.objects.exists():
        return Finding("ok", _("Some figures are being worked out; the lock waits for them."))
    return Finding("ok", _("All figures are worked out."))


def refused_rows(period: Period, slug: str, today: date) -> Finding:
    """Rows that imports of the period and since refused."""
    refused = sum(int((job.result or {}).get("refused") or 0) for job in _imports_since(period.start))
    if not refused:
        return Finding("ok", _("No refused rows."))
    text = ngettext("%(n)s row was refused by imports.", "%(n)s rows were refused by imports.", refused)
    return Finding("warn", text % {"n": refused}, reverse("imports", args=[slug]), refused)


def missing_rates(period: Period, slug: str, today: date) -> Finding:
    """Facts that were converted at another rate than the list now has, or have none."""
    facts = sum(each.facts for each in rates.outdated(first=period.start, last=period.end))
    if not facts:
        return Finding("ok", _("Every amount is converted at the rate of its day."))
    text = ngettext(
        "%(n)s fact was converted at another rate than the list now has.",
        "%(n)s facts were converted at another rate than the list now has.",
        facts,
    )
    return Finding("warn", text % {"n": facts}, reverse("settings_rates", args=[slug]), facts)


def unassigned(period: Period, slug: str, today: date) -> Finding:
    """People with facts in the period who belonged to no unit on some day of them."""
    days = EmployeeRollup.objects.filter(
        employee_id=OuterRef("pk"), grain=int(Grain.DAY), start__gte=period.start, start__lte=period.end,
        unit_id=UNASSIGNED,
    )  # fmt: skip
    people = Employee.objects.filter(Exists(days)).count()
    if not people:
        return Finding("ok", _("Every fact falls on a day in a unit."))
    text = ngettext(
        "%(n)s person has facts on days without a unit.", "%(n)s people have facts on days without a unit.", people
    )
    return Finding("warn", text % {"n": people}, reverse("people", args=[slug]), people)
