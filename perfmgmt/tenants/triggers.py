"""Triggers of many models as one migration operation.

`AddTrigger` of django-pgtrigger reloads its model, and with it every model that points there, for each trigger: in a
schema in which everything points at the workspace that is most of what a migration costs.
"""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation, OperationCategory
from pgtrigger.compiler import Trigger


class AddTriggers(Operation):
    """Install triggers; `triggers` are (model, trigger) as `makemigrations` writes them one by one.

    Reversing it drops them. Models that are rendered already are not rendered anew: a trigger changes no field.
    """

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.ADDITION

    def __init__(self, triggers: Sequence[tuple[str, Trigger]]) -> None:
        self.triggers = triggers

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' states learn of their triggers, so that `makemigrations` finds nothing to do."""
        for model, trigger in self.triggers:
            options = state.models[app_label, model.lower()].options
            options["triggers"] = [*options.get("triggers", []), trigger]

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Install every trigger."""
        for _model, trigger in self.triggers:
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop them again."""
        for _model, trigger in self.triggers:
            schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return f"Create {len(self.triggers)} triggers"

    @property
    def migration_name_fragment(self) -> str:
        return "triggers"
