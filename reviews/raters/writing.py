"""What the services of raters share: rows locked in one order, and what can't be said in words twice.

Order of locks: the cycle (shared, so that it can't be closed or released meanwhile), ratees by id, people whose load
counts by id, raters. Whoever changes raters takes the ratee's lock first, so that a double click finds what the first
one wrote instead of a broken constraint.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.tenants.scope import current_tenant_id
from reviews.answers import door
from reviews.models import CycleState, Participant, Rater, RaterState, ReviewCycle
from reviews.raters import words
from reviews.raters.circle import Circle
from reviews.raters.rules import ASKED_STATES, Conflict, Count, count_fits


class CycleNotOpen(DomainError):
    """The cycle is not launched yet, or over."""

    code = "cycle_not_open"
    status = 409
    message = _("This review cycle is not open: raters can't be changed.")


class CantReview(DomainError):
    """Somebody can't review this person in this group."""

    code = "rater_conflict"
    status = 409


@dataclass(frozen=True, order=True)
class Pick:
    """Somebody chosen in a group."""

    group: str
    employee_id: int


def locked(participant_ids: Iterable[int], *, workspace: Workspace) -> Circle:
    """Return ratees of one open cycle, locked; raise NotFound for none, CycleNotOpen."""
    ids = sorted(set(participant_ids))
    cycle = ReviewCycle.objects.filter(participants__in=ids[:1]).first()
    if cycle is None:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM reviews_reviewcycle WHERE tenant_id = %s AND id = %s FOR SHARE",
                       [current_tenant_id(), cycle.pk])  # fmt: skip
        (cycle.state,) = cursor.fetchone()
    if cycle.state != CycleState.OPEN:
        raise CycleNotOpen
    rows = Participant.objects.filter(pk__in=ids, cycle=cycle, dropped_at=None).select_for_update(of=("self",))
    found = list(rows.select_related("employee", "manager").order_by("pk"))
    for one in found:
        one.cycle = cycle
    if not found:
        raise NotFound
    return Circle(cycle, found, workspace=workspace)


def only(circle: Circle) -> Participant:
    """Return the one ratee of a circle."""
    (participant,) = circle.participants.values()
    return participant


def lock_people(circle: Circle, employee_ids: Iterable[int]) -> None:
    """Make other approvals wait that count the load of these people, and look at them as they are now."""
    ids = sorted(set(employee_ids))
    list(Employee.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    circle.look_at(ids)


def require_free(circle: Circle, participant: Participant, pick: Pick, *, extra: int = 0) -> None:
    """Raise NotFound for nobody of the workspace, CantReview for who can't be a rater in the group.

    `extra` are reviews that the same act has already given the person.
    """
    if pick.employee_id not in circle.people or pick.group not in circle.limits:
        raise NotFound
    found = circle.conflicts(participant, pick.employee_id, pick.group)
    standing = circle.standing(participant, pick.employee_id)
    if extra and standing.load + extra >= circle.cycle.most_per_rater and Conflict.FULL not in found:
        found = [*found, Conflict.FULL]
    if found:
        raise CantReview(_("{name}: {why}."), name=circle.people[pick.employee_id].name, why=words.conflict(found[0]))


def require_counts(circle: Circle, participant: Participant, counts: Counter[str], *, least: bool) -> None:
    """Raise DomainError when a group has too many or, with `least`, too few."""
    for group, limits in circle.limits.items():
        available = circle.available(participant, group) if least else None
        found = count_fits(counts[group], limits, available)
        if found == Count.TOO_MANY or (least and found == Count.TOO_FEW):
            wanted = limits.least if available is None else min(limits.least, max(available, 0))
            raise DomainError(
                _("{group}: {why}"), code=found.value, group=circle.groups[group].get_group_display(),
                why=words.count(found, limits, wanted),
            )  # fmt: skip


def put(circle: Circle, participant: Participant, pick: Pick, *, state: str, replaces: Rater | None = None) -> Rater:
    """Make somebody a rater in a group in this state; a row that was left behind is taken up again."""
    rows = circle.raters[participant.pk]
    found = next((one for one in rows if (one.group, one.employee_id) == (pick.group, pick.employee_id)), None)
    if found is None:
        found = Rater(participant=participant, employee_id=pick.employee_id, group=pick.group)
        rows.append(found)
    found.state, found.reason, found.replaces = state, "", replaces
    found.save()
    return found


def take_out(rater: Rater, state: str, reason: str) -> None:
    """Move a rater out; everything they said about the person goes with them."""
    if rater.state in ASKED_STATES:
        door.withdraw(rater)
    rater.state, rater.reason = state, reason
    rater.save(update_fields=["state", "reason", "updated_at"])


def nominated(circle: Circle, participant: Participant) -> list[Rater]:
    """Return the raters who are chosen, but not asked yet."""
    return [one for one in circle.raters[participant.pk] if one.state == RaterState.NOMINATED]


def picks_of(raters: Sequence[Rater]) -> list[Pick]:
    """Return raters as picks."""
    return [Pick(one.group, one.employee_id) for one in raters]
