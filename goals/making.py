"""Making, changing and cancelling goals."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals import stages
from goals.access import Reach, above, goal_to_edit
from goals.agreement.steps import end_requests, note, was_proposed
from goals.models import Baseline, Counting, Form, Goal, GoalMember, Length, Level, State, StepKind
from goals.rules import LARGEST, BadGrowth, grown
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, start_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.selectors import working_calendar
from perfmgmt.tenants.workdays import WorkingCalendar

LONGEST_YEARS = 5
# As calendars of the pages have it; the very first and last days have none before or after them.
YEARS = range(1900, 3000)
DEEPEST = 30


class BadGoal(DomainError):
    """A goal that can't be; `field` names what is wrong with it."""

    code = "bad_goal"

    def __init__(self, field: str, message: str | Promise, **params: Any) -> None:
        super().__init__(message, **params)
        self.field = field


@dataclass(frozen=True)
class GoalDraft:
    """What a form says of a goal, as `Goal` keeps it. `members` of a team goal: employee id -> share in percent."""

    level: str
    title: str
    grain: int
    first_day: date
    last_day: date
    unit_id: int | None = None
    employee_id: int | None = None
    owner_id: int | None = None
    parent_id: int | None = None
    metric: Metric | None = None
    note: str = ""
    direction: str = ""
    form: str = Form.ABSOLUTE
    counting: str = Counting.WHOLE
    target: Decimal | None = None
    growth: Decimal | None = None
    baseline: Decimal | None = None
    baseline_kind: str = ""
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    band_tolerance: Decimal | None = None
    weight: Decimal = Decimal(0)
    members: Mapping[int, Decimal] = field(default_factory=dict)


@transaction.atomic
def create_goal(draft: GoalDraft, *, viewer: Viewer, today: date) -> Goal:
    """Create a goal as a draft; return it.

    Raises BadGoal for what can't be, NotFound for people, units and goals out of the viewer's reach, NotAllowed,
    Conflict where the same goal is there already.
    """
    reach = Reach(viewer, today)
    draft = _settled(draft, today)
    _require_reach(draft, reach)
    _require_owner(draft, None, reach)
    parent = _parent(draft, None, reach)
    goal = Goal(created_by_id=viewer.user_id, **_fields(draft), parent=parent)
    try:
        with transaction.atomic():
            goal.save(force_insert=True)
    except IntegrityError as error:
        raise _there_already(goal) from error
    _set_members(goal, draft, reach)
    return goal


def _there_already(goal: Goal) -> Conflict:
    """Return the error that names the goal of the same subject, metric and period which stands in a goal's way."""
    names = ("level", "employee_id", "unit_id", "metric_id", "first_day", "last_day")
    same: dict[str, Any] = {name: getattr(goal, name) for name in names}
    twin = Goal.objects.filter(**same).exclude(state=State.CANCELLED).exclude(pk=goal.pk).first()
    text = _("“{title}” is there already: the same metric and period. Open it instead.")
    return Conflict(text, title=twin.title if twin else "—")


@transaction.atomic
def edit_goal(goal_id: int, draft: GoalDraft, *, viewer: Viewer, today: date, version: int | None = None) -> Goal:
    """Change a goal that isn't agreed yet; return it.

    Its level and whose it is stay. One that was proposed goes back to draft, so that nobody signs what they haven't
    seen. `version` is the one the page showed. Raises as `create_goal`, and Conflict for another version.
    """
    reach = Reach(viewer, today)
    goal = goal_to_edit(goal_id, reach)
    if not goal.is_open:
        raise DomainError(_("This goal is agreed. Ask for a change instead."), code="goal_is_binding")
    if version is not None and version != goal.version:
        raise Conflict
    same = {"level": goal.level, "unit_id": goal.unit_id, "employee_id": goal.employee_id}
    draft = _settled(replace(draft, **same), today)  # type: ignore[arg-type]
    _require_owner(draft, goal, reach)
    parent, before, old = _parent(draft, goal, reach), goal.target, copy(goal)
    _require_cover(draft, goal)
    for name, value in _fields(draft).items():
        setattr(goal, name, value)
    goal.parent, goal.state, goal.proposed_target = parent, State.DRAFT, None
    goal.version += 1
    try:
        with transaction.atomic():
            goal.save()
    except IntegrityError as error:
        raise _there_already(goal) from error
    moved = (old.metric_id, old.first_day, old.last_day) != (goal.metric_id, goal.first_day, goal.last_day)
    if moved and was_proposed(goal):
        stages.clear(old)  # nobody else would take them out of the grid
    _set_members(goal, draft, reach)
    note(goal, StepKind.EDITED, viewer, before=before, after=goal.target)
    return goal


