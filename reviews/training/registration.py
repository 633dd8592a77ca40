"""What training hangs into the rest: navigation, exports, notifications, handover, a person's page, evidence."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.metrics import own_sources
from perfmgmt.notify import notifications
from perfmgmt.people import handover as handovers
from perfmgmt.people.models import Employee
from perfmgmt.people.records import timeline
from perfmgmt.people.records.event import Event
from perfmgmt.people.tabs import PersonTab
from perfmgmt.people.tabs import register as register_tab
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.web.navigation import NavItem, register
from reviews.forms.evidence import Source
from reviews.forms.evidence import register as register_evidence
from reviews.models import Attendance, Enrolment
from reviews.permissions import SEE_TRAINING, SEE_TRAINING_RECORDS
from reviews.training import evidence, exports, facts, handover, notices, tasks  # noqa: F401 - tasks for the worker


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    word = pgettext_lazy("navigation", "Training")
    register(NavItem("trainings", word, "book", SEE_TRAINING, group="reviews", order=38))
    register_tab(PersonTab("person_training", word, SEE_TRAINING_RECORDS, order=64))
    for code, title, run, permission in (
        (exports.COURSES, _("Export of courses"), exports.export_courses, SEE_TRAINING),
        (exports.SESSIONS, _("Export of training sessions"), exports.export_sessions, SEE_TRAINING),
        (exports.RECORDS, _("Export of training records"), exports.export_records, SEE_TRAINING_RECORDS),
    ):
        register_job(JobKind(code, title, run, permission))
    notifications.register(*notices.KINDS)
    for kind in handover.KINDS:
        handovers.register(kind)
    timeline.register(events)
    own_sources.reserve(facts.SOURCE)
    register_evidence(Source("training", word, evidence.trainings, personal=True, order=35))


def events(employee: Employee, viewer: Viewer, _today: date) -> Iterable[Event]:
    """Return the trainings that a person attended, for who sees their records."""
    if not viewer.may(SEE_TRAINING_RECORDS):
        return
    rows = Enrolment.objects.select_related("session__course").filter(
        employee=employee, attendance=Attendance.ATTENDED
    )
    zone = ""
    for one in rows:
        zone = zone or WorkspaceProfile.objects.values_list("time_zone", flat=True).get()
        yield _event(one, zone)


def _event(one: Enrolment, zone: str) -> Event:
    clock = ZoneInfo(zone)
    first, last = (each.astimezone(clock).date() for each in (one.session.starts_at, one.session.ends_at))
    title = _t("Attended the training “{course}”").format(course=one.session.course.name)
    detail = "" if one.passed is None else _t("Passed") if one.passed else _t("Not passed")
    return Event(first, "book", title, detail, last if last != first else None)
