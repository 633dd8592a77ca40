"""One index of dirty keys instead of two: every batch of facts writes thousands of them.

The key of the table becomes (tenant_id, id), which is what its rows are found by under row-level security. Django goes
on taking `id` for the key: it comes from one sequence and is unique by itself.
"""

from perfmgmt.tenants import migrating
from django.db import migrations


class Migration(migrating.Migration):
    dependencies = [("metrics", "0014_import_reading")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveIndex(model_name="dirtykey", name="dirty_by_tenant")],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE metrics_dirtykey DROP CONSTRAINT metrics_dirtykey_pkey,"
                    " ADD PRIMARY KEY (tenant_id, id);"
                    "DROP INDEX dirty_by_tenant;",
                    "ALTER TABLE metrics_dirtykey DROP CONSTRAINT metrics_dirtykey_pkey, ADD PRIMARY KEY (id);"
                    "CREATE INDEX dirty_by_tenant ON metrics_dirtykey (tenant_id, id);",
                )
            ],
        )
    ]
