"""What people are told about access and stand-ins."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.models import Notification
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.models import Employee, Invitation, StandIn
from perfmgmt.people.telling import accounts_of

ACCEPTED, STAND_IN = "invitation.accepted", "people.stand_in"
BEGINS, BEGINS_FOR_ME = "people.stand_in_begins", "people.stand_in_begins_for_me"

KINDS = (
    NotificationKind(
        ACCEPTED, _("{name} has accepted your invitation."), "user-check", "good", _("My invitation is accepted")
    ),
    NotificationKind(
        STAND_IN, _("You stand in for {name} from {first_day} to {last_day}."), "users-group",
        title=_("I am named as a stand-in"),
    ),
    NotificationKind(
        BEGINS, _("From today you stand in for {name}, until {last_day}: you decide in their place."), "users-group",
        title=_("The days on which I stand in begin"),
    ),
    NotificationKind(
        BEGINS_FOR_ME, _("From today {name} stands in for you, until {last_day}."), "users-group",
        title=_("The days on which somebody stands in for me begin"),
    ),
)  # fmt: skip


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


def tell_begun(*, today: date) -> int:
    """Tell both sides of the stand-ins that begin today, each side once; return how many people are told.

    The rows are locked, so that two runs at once tell once.
    """
    rows = list(StandIn.objects.filter(first_day=today).select_for_update(of=("self",)).order_by("pk"))
    people = Employee.objects.in_bulk({pk for row in rows for pk in (row.employee_id, row.stand_in_id)})
    accounts = accounts_of(people)
    keys = [str(row.pk) for row in rows]
    before = Notification.objects.filter(kind__in=[BEGINS, BEGINS_FOR_ME], key__in=keys)
    done, count = set(before.values_list("kind", "key", "user_id")), 0
    for row in rows:
        for kind, whom, other in (
            (BEGINS, row.stand_in_id, row.employee_id),
            (BEGINS_FOR_ME, row.employee_id, row.stand_in_id),
        ):
            user_id = accounts.get(whom)
            if user_id is not None and (kind, str(row.pk), user_id) not in done:
                path, last_day = f"people/{row.employee_id}/profile/", row.last_day.isoformat()
                name = people[other].name
                count += tell(kind, user_ids=[user_id], path=path, key=str(row.pk), name=name, last_day=last_day)
    return count
