from perfmgmt.tenants import migrating
import django.db.models.constraints
import django.db.models.deletion
import perfmgmt.tenants.base
import perfmgmt.tenants.scope
import pghistory.utils
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from perfmgmt.tenants.triggers import AddTriggers


class Migration(migrating.Migration):

    dependencies = [
        ('reviews', '0002_security'),
        ('tenants', '0007_history_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(blank=True, max_length=120, verbose_name='name in Chinese')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='name in English')),
                ('purpose', models.CharField(choices=[('scored', 'Counts in scores'), ('development', 'For development only, never scored')], default='scored', max_length=12, verbose_name='purpose')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('open', 'Open'), ('closed', 'Closed'), ('archived', 'Archived')], default='draft', max_length=10, verbose_name='state')),
                ('reply_to', models.EmailField(blank=True, max_length=254, verbose_name='reply-to')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('tenant', models.ForeignKey(db_index=False, default=perfmgmt.tenants.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='SurveyEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.BigIntegerField()),
                ('name_zh', models.CharField(blank=True, max_length=120, verbose_name='name in Chinese')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='name in English')),
                ('purpose', models.CharField(choices=[('scored', 'Counts in scores'), ('development', 'For development only, never scored')], default='scored', max_length=12, verbose_name='purpose')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('open', 'Open'), ('closed', 'Closed'), ('archived', 'Archived')], default='draft', max_length=10, verbose_name='state')),
                ('reply_to', models.EmailField(blank=True, max_length=254, verbose_name='reply-to')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.survey')),
                ('tenant', perfmgmt.tenants.base.HotForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SurveyQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(verbose_name='place')),
                ('key', models.CharField(max_length=20, verbose_name='key')),
                ('kind', models.CharField(choices=[('csat', 'Satisfaction, 1 to 5'), ('nps', 'Recommendation, 0 to 10'), ('ces', 'Effort, 1 to 7'), ('choice', 'One of several choices'), ('text', 'Text')], max_length=6, verbose_name='kind')),
                ('text_zh', models.CharField(blank=True, max_length=200)),
                ('text_en', models.CharField(blank=True, max_length=200)),
                ('low_zh', models.CharField(blank=True, max_length=40)),
                ('low_en', models.CharField(blank=True, max_length=40)),
                ('high_zh', models.CharField(blank=True, max_length=40)),
                ('high_en', models.CharField(blank=True, max_length=40)),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('identified', models.BooleanField(default=True, verbose_name='identified')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ('after_key', models.CharField(blank=True, max_length=20)),
                ('after_low', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('after_high', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=perfmgmt.tenants.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['place'],
            },
        ),
        migrations.CreateModel(
            name='SurveyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Replaced')], default='draft', max_length=10, verbose_name='state')),
                ('first_language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], default='zh-hans', max_length=7, verbose_name='first language')),
                ('subject_zh', models.CharField(blank=True, max_length=120)),
                ('subject_en', models.CharField(blank=True, max_length=120)),
                ('greeting_zh', models.CharField(blank=True, max_length=600)),
                ('greeting_en', models.CharField(blank=True, max_length=600)),
                ('heading_zh', models.CharField(blank=True, max_length=120)),
                ('heading_en', models.CharField(blank=True, max_length=120)),
                ('thanks_zh', models.CharField(blank=True, max_length=300)),
                ('thanks_en', models.CharField(blank=True, max_length=300)),
                ('next_steps_zh', models.CharField(blank=True, max_length=400)),
                ('next_steps_en', models.CharField(blank=True, max_length=400)),
                ('reader_zh', models.CharField(blank=True, max_length=300)),
                ('reader_en', models.CharField(blank=True, max_length=300)),
                ('accent', models.CharField(default='#2457d6', max_length=7, verbose_name='accent colour')),
                ('logo', models.CharField(blank=True, max_length=120, verbose_name='logo')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='what is new')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('published_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('survey', perfmgmt.tenants.base.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='reviews.survey')),
                ('tenant', models.ForeignKey(db_index=False, default=perfmgmt.tenants.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='SurveyQuestionEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.BigIntegerField()),
                ('place', models.PositiveSmallIntegerField(verbose_name='place')),
                ('key', models.CharField(max_length=20, verbose_name='key')),
                ('kind', models.CharField(choices=[('csat', 'Satisfaction, 1 to 5'), ('nps', 'Recommendation, 0 to 10'), ('ces', 'Effort, 1 to 7'), ('choice', 'One of several choices'), ('text', 'Text')], max_length=6, verbose_name='kind')),
                ('text_zh', models.CharField(blank=True, max_length=200)),
                ('text_en', models.CharField(blank=True, max_length=200)),
                ('low_zh', models.CharField(blank=True, max_length=40)),
                ('low_en', models.CharField(blank=True, max_length=40)),
                ('high_zh', models.CharField(blank=True, max_length=40)),
                ('high_en', models.CharField(blank=True, max_length=40)),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('identified', models.BooleanField(default=True, verbose_name='identified')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ('after_key', models.CharField(blank=True, max_length=20)),
                ('after_low', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('after_high', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.surveyquestion')),
                ('tenant', perfmgmt.tenants.base.HotForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
                ('version', perfmgmt.tenants.base.TenantForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reviews.surveyversion')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='surveyquestion',
            name='version',
            field=perfmgmt.tenants.base.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='reviews.surveyversion'),
        ),
        migrations.CreateModel(
            name='SurveyVersionEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Replaced')], default='draft', max_length=10, verbose_name='state')),
                ('first_language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], default='zh-hans', max_length=7, verbose_name='first language')),
                ('subject_zh', models.CharField(blank=True, max_length=120)),
                ('subject_en', models.CharField(blank=True, max_length=120)),
                ('greeting_zh', models.CharField(blank=True, max_length=600)),
                ('greeting_en', models.CharField(blank=True, max_length=600)),
                ('heading_zh', models.CharField(blank=True, max_length=120)),
                ('heading_en', models.CharField(blank=True, max_length=120)),
                ('thanks_zh', models.CharField(blank=True, max_length=300)),
                ('thanks_en', models.CharField(blank=True, max_length=300)),
                ('next_steps_zh', models.CharField(blank=True, max_length=400)),
                ('next_steps_en', models.CharField(blank=True, max_length=400)),
                ('reader_zh', models.CharField(blank=True, max_length=300)),
                ('reader_en', models.CharField(blank=True, max_length=300)),
                ('accent', models.CharField(default='#2457d6', max_length=7, verbose_name='accent colour')),
                ('logo', models.CharField(blank=True, max_length=120, verbose_name='logo')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='what is new')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.surveyversion')),
                ('published_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('survey', perfmgmt.tenants.base.TenantForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reviews.survey')),
                ('tenant', perfmgmt.tenants.base.HotForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(('name_en', ''), ('name_zh', ''), _negated=True), name='survey_has_a_name'),
        ),
        migrations.AddIndex(
            model_name='surveyevent',
            index=models.Index(fields=['tenant', 'pgh_created_at'], name='surveyevent_time'),
        ),
        migrations.AddIndex(
            model_name='surveyevent',
            index=models.Index(fields=['tenant', 'pgh_obj', 'pgh_id'], name='surveyevent_row'),
        ),
        migrations.AddConstraint(
            model_name='surveyevent',
            constraint=models.UniqueConstraint(fields=('tenant', 'pgh_id'), name='surveyevent_key'),
        ),
        migrations.AddConstraint(
            model_name='surveyversion',
            constraint=models.UniqueConstraint(fields=('tenant', 'survey', 'number'), name='survey_version_once'),
        ),
        migrations.AddConstraint(
            model_name='surveyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('tenant', 'survey'), name='survey_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='surveyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('tenant', 'survey'), name='survey_one_published'),
        ),
        migrations.AddConstraint(
            model_name='surveyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='published_survey_has_a_time'),
        ),
        migrations.AddIndex(
            model_name='surveyquestionevent',
            index=models.Index(fields=['tenant', 'pgh_created_at'], name='surveyquestionevent_time'),
        ),
        migrations.AddIndex(
            model_name='surveyquestionevent',
            index=models.Index(fields=['tenant', 'pgh_obj', 'pgh_id'], name='surveyquestionevent_row'),
        ),
        migrations.AddConstraint(
            model_name='surveyquestionevent',
            constraint=models.UniqueConstraint(fields=('tenant', 'pgh_id'), name='surveyquestionevent_key'),
        ),
        migrations.AddConstraint(
            model_name='surveyquestion',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('tenant', 'version', 'place'), name='survey_question_place'),
        ),
        migrations.AddConstraint(
            model_name='surveyquestion',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('tenant', 'version', 'key'), name='survey_question_once'),
        ),
        migrations.AddConstraint(
            model_name='surveyquestion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('after_high', None), ('after_key', ''), ('after_low', None)), models.Q(models.Q(('after_key', ''), _negated=True), ('after_high__isnull', False), ('after_low__isnull', False)), _connector='OR'), name='survey_condition_is_whole'),
        ),
        migrations.AddIndex(
            model_name='surveyversionevent',
            index=models.Index(fields=['tenant', 'pgh_created_at'], name='surveyversionevent_time'),
        ),
        migrations.AddIndex(
            model_name='surveyversionevent',
            index=models.Index(fields=['tenant', 'pgh_obj', 'pgh_id'], name='surveyversionevent_row'),
        ),
        migrations.AddConstraint(
            model_name='surveyversionevent',
            constraint=models.UniqueConstraint(fields=('tenant', 'pgh_id'), name='surveyversionevent_key'),
        ),
        AddTriggers([
            ('survey', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyevent" ("created_at", "id", "name_en", "name_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "reply_to", "state", "tenant_id") VALUES (NEW."created_at", NEW."id", NEW."name_en", NEW."name_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."purpose", NEW."reply_to", NEW."state", NEW."tenant_id"); RETURN NULL;', hash='65351ceb9c705cc8c484307add0a89b82a739cf7', operation='INSERT', pgid='pgtrigger_insert_insert_4ce29', table='reviews_survey', when='AFTER'))),
            ('survey', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reviews_surveyevent" ("created_at", "id", "name_en", "name_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "reply_to", "state", "tenant_id") VALUES (NEW."created_at", NEW."id", NEW."name_en", NEW."name_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."purpose", NEW."reply_to", NEW."state", NEW."tenant_id"); RETURN NULL;', hash='e6342775a469f64585fadeb1d1df51affb37e6f1', operation='UPDATE', pgid='pgtrigger_update_update_8d82a', table='reviews_survey', when='AFTER'))),
            ('survey', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyevent" ("created_at", "id", "name_en", "name_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "reply_to", "state", "tenant_id") VALUES (OLD."created_at", OLD."id", OLD."name_en", OLD."name_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."purpose", OLD."reply_to", OLD."state", OLD."tenant_id"); RETURN NULL;', hash='faa6ca984dbf33d0a29b51b292f01ae800b4bdb2', operation='DELETE', pgid='pgtrigger_delete_delete_53c2f', table='reviews_survey', when='AFTER'))),
            ('surveyversion', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyversionevent" ("accent", "first_language", "greeting_en", "greeting_zh", "heading_en", "heading_zh", "id", "logo", "next_steps_en", "next_steps_zh", "note", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reader_en", "reader_zh", "state", "subject_en", "subject_zh", "survey_id", "tenant_id", "thanks_en", "thanks_zh") VALUES (NEW."accent", NEW."first_language", NEW."greeting_en", NEW."greeting_zh", NEW."heading_en", NEW."heading_zh", NEW."id", NEW."logo", NEW."next_steps_en", NEW."next_steps_zh", NEW."note", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."reader_en", NEW."reader_zh", NEW."state", NEW."subject_en", NEW."subject_zh", NEW."survey_id", NEW."tenant_id", NEW."thanks_en", NEW."thanks_zh"); RETURN NULL;', hash='89b24f476d90f1e7e6d3b4ad1666fce7617db0e3', operation='INSERT', pgid='pgtrigger_insert_insert_dac20', table='reviews_surveyversion', when='AFTER'))),
            ('surveyversion', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reviews_surveyversionevent" ("accent", "first_language", "greeting_en", "greeting_zh", "heading_en", "heading_zh", "id", "logo", "next_steps_en", "next_steps_zh", "note", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reader_en", "reader_zh", "state", "subject_en", "subject_zh", "survey_id", "tenant_id", "thanks_en", "thanks_zh") VALUES (NEW."accent", NEW."first_language", NEW."greeting_en", NEW."greeting_zh", NEW."heading_en", NEW."heading_zh", NEW."id", NEW."logo", NEW."next_steps_en", NEW."next_steps_zh", NEW."note", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."reader_en", NEW."reader_zh", NEW."state", NEW."subject_en", NEW."subject_zh", NEW."survey_id", NEW."tenant_id", NEW."thanks_en", NEW."thanks_zh"); RETURN NULL;', hash='b1f9dd96366b358393ee78d45279575f9308ea95', operation='UPDATE', pgid='pgtrigger_update_update_cf010', table='reviews_surveyversion', when='AFTER'))),
            ('surveyversion', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyversionevent" ("accent", "first_language", "greeting_en", "greeting_zh", "heading_en", "heading_zh", "id", "logo", "next_steps_en", "next_steps_zh", "note", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reader_en", "reader_zh", "state", "subject_en", "subject_zh", "survey_id", "tenant_id", "thanks_en", "thanks_zh") VALUES (OLD."accent", OLD."first_language", OLD."greeting_en", OLD."greeting_zh", OLD."heading_en", OLD."heading_zh", OLD."id", OLD."logo", OLD."next_steps_en", OLD."next_steps_zh", OLD."note", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."published_at", OLD."published_by_id", OLD."reader_en", OLD."reader_zh", OLD."state", OLD."subject_en", OLD."subject_zh", OLD."survey_id", OLD."tenant_id", OLD."thanks_en", OLD."thanks_zh"); RETURN NULL;', hash='21fdcb27a02ef95216a7a7cfefe893a452bcfc57', operation='DELETE', pgid='pgtrigger_delete_delete_bc5de', table='reviews_surveyversion', when='AFTER'))),
            ('surveyquestion', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyquestionevent" ("after_high", "after_key", "after_low", "choices", "high_en", "high_zh", "id", "identified", "key", "kind", "low_en", "low_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "required", "tenant_id", "text_en", "text_zh", "version_id") VALUES (NEW."after_high", NEW."after_key", NEW."after_low", NEW."choices", NEW."high_en", NEW."high_zh", NEW."id", NEW."identified", NEW."key", NEW."kind", NEW."low_en", NEW."low_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."place", NEW."required", NEW."tenant_id", NEW."text_en", NEW."text_zh", NEW."version_id"); RETURN NULL;', hash='3d510db9e3bdbfd7d0a082c225f174b29991c2bb', operation='INSERT', pgid='pgtrigger_insert_insert_cee31', table='reviews_surveyquestion', when='AFTER'))),
            ('surveyquestion', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reviews_surveyquestionevent" ("after_high", "after_key", "after_low", "choices", "high_en", "high_zh", "id", "identified", "key", "kind", "low_en", "low_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "required", "tenant_id", "text_en", "text_zh", "version_id") VALUES (NEW."after_high", NEW."after_key", NEW."after_low", NEW."choices", NEW."high_en", NEW."high_zh", NEW."id", NEW."identified", NEW."key", NEW."kind", NEW."low_en", NEW."low_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."place", NEW."required", NEW."tenant_id", NEW."text_en", NEW."text_zh", NEW."version_id"); RETURN NULL;', hash='3705068f3c85f45b646ac5c8e60deca4a318fc79', operation='UPDATE', pgid='pgtrigger_update_update_4fa10', table='reviews_surveyquestion', when='AFTER'))),
            ('surveyquestion', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_surveyquestionevent" ("after_high", "after_key", "after_low", "choices", "high_en", "high_zh", "id", "identified", "key", "kind", "low_en", "low_zh", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "required", "tenant_id", "text_en", "text_zh", "version_id") VALUES (OLD."after_high", OLD."after_key", OLD."after_low", OLD."choices", OLD."high_en", OLD."high_zh", OLD."id", OLD."identified", OLD."key", OLD."kind", OLD."low_en", OLD."low_zh", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."place", OLD."required", OLD."tenant_id", OLD."text_en", OLD."text_zh", OLD."version_id"); RETURN NULL;', hash='91e4c7ce9ed3e90694c5dd274284f1f0014b3070', operation='DELETE', pgid='pgtrigger_delete_delete_2b0b1', table='reviews_surveyquestion', when='AFTER'))),
        ]),
    ]
