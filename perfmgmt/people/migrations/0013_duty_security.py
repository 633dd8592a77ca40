from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [('people', '0012_duty')]

    operations = [SecureTable("Duty")]
