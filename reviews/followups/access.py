"""Whose follow-ups somebody sees, who works on them, and how much of the customer is shown."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet

from perfmgmt.customers.access import Reach
from perfmgmt.customers.models import Contact
from perfmgmt.customers.rules import masked_name
from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from reviews.models import FollowUp
from reviews.permissions import SEE_FOLLOW_UPS, WORK_FOLLOW_UPS

ALL = frozenset({Role.OWNER, Role.HR})


def owners_of(viewer: Viewer) -> list[int]:
    """Return the people whose tasks are the viewer's today: oneself and those one stands in for."""
    own = [viewer.employee_id] if viewer.employee_id is not None else []
    return own + [other.employee_id for other in viewer.acting_for]


def own(viewer: Viewer) -> Q:
    """The condition for tasks that are the viewer's today: their own, and of those they stand in for.

    Who stands in for a manager does not work on what a customer said about themselves.
    """
    acting = Q(owner_id__in=owners_of(viewer)) & ~Q(invitation__employee_id=viewer.employee_id or 0)
    return Q(owner_id=viewer.employee_id or 0) | acting


def _theirs(viewer: Viewer, on: date) -> Q:
    """The condition for one's own tasks and those about who stands below; what one is rated in is not among them."""
    found = own(viewer)
    below = visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on) or []
    return found | Q(invitation__employee_id__in=[pk for pk in below if pk != viewer.employee_id])


def visible_follow_ups(viewer: Viewer, on: date) -> QuerySet[FollowUp]:
    """Return the tasks a viewer sees on a day."""
    if not viewer.may(SEE_FOLLOW_UPS):
        return FollowUp.objects.none()
    rows = FollowUp.objects.all()
    return rows if viewer.roles & (ALL | {Role.AUDITOR}) else rows.filter(_theirs(viewer, on))


def workable_follow_ups(viewer: Viewer, on: date) -> QuerySet[FollowUp]:
    """Return the tasks a viewer may work on: an auditor reads what is not theirs, and no more."""
    if not viewer.may(WORK_FOLLOW_UPS) or viewer.left_until is not None:
        return FollowUp.objects.none()
    rows = FollowUp.objects.all()
    return rows if viewer.roles & ALL else rows.filter(_theirs(viewer, on))


def seen_in_full(contacts: Iterable[Contact | None], *, viewer: Viewer, on: date) -> set[int]:
    """Return the ids of those contacts whom a viewer reads in full on customers' pages; one query."""
    ids = [one.pk for one in contacts if one is not None and one.erased_at is None]
    seen = Contact.objects.filter(Reach.of(viewer, on).contacts(), pk__in=ids)
    return set(seen.values_list("pk", flat=True)) if ids else set()


def shown_names(contacts: Iterable[Contact | None], *, viewer: Viewer, on: date) -> dict[int, str]:
    """Return how contacts are called to a viewer, by id: in full where customers' pages do; one query."""
    people = [one for one in contacts if one is not None and one.erased_at is None]
    full = seen_in_full(people, viewer=viewer, on=on)
    return {one.pk: str(one) if one.pk in full else masked_name(one.name) for one in people}
