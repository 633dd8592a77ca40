"""What people are told in the application: a row for each, written in the transaction that causes it.

Apps register their kinds in `AppConfig.ready()`. A row keeps plain values; the sentence is made when it is read, in
the reader's language.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise

from perfmgmt.notify.models import Notification

KEPT_DAYS = 90


@dataclass(frozen=True)
class NotificationKind:
    """`text` is a lazy translation with `{placeholders}`, or makes the sentence of the values; `icon` and `tone`
    (good, warn, bad, info) are how it is marked. `title` names the kind where people choose what they are told."""

    code: str
    text: str | Promise | Callable[[dict[str, Any]], str]
    icon: str = "info-circle"
    tone: str = "info"
    title: str | Promise = ""


_kinds: dict[str, NotificationKind] = {}


def register(*kinds: NotificationKind) -> None:
    """Make kinds known; the same code again replaces it."""
    _kinds.update({kind.code: kind for kind in kinds})


def kind_of(code: str) -> NotificationKind:
    """Return a kind; one that is no longer known is shown by its code."""
    return _kinds.get(code) or NotificationKind(code, code)


def registered() -> list[NotificationKind]:
    """Return all kinds."""
    return list(_kinds.values())


def sentence(kind: NotificationKind, values: dict[str, Any]) -> str:
    """Return what a notification says, in the language of the moment."""
    return kind.text(values) if callable(kind.text) else str(kind.text).format(**values)


def tell(code: str, *, user_ids: Iterable[int], path: str, key: str = "", **values: Any) -> int:
    """Tell members of the open workspace something; return how many are told. Who muted the kind is not told.

    `path` is the page below the workspace's address. `values` are plain (days as ISO texts, in names that end in
    "day"). With a `key` an unread one of the same key makes way for this one, and a count `n` is added up, so that
    ten entries in a row are one line.
    """
    found = _listening(code, set(user_ids))
    before = _replaced(code, found, key) if key else {}
    Notification.objects.bulk_create(
        Notification(
            user_id=user_id, kind=code, path=path, key=key,
            params={**values, "n": values["n"] + before.get(user_id, 0)} if "n" in values else values,
        )
        for user_id in found
    )  # fmt: skip
    return len(found)


def _listening(code: str, user_ids: set[int]) -> list[int]:
    """Return those of the users who want to be told things of a kind."""
    muted = get_user_model().objects.filter(pk__in=user_ids, muted__contains=[code]).values_list("pk", flat=True)
    return sorted(user_ids - set(muted)) if user_ids else []


def _replaced(code: str, user_ids: Sequence[int], key: str) -> dict[int, int]:
    """Remove unread notifications of a key; return the counts they had, by user."""
    old = Notification.objects.filter(kind=code, user_id__in=user_ids, key=key, read_at=None)
    counts = {row.user_id: int(row.params.get("n", 0)) for row in old.select_for_update()}
    old.delete()
    return counts


def of(user_id: int) -> QuerySet[Notification]:
    """Return somebody's notifications in the open workspace, newest first."""
    return Notification.objects.filter(user_id=user_id).order_by("-pk")


def unread_count(user_column: str) -> Any:
    """Return, as part of another query, how many unread notifications the user in its `user_column` has."""
    unread = Notification.objects.filter(user_id=OuterRef(user_column), read_at=None).order_by()
    return Coalesce(Subquery(unread.values("user_id").annotate(n=Count("pk")).values("n")), 0)


def mark_read(user_id: int, ids: Iterable[int] | None = None) -> int:
    """Mark somebody's own notifications as read, all of them without `ids`; return how many were unread."""
    unread = Notification.objects.filter(user_id=user_id, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=timezone.now())


def settle(code: str, key: str) -> int:
    """Mark what asked for something as read, for everybody who was asked: it is done; return how many were unread."""
    return Notification.objects.filter(kind=code, key=key, read_at=None).update(read_at=timezone.now())


def retract(code: str, key: str) -> int:
    """Remove what told of something that is no longer there, read or not; return how many rows went."""
    return Notification.objects.filter(kind=code, key=key).delete()[0]


def forget_old() -> int:
    """Remove what the open workspace's people were told more than 90 days ago; return how many rows went."""
    return Notification.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()[0]
