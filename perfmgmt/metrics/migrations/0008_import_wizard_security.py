from django.db import migrations

from perfmgmt.tenants.rls import SecureTable


class Migration(migrations.Migration):
    dependencies = [('metrics', '0007_import_wizard'), ("people", "0002_security")]

    operations = [SecureTable("ImportProfile"), SecureTable("ImportDraft")]
