"""What people are told about tasks of plans."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _

from goals.models import ActionPlan, PlanTask
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from perfmgmt.people.viewer import Viewer

GIVEN, OVERDUE = "plans.given", "plans.overdue"


def _given(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(by)s gave you %(n)s task in the plan “%(title)s”.", "%(by)s gave you %(n)s tasks in the plan “%(title)s”.",
        values["n"],
    )  # fmt: skip
    return text % values


def _overdue(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(late)s task of your plans is overdue.", "%(late)s tasks of your plans are overdue.", values["late"]
    )
    return text % values


KINDS = (
    NotificationKind(GIVEN, _given, "checklist", title=gettext_lazy("I am given a task of a plan")),
    NotificationKind(OVERDUE, _overdue, "clock-exclamation", "warn", _("Tasks of my plans are overdue")),
)


def tell_given(plan: ActionPlan, tasks: Iterable[PlanTask], *, viewer: Viewer) -> None:
    """Tell the owners of tasks that they have them; not the one who gave them. Unread ones of a plan become one."""
    counts = Counter(task.owner_id for task in tasks if not task.is_done)
    for employee_id, user_id in accounts_of(counts).items():
        if user_id != viewer.user_id:
            tell(
                GIVEN, user_ids=[user_id], path=f"plans/{plan.pk}/", key=f"{plan.pk}", by=viewer.display_name,
                title=plan.title, n=counts[employee_id],
            )  # fmt: skip


def tell_overdue(user_id: int, late: int) -> None:
    """Tell somebody how many tasks of theirs, or of plans they answer for, are overdue."""
    tell(OVERDUE, user_ids=[user_id], path="plans/?state=overdue", key="overdue", late=late)
