from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('metrics', "0001_initial"), ("people", "0002_security")]

    operations = [
        SecureTable("Metric"),
        SecureTable("Source"),
        SecureTable("ExchangeRate"),
        SecureTable("Fact"),
        SecureTable("FactVersion"),
        SecureTable("EmployeeRollup"),
        SecureTable("UnitRollup"),
        SecureTable("DirtyKey"),
        # Ids of facts rise with arrival. The table has a composite key, so Django gives the column no default.
        migrations.RunSQL(
            """
            CREATE SEQUENCE metrics_fact_id_seq OWNED BY metrics_fact.id;
            ALTER TABLE metrics_fact ALTER COLUMN id SET DEFAULT nextval('metrics_fact_id_seq')
            """,
            "ALTER TABLE metrics_fact ALTER COLUMN id DROP DEFAULT; DROP SEQUENCE metrics_fact_id_seq",
        ),
        # Only the owner may ANALYZE, but only the application knows when it has just loaded very much.
        migrations.RunSQL(
            """
            CREATE FUNCTION metrics_refresh_statistics(which text) RETURNS void
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            BEGIN
                IF which = 'facts' THEN ANALYZE metrics_fact;
                ELSIF which = 'employees' THEN ANALYZE metrics_employeerollup;
                ELSIF which = 'units' THEN ANALYZE metrics_unitrollup;
                ELSE RAISE EXCEPTION 'unknown table %', which;
                END IF;
            END $$
            """,
            "DROP FUNCTION metrics_refresh_statistics(text)",
        ),
        # Earlier versions of a fact are a record: the application adds to it and changes nothing.
        migrations.RunSQL(
            """
            DO $$ BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'perfmgmt_app') THEN
                    REVOKE UPDATE, DELETE ON metrics_factversion FROM perfmgmt_app;
                END IF;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
