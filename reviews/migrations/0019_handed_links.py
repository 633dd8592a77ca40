from django.db import migrations, models

from perfmgmt.tenants import migrating


class Migration(migrating.Migration):
    dependencies = [("reviews", "0018_followups_and_remarks_security")]

    operations = [
        migrations.AddField(
            model_name="surveyinvitation",
            name="channel",
            field=models.CharField(
                choices=[("mail", "By mail"), ("link", "By link or QR code")], default="mail", max_length=4
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "link"), _negated=True),
                    models.Q(("mail", None), ("reminder", None)),
                    _connector="OR",
                ),
                name="handed_link_has_no_mail",
            ),
        ),
    ]
