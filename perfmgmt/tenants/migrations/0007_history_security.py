from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_history")]

    operations = [
        SecureHistory("CalendarDayEvent"),
        SecureHistory("WorkspaceProfileEvent"),
        SecureHistory("WorkspaceRulesEvent"),
    ]
