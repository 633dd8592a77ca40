"""Who is at work, and why: what the audit trail writes down beside each change.

It travels in a setting that is local to the transaction (read by the triggers of `history.py`), set where the scope
opens, so that bulk writes, COPY and raw cursors are covered.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django_scopes import get_scope

CONTEXT = "pghistory.context_metadata"
_acting: ContextVar[dict[str, Any]] = ContextVar("acting", default={})  # noqa: B039 - replaced, never changed


@contextmanager
def noted(**known: Any) -> Iterator[None]:
    """Remember who or what is at work, for the scopes that open inside."""
    token = _acting.set({**_acting.get(), **{name: value for name, value in known.items() if value is not None}})
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def acting(**known: Any) -> Iterator[None]:
    """Say who or what is at work (user, request, address, command, job ...) for the changes made inside.

    Inside an open scope it holds from here on; when it ends, what was known before holds again.
    """
    is_open = get_scope().get("tenant") is not None
    with noted(**known):
        if is_open:
            _apply()
        yield
    if is_open and not connection.needs_rollback:
        _apply()


def because(reason: str) -> AbstractContextManager[None]:
    """Give the reason of the changes made inside."""
    return acting(reason=reason)


def context() -> str:
    """Return what is known of who is at work, as the text of the setting."""
    return json.dumps(_acting.get(), default=str) if _acting.get() else ""


def _apply() -> None:
    """Set the context of the running transaction anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [CONTEXT, context()])
