"""Row-level security as migration operations, and the reviewed lists of what has none.

A new tenant-owned model needs `SecureTable("<Model>")` in the migration that creates it; the isolation tests walk
all models and fail on one without.
"""

from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

from perfmgmt.tenants.base import HotForeignKey, TenantForeignKey

TENANT = "nullif(current_setting('app.tenant_id', true), '')::bigint"
USER = "nullif(current_setting('app.user_id', true), '')::bigint"

# Tables without a tenant, each with the reason a reviewer accepted.
UNOWNED: dict[str, str] = {
    "tenants.Tenant": "routing: address -> workspace, read before a scope can be open",
    "tenants.Doorbell": "routing: which workspace has waiting work, read by the sweep before a scope is open",
    "api.TokenRoute": "routing: hash of an API token -> workspace, read before a scope can be open",
    "people.User": "a person may belong to several workspaces; holds the sign-in only, no company data",
    "account.EmailAddress": "django-allauth: addresses of the sign-in",
    "account.EmailConfirmation": "django-allauth: pending confirmations of the sign-in",
    "mfa.Authenticator": "django-allauth: second factors of the sign-in, secrets encrypted",
    "usersessions.UserSession": "django-allauth: where a person is signed in, for the list that ends sessions",
    "notify.AccountMail": "mail about a sign-in (reset, confirmation): its person may be in any workspace or in none",
    "notify.DomainTurn": "how many mails a recipient's domain was given in this minute, over all workspaces",
    "auth.Group": "Django framework table, unused: roles are memberships of a workspace",
    "auth.Group_permissions": "Django framework table, unused: permissions are declared in code",
    "auth.Permission": "Django framework table, unused: permissions are declared in code",
    "pghistory.Context": "django-pghistory, unused: who did it and why stands in each entry of the audit trail",
    "contenttypes.ContentType": "Django framework table: names of models",
    "sessions.Session": "Django framework table: sessions, keyed by a secret; hold user id and language only",
}

# Owned tables with a second policy, for SELECT, beside the wall.
READ_ALSO: dict[str, str] = {
    "people.Membership": "a person's own memberships, for the list of their workspaces (scope.user_scope)",
    "tenants.WorkspaceProfile": "the names of those workspaces",
}
# Records that the application adds to and never changes.
INSERT_ONLY: dict[str, str] = {
    "metrics.FactVersion": "what a fact said before it was corrected",
    "closing.PeriodLock": "which periods were locked, when and by whom",
    "closing.FrozenFigure": "the figures of locked periods as they were",
    "goals.GoalStep": "what was agreed, when, by whom and why",
}

# Functions that run with the owner's rights: past the wall, so each takes no SQL and returns no row.
OWNER_FUNCTIONS: dict[str, str] = {
    "metrics_refresh_statistics": "ANALYZE of one of four tables by a fixed word; returns nothing",
    "customers_forget": "empties the trail of one contact of the open workspace that is erased already (T8); returns "
    "nothing",
}


class SecureTable(Operation):
    """Force row-level security on a tenant-owned model's table, with composite foreign keys.

    `also` is an extra condition under which a row may be READ (never written), such as a person's own memberships.
    Reversing it drops the policies and constraints.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, also: str = "") -> None:
        self.model, self.also = model, also

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models' state does not change: only the database learns of it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the policies and the composite keys."""
        model = to_state.apps.get_model(app_label, self.model)
        for statement in self.statements(model):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop them; the constraints go with the table or here."""
        model = from_state.apps.get_model(app_label, self.model)
        table = model._meta.db_table
        for name in ("tenant_wall", "tenant_read_also"):
            schema_editor.execute(f'DROP POLICY IF EXISTS {name} ON "{table}"', params=None)
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY', params=None)
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY', params=None)

    def statements(self, model: type[models.Model]) -> list[str]:
        """Return the SQL that secures the table of `model`."""
        table = model._meta.db_table
        sql = self.wall(table)
        if self.also:
            also = self.also.format(tenant=TENANT, user=USER)
            sql.append(f'CREATE POLICY tenant_read_also ON "{table}" FOR SELECT USING ({also})')
        field_names = {field.name for field in model._meta.fields}
        if "id" in field_names and model._meta.pk.name != "pk":
            sql.append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_id_id" UNIQUE (tenant_id, id)')
        for field in model._meta.fields:
            if isinstance(field, TenantForeignKey) and not isinstance(field, HotForeignKey):
                target = field.related_model._meta.db_table
                sql.append(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_same_tenant" '
                    f"FOREIGN KEY (tenant_id, {field.column}) "
                    f'REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
                )
        return sql

    @staticmethod
    def wall(table: str) -> list[str]:
        """Return the SQL of the policy that shows and takes only rows of the open workspace."""
        own = f"tenant_id = {TENANT}"
        return [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY tenant_wall ON "{table}" USING ({own}) WITH CHECK ({own})',
        ]

    def describe(self) -> str:
        return f"Force row-level security on {self.model}"

    @property
    def migration_name_fragment(self) -> str:
        return f"secure_{self.model.lower()}"
