"""Migrations that change what is stored already, run over rows from before."""

from datetime import date

from django.core.management import call_command
from django.db import connections

from perfmgmt.people.selectors import directory
from tests.factories import Company


def test_people_from_before_there_were_initials_are_found_by_them(committed: None) -> None:
    company = Company.create("acme")
    connections.close_all()
    try:
        call_command("migrate", "people", "0002_security", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    with company.scope():
        assert list(directory(search="la", on=date(2025, 3, 1))) == [company.people["ann"]]
