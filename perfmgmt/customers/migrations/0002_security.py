from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

MODELS = ("Customer", "CustomerOwner", "Contact", "Consent")


class Migration(migrating.Migration):
    dependencies = [("customers", "0001_initial"), ("people", "0002_security")]

    operations = [
        *(SecureTable(model) for model in MODELS),
        *(SecureHistory(f"{model}Event") for model in MODELS),
        # One owner at a time, as for assignments: a customer's days as one range of integers.
        migrations.RunSQL(
            """
            ALTER TABLE customers_customerowner ADD CONSTRAINT customer_owner_days_overlap EXCLUDE USING gist (
                int8range(customer_id * 1000000 + (from_day - date '1900-01-01'),
                          customer_id * 1000000 + (to_day - date '1900-01-01'), '[]') WITH &&)
            """,
            "ALTER TABLE customers_customerowner DROP CONSTRAINT customer_owner_days_overlap",
        ),
        # What was agreed to is a record: the application adds to it. It may move an entry to the contact that its own
        # was merged into, and empty the proof of an erased contact.
        migrations.RunSQL(
            """
            DO $$ BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'perfmgmt_app') THEN
                    REVOKE UPDATE ON customers_consent FROM perfmgmt_app;
                    GRANT UPDATE (contact_id, source, proof, path, file_name, kind, size, sha256, recorded_by_id)
                        ON customers_consent TO perfmgmt_app;
                END IF;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
        # The trail only grows, but an erased contact leaves no name in it (T8). The function sees to it by itself that
        # the contact is erased, so that it forges nobody's history.
        migrations.RunSQL(
            """
            CREATE FUNCTION customers_forget(contact bigint) RETURNS void
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            DECLARE
                workspace bigint := nullif(current_setting('app.tenant_id', true), '')::bigint;
            BEGIN
                IF NOT EXISTS (SELECT FROM customers_contact
                               WHERE tenant_id = workspace AND id = contact AND erased_at IS NOT NULL) THEN
                    RAISE EXCEPTION 'contact % is not erased', contact;
                END IF;
                UPDATE customers_contactevent
                SET name = '', email = '', phone = '', title = '', note = '', time_zone = ''
                WHERE tenant_id = workspace AND pgh_obj_id = contact;
                UPDATE customers_consentevent SET source = '', proof = '', file_name = '', kind = '', size = 0
                WHERE tenant_id = workspace AND contact_id = contact;
            END $$
            """,
            "DROP FUNCTION customers_forget(bigint)",
        ),
    ]
