"""Creating workspaces."""

import re
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import SLUG, SLUG_PATTERN, Tenant, WorkspaceProfile
from perfmgmt.tenants.scope import tenant_scope


def create_workspace(
    slug: str, *, name: str, furnish: Callable[[], None] | None = None, **settings: object
) -> Tenant:
    """Create a workspace with its profile and the ready-made metric library, in one transaction.

    `settings` are fields of WorkspaceProfile; `furnish` runs last, inside the new workspace's scope. Raises
    DomainError for a slug that is malformed (code `bad_slug`) or taken (`slug_taken`).
    """
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise DomainError(SLUG.message, code="bad_slug")
    with transaction.atomic():
        try:
            with transaction.atomic():
                tenant = Tenant.objects.create(slug=slug)
        except IntegrityError as error:
            taken = _("The address “{slug}” is taken; choose another.")
            raise Conflict(taken, code="slug_taken", slug=slug) from error
        with tenant_scope(tenant.pk):
            _furnish(name, furnish, settings)
    return tenant


def _furnish(name: str, furnish: Callable[[], None] | None, settings: dict[str, object]) -> None:
    WorkspaceProfile.objects.create(name=name, **settings)
    publish("tenants.workspace_created")
    if furnish:
        furnish()
