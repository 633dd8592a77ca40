"""Reminding raters (R2): single, all, or by themselves; in their hours, and never twice a day.

A row of the day is unique for each cycle and person (`Nudge`): two clicks, or a click and the beat, remind once.
Who is reminded follows from what is open, and is told to nobody: in a small group it would tell who is done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Absence, Employee, Membership
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.models import WorkspaceRules
from perfmgmt.tenants.selectors import workspace_rules
from reviews.cycles import notices
from reviews.cycles.rules import days_left, next_working_moment
from reviews.cycles.services import WAITING
from reviews.models import CycleState, Nudge, Participant, Rater, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

SINGLE, BULK, AUTOMATIC = "single", "bulk", "auto"
#: Days before the deadline on which reminders go out by themselves, and after it: every day for a week.
BEFORE, AFTER = (7, 3, 1, 0), range(-7, 0)


@dataclass(frozen=True)
class Nudged:
    """How many people were reminded, and how many had been reminded today already or are away."""

    told: int
    passed: int


def open_reviews(cycle: ReviewCycle) -> QuerySet[Rater]:
    """Return the reviews of a cycle that somebody still has to write."""
    return Rater.objects.filter(participant__cycle=cycle, participant__dropped_at=None, state__in=WAITING)


@transaction.atomic
def nudge_all(
    cycle_id: int, *, viewer: Viewer, workspace: Workspace, employee_ids: Iterable[int] | None = None
) -> Nudged:
    """Remind everybody in a cycle with something open, or those of them who are asked about some people."""
    cycle = _open_cycle(cycle_id, viewer)
    rows = open_reviews(cycle)
    if employee_ids is not None:
        rows = rows.filter(participant__employee_id__in=list(employee_ids))
    return _nudge(cycle, rows, BULK, workspace)


@transaction.atomic
def nudge_about(participant_id: int, *, viewer: Viewer, workspace: Workspace) -> Nudged:
    """Remind the raters of one person who have not handed in."""
    cycle_id = Participant.objects.filter(pk=participant_id).values_list("cycle_id", flat=True).first()
    if cycle_id is None:
        raise NotFound
    cycle = _open_cycle(cycle_id, viewer)
    return _nudge(cycle, open_reviews(cycle).filter(participant_id=participant_id), SINGLE, workspace)


def _open_cycle(cycle_id: int, viewer: Viewer) -> ReviewCycle:
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed
    cycle = ReviewCycle.objects.filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    if cycle.state != CycleState.OPEN:
        raise Conflict(_("This cycle is not open: nobody can be asked any more."), code="not_open")
    return cycle


def _nudge(cycle: ReviewCycle, rows: QuerySet[Rater], kind: str, workspace: Workspace) -> Nudged:
    """Remind whoever of these reviews' raters has a sign-in, works today and was not reminded today."""
    today = workspace.today()
    asked = sorted(set(rows.values_list("employee_id", flat=True)))
    here = reachable(asked, today)
    new = noted(cycle, here, today, kind)
    # How many are open of each in the whole cycle: one message says it all.
    counts = dict(open_reviews(cycle).filter(employee_id__in=new).values_list("employee_id").annotate(n=Count("pk")))
    notices.remind(cycle, counts, workspace)
    return Nudged(len(new), len(asked) - len(new))


def reachable(employee_ids: Iterable[int], today: date) -> list[int]:
    """Return who of these people has a sign-in, has not left and is not away all day today; three queries."""
    ids = list(employee_ids)
    known = set(Membership.objects.filter(employee_id__in=ids).values_list("employee_id", flat=True))
    away = Absence.objects.filter(employee_id__in=ids, first_day__lte=today, last_day__gte=today, hours=None)
    gone = Employee.objects.filter(pk__in=ids, left_on__lt=today).values_list("pk", flat=True)
    out = {*away.values_list("employee_id", flat=True), *gone}
    return [pk for pk in ids if pk in known and pk not in out]


def noted(cycle: ReviewCycle, employee_ids: list[int], day: date, kind: str) -> list[int]:
    """Note that people are reminded today, and return those who had not been: who comes second finds the row."""
    wait_lock(Lock.NUDGES, cycle.pk)  # one click, and the beat, after the other
    there = set(
        Nudge.objects.filter(cycle=cycle, day=day, employee_id__in=employee_ids).values_list("employee_id", flat=True)
    )
    new = [pk for pk in employee_ids if pk not in there]
    Nudge.objects.bulk_create(Nudge(cycle=cycle, employee_id=pk, day=day, kind=kind) for pk in new)
    return new


def remind_all(workspace: Workspace, now: datetime) -> int:
    """Remind by itself what is due in the workspace's open cycles; return how many people were reminded.

    On working days, in the hours in which the workspace lets messages go out, on its clock; a week, three days and
    one day before the deadline, on it, and every working day of the week after it.
    """
    local, rules = timezone.localtime(now, ZoneInfo(workspace.time_zone)), workspace_rules()
    today = local.date()
    if not may_go_out(local, rules, workspace):
        return 0
    count = 0
    for cycle in ReviewCycle.objects.filter(state=CycleState.OPEN, nudges=True).order_by("pk"):
        if is_due(cycle.answer_until, today, workspace):
            count += _nudge(cycle, open_reviews(cycle), AUTOMATIC, workspace).told
    return count


def may_go_out(local: datetime, rules: WorkspaceRules, workspace: Workspace) -> bool:
    """Return whether messages may go out now: a working day, in the hours that the workspace has set."""
    today = local.date()
    works = workspace.calendar(today, today).works(today)
    return next_working_moment(local.hour, rules.survey_from_hour, rules.survey_to_hour, works=works)


def is_due(until: date | None, today: date, workspace: Workspace) -> bool:
    """Return whether reminders of a deadline go out on a working day.

    A day of the plan that is no working day is made up for on the next one before the deadline.
    """
    left = days_left(until, today)
    if until is None or left is None:
        return False
    if left in AFTER or left in BEFORE:
        return True
    calendar = workspace.calendar(until - timedelta(days=8), until)
    for before in BEFORE[:-1]:
        day = until - timedelta(days=before)
        while day < until and not calendar.works(day):
            day += timedelta(days=1)
        if day == today:
            return True
    return False


def reminded_today(cycle: ReviewCycle, day: date) -> Mapping[str, int]:
    """Return how many people were reminded on a day, by how."""
    return dict(Nudge.objects.filter(cycle=cycle, day=day).values_list("kind").annotate(n=Count("pk")))
