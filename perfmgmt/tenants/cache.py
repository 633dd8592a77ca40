"""Cache keys that carry the workspace."""

from django_scopes import get_scope


def tenant_key(key: str, key_prefix: str, version: int) -> str:
    """Return the key as stored (Django's KEY_FUNCTION): the open workspace's id is always part of it.

    Outside a scope (sign-in, rate limits, sessions) keys live under `g`, where no workspace's code can reach
    them while its scope is open, and the other way round.
    """
    tenant_id = get_scope().get("tenant")
    owner = f"t{tenant_id}" if tenant_id is not None else "g"
    return f"pm:{key_prefix}:{version}:{owner}:{key}"
