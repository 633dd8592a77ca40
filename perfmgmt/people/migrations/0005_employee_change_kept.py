from perfmgmt.tenants import migrating
from django.db import migrations

# `updated_at` follows every write, bulk ones and raw SQL too. Changes of assignments count as changes of their
# people: one statement touches all of them at once.
TOUCH = """
    CREATE FUNCTION people_employee_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.updated_at := clock_timestamp();
        RETURN NEW;
    END $$;
    CREATE TRIGGER employee_changed BEFORE UPDATE ON people_employee
        FOR EACH ROW EXECUTE FUNCTION people_employee_changed();

    CREATE FUNCTION people_assignments_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE people_employee e SET updated_at = clock_timestamp()
        FROM (SELECT DISTINCT tenant_id, employee_id FROM touched) t
        WHERE e.tenant_id = t.tenant_id AND e.id = t.employee_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER assignments_added AFTER INSERT ON people_assignment REFERENCING NEW TABLE AS touched
        FOR EACH STATEMENT EXECUTE FUNCTION people_assignments_changed();
    CREATE TRIGGER assignments_changed AFTER UPDATE ON people_assignment REFERENCING NEW TABLE AS touched
        FOR EACH STATEMENT EXECUTE FUNCTION people_assignments_changed();
    CREATE TRIGGER assignments_removed AFTER DELETE ON people_assignment REFERENCING OLD TABLE AS touched
        FOR EACH STATEMENT EXECUTE FUNCTION people_assignments_changed()
"""
UNTOUCH = """
    DROP TRIGGER employee_changed ON people_employee;
    DROP TRIGGER assignments_added ON people_assignment;
    DROP TRIGGER assignments_changed ON people_assignment;
    DROP TRIGGER assignments_removed ON people_assignment;
    DROP FUNCTION people_employee_changed();
    DROP FUNCTION people_assignments_changed()
"""


class Migration(migrating.Migration):
    dependencies = [('people', '0004_employee_change')]

    operations = [migrations.RunSQL(TOUCH, UNTOUCH)]
