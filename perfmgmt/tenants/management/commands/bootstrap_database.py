"""Prepare an external PostgreSQL: two roles, the database, default privileges."""

import os
from argparse import ArgumentParser
from typing import Any
from urllib.parse import quote

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from psycopg2.extensions import parse_dsn

from perfmgmt.tenants.bootstrap import APP_ROLE, OWNER_ROLE, BootstrapError, create_roles


class Command(BaseCommand):
    """`manage.py bootstrap_database --admin-url URL`: prints the two URLs that settings want."""

    help = "Make the owner and application roles and the database on a PostgreSQL server (safe to repeat)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--admin-url", help="who may create roles and databases (ADMIN_DATABASE_URL)")
        parser.add_argument("--database", default="perfmgmt", help="name of the database (perfmgmt)")

    def handle(self, *args: Any, **options: Any) -> None:
        admin_url = options["admin_url"] or os.environ.get("ADMIN_DATABASE_URL")
        if not admin_url:
            raise CommandError("Say which server: --admin-url postgresql://... or ADMIN_DATABASE_URL.")
        try:
            passwords = create_roles(
                admin_url,
                database=options["database"],
                owner_password=_given("PERFMGMT_OWNER_PASSWORD"),
                app_password=_given("PERFMGMT_APP_PASSWORD"),
            )
        except (psycopg2.Error, BootstrapError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        if options["verbosity"] == 0:
            return  # in a container the output is a log, where passwords have no place
        for variable, role in (("MIGRATION_DATABASE_URL", OWNER_ROLE), ("DATABASE_URL", APP_ROLE)):
            url = _url(admin_url, role, passwords[role], options["database"])
            self.stdout.write(f"{variable}={url}")
        if None in passwords.values():
            self.stderr.write("PASSWORD stands for the password the role had before; it was not changed.")


def _given(variable: str) -> str | None:
    """A password of the environment. An empty one is a mistake, not a wish for a random one."""
    password = os.environ.get(variable)
    if password == "":
        raise CommandError(f"{variable} is empty: set a password, or unset it to have one made.")
    return password


def _url(admin_url: str, role: str, password: str | None, database: str) -> str:
    """The address of the administrator's URL for another role and database."""
    parts = parse_dsn(admin_url)
    host, port = parts.get("host", ""), parts.get("port", "")
    word = quote(password, safe="") if password is not None else "PASSWORD"
    query = f"?sslmode={parts['sslmode']}" if "sslmode" in parts else ""
    if host.startswith("/"):
        return f"postgresql://{role}:{word}@/{database}?host={quote(host, safe='')}" + (
            f"&port={port}" if port else ""
        )
    address = f"[{host}]" if ":" in host else host
    return f"postgresql://{role}:{word}@{address}{':' + port if port else ''}/{database}{query}"
