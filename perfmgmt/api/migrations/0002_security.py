from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [SecureTable("ApiToken"), SecureTable("BatchAnswer")]
