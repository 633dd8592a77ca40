from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("goals", "0003_history")]

    operations = [
        SecureHistory("MonthlyTargetEvent"),
    ]
