from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("tenants", "0003_working_calendar")]

    operations = [
        SecureTable("CalendarDay"),
        SecureTable("WorkspaceRules"),
    ]