@transaction.atomic
def cancel_goal(goal_id: int, *, viewer: Viewer, today: date, reason: str = "") -> Goal:
    """Cancel a goal; what was agreed needs a reason, what is locked can't be cancelled. Its months are cleared."""
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if goal.state == State.CANCELLED:
        return goal
    if goal.state == State.LOCKED:
        raise DomainError(_("This goal is locked. HR can lift the lock."), code="goal_is_locked")
    if goal.state == State.AGREED and not reason.strip():
        raise BadGoal("reason", _("Say why: the other side has agreed to this goal."))
    goal.state, goal.version = State.CANCELLED, goal.version + 1
    goal.save(update_fields=["state", "version", "updated_at"])
    if was_proposed(goal):
        stages.clear(goal)
    end_requests(goal, user_id=viewer.user_id, reason=reason)
    note(goal, StepKind.CANCELLED, viewer, before=goal.target, reason=reason)
    return goal


def _settled(draft: GoalDraft, today: date) -> GoalDraft:
    """Return a draft with its target worked out; raise BadGoal."""
    if not draft.title.strip():
        raise BadGoal("title", _("Say what is to be reached."))
    _check_days(draft)
    if not 0 <= draft.weight <= 100:
        raise BadGoal("weight", _("A weight is between 0 and 100."))
    metric = draft.metric
    if metric is None:
        return replace(draft, form=Form.ABSOLUTE, target=None, growth=None, baseline=None, baseline_kind="")
    if metric.archived_at is not None:
        raise BadGoal("metric", _("“{name}” is archived. Choose another metric."), name=metric.name)
    draft = replace(draft, direction=draft.direction or metric.direction)
    if stages.adds_up(metric):
        draft = replace(draft, counting=Counting.WHOLE)
    if draft.form == Form.BAND:
        return _banded(draft)
    if draft.form != Form.ABSOLUTE:
        draft = _grown(draft)
    if draft.target is not None and draft.target < 0:
        raise BadGoal("target", _("A target can't be negative."))
    if draft.target is not None and draft.target >= LARGEST:
        raise BadGoal("target", _("This number is too large for a target."))
    return draft


def _check_days(draft: GoalDraft) -> None:
    if draft.last_day < draft.first_day:
        raise BadGoal("last_day", _("The last day lies before the first."))
    if draft.first_day.year not in YEARS or draft.last_day.year not in YEARS:
        raise BadGoal("first_day", _("Choose days between 1900 and 2999."))
    if draft.last_day.year - draft.first_day.year > LONGEST_YEARS:
        raise BadGoal("last_day", _("A goal lasts five years at most."))
    if draft.grain not in Length.values:
        raise BadGoal("grain", _("Choose the length of the period."))
    if draft.grain == Length.MONTH and start_of(Grain.MONTH, draft.last_day) != draft.first_day:
        raise BadGoal("first_day", _("These days are no month."))


def _banded(draft: GoalDraft) -> GoalDraft:
    low, high, tolerance = draft.band_low, draft.band_high, draft.band_tolerance or Decimal(0)
    if low is None or high is None:
        raise BadGoal("band_low", _("Give both ends of the band."))
    if low > high:
        raise BadGoal("band_high", _("The band ends below its beginning."))
    if tolerance < 0:
        raise BadGoal("band_tolerance", _("A tolerance can't be negative."))
    if max(abs(low), abs(high), tolerance) >= LARGEST:
        raise BadGoal("band_high", _("This number is too large for a target."))
    return replace(draft, band_tolerance=tolerance, target=None, growth=None, baseline=None, baseline_kind="")


def _grown(draft: GoalDraft) -> GoalDraft:
    if draft.growth is None:
        raise BadGoal("growth", _("Say by how much it is to grow."))
    if draft.baseline is None:
        raise BadGoal("baseline", _("There is no figure to grow from. Enter the baseline."))
    try:
        target = grown(draft.baseline, draft.growth, in_percent=draft.form == Form.PERCENT)
    except BadGrowth as error:
        raise BadGoal("growth", _("The target would be negative or too large.")) from error
    return replace(draft, target=target, baseline_kind=draft.baseline_kind or Baseline.TYPED)


def _fields(draft: GoalDraft) -> dict[str, object]:
    names = (
        "level", "unit_id", "employee_id", "metric", "title", "note", "grain", "first_day", "last_day", "form",
        "counting", "target", "growth", "baseline", "baseline_kind", "band_low", "band_high", "band_tolerance",
        "weight",
    )  # fmt: skip
    found = {name: getattr(draft, name) for name in names}
    owner = draft.employee_id if draft.level == Level.PERSON else draft.owner_id
    return {**found, "owner_id": owner, "direction": draft.direction or "higher"}


def _require_reach(draft: GoalDraft, reach: Reach) -> None:
    """Raise unless the viewer may make goals for the subject, and the subject is there in the period."""
    if draft.level == Level.PERSON:
        if draft.employee_id is None:
            raise BadGoal("employee", _("Choose the person."))
        if not reach.sees(draft.employee_id) or not Employee.objects.filter(pk=draft.employee_id).exists():
            raise NotFound
        if not reach.makes_for(draft.employee_id):
            raise NotAllowed(_("Nobody sets their own goals. Ask your manager."))
        _require_there(draft.employee_id, draft)
    elif draft.level == Level.COMPANY:
        if not reach.edits(Goal(level=Level.COMPANY)):
            raise NotAllowed
    else:
        if draft.unit_id is None:
            raise BadGoal("unit", _("Choose the unit."))
        if not Unit.objects.filter(pk=draft.unit_id, archived_on=None).exists():
            raise NotFound
        if not reach.leads(draft.unit_id):
            raise NotAllowed


