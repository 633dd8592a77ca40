from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("metrics", "0016_forecasts")]

    operations = [
        SecureTable("ForecastBasis"),
        SecureTable("Forecast"),
        SecureTable("MarketIndex"),
        SecureHistory("MarketIndexEvent"),
    ]
