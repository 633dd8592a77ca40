from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("tenants", "0006_history")]

    operations = [
        SecureHistory("CalendarDayEvent"),
        SecureHistory("WorkspaceProfileEvent"),
        SecureHistory("WorkspaceRulesEvent"),
    ]
