from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_parked_keys")]

    operations = [
        SecureTable("ParkedKey"),
    ]
