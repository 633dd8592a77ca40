from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [("notify", "0003_notification")]

    operations = [SecureTable("Notification")]
