from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("api", "0003_history")]

    operations = [
        SecureHistory("ApiTokenEvent"),
    ]
