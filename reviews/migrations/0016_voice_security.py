from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable


class Migration(migrating.Migration):
    dependencies = [("reviews", "0015_voice")]

    operations = [
        *(SecureTable(table) for table in ("SurveyTally", "VoiceTheme", "ThemedWords")),
        SecureHistory("VoiceThemeEvent"),
    ]
