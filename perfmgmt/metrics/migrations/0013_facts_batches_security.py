from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("metrics", "0012_facts_batches")]

    operations = [SecureTable("FactsBatch")]
