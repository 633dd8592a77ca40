from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

TABLES = ("Goal", "GoalMember", "GoalEvidence", "GoalStep", "ChangeRequest", "GoalRules", "GoalTemplate", "TemplateLine")


class Migration(migrating.Migration):
    dependencies = [("goals", "0005_goals")]

    operations = [
        *(SecureTable(table) for table in TABLES),
        *(SecureHistory(f"{table}Event") for table in TABLES if table != "GoalStep"),
        # The steps of a goal only grow.
        migrations.RunSQL(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'perfmgmt_app') THEN "
            'REVOKE UPDATE, DELETE ON "goals_goalstep" FROM perfmgmt_app; END IF; END $$',
            migrations.RunSQL.noop,
        ),
    ]
