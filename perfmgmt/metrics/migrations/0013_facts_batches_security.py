from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [("metrics", "0012_facts_batches")]

    operations = [SecureTable("FactsBatch")]
