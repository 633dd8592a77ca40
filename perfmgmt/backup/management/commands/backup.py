import errno
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perfmgmt.backup.programs import BackupError
from perfmgmt.backup.services import back_up


class Command(BaseCommand):
    help = "Write the database and the uploaded files of the whole installation into one archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to make, such as perfmgmt-2026-03-31.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["file"].absolute()
        try:
            manifest = back_up(target)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise CommandError(f"The disk is full: no space left below {target.parent}.") from error
            raise CommandError(f"{error.filename or target}: {error.strerror}") from error
        size = target.stat().st_size
        self.stdout.write(f"{target}: {size} bytes, {len(manifest.members) - 1} files beside the database")
