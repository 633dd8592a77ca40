from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable

FOREVER = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'perfmgmt_app') THEN
        REVOKE UPDATE, DELETE ON closing_periodlock, closing_frozenfigure FROM perfmgmt_app;
    END IF;
END $$
"""


class Migration(migrating.Migration):
    dependencies = [("closing", "0001_initial"), ("people", "0002_security")]

    operations = [
        SecureTable("PeriodLock"),
        SecureTable("FrozenFigure"),
        # A locked period keeps its version for good: the application adds to these tables and changes nothing.
        migrations.RunSQL(FOREVER, migrations.RunSQL.noop),
    ]
