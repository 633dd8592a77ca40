"""Trainings beside a review (R5): what the reviewed person attended in the period."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from perfmgmt.web import formats
from reviews.forms.evidence import Asked, Evidence, Item
from reviews.models import Attendance, Enrolment

MOST = 12


def trainings(asked: Asked) -> Evidence | None:
    """Return the trainings attended in the period with their hours; None, so left out, without any."""
    zone = ZoneInfo(asked.workspace.time_zone)
    first = datetime.combine(asked.cycle.start, time(), zone)
    last = datetime.combine(asked.cycle.end + timedelta(days=1), time(), zone)
    rows = list(
        Enrolment.objects.select_related("session__course")
        .filter(
            employee=asked.employee, attendance=Attendance.ATTENDED, session__ends_at__gte=first,
            session__ends_at__lt=last,
        )
        .order_by("-session__ends_at", "pk")
    )  # fmt: skip
    if not rows:
        return None
    url = reverse("person_training", args=[asked.workspace.slug, asked.employee.pk]) if asked.opens else ""
    title = ngettext("{n} training", "{n} trainings", len(rows)).format(n=len(rows))
    items = [_item(row, zone) for row in rows[:MOST]]
    return Evidence(title, items, url=url, url_label=_t("Training records"))


def _item(row: Enrolment, zone: ZoneInfo) -> Item:
    passed = "" if row.passed is None else _t("Passed") if row.passed else _t("Not passed")
    day = formats.day(row.session.starts_at.astimezone(zone).date())
    text = " · ".join(part for part in (day, passed) if part)
    return Item(row.session.course.name, text, formats.by_unit(row.hours, "hours"))
