"""The lists of training as files, made by jobs with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer
from perfmgmt.web import formats
from reviews.models import Enrolment
from reviews.permissions import SEE_TRAINING, SEE_TRAINING_RECORDS
from reviews.training import selectors
from reviews.training.access import reads_feedback

COURSES, SESSIONS, RECORDS = "training.export_courses", "training.export_sessions", "training.export_records"
CHUNK = 1000


def export_courses(context: JobContext) -> dict[str, Any]:
    """Write the catalogue as the page lists it (params: query, language), names in both languages."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, SEE_TRAINING)
        wanted = selectors.read_courses(context.params["query"])
        found = selectors.courses(wanted, now=timezone.now())
        header = [_t("Code"), _t("Name in Chinese"), _t("Name in English"), _t("Kind"), _t("Topic"), _t("Hours"),
                  pgettext("training", "Cost for each person"), _t("Currency"), _t("Pass mark"),
                  _t("The manager approves"), _t("Archived")]  # fmt: skip
        rows = (
            [one.code, one.name_zh, one.name_en, one.kind.label, one.get_topic_display(), one.hours,
             _or_empty(one.cost), one.currency if one.cost is not None else "", _or_empty(one.pass_mark),
             _yes(one.needs_approval), _yes(one.archived_at is not None)]
            for one in found.iterator(chunk_size=CHUNK)
        )  # fmt: skip
        return write_csv(context, f"courses-{workspace.today()}.csv", header, rows, total=found.count())


def export_sessions(context: JobContext) -> dict[str, Any]:
    """Write the sessions as the page lists them (params: query, language), times on the workspace's clock."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_TRAINING)
        wanted = selectors.read_sessions(context.params["query"])
        found = selectors.sessions(wanted, viewer=viewer, now=timezone.now())
        zone = workspace.time_zone
        header = [_t("Code"), _t("Course"), _t("Kind"), pgettext("training", "Begins at"),
                  pgettext("training", "Ends at"), pgettext("training", "Place"), pgettext("training", "Link"),
                  _t("Trainer"), _t("Places"), pgettext("training", "Taken"), pgettext("training", "Waiting"),
                  _t("State")]  # fmt: skip
        rows = (_session(one, zone) for one in found.iterator(chunk_size=CHUNK))
        return write_csv(context, f"trainings-{workspace.today()}.csv", header, rows, total=found.count())


def _session(one: Any, zone: str) -> list[Any]:
    """Return the row of a session that has `taken` and `waiting`."""
    return [one.course.code, one.course.name, one.course.kind.label, formats.moment(one.starts_at, zone),
            formats.moment(one.ends_at, zone), one.place, one.link, one.trainer_shown, one.places, one.taken,
            one.waiting, one.get_state_display()]  # fmt: skip


def export_records(context: JobContext) -> dict[str, Any]:
    """Write who took part as the page lists it (params: query, language).

    What participants said is there for who reads it on the session's page.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_TRAINING_RECORDS)
        wanted = selectors.read_records(context.params["query"])
        found = selectors.records(wanted, viewer=viewer, workspace=workspace)
        header = [_t("Employee number"), _t("Employee"), _t("Code"), _t("Course"), _t("Kind"),
                  pgettext("training", "Begins at"), _t("State"), _t("Attendance"), _t("Hours"), _t("Test before"),
                  _t("Test after"), _t("Test gain"), _t("Passed"), _t("Certificate number"),
                  pgettext("training", "Rating"), _t("Feedback")]  # fmt: skip
        rows = _records(found, viewer, workspace.time_zone)
        return write_csv(context, f"training-records-{workspace.today()}.csv", header, rows, total=found.count())


def _records(found: Any, viewer: Viewer, zone: str) -> Iterator[list[Any]]:
    one: Enrolment
    for one in found.iterator(chunk_size=CHUNK):
        course = one.session.course
        is_open = reads_feedback(one.session, viewer) or one.employee_id == viewer.employee_id
        yield [one.employee.number, one.employee.name, course.code, course.name, course.kind.label,
               formats.moment(one.session.starts_at, zone), one.get_state_display(), one.get_attendance_display(),
               _or_empty(one.hours), _or_empty(one.score_before), _or_empty(one.score_after), _or_empty(one.gain),
               "" if one.passed is None else _yes(one.passed), one.certificate,
               _or_empty(one.rating) if is_open else "", one.feedback if is_open else ""]  # fmt: skip


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


def _yes(value: bool) -> str:
    return _t("Yes") if value else _t("No")
