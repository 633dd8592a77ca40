from perfmgmt.tenants import migrating
from django.db import migrations, models


class Migration(migrating.Migration):
    dependencies = [('metrics', '0013_facts_batches_security')]

    operations = [
        migrations.AddField(
            model_name="importdraft",
            name="reading",
            field=models.JSONField(default=dict),
        ),
    ]
