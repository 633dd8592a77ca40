"""What every tenant-owned model stands on."""

from typing import Any, ClassVar, Self

from django.db import models
from django_scopes import ScopedManager

from perfmgmt.tenants.scope import current_tenant_id


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key between two tenant-owned tables.

    PostgreSQL's own check of a plain foreign key bypasses row-level security, so a wrong id of another
    workspace would be accepted. Django's constraint is left out and `rls.SecureTable` adds a composite one,
    (tenant_id, x_id) -> (tenant_id, id), in the migration.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class HotForeignKey(TenantForeignKey):
    """A reference from a hot table (facts, rollups): no database constraint at all.

    Hot tables carry no triggers, so that they can be partitioned or distributed by tenant and loaded at the
    speed of COPY. Their services resolve every id inside the scope before they write it.
    """

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)


class TenantOwned(models.Model):
    """A row that belongs to one workspace; `objects` refuses every query outside a scope."""

    tenant = models.ForeignKey(
        "tenants.Tenant",
        on_delete=models.CASCADE,
        related_name="+",
        default=current_tenant_id,
        editable=False,
        db_index=False,
    )

    objects: ClassVar[models.Manager[Self]] = ScopedManager(tenant="tenant_id")

    class Meta:
        abstract = True


class HotTenantOwned(TenantOwned):
    """A row of a hot table: owned like any other, but without a database constraint on the workspace."""

    tenant = HotForeignKey("tenants.Tenant", default=current_tenant_id, editable=False)

    class Meta:
        abstract = True
