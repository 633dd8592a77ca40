from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_working_calendar")]

    operations = [
        SecureTable("CalendarDay"),
        SecureTable("WorkspaceRules"),
    ]
