"""Removing a workspace with everything it owns."""

import shutil
from pathlib import Path

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, transaction

from perfmgmt.tenants.base import TenantOwned
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Doorbell, Tenant
from perfmgmt.tenants.scope import tenant_scope


def remove_workspace(tenant: Tenant) -> None:
    """Delete every row and file of a workspace, then the workspace itself, in one transaction.

    Composite foreign keys are checked at the end, so the order of the tables does not matter. Insert-only tables
    are left out: their rows keep the id of a workspace that is gone, and nobody can open its scope.
    """
    owned = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
    with transaction.atomic():
        with tenant_scope(tenant.pk):
            folder = Path(default_storage.path("."))
            with connection.cursor() as cursor:
                for model in owned:
                    table = model._meta.db_table
                    cursor.execute("SELECT has_table_privilege(%s, 'DELETE')", [table])
                    if cursor.fetchone()[0]:
                        cursor.execute(f'DELETE FROM "{table}" WHERE tenant_id = %s', [tenant.pk])
        Doorbell.objects.filter(tenant=tenant).delete()
        publish("tenants.workspace_removed", tenant_id=tenant.pk)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tenants_tenant WHERE id = %s", [tenant.pk])
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
