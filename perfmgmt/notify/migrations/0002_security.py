from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('notify', "0001_initial"), ("people", "0002_security")]

    operations = [
        SecureTable("WorkspaceMail"),
    ]
