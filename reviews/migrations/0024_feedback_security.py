from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
AUDITED = ("CompanyValue", "HiddenPraise", "FeedbackRequest")
TABLES = (
    "CompanyValue", "Feedback", "FeedbackReceiver", "PraiseReaction", "HiddenPraise", "FeedbackRequest", "FeedbackAsk",
)  # fmt: skip


class Migration(migrating.Migration):
    dependencies = [("reviews", "0023_feedback")]

    operations = [
        *(SecureTable(table) for table in TABLES),
        *(SecureHistory(f"{table}Event") for table in AUDITED),
    ]
