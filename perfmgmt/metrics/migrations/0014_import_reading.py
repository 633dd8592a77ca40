from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('metrics', '0013_facts_batches_security')]

    operations = [
        migrations.AddField(
            model_name="importdraft",
            name="reading",
            field=models.JSONField(default=dict),
        ),
    ]
