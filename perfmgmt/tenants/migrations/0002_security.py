from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('tenants', "0001_initial")]

    operations = [
        # The name of a workspace is also readable for its members, for the list of one's workspaces. The membership
        # table exists by then (people depends on tenants), so the policy comes with people's migration.
        SecureTable("WorkspaceProfile"),
    ]
