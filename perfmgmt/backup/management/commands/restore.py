import errno
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perfmgmt.backup.programs import BackupError
from perfmgmt.backup.services import restore


class Command(BaseCommand):
    help = "Put an archive of `backup` in the place of the database and the uploaded files, then migrate."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--replace", action="store_true", help="also where there are data, which are lost then")

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["file"].absolute()
        try:
            count = restore(source, replace=options["replace"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise CommandError("The disk is full: no space left to restore; nothing was changed.") from error
            raise CommandError(f"{error.filename or source}: {error.strerror}") from error
        self.stdout.write(f"Restored the database and {count} files from {source}")
