"""What people are told about follow-ups of low scores."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from perfmgmt.notify import notifications
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.models import StandIn
from perfmgmt.people.telling import accounts_of, given
from perfmgmt.people.viewer import Viewer
from reviews.models import FollowUp, FollowUpStep, SurveyInvitation
from reviews.permissions import MANAGE_SURVEYS

OPENED, HANDED, CORRECTED = "surveys.follow_up", "surveys.follow_up_handed", "surveys.follow_up_corrected"
OVERDUE = "surveys.follow_up_overdue"


def _opened(values: dict[str, Any]) -> str:
    text = _("A customer gave a low score ({score}) for {name}. Follow it up by {day}.")
    return str(text).format(**values | {"day": values["due_day"]})


def _handed(values: dict[str, Any]) -> str:
    text = _("{by} handed you the follow-up of a low score for {name}. It is due on {day}.")
    return str(text).format(**values | {"day": values["due_day"]})


def _overdue(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(late)s follow-up of a low score is overdue.", "%(late)s follow-ups of low scores are overdue.",
        values["late"],
    )  # fmt: skip
    return text % values


def _corrected(values: dict[str, Any]) -> str:
    text = _("The customer whose low score for {name} you follow up corrected the answer: {old} became {new}.")
    return str(text).format(**values)


KINDS = (
    NotificationKind(OPENED, _opened, "flag", "warn", _("A low score becomes my task")),
    NotificationKind(HANDED, _handed, "switch-horizontal", "info", _("I am handed the follow-up of a low score")),
    NotificationKind(CORRECTED, _corrected, "pencil", "info", _("A customer corrects an answer that I follow up")),
    NotificationKind(OVERDUE, _overdue, "clock-exclamation", "warn", _("Follow-ups of low scores are overdue")),
)


def with_stand_ins(owner_ids: Iterable[int], on: date) -> set[int]:
    """Return people and who stands in for them on a day."""
    people = set(owner_ids)
    rows = StandIn.objects.filter(employee_id__in=people, first_day__lte=on, last_day__gte=on)
    return people | set(rows.values_list("stand_in_id", flat=True))


def tell_opened(made: FollowUp, invitation: SurveyInvitation, today: date) -> None:
    """Tell the owner and who stands in for them; without an owner those who manage surveys."""
    served = invitation.employee
    if made.owner_id is None:
        users = given(MANAGE_SURVEYS)
    else:
        people = with_stand_ins([made.owner_id], today)
        if invitation.employee_id != made.owner_id:
            people.discard(invitation.employee_id or 0)
        users = list(accounts_of(people).values())
    tell(
        OPENED, user_ids=users, path=_path(made), key=f"{made.pk}", score=made.score,
        name=served.name if served is not None else "—", due_day=made.due.isoformat(),
    )  # fmt: skip


def tell_handed(task: FollowUp, *, by: Viewer, today: date) -> None:
    """Tell the new owner, and who stands in for them."""
    served = task.invitation.employee
    users = set(accounts_of(with_stand_ins([task.owner_id or 0], today)).values()) - {by.user_id}
    tell(
        HANDED, user_ids=users, path=_path(task), key=f"{task.pk}", by=by.display_name,
        name=served.name if served is not None else "—", due_day=task.due.isoformat(),
    )  # fmt: skip


def tell_corrected(task: FollowUp, step: FollowUpStep) -> None:
    """Tell the owner that the customer changed the score."""
    served = task.invitation.employee
    tell(
        CORRECTED, user_ids=accounts_of([task.owner_id or 0]).values(), path=_path(task), key=f"{task.pk}",
        name=served.name if served is not None else "—", old="—" if step.old is None else step.old,
        new="—" if step.new is None else step.new,
    )  # fmt: skip


def settle(task: FollowUp) -> None:
    """What asked for it is done."""
    for code in (OPENED, HANDED):
        notifications.settle(code, f"{task.pk}")


def _path(task: FollowUp) -> str:
    return f"surveys/follow-ups/{task.pk}/"
