"""Migrations that render their models once for a run of operations, not once for each.

Every table points at its workspace, so Django renders nearly all models anew for each table it creates: a fresh
database took longer to migrate than everything else of a first start together.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django.db import migrations
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from pgtrigger.migrations import AddTrigger, RemoveTrigger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.migrations.operations.base import Operation

#: Operations of one kind may share the states before and after all of them: none of them changes what another of them
#: has made.
_TOGETHER: Final[dict[type, str]] = {
    CreateModel: "tables",
    AddField: "columns",
    AddIndex: "rest",
    AddConstraint: "rest",
    RemoveTrigger: "rest",
    AddTrigger: "rest",
}


class Migration(migrations.Migration):
    """As Django's; a run of new tables, of new columns, or of new indexes, constraints and triggers is one
    step.
    """

    def apply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Apply the operations in their order to the database of `schema_editor`; return the state after them.

        `collect_sql` (sqlmigrate) is Django's own way, operation by operation.
        """
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql)
        for operations in _runs(self.operations):
            before = project_state.clone()
            if len(operations) > 1:
                project_state.__dict__.pop("apps", None)  # rendered once, when the first one asks for its model
            for operation in operations:
                operation.state_forwards(self.app_label, project_state)
            for operation in operations:
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state


def _runs(operations: Iterable[Operation]) -> list[list[Operation]]:
    """The operations in their order; those that are one step of the state stand together."""
    numbered = enumerate(operations)
    runs = groupby(numbered, key=lambda pair: _TOGETHER.get(type(pair[1])) or pair[0])
    return [[operation for _number, operation in run] for _kind, run in runs]
