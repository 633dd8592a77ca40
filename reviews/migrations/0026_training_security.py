from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
TABLES = ("Course", "TrainingSession", "Enrolment")


class Migration(migrating.Migration):
    dependencies = [("reviews", "0025_training")]

    operations = [
        *(SecureTable(table) for table in TABLES),
        *(SecureHistory(f"{table}Event") for table in TABLES),
    ]
