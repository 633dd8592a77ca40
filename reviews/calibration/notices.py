"""What members of calibration sessions are told."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import NotificationKind, settle, tell
from perfmgmt.people.telling import accounts_of
from reviews.models import CalibrationSession

INVITED = "calibration.invited"
KINDS = (
    NotificationKind(
        INVITED, _("{cycle}: you take part in the calibration “{name}”."), "scale",
        title=_("I am invited to a calibration session"),
    ),
)  # fmt: skip


def tell_invited(session: CalibrationSession, employee_ids: Iterable[int], *, by_user_id: int) -> int:
    """Tell new members where their session is, except who opened it; return how many."""
    users = set(accounts_of(employee_ids).values()) - {by_user_id}
    return tell(
        INVITED, user_ids=users, path=f"calibration/{session.pk}/", key=f"{session.pk}", cycle=session.cycle.name,
        name=session.name,
    )  # fmt: skip


def settle_invited(session_id: int) -> None:
    """Nothing is to be done in a session any more: it is locked, or gone."""
    settle(INVITED, f"{session_id}")
