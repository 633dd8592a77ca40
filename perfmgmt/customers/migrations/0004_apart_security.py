from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("customers", "0003_apart")]

    operations = [SecureTable("Apart"), SecureHistory("ApartEvent")]
