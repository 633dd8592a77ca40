"""What goals add to a position's page: the metrics of its duties, and planned beside actual time."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from goals.duties.selectors import metrics_of, names_of
from goals.duties.services import has_ready
from goals.duties.times import actual_bars, planned_bars, times_of
from goals.duties.words import legend
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.duties.parts import DutyColumn, PositionPart
from perfmgmt.people.duties.selectors import JobDescription, holders
from perfmgmt.people.permissions import EDIT_PEOPLE
from perfmgmt.people.selectors import visible_employees

DAYS = timedelta(days=90)

COLUMN = DutyColumn(
    "metrics", _("Measured by"), names_of, "duty_metrics", EDIT_PEOPLE, nothing=_("not measured")
)  # fmt: skip


def _context(request: WorkspaceRequest, description: JobDescription) -> dict[str, Any]:
    """Return the split of the time: as planned, and as logged by those holders whom the viewer sees."""
    duties = description.duties
    if not duties:
        return {}
    today = request.workspace.today()
    reach = visible_employees(viewer=request.viewer, on=today)
    people = [person.pk for person in holders(description.position.pk, today)]
    seen = people if reach is None else [pk for pk in people if pk in set(reach)]
    times = times_of(duties, seen, today - DAYS, today)
    measured = metrics_of(duty.pk for duty in duties)
    planned, actual = planned_bars(duties), actual_bars(times)
    bare = [duty for duty in duties if duty.pk not in measured]
    return {
        "planned": planned,
        "actual": actual,
        "times": times,
        "legend": legend(planned, actual),
        "people": len(seen),
        "days": DAYS.days,
        "may_take_ready": request.viewer.may(EDIT_PEOPLE) and has_ready(bare),
        "position": description.position,
    }


PART = PositionPart("time", "goals/position_time.html", _context, order=20)
