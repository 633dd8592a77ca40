"""Sessions, the people of one and its log as files, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override
from django.utils.translation import pgettext as _p

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer
from perfmgmt.web import formats
from reviews.calibration import money, pages, selectors
from reviews.calibration.forms import POTENTIAL_WORDS
from reviews.models import CalibrationSession
from reviews.permissions import CALIBRATE

EXPORT = "calibration.export"
SESSIONS, PEOPLE, LOG = "sessions", "people", "log"


def export_calibration(context: JobContext) -> dict[str, Any]:
    """Write what a page lists (params: what, session, query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, CALIBRATE)
        what, query, today = context.params["what"], context.params["query"], workspace.today()
        if what == SESSIONS:
            return write_csv(context, f"calibration-{today}.csv", _session_header(), _sessions(query, viewer))
        session = selectors.session_of(context.params["session"], viewer=viewer)
        if what == LOG:
            rows = _log(session, viewer, workspace.time_zone)
            return write_csv(context, f"calibration-log-{today}.csv", _log_header(), rows)
        header = _people_header(viewer)
        return write_csv(context, f"calibration-people-{today}.csv", header, _people(session, query, viewer))


def _session_header() -> list[str]:
    return [_t("Session"), _t("Review cycle"), _t("Unit"), _t("Held on"), _t("Members"), _t("People"), _t("Moved"),
            _t("Locked")]  # fmt: skip


def _sessions(query: dict[str, str], viewer: Viewer) -> Iterator[list[Any]]:
    rows = list(selectors.sessions_for(selectors.read_sessions(query), viewer=viewer))
    counts = selectors.people_counts(rows)
    for row in rows:
        yield [row.name, row.cycle.name, str(row.unit or _t("Everybody of the cycle")), row.held_on or "",
               row.member_count, counts[row.pk], row.moved_count, _yes(row.locked_at is not None)]  # fmt: skip


def _yes(value: bool) -> str:
    return _t("yes") if value else _t("no")


def _people_header(viewer: Viewer) -> list[str]:
    columns = [_t("Employee number"), _t("Name"), _t("Unit"), _p("rater", "Manager"), _t("Computed score"),
               _t("Computed grade"), _t("Score"), _t("Grade"), _t("Change in points"), _t("Potential"),
               _t("Why")]  # fmt: skip
    return [*columns, _t("Money")] if money.may_see(viewer) else columns


def _people(session: CalibrationSession, query: dict[str, str], viewer: Viewer) -> Iterator[list[Any]]:
    people = pages.filtered(selectors.people_of(session, viewer=viewer), pages.read(query))
    words = {code: str(word) for code, word in POTENTIAL_WORDS}
    texts = money.texts_for([one.change for one in people if one.is_moved], viewer=viewer)
    for one in people:
        row = [one.number, one.name, one.unit, one.manager, _plain(one.computed), one.grade_before, _plain(one.score),
               one.grade, _plain(one.difference), words.get(one.potential or 0, ""), one.potential_note]  # fmt: skip
        yield [*row, " ".join(texts.get(one.participant_id, []))] if money.may_see(viewer) else row


def _plain(value: Any) -> Any:
    """Return a number as a number: as a text a negative one would be taken for a formula."""
    return "" if value is None else value


def _log_header() -> list[str]:
    return [_t("When"), _t("Employee number"), _t("Name"), _t("Score before"), _t("Grade before"), _t("Score after"),
            _t("Grade after"), _t("Reason"), _t("Moved by")]  # fmt: skip


def _log(session: CalibrationSession, viewer: Viewer, time_zone: str) -> Iterator[list[Any]]:
    for one in selectors.moves_of(session, viewer=viewer):
        person = one.participant.employee
        by = getattr(one.moved_by, "name", "")
        yield [formats.moment(one.moved_at, time_zone), person.number, person.name, _plain(one.before),
               one.grade_before, _plain(one.after), one.grade_after, one.reason, by]  # fmt: skip
