from typing import Any

from django.core.management.base import CommandParser
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.metrics.rollups.full import Outcome
from perfmgmt.metrics.rollups.services import drain_all, rebuild
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.management.base import WorkspaceCommand


class Command(WorkspaceCommand):
    help = "Recompute every derived table from the facts; with --check compare instead and exit 1 on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true", help="compare, change nothing")

    def run(self, open_scope: Any, **options: Any) -> None:
        if not options["check"]:
            with open_scope():
                outcome = rebuild()
            self._report(outcome, "corrected")
            return
        outcome = self._compare(open_scope)
        self._report(outcome, "differ")
        if outcome.differing:
            raise SystemExit(1)

    def _compare(self, open_scope: Any) -> Outcome:
        """Compare in one snapshot that holds no dirty keys, so that running workers don't disturb."""
        while True:
            drain_all(open_scope)
            if connection.in_atomic_block:  # a caller's transaction: nobody else's changes are expected in it
                with open_scope():
                    return self._all_compared()
            connection.ensure_connection()
            connection.connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
            try:
                with open_scope():
                    if not DirtyKey.objects.exists():
                        return self._all_compared()
            finally:
                connection.close()

    def _all_compared(self) -> Outcome:
        """Compare the rollups; apps above add what they keep (locked periods) by the event."""
        outcome = rebuild(check=True)
        publish("metrics.rebuild_checked", outcome=outcome)
        return outcome

    def _report(self, outcome: Outcome, word: str) -> None:
        for level, rows in outcome.rows.items():
            self.stdout.write(f"{level}: {rows} rows, {outcome.differences[level]} {word}")
