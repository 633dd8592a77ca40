from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

TABLES = ("ActionPlan", "PlanTask", "PlanMeasure", "PlanReview", "PlanReminder", "DutyMetric")


class Migration(migrating.Migration):
    dependencies = [("goals", "0014_plans")]

    operations = [
        *(SecureTable(table) for table in TABLES),
        *(SecureHistory(f"{table}Event") for table in TABLES if table != "PlanReminder"),
    ]
