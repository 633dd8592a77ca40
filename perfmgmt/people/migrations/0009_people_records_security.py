from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable

OVERLAP = """
    ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist (
        int8range(employee_id * 1000000 + (first_day - date '1900-01-01'),
                  employee_id * 1000000 + (last_day - date '1900-01-01'), '[]') WITH &&)
"""


def no_overlap(table: str, name: str) -> migrations.RunSQL:
    """As for assignments: a person's days as one range of integers, without btree_gist."""
    return migrations.RunSQL(
        OVERLAP.format(table=table, name=name), f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    )


class Migration(migrating.Migration):
    dependencies = [('people', '0008_people_records')]

    operations = [
        SecureTable("Absence"),
        SecureTable("StandIn"),
        no_overlap("people_absence", "absence_days_overlap"),
        no_overlap("people_standin", "stand_in_days_overlap"),
    ]
