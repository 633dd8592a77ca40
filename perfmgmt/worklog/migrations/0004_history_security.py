from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("worklog", "0003_history")]

    operations = [
        SecureHistory("DutyTimeEvent"),
        SecureHistory("EnterableMetricEvent"),
        SecureHistory("ProofEvent"),
        SecureHistory("WorkEntryEvent"),
    ]
