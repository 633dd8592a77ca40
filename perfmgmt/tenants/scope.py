"""The two walls, opened together.

`tenant_scope(tenant_id)` opens the ORM's scope (django-scopes, which refuses an unscoped query) and PostgreSQL's
(row-level security, by a setting that is local to the transaction). Nothing else in the project sets either. It
is called in three places only: the request (`people.access` for pages, `api.access` for the API), the task base and
the command base.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django_scopes import get_scope, scope, scopes_disabled

from perfmgmt.tenants.acting import CONTEXT, context, noted


class WrongScope(RuntimeError):
    """A programming fault: no scope is open, or another workspace's scope is."""


def current_tenant_id() -> int:
    """Return the id of the workspace whose scope is open; raise WrongScope when none is."""
    tenant_id = get_scope().get("tenant")
    if not isinstance(tenant_id, int):
        raise WrongScope("No workspace scope is open.")
    return tenant_id


def _set_local(*, acting: str = "", **settings: str) -> None:
    """Set `app.<name>` and who is at work for the rest of the transaction, all in one round trip."""
    values = {CONTEXT: acting, **{f"app.{name}": value for name, value in settings.items()}}
    columns = ", ".join("set_config(%s, %s, true)" for _ in values)
    params = [part for pair in values.items() for part in pair]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", params)


@contextmanager
def tenant_scope(tenant_id: int, *, user_id: int | None = None, savepoint: bool = True) -> Iterator[int]:
    """Open both walls for one workspace, inside one transaction, and close them again.

    Scopes of the same workspace nest; opening another workspace's scope inside one raises WrongScope, because
    every value read so far would be trusted in the wrong place. `user_id` lets the person see the list of the
    workspaces they belong to (see `people.Membership`). Without `savepoint` an error inside undoes the whole
    transaction around it, which is what a request wants.
    """
    if isinstance(tenant_id, bool) or not isinstance(tenant_id, int) or tenant_id <= 0:
        raise WrongScope(f"A workspace id is a positive integer, not {tenant_id!r}.")
    outer = get_scope().get("tenant")
    if outer is not None and outer != tenant_id:
        raise WrongScope(f"Workspace {outer}'s scope is open; workspace {tenant_id}'s cannot open inside it.")
    with transaction.atomic(savepoint=savepoint):
        if outer == tenant_id:
            yield tenant_id
            return
        with noted(user=user_id), scope(tenant=tenant_id):
            _set_local(tenant_id=str(tenant_id), user_id="" if user_id is None else str(user_id), acting=context())
            yield tenant_id
        # Inside a longer transaction the setting would outlive the scope. There is nothing to do when this scope
        # ends with its transaction (a savepoint tells), or is to be rolled back: the setting goes with it.
        if not connection.needs_rollback and any(connection.savepoint_ids):
            _set_local(tenant_id="", user_id="")


@contextmanager
def user_scope(user_id: int) -> Iterator[None]:
    """Open the one view across workspaces: the person's own memberships and the names of those workspaces.

    The ORM's wall is down inside (the rows belong to several workspaces), the database's stands: policies show
    rows whose `user_id` is `user_id`, and nothing else.
    """
    if get_scope().get("tenant") is not None:
        raise WrongScope("The list of a person's workspaces is read outside a workspace's scope.")
    with transaction.atomic():
        _set_local(tenant_id="", user_id=str(user_id))
        with scopes_disabled():
            yield
        _set_local(user_id="")
