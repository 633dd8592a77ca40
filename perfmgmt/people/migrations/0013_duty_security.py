from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('people', '0012_duty')]

    operations = [SecureTable("Duty")]
