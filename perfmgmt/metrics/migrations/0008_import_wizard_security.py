from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [('metrics', '0007_import_wizard'), ("people", "0002_security")]

    operations = [SecureTable("ImportProfile"), SecureTable("ImportDraft")]
