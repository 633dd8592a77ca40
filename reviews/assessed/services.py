"""Writes of “how I am assessed”: showing people their scorecard before a period, and their acknowledging it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from reviews.models import ScorecardNotice
from reviews.permissions import SEE_OWN_SCORECARD
from reviews.scorecards.matching import scorecard_for


@dataclass(frozen=True)
class Shown:
    """Who was shown a scorecard: for the first time or a new version, and who had seen it and not answered yet."""

    new: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()


@transaction.atomic
def acknowledge(
    period: Period, version_id: int, comment: str, *, viewer: Viewer, workspace: Workspace
) -> ScorecardNotice:
    """Say that one has read how one is assessed in a period, with a comment; again only changes the comment.

    Raises NotFound without a scorecard, Conflict when another version counts by now than the page showed.
    """
    if viewer.employee_id is None or not viewer.may(SEE_OWN_SCORECARD) or viewer.left_until is not None:
        raise NotAllowed
    Employee.objects.select_for_update().get(pk=viewer.employee_id)
    found = scorecard_for([viewer.employee_id], int(period.grain), period.start, workspace=workspace)
    counts = found.get(viewer.employee_id)
    if counts is None:
        raise NotFound
    if counts != version_id:
        raise Conflict(_("The scorecard has changed since you opened this page. Read the new one first."))
    notice, _made = ScorecardNotice.objects.get_or_create(
        employee_id=viewer.employee_id, grain=int(period.grain), start=period.start,
        defaults={"version_id": version_id},
    )  # fmt: skip
    if notice.version_id != version_id or notice.acknowledged_at is None:
        notice.version_id, notice.acknowledged_at = version_id, timezone.now()
    notice.comment = comment.strip()
    notice.save()
    return notice


@transaction.atomic
def show_to(people: Collection[int], versions: dict[int, int], period: Period) -> Shown:
    """Note that people are shown the version that counts for them in a period (employee_id -> version_id).

    Somebody who has read another version is asked again: what they acknowledged is no longer what counts. Doing it
    twice changes nothing. Four queries, whatever the number of people.
    """
    ids = [pk for pk in people if pk in versions]
    key = {"grain": int(period.grain), "start": period.start}
    rows = ScorecardNotice.objects.select_for_update().filter(employee_id__in=ids, **key)
    found = {row.employee_id: row for row in rows.order_by("employee_id")}
    missing = [pk for pk in ids if pk not in found]
    ScorecardNotice.objects.bulk_create(
        [ScorecardNotice(employee_id=pk, version_id=versions[pk], **key) for pk in missing], batch_size=1000
    )
    changed = [row for pk, row in found.items() if row.version_id != versions[pk]]
    _renew(changed, versions)
    waiting = [row.employee_id for row in found.values() if row.acknowledged_at is None and row not in changed]
    return Shown((*missing, *(row.employee_id for row in changed)), tuple(waiting))


def _renew(rows: Sequence[ScorecardNotice], versions: dict[int, int]) -> None:
    now = timezone.now()
    for row in rows:
        row.version_id, row.shown_at, row.acknowledged_at, row.comment = versions[row.employee_id], now, None, ""
    ScorecardNotice.objects.bulk_update(rows, ["version", "shown_at", "acknowledged_at", "comment"], batch_size=1000)
