from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('goals', "0001_initial"), ("metrics", "0002_security"), ("people", "0002_security")]

    operations = [
        SecureTable("MonthlyTarget"),
    ]
