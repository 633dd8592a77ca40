from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
AUDITED = ("Survey", "SurveyVersion", "SurveyQuestion")

# What is published never changes: the rows of a version that is no draft stay as they are. It may be replaced by a
# newer one, and forgets who published it when their sign-in is removed. It goes with its survey, never alone.
FREEZE = """
CREATE FUNCTION reviews_survey_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM reviews_survey WHERE tenant_id = OLD.tenant_id AND id = OLD.survey_id) THEN
            RAISE EXCEPTION 'A published version of a survey is never removed.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF NOT (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'retired'))
       OR NOT (NEW.published_by_id IS NULL OR NEW.published_by_id IS NOT DISTINCT FROM OLD.published_by_id)
       OR (to_jsonb(NEW) - 'state' - 'published_by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'state' - 'published_by_id')
    THEN
        RAISE EXCEPTION 'A published version of a survey never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_version_frozen BEFORE UPDATE OR DELETE ON reviews_surveyversion
    FOR EACH ROW EXECUTE FUNCTION reviews_survey_version_frozen();

CREATE FUNCTION reviews_survey_question_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF EXISTS (SELECT FROM reviews_surveyversion
                   WHERE tenant_id = OLD.tenant_id AND id = OLD.version_id AND state <> 'draft') THEN
            RAISE EXCEPTION 'A published version of a survey never changes.' USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    END IF;
    IF EXISTS (SELECT FROM reviews_surveyversion
               WHERE tenant_id = NEW.tenant_id AND id = NEW.version_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'A published version of a survey never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_question_frozen BEFORE INSERT OR UPDATE OR DELETE ON reviews_surveyquestion
    FOR EACH ROW EXECUTE FUNCTION reviews_survey_question_frozen();
"""
THAW = """
DROP TRIGGER survey_question_frozen ON reviews_surveyquestion;
DROP TRIGGER survey_version_frozen ON reviews_surveyversion;
DROP FUNCTION reviews_survey_question_frozen();
DROP FUNCTION reviews_survey_version_frozen();
"""


class Migration(migrating.Migration):
    dependencies = [("reviews", "0010_surveys")]

    operations = [
        *(SecureTable(table) for table in AUDITED),
        *(SecureHistory(f"{table}Event") for table in AUDITED),
        migrations.RunSQL(FREEZE, THAW),
    ]
