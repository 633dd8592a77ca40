from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable

# Everybody who has a sign-in so far was let in by an operator, who knew the address to be theirs.
CONFIRMED = """
    INSERT INTO account_emailaddress (user_id, email, verified, "primary")
    SELECT id, email, true, true FROM people_user
    WHERE id NOT IN (SELECT user_id FROM account_emailaddress)
"""


class Migration(migrating.Migration):
    dependencies = [('people', '0006_invitation'), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [
        SecureTable("Invitation"),
        migrations.RunSQL(CONFIRMED, migrations.RunSQL.noop),
    ]
