from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("goals", "0008_lock_dates")]

    operations = [SecureTable("LockDate"), SecureHistory("LockDateEvent")]
