from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("metrics", "0010_history")]

    operations = [
        SecureHistory("ExchangeRateEvent"),
        SecureHistory("ImportProfileEvent"),
        SecureHistory("MetricEvent"),
        SecureHistory("SourceEvent"),
    ]