def _require_owner(draft: GoalDraft, goal: Goal | None, reach: Reach) -> None:
    """Raise BadGoal for somebody new who is to answer for a goal and whom the viewer doesn't see."""
    if (
        draft.level == Level.PERSON
        or draft.owner_id is None
        or (goal is not None and goal.owner_id == draft.owner_id)
    ):
        return
    if not reach.sees(draft.owner_id) or not Employee.objects.filter(pk=draft.owner_id).exists():
        raise BadGoal("owner", _("Choose yourself or somebody of your team."))


def _require_there(employee_id: int, draft: GoalDraft) -> None:
    left = Employee.objects.filter(pk=employee_id).values_list("left_on", flat=True).get()
    last = Assignment.objects.filter(employee_id=employee_id).aggregate(last=Max("valid_to"))["last"]
    gone = min([day for day in (left, last) if day is not None], default=None)
    if gone is not None and gone < draft.first_day:
        raise BadGoal("employee", _("This person has left before the period begins. Choose somebody else."))


def _parent(draft: GoalDraft, goal: Goal | None, reach: Reach) -> Goal | None:
    """Return the goal this one serves; raise BadGoal for one that doesn't fit, or a circle."""
    if draft.parent_id is None:
        return None
    parent = reach.visible().exclude(state=State.CANCELLED).filter(pk=draft.parent_id).first()
    if parent is None:
        raise BadGoal("parent", _("Choose a goal that is there: this one may have been cancelled."))
    if parent.first_day > draft.first_day or parent.last_day < draft.last_day:
        raise BadGoal("parent", _("The goal above must cover the whole period."))
    if not _serves(draft, parent):
        raise BadGoal("parent", _("The goal above belongs to another unit or person."))
    here: Goal | None = parent
    for _step in range(DEEPEST):
        if here is None:
            return parent
        if goal is not None and here.pk == goal.pk:
            raise BadGoal("parent", _("This goal would stand above itself."))
        here = here.parent
    raise BadGoal("parent", _("The tree of goals is too deep here."))


def _require_cover(draft: GoalDraft, goal: Goal) -> None:
    """Raise BadGoal where goals below would stand outside the days; those that did before may stay."""
    below = goal.children.exclude(state=State.CANCELLED)
    below = below.filter(first_day__gte=goal.first_day, last_day__lte=goal.last_day)
    outside = (
        below.exclude(first_day__gte=draft.first_day, last_day__lte=draft.last_day).order_by("first_day").first()
    )
    if outside is not None:
        raise BadGoal(
            "last_day",
            _("“{title}” below it lies outside these days ({first} to {last}). Change or cancel it first."),
            title=outside.title, first=outside.first_day.isoformat(), last=outside.last_day.isoformat(),
        )  # fmt: skip


def _serves(draft: GoalDraft, parent: Goal) -> bool:
    """Whether a goal may stand below another: the same subject's, the company's, or of a unit it belongs to."""
    if parent.level == Level.COMPANY:
        return True
    if parent.level == Level.PERSON:
        return draft.level == Level.PERSON and draft.employee_id == parent.employee_id
    if draft.level == Level.COMPANY:
        return False
    units = [draft.unit_id] if draft.unit_id else _units_in(draft)
    return any(unit is not None and parent.unit_id in above(unit) for unit in units)


def _units_in(draft: GoalDraft) -> list[int]:
    rows = Assignment.objects.filter(
        employee_id=draft.employee_id or 0, valid_from__lte=draft.last_day, valid_to__gte=draft.first_day
    )
    return list(rows.values_list("unit_id", flat=True))


def _set_members(goal: Goal, draft: GoalDraft, reach: Reach) -> None:
    """Write who shares a team's goal; raise BadGoal for shares that are more than the whole."""
    if goal.level != Level.TEAM:
        return
    if sum(draft.members.values(), Decimal(0)) > 100:
        raise BadGoal("members", _("The shares are more than 100 % together."))
    if any(share < 0 for share in draft.members.values()):
        raise BadGoal("members", _("A share can't be negative."))
    known = Employee.objects.filter(pk__in=list(draft.members))
    if not all(reach.sees(pk) for pk in draft.members) or known.count() != len(draft.members):
        raise NotFound
    goal.members.exclude(employee_id__in=list(draft.members)).delete()
    GoalMember.objects.bulk_create(
        [GoalMember(goal=goal, employee_id=pk, share=share) for pk, share in sorted(draft.members.items())],
        update_conflicts=True, unique_fields=["tenant", "goal", "employee"], update_fields=["share"],
    )  # fmt: skip


def calendar_of(goal: Goal) -> WorkingCalendar:
    """Return the workspace's calendar for a goal's days; two queries."""
    return working_calendar(first=goal.first_day, last=goal.last_day)
