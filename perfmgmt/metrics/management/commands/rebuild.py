from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.full import Outcome
from perfmgmt.metrics.rollups.parking import DATA_FAULTS
from perfmgmt.metrics.rollups.services import drain_all, rebuild
from perfmgmt.metrics.selectors import parked
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.management.base import WorkspaceCommand


class Command(WorkspaceCommand):
    help = (
        "Recompute every derived table from the facts; with --check compare instead. Exits 1 on a difference, and "
        "when figures can't be worked out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true", help="compare, change nothing")

    def run(self, open_scope: Any, **options: Any) -> None:
        if options["check"]:
            outcome = self._compare(open_scope)
            self._report(outcome, "differ")
        else:
            outcome = self._rebuild(open_scope)
            self._report(outcome, "corrected")
        with open_scope():
            left = self._report_parked()
        if left or (options["check"] and outcome.differing):
            raise SystemExit(1)

    def _rebuild(self, open_scope: Any) -> Outcome:
        """Rebuild at once; where the data make that fail, metric by metric and around the people at fault.

        Apps above rebuild what they derive from the rollups by the event.
        """
        outcome = self._rebuild_rollups(open_scope)
        publish("metrics.rebuilt", open_scope=open_scope, outcome=outcome)
        return outcome

    def _rebuild_rollups(self, open_scope: Any) -> Outcome:
        try:
            with open_scope():
                return rebuild()
        except DATA_FAULTS as error:
            self.stderr.write(f"{_class(error)}: going on metric by metric.")
        with open_scope():
            dirty.mark_everything()
        drain_all(open_scope)
        return Outcome()

    def _compare(self, open_scope: Any) -> Outcome:
        """Compare in one snapshot that holds no dirty keys, so that running workers don't disturb."""
        try:
            return self._compare_at_rest(open_scope)
        except DATA_FAULTS as error:
            with open_scope():
                self._report_parked()
            raise CommandError(f"The figures can't be compared, the data make that fail: {_class(error)}") from error

    def _compare_at_rest(self, open_scope: Any) -> Outcome:
        while True:
            drain_all(open_scope)
            publish("metrics.rebuild_waits", open_scope=open_scope)
            if connection.in_atomic_block:  # a caller's transaction: nobody else's changes are expected in it
                with open_scope():
                    return self._all_compared()
            connection.ensure_connection()
            connection.connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
            try:
                with open_scope():
                    if not DirtyKey.objects.exists() and not _is_waiting_above():
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

    def _report_parked(self) -> int:
        """Name the figures that could not be worked out; return how many there are."""
        keys = list(parked())
        for key in keys:
            who = key.employee.number if key.employee else "everybody"
            days = f"{key.first_day} to {key.last_day}"
            self.stdout.write(
                f"parked: {key.metric.code}, {who}, {days}: {key.error}, {key.parked_at:%Y-%m-%d %H:%M}"
            )
        return len(keys)


def _is_waiting_above() -> bool:
    """Whether an app above still has something to derive: it says so by adding to the list."""
    waiting: list[str] = []
    publish("metrics.rebuild_resting", waiting=waiting)
    return bool(waiting)


def _class(error: Exception) -> str:
    return type(error.__cause__ or error).__name__
