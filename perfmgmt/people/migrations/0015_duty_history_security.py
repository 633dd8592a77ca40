from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrations.Migration):
    dependencies = [("people", "0014_duty_history")]

    operations = [SecureHistory("DutyEvent")]
