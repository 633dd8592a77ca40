from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
AUDITED = ("FollowUpRule", "FollowUp", "Remark", "RemarkProof")
OTHERS = ("FollowUpStep",)


class Migration(migrating.Migration):
    dependencies = [("reviews", "0017_followups_and_remarks")]

    operations = [
        *(SecureTable(table) for table in (*AUDITED, *OTHERS)),
        *(SecureHistory(f"{table}Event") for table in AUDITED),
    ]
