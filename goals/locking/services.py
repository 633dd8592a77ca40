"""Locking the agreed goals of a period at a date, and lifting a lock (G7)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from goals.access import Reach, goal_to_edit
from goals.agreement.steps import note
from goals.making import BadGoal
from goals.models import Goal, GoalStep, LockDate, State, StepKind
from goals.news import tell_goals_changed
from goals.permissions import MANAGE_GOALS
from goals.proration import prorations_of
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.people.models import User
from perfmgmt.people.viewer import Viewer, workspace_of
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.selectors import working_calendar

LOCK = "goals.lock"
BATCH = 500


@transaction.atomic
def set_lock_date(period: Period, lock_on: date, *, viewer: Viewer, today: date) -> LockDate:
    """Set when a period's agreed goals are locked; a day that has come starts the work at once.

    Raises BadGoal for a day before the period begins.
    """
    if not viewer.may(MANAGE_GOALS):
        raise NotAllowed
    if lock_on < period.start:
        raise BadGoal("lock_on", _("Goals are locked in their period or after it: choose a day from {day} on."),
                      day=period.start.isoformat())  # fmt: skip
    found, _created = LockDate.objects.select_for_update().update_or_create(
        first_day=period.start, last_day=period.end,
        defaults={"lock_on": lock_on, "locked_at": None, "job": None, "set_by_id": viewer.user_id},
    )  # fmt: skip
    if lock_on <= today:
        start(found, user_id=viewer.user_id)
    return found


@transaction.atomic
def remove_lock_date(lock_id: int, *, viewer: Viewer) -> None:
    """Take a date back that has not come yet; one that has stays as it is. Raises NotFound."""
    if not viewer.may(MANAGE_GOALS):
        raise NotAllowed
    lock = LockDate.objects.select_for_update(of=("self",)).filter(pk=lock_id).first()
    if lock is None:
        raise NotFound
    if lock.job_id is None and lock.locked_at is None:
        lock.delete()


def start(lock: LockDate, *, user_id: int | None) -> None:
    """Queue the work of a lock date, once."""
    lock.job = jobs.start(LOCK, {"lock": lock.pk}, user_id=user_id)
    lock.save(update_fields=["job"])


def start_due(today: date) -> int:
    """Queue the work of every lock date that has come; return how many."""
    found = LockDate.objects.select_for_update(of=("self",)).filter(lock_on__lte=today, locked_at=None, job=None)
    due = list(found.order_by("pk"))
    for lock in due:
        start(lock, user_id=lock.set_by_id)
    return len(due)


def lock_goals(context: JobContext) -> dict[str, Any]:
    """Lock the agreed goals of a lock date (params: lock), with the target for the share of the period (job)."""
    lock = LockDate.objects.select_for_update().filter(pk=context.params["lock"]).first()
    today = workspace_of(Tenant.objects.get(pk=current_tenant_id())).today()
    if lock is None or lock.lock_on > today:  # put off while this waited in the queue
        raise DomainError(_("This lock date was taken back."), code="lock_date_gone")
    inside = Goal.objects.filter(first_day__gte=lock.first_day, last_day__lte=lock.last_day)
    ids = list(inside.filter(state=State.AGREED).order_by("pk").values_list("pk", flat=True))
    name = User.objects.filter(pk=context.created_by_id or 0).values_list("name", flat=True).first() or ""
    for at in range(0, len(ids), BATCH):
        _lock(ids[at : at + BATCH], lambda goal: _step(goal, context.created_by_id, name))
        context.report(_t("Locking goals"), min(at + BATCH, len(ids)), len(ids))
    lock.locked_at = timezone.now()
    lock.save(update_fields=["locked_at"])
    waiting = inside.filter(state__in=[State.DRAFT, State.PROPOSED, State.COUNTERED]).count()
    return {"locked": len(ids), "not_agreed": waiting}


def _lock(ids: list[int], step: Callable[[Goal], GoalStep]) -> None:
    goals = list(
        Goal.objects.select_for_update(of=("self",)).select_related("metric").filter(pk__in=ids, state=State.AGREED)
    )
    if not goals:
        return
    first, last = min(goal.first_day for goal in goals), max(goal.last_day for goal in goals)
    shares = prorations_of(goals, working_calendar(first=first, last=last))
    now = timezone.now()
    for goal in goals:
        share = shares.get(goal.pk)
        goal.prorated = share.target(goal) if share is not None else goal.target
        goal.state, goal.locked_at, goal.version = State.LOCKED, now, goal.version + 1
    Goal.objects.bulk_update(goals, ["prorated", "state", "locked_at", "version"])
    GoalStep.objects.bulk_create(step(goal) for goal in goals)
    tell_goals_changed(goals)


def _step(goal: Goal, user_id: int | None, name: str) -> GoalStep:
    return GoalStep(
        goal=goal, kind=StepKind.LOCKED, version=goal.version, by_user_id=user_id, by_name=name, before=goal.target,
        after=goal.prorated,
    )  # fmt: skip


@transaction.atomic
def unlock(goal_id: int, reason: str, *, viewer: Viewer, today: date) -> Goal:
    """Lift the lock of one goal; it is agreed again. HR only, with a reason. Raises BadGoal, NotAllowed."""
    if not viewer.may(MANAGE_GOALS):
        raise NotAllowed
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if goal.state != State.LOCKED:
        return goal
    if not reason.strip():
        raise BadGoal("reason", _("Say why the lock is lifted."))
    goal.state, goal.locked_at, goal.prorated, goal.version = State.AGREED, None, None, goal.version + 1
    goal.save()
    tell_goals_changed([goal])
    note(goal, StepKind.UNLOCKED, viewer, before=goal.target, reason=reason)
    return goal
