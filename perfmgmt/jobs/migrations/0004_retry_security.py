from perfmgmt.tenants import migrating
from django.db import migrations


class Migration(migrating.Migration):
    dependencies = [("jobs", "0003_retry")]

    operations = [
        # A retry names a job of its own workspace only.
        migrations.RunSQL(
            "ALTER TABLE jobs_job ADD CONSTRAINT jobs_job_retry_of_id_same_tenant FOREIGN KEY (tenant_id, retry_of_id) "
            "REFERENCES jobs_job (tenant_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE jobs_job DROP CONSTRAINT jobs_job_retry_of_id_same_tenant",
        ),
    ]
