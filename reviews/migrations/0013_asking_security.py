from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
AUDITED = ("SurveyTrigger", "SurveyCampaign")
OTHERS = ("SurveyInvitation", "SurveyLink", "SurveySkip", "SurveyAnswer")


class Migration(migrating.Migration):
    dependencies = [("reviews", "0012_asking"), ("customers", "0002_security"), ("notify", "0005_mail_pictures")]

    operations = [
        *(SecureTable(table) for table in (*AUDITED, *OTHERS)),
        *(SecureHistory(f"{table}Event") for table in AUDITED),
    ]
