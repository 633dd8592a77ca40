from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("people", "0014_duty_history")]

    operations = [SecureHistory("DutyEvent")]
