"""Reads about tokens."""

from datetime import date

from django.db.models import QuerySet

from perfmgmt.api.models import ApiToken

WORKS, EXPIRED, REVOKED = "active", "expired", "revoked"


def tokens(*, search: str = "", state: str = "", today: date) -> QuerySet[ApiToken]:
    """Return the workspace's tokens, working ones first, found by name or by the beginning of the secret."""
    found = ApiToken.objects.select_related("created_by").order_by("-created_at", "-pk")
    if search := search.strip():
        found = found.filter(name__icontains=search) | found.filter(prefix__startswith=search[:10])
    if state == WORKS:
        return found.filter(revoked_at=None, expires_on__gte=today)
    if state == EXPIRED:
        return found.filter(revoked_at=None, expires_on__lt=today)
    return found.exclude(revoked_at=None) if state == REVOKED else found


def state_of(token: ApiToken, today: date) -> str:
    """Return whether a token works, has expired or was revoked."""
    if token.revoked_at is not None:
        return REVOKED
    return EXPIRED if token.expires_on < today else WORKS
