from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("notify", "0003_notification")]

    operations = [SecureTable("Notification")]
