"""What people decide about mail that did not go out, or of which nobody knows whether it did.

Apps say which of their mails may not go out again: the customer has answered meanwhile, or wants no mail.
"""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.services import has_server, ring
from perfmgmt.tenants.errors import Conflict

# (ids of mails of a kind) -> those that must not be sent again.
Check = Callable[[list[int]], set[int]]
_checks: dict[str, Check] = {}


def register(kind: str, check: Check) -> None:
    """Ask `check` before a mail of a kind is sent again; registering twice has no effect."""
    _checks[kind] = check


def is_watched(kind: str) -> bool:
    """Return whether an app watches over mails of a kind: they go to customers, who may want no more of them."""
    return kind in _checks


def held_back(mails: list[WorkspaceMail]) -> set[int]:
    """Return the ids of those mails that must not go out again."""
    by_kind: dict[str, list[int]] = {}
    for mail in mails:
        by_kind.setdefault(mail.kind, []).append(mail.pk)
    return {pk for kind, ids in by_kind.items() if kind in _checks for pk in _checks[kind](ids)}


def undecided() -> QuerySet[WorkspaceMail]:
    """Return the mails whose fate is unknown and about which nobody has decided."""
    return WorkspaceMail.objects.filter(state=MailState.UNKNOWN, settled_at=None)


def retry(mail_id: int) -> WorkspaceMail:
    """Queue a mail of the open workspace again that failed or whose fate is unknown.

    Raises Conflict for any other state, without a mail server, and for one that must not go out again.
    """
    mail = WorkspaceMail.objects.select_for_update().get(pk=mail_id)
    if mail.state not in (MailState.FAILED, MailState.UNKNOWN) or not has_server():
        raise Conflict
    if held_back([mail]):
        raise Conflict(_("This mail must not go out again: its recipient has answered, or gets no more mail."))
    _queue([mail.pk])
    mail.refresh_from_db()
    return mail


def retry_undecided(user_id: int | None) -> tuple[int, int]:
    """Queue every undecided mail again, and leave those that must not go out; return how many of each.

    Raises Conflict without a mail server.
    """
    if not has_server():
        raise Conflict
    mails = list(undecided().select_for_update().only("pk", "kind", "tenant"))
    held = held_back(mails)
    again = [mail.pk for mail in mails if mail.pk not in held]
    _queue(again)
    undecided().filter(pk__in=held).update(settled_at=timezone.now(), settled_by_id=user_id)
    return len(again), len(held)


def settle(mail_id: int, user_id: int | None) -> None:
    """Leave a mail alone whose fate is unknown: it is not sent again. Raises Conflict when it was decided."""
    if not undecided().filter(pk=mail_id).update(settled_at=timezone.now(), settled_by_id=user_id):
        raise Conflict


def settle_undecided(user_id: int | None) -> int:
    """Leave every undecided mail alone; return how many."""
    return undecided().update(settled_at=timezone.now(), settled_by_id=user_id)


def _queue(ids: list[int]) -> None:
    if ids:
        WorkspaceMail.objects.filter(pk__in=ids).update(
            state=MailState.QUEUED, attempts=0, error="", due_at=timezone.now(), settled_at=None, settled_by=None
        )
        ring()
