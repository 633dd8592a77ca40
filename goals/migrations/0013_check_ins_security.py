from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

TABLES = ("CheckIn", "CheckInLine", "KeyTask")


class Migration(migrating.Migration):
    dependencies = [("goals", "0012_check_ins")]

    operations = [
        *(SecureTable(table) for table in (*TABLES, "CheckInMail")),
        *(SecureHistory(f"{table}Event") for table in TABLES),
    ]
