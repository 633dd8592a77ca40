"""What people are told about the choice of raters."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perfmgmt.notify.notifications import NotificationKind, settle, tell
from perfmgmt.people.models import StandIn
from perfmgmt.people.telling import accounts_of, given
from reviews.models import NominationState, Participant, Rater, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

ASKED, WAITING, RETURNED = "raters.asked", "raters.waiting", "raters.returned"
APPROVED, DECLINED, OVERDUE = "raters.approved", "raters.declined", "raters.overdue"


def _asked(values: dict[str, Any]) -> str:
    text = ngettext(
        "You are asked to review {n} colleague in “{cycle}”.", "You are asked to review {n} colleagues in “{cycle}”.",
        values["n"],
    )  # fmt: skip
    return text.format(**values)


def _waiting(values: dict[str, Any]) -> str:
    text = ngettext(
        "{n} choice of raters waits for your approval in “{cycle}”.",
        "{n} choices of raters wait for your approval in “{cycle}”.",
        values["n"],
    )
    return text.format(**values)


def _overdue(values: dict[str, Any]) -> str:
    text = ngettext(
        "The time for choosing raters in “{cycle}” is over, and those of {n} person are not approved.",
        "The time for choosing raters in “{cycle}” is over, and those of {n} people are not approved.",
        values["left"],
    )
    return text.format(cycle=values["cycle"], n=values["left"])


def _declined(values: dict[str, Any]) -> str:
    text = _("{rater} can't review {ratee} in “{cycle}”: “{reason}”. Ask somebody else.")
    return text.format(**values)


KINDS = (
    NotificationKind(ASKED, _asked, "message-circle", title=gettext_lazy("I am asked to review colleagues")),
    NotificationKind(WAITING, _waiting, "users", title=gettext_lazy("A choice of raters waits for my approval")),
    NotificationKind(OVERDUE, _overdue, "clock-exclamation", "warn",
                     title=gettext_lazy("Raters are not approved in time")),
    NotificationKind(DECLINED, _declined, "user-x", "warn", title=gettext_lazy("A rater declined a review")),
    NotificationKind(RETURNED, gettext_lazy("Your choice of raters in “{cycle}” was sent back: “{reason}”."),
                     "arrow-back-up", "warn", title=gettext_lazy("My choice of raters is sent back")),
    NotificationKind(APPROVED, gettext_lazy("Your raters in “{cycle}” are approved and asked."), "check", "good",
                     title=gettext_lazy("My raters are approved")),
)  # fmt: skip


def deciders(participants: Iterable[Participant], *, on: date) -> dict[int, set[int]]:
    """Return the users who decide, by manager (0: nobody is); HR where no manager can sign in."""
    managers = {one.manager_id or 0 for one in participants}
    acting: dict[int, set[int]] = {pk: {pk} for pk in managers}
    for row in StandIn.objects.filter(employee_id__in=managers, first_day__lte=on, last_day__gte=on):
        acting[row.employee_id].add(row.stand_in_id)
    accounts = accounts_of({pk for people in acting.values() for pk in people})
    found = {pk: {accounts[one] for one in people if one in accounts} for pk, people in acting.items()}
    hr = set(given(MANAGE_CYCLES)) if not all(found.values()) else set()
    return {pk: users or hr for pk, users in found.items()}


def tell_asked(cycle: ReviewCycle, raters: Iterable[Rater], *, by_user_id: int) -> None:
    """Tell people that they are asked to review colleagues, each once with how many; not the one who asked them."""
    counts = Counter(one.employee_id for one in raters)
    users: dict[int, set[int]] = defaultdict(set)
    for employee_id, user_id in accounts_of(counts).items():
        if user_id != by_user_id:
            users[counts[employee_id]].add(user_id)
    for n, told in users.items():
        tell(ASKED, user_ids=told, path="reviews/", key=f"{cycle.pk}", n=n, cycle=cycle.name)


def tell_proposed(participant: Participant, *, by_user_id: int, on: date) -> None:
    """Tell who decides that a choice waits; several are one line."""
    (users,) = deciders([participant], on=on).values()
    tell(WAITING, user_ids=users - {by_user_id}, path=f"cycles/{participant.cycle_id}/raters/",
         key=_key(participant), n=1, cycle=participant.cycle.name)  # fmt: skip


def tell_decided(participants: Iterable[Participant], *, reason: str | None, by_user_id: int) -> None:
    """Tell people that their raters are approved or, with a reason, that their choice is sent back."""
    chosen = {one.employee_id: one for one in participants}
    for employee_id, user_id in accounts_of(chosen).items():
        one = chosen[employee_id]
        path = f"raters/{one.pk}/choose/"
        if user_id != by_user_id and reason is None:
            tell(APPROVED, user_ids=[user_id], path=path, key=f"{one.pk}", cycle=one.cycle.name)
        elif user_id != by_user_id:
            tell(RETURNED, user_ids=[user_id], path=path, key=f"{one.pk}", cycle=one.cycle.name, reason=reason)
    settle_waiting(chosen.values())


def settle_waiting(participants: Iterable[Participant]) -> None:
    """Mark what asked for decisions as read where nothing waits any more."""
    by_key = {_key(one): one for one in participants}
    for key, one in by_key.items():
        waiting = Participant.objects.filter(
            cycle_id=one.cycle_id, manager_id=one.manager_id, nomination=NominationState.PROPOSED, dropped_at=None
        )
        if not waiting.exists():
            settle(WAITING, key)


def tell_declined(rater: Rater, *, by_user_id: int, on: date) -> None:
    """Tell who decides about the ratee's raters that one declined, and why; HR where the decider is who declines."""
    ratee = rater.participant
    (users,) = deciders([ratee], on=on).values()
    users = (users - {by_user_id}) or set(given(MANAGE_CYCLES)) - {by_user_id}
    tell(DECLINED, user_ids=users, path=f"raters/{ratee.pk}/approve/", key=f"{rater.pk}", cycle=ratee.cycle.name,
         rater=rater.employee.name, ratee=ratee.employee.name, reason=rater.reason)  # fmt: skip


def tell_overdue(cycle: ReviewCycle, left: Mapping[int, int], users: Mapping[int, set[int]]) -> int:
    """Tell deciders how many of their people have no approved raters (`left`, by manager); return how many users."""
    counts: Counter[int] = Counter()
    for manager_id, n in left.items():
        counts.update(dict.fromkeys(users.get(manager_id, set()), n))
    for user_id, n in counts.items():
        tell(OVERDUE, user_ids=[user_id], path=f"cycles/{cycle.pk}/raters/?state=left", key=f"{cycle.pk}", left=n,
             cycle=cycle.name)  # fmt: skip
    return len(counts)


def _key(participant: Participant) -> str:
    return f"{participant.cycle_id}:{participant.manager_id or 0}"
