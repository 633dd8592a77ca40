from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_history")]

    operations = [
        SecureHistory("ExchangeRateEvent"),
        SecureHistory("ImportProfileEvent"),
        SecureHistory("MetricEvent"),
        SecureHistory("SourceEvent"),
    ]
