"""Links to the page on which a customer answers: made for one mail, known to it only, found again by their hash.

The address names the workspace by its number, so that its scope can be opened before anything is looked for.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.http import base36_to_int, int_to_base36

from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import SurveyInvitation, SurveyLink

LONGEST_TOKEN = 64


def new_token() -> str:
    """Return what nobody can guess: 22 characters of an address."""
    return secrets.token_urlsafe(16)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_link(invitation: SurveyInvitation) -> str:
    """Make another way to an invitation's page and return its token; it is told once, here."""
    token = new_token()
    SurveyLink.objects.create(invitation=invitation, token_hash=hash_of(token))
    return token


def base_url() -> str:
    """Return where customers reach the site; "" where the operator has not said so.

    A try-out on one machine has its own address.
    """
    if settings.SITE_URL or settings.PRODUCTION:
        return str(settings.SITE_URL)
    return f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}"


def address(token: str, tenant_id: int, *, score: int | None = None, lang: str = "") -> str:
    """Return the whole address of an invitation's page, with a score that is filled in and a language."""
    query = [f"a={score}"] if score is not None else []
    query += [f"lang={lang}"] if lang else []
    return f"{base_url()}/s/{int_to_base36(tenant_id)}/{token}/" + (f"?{'&'.join(query)}" if query else "")


def unsubscribe_address(token: str, tenant_id: int) -> str:
    """Return the address that mail programs post to, and that a person may open."""
    return f"{address(token, tenant_id)}unsubscribe/"


@contextmanager
def open_link(space: str, token: str) -> Iterator[SurveyInvitation]:
    """Open the scope of the workspace that a link names, and yield its invitation, whatever became of it.

    Survey, version, contact and employee are selected; nothing is written or locked. Raises NotFound for a link that
    nobody was given, whatever is wrong with it; an id that no workspace has opens a scope without rows.
    """
    try:
        tenant_id = base36_to_int(space)
    except ValueError:
        raise NotFound from None
    # Written otherwise than we write it, it is not ours: each page has one address.
    is_ours = 0 < tenant_id < 2**63 and int_to_base36(tenant_id) == space
    if not is_ours or not token or len(token) > LONGEST_TOKEN:
        raise NotFound
    with tenant_scope(tenant_id, savepoint=False):
        link = (
            SurveyLink.objects.select_related(
                "invitation__survey", "invitation__version", "invitation__contact", "invitation__employee"
            )
            .filter(token_hash=hash_of(token))
            .first()
        )
        if link is None:
            raise NotFound
        yield link.invitation
