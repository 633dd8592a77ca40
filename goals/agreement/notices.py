"""What people are told about their goals."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goals.models import ChangeRequest, Goal, RequestState, State
from goals.permissions import MANAGE_GOALS
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of, given, managers_of

PROPOSED, ANSWERED, CHANGES = "goals.proposed", "goals.answered", "goals.changes"
REMINDER = "goals.reminder"


def _proposed(values: dict[str, Any]) -> str:
    if values["n"] > 1:
        return _("{n} goals were proposed to you. Accept them, or offer other numbers.").format(n=values["n"])
    return _("A goal was proposed to you: “{title}”.").format(title=values["title"])


def _answered(values: dict[str, Any]) -> str:
    if values["what"] == "countered":
        return _("{who} offers another number for “{title}”.").format(**values)
    return _("“{title}” is agreed.").format(**values)


def _changes(values: dict[str, Any]) -> str:
    if values["what"] == "asked":
        return _("A change of “{title}” waits for a decision.").format(**values)
    if values["what"] == "approved":
        return _("The change of “{title}” was approved.").format(**values)
    return _("The change of “{title}” was refused.").format(**values)


def _reminder(values: dict[str, Any]) -> str:
    return ngettext(
        "{n} goal is not agreed yet. Answer it before it is locked.",
        "{n} goals are not agreed yet. Answer them before they are locked.",
        values["n"],
    ).format(n=values["n"])


KINDS = (
    NotificationKind(PROPOSED, _proposed, "target-arrow", title=gettext_lazy("Goals are proposed to me")),
    NotificationKind(ANSWERED, _answered, "target-arrow", title=gettext_lazy("A goal is countered or agreed")),
    NotificationKind(REMINDER, _reminder, "target-arrow", title=gettext_lazy("Goals that are not agreed")),
    NotificationKind(
        CHANGES, _changes, "target-arrow", title=gettext_lazy("A change of a goal is asked for or decided")
    ),
)  # fmt: skip


def tell_proposed(goals: Iterable[Goal], *, by_user_id: int) -> None:
    """Tell people once of all goals that were just proposed to them."""
    by_person: dict[int, list[Goal]] = {}
    for goal in goals:
        other = goal.employee_id or goal.owner_id
        if other is not None:
            by_person.setdefault(other, []).append(goal)
    for employee_id, user_id in accounts_of(by_person).items():
        own = by_person[employee_id]
        path = f"goals/{own[0].pk}/" if len(own) == 1 else "goals/?state=proposed"
        if user_id != by_user_id:
            tell(PROPOSED, user_ids={user_id}, path=path, key=f"{own[0].pk}:{own[0].version}", n=len(own),
                 title=own[0].title)  # fmt: skip


def remind(goals: Iterable[Goal], *, by_user_id: int, on: date) -> int:
    """Remind both sides of goals that are not agreed, each person once; return how many people."""
    waiting: dict[int, int] = {}
    makers: dict[int, set[int]] = {}
    for goal in goals:
        who = goal.employee_id or 0
        if who and who not in makers:
            makers[who] = set(managers_of(who, on=on))
        theirs = _others(goal) if goal.state == State.PROPOSED else makers.get(who) or _makers(goal, on)
        for user_id in theirs - {by_user_id}:
            waiting[user_id] = waiting.get(user_id, 0) + 1
    for user_id, n in waiting.items():
        tell(REMINDER, user_ids={user_id}, path="goals/?state=waiting&whose=", key=f"{on:%Y-%m-%d}", n=n)
    return len(waiting)


def tell_countered(goal: Goal, *, by_user_id: int, on: date) -> None:
    """Tell the manager, or who made the goal, of a counter-offer."""
    who = str(goal.employee or goal.owner or "")
    _tell(ANSWERED, goal, _makers(goal, on) - {by_user_id}, what="countered", who=who)


def tell_agreed(goal: Goal, *, by_user_id: int, on: date) -> None:
    """Tell both sides, but for the one who signed last."""
    _tell(ANSWERED, goal, (_makers(goal, on) | _others(goal)) - {by_user_id}, what="agreed", who="")


def tell_requested(goal: Goal, request: ChangeRequest, *, by_user_id: int, on: date) -> None:
    """Tell who may decide: the manager, of a large change HR."""
    deciders = set(given(MANAGE_GOALS)) if request.is_large else _makers(goal, on) | _others(goal)
    _tell(CHANGES, goal, deciders - {by_user_id}, what="asked")


def tell_decided(goal: Goal, request: ChangeRequest, *, by_user_id: int, on: date) -> None:
    """Tell who asked and both sides what became of a request."""
    what = "approved" if request.state == RequestState.APPROVED else "refused"
    if request.state == RequestState.WITHDRAWN:
        return
    told = {request.asked_by_id} if request.asked_by_id else set()
    _tell(CHANGES, goal, (told | _others(goal) | _makers(goal, on)) - {by_user_id}, what=what)


def _makers(goal: Goal, on: date) -> set[int]:
    if goal.employee_id is not None:
        return set(managers_of(goal.employee_id, on=on))
    return {goal.created_by_id} if goal.created_by_id else set()


def _others(goal: Goal) -> set[int]:
    return set(accounts_of([pk for pk in (goal.employee_id or goal.owner_id,) if pk]).values())


def _tell(kind: str, goal: Goal, user_ids: set[int], **values: Any) -> None:
    tell(kind, user_ids=user_ids, path=f"goals/{goal.pk}/", key=f"{goal.pk}:{goal.version}:{values['what']}",
         title=goal.title, **values)  # fmt: skip
