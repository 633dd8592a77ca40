from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
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
