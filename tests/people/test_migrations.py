"""Migrations that change what is stored already, run over rows from before."""

from datetime import date
from typing import Any

from django.core.management import call_command
from django.db import connections

from perfmgmt.people.models import Employee
from perfmgmt.tenants.bootstrap import prepare_database
from perfmgmt.tenants.scope import tenant_scope
from tests import servers
from tests.conftest import admin_cursor

PEOPLE_FROM_BEFORE = """
INSERT INTO tenants_tenant (slug, created_at) VALUES ('acme', now());
INSERT INTO people_employee (tenant_id, number, name, name_key, email, phone, hired_on)
SELECT id, 'E1', '李安', 'li an', '', '', DATE '2024-01-01' FROM tenants_tenant;
"""


def test_people_from_before_there_were_initials_are_found_by_them(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    name = f"{servers.DATABASE}_before"
    with django_db_blocker.unblock():
        prepare_database(servers.ADMIN, name)
        try:
            _use(name)
            call_command("migrate", "people", "0002_security", verbosity=0)
            with admin_cursor(name) as cursor:
                cursor.execute(PEOPLE_FROM_BEFORE)
                cursor.execute("SELECT id FROM tenants_tenant")
                (tenant,) = cursor.fetchone()
            call_command("migrate", verbosity=0)
            with tenant_scope(tenant):
                assert Employee.objects.get(initials="la").hired_on == date(2024, 1, 1)
        finally:
            _use(servers.DATABASE)
            with admin_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _use(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database
