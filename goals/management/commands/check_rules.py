import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals import golden


class Command(BaseCommand):
    help = "Run a JSON file of golden cases against the product's rules; exit 1 when a case fails."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="an object: section -> list of cases")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sections = golden.read(options["file"])
        except golden.Unreadable as error:
            raise CommandError(str(error)) from error
        results = [golden.run(section, cases) for section, cases in sections.items()]
        for result in results:
            self.stdout.write(_line(result))
        passed, failed = sum(it.passed for it in results), sum(it.failed for it in results)
        skipped = sum(not it.known for it in results)
        self.stdout.write(f"{passed} passed, {failed} failed, {skipped} sections skipped")
        if failed:
            raise SystemExit(1)


def _line(result: golden.Result) -> str:
    """Return what one section gave, with the first case that failed."""
    if not result.known:
        return f"{result.section}: skipped, this version has no such rule ({result.cases} cases)"
    line = f"{result.section}: {result.passed} passed, {result.failed} failed"
    if result.first is None:
        return line
    case = json.dumps(result.first.case, ensure_ascii=False, default=str)
    return (
        f"{line}\n  first failing case, number {result.first.place}: {case}\n"
        f"  wanted {_plain(result.first.wanted)}, found {_plain(result.first.found)}"
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_number)


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
