"""What people are told about access and stand-ins."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.models import Invitation, StandIn
from perfmgmt.people.telling import accounts_of

ACCEPTED, STAND_IN = "invitation.accepted", "people.stand_in"

KINDS = (
    NotificationKind(ACCEPTED, _("{name} has accepted your invitation."), "user-check", "good"),
    NotificationKind(STAND_IN, _("You stand in for {name} from {first_day} to {last_day}."), "users-group"),
)


def tell_accepted(invitation: Invitation) -> None:
    """Tell who invited somebody that they have come in."""
    if invitation.created_by_id is not None:
        name = invitation.name or invitation.email
        tell(ACCEPTED, user_ids=[invitation.created_by_id], path="members/", name=name)


def tell_stand_in(row: StandIn) -> None:
    """Tell somebody for whom they stand in, and when."""
    tell(
        STAND_IN,
        user_ids=accounts_of([row.stand_in_id]).values(),
        path=f"people/{row.employee_id}/profile/",
        key=f"{row.pk}",
        name=row.employee.name,
        first_day=row.first_day.isoformat(),
        last_day=row.last_day.isoformat(),
    )
