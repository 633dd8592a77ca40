from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("metrics", "0003_parked_keys")]

    operations = [
        SecureTable("ParkedKey"),
    ]
