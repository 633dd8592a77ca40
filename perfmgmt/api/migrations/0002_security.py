from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [SecureTable("ApiToken"), SecureTable("BatchAnswer")]
