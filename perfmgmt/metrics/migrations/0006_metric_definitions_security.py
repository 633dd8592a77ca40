from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable

REFRESH = """
    CREATE OR REPLACE FUNCTION metrics_refresh_statistics(which text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF which = 'facts' THEN ANALYZE metrics_fact;
        ELSIF which = 'employees' THEN ANALYZE metrics_employeerollup;
        ELSIF which = 'units' THEN ANALYZE metrics_unitrollup;{more}
        ELSE RAISE EXCEPTION 'unknown table %', which;
        END IF;
    END $$
"""
CUSTOMERS = "\n        ELSIF which = 'customers' THEN ANALYZE metrics_customerday;"


def same_tenant(column):
    """A metric names metrics of its own workspace only."""
    return migrations.RunSQL(
        f"ALTER TABLE metrics_metric ADD CONSTRAINT metrics_metric_{column}_same_tenant "
        f"FOREIGN KEY (tenant_id, {column}) REFERENCES metrics_metric (tenant_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE metrics_metric DROP CONSTRAINT metrics_metric_{column}_same_tenant",
    )


class Migration(migrating.Migration):
    dependencies = [('metrics', '0005_metric_definitions')]

    operations = [
        SecureTable("CustomerDay"),
        same_tenant("base_id"),
        same_tenant("target_metric_id"),
        migrations.RunSQL(REFRESH.format(more=CUSTOMERS), REFRESH.format(more="")),
    ]
