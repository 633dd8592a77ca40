from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("notify", "0006_suppression")]

    operations = [SecureTable("SuppressedAddress"), SecureHistory("SuppressedAddressEvent")]
