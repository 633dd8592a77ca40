from django.db import migrations

from perfmgmt.tenants import migrating
from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

KEY = "reviews_surveycampaign_job_id_same_tenant"


class Migration(migrating.Migration):
    dependencies = [("reviews", "0020_handed_by_hr")]

    operations = [
        SecureTable("SurveyHandover"),
        SecureHistory("SurveyHandoverEvent"),
        # A campaign names a job of its own workspace only.
        migrations.RunSQL(
            f"ALTER TABLE reviews_surveycampaign ADD CONSTRAINT {KEY} FOREIGN KEY (tenant_id, job_id) "
            "REFERENCES jobs_job (tenant_id, id) DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE reviews_surveycampaign DROP CONSTRAINT {KEY}",
        ),
    ]
