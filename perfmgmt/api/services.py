"""Handing out tokens and taking them back."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.api.models import ApiToken, BatchAnswer, TokenRoute
from perfmgmt.api.scopes import REGISTRY
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.scope import current_tenant_id

PREFIX, SHOWN = "pm_", 10
# How long an answer can be asked for again.
KEEP_ANSWERS = timedelta(hours=48)


class TooManyTokens(DomainError):
    """More tokens than anybody looks after."""

    code = "too_many_tokens"
    message = _("There are {most} tokens already. Revoke those that are no longer needed.")


MOST_TOKENS = 100


def digest(secret: str) -> str:
    """Return what is kept of a secret. 256 random bits can't be guessed, so one fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(*, name: str, scopes: Iterable[str], last_day: date, viewer: Viewer) -> tuple[ApiToken, str]:
    """Make a token in the open workspace; return it with its secret, which nobody can read again.

    Raises Conflict for a name that a working token has, DomainError for unknown scopes and for too many tokens.
    """
    wanted = set(scopes)
    if not wanted or not wanted <= set(REGISTRY):
        raise DomainError(_("Choose at least one scope."), code="no_scope")
    if ApiToken.objects.filter(revoked_at=None).count() >= MOST_TOKENS:
        raise TooManyTokens(most=MOST_TOKENS)
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                name=name, prefix=secret[:SHOWN], token_hash=digest(secret), scopes=sorted(wanted),
                created_by_id=viewer.user_id, expires_on=last_day,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("Another token is called “{name}”. Give this one a name of its own."), name=name) from error
    TokenRoute.objects.create(token_hash=token.token_hash, tenant_id=current_tenant_id())
    return token, secret


def revoke(token_id: int) -> ApiToken:
    """End a token at once; ending it twice changes nothing. Raises NotFound."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        TokenRoute.objects.filter(token_hash=token.token_hash).delete()
        BatchAnswer.objects.filter(token=token).delete()
    return token


def forget_old_answers() -> int:
    """Remove the open workspace's answers that nobody will ask for again; return how many."""
    removed, _models = BatchAnswer.objects.filter(created_at__lt=timezone.now() - KEEP_ANSWERS).delete()
    return removed


def on_workspace_removed(*, tenant_id: int) -> None:
    """A workspace goes; no token leads to it any more."""
    TokenRoute.objects.filter(tenant_id=tenant_id).delete()
