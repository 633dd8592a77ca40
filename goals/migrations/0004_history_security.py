from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrations.Migration):
    dependencies = [("goals", "0003_history")]

    operations = [
        SecureHistory("MonthlyTargetEvent"),
    ]
