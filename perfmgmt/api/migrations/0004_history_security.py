from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrations.Migration):
    dependencies = [("api", "0003_history")]

    operations = [
        SecureHistory("ApiTokenEvent"),
    ]
