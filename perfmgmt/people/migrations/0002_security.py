from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('people', "0001_initial"), ("tenants", "0002_security")]

    operations = [
        SecureTable("Employee"),
        SecureTable("Unit"),
        SecureTable("Position"),
        SecureTable("Assignment"),
        SecureTable("Membership", also="user_id = {user}"),
        migrations.RunSQL(
            """
            CREATE POLICY tenant_read_also ON tenants_workspaceprofile FOR SELECT USING (
                tenant_id IN (SELECT tenant_id FROM people_membership
                              WHERE user_id = nullif(current_setting('app.user_id', true), '')::bigint))
            """,
            "DROP POLICY tenant_read_also ON tenants_workspaceprofile",
        ),
        # No overlap without btree_gist: a person's days as one range of integers. Days count from 1900-01-01 and stay
        # below 1,000,000, so two people's ranges never meet.
        migrations.RunSQL(
            """
            ALTER TABLE people_assignment ADD CONSTRAINT assignment_days_overlap EXCLUDE USING gist (
                int8range(employee_id * 1000000 + (valid_from - date '1900-01-01'),
                          employee_id * 1000000 + (valid_to - date '1900-01-01'), '[]') WITH &&)
            """,
            "ALTER TABLE people_assignment DROP CONSTRAINT assignment_days_overlap",
        ),
    ]
