from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Django's migrate, run as the role that owns the tables (the application's role may not change them)."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> Any:
        if options["database"] not in settings.DATABASES:
            raise CommandError(
                "MIGRATION_DATABASE_URL is not set: migrations run as the owner's role. See docs/operator.md."
            )
        return super().handle(*args, **options)
