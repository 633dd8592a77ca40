import json
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from perfmgmt.metrics.rollups.services import drain_all
from perfmgmt.metrics.selectors import series
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import GRAIN_BY_NAME
from perfmgmt.tenants.management.base import WorkspaceCommand
from perfmgmt.tenants.models import Tenant


class Command(WorkspaceCommand):
    help = "Print the figures of a metric as JSON lines, after pending work is done."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--metric", required=True, metavar="CODE")
        parser.add_argument("--period", required=True, choices=["month", "quarter", "year"])
        parser.add_argument("--by", default="employee", choices=["employee", "unit"])

    def run(self, open_scope: Any, **options: Any) -> None:
        drain_all(open_scope)
        with open_scope() as tenant_id:
            workspace = workspace_of(Tenant.objects.get(pk=tenant_id))
            rows = series(
                code=options["metric"],
                grain=GRAIN_BY_NAME[options["period"]],
                by=options["by"],
                fiscal_start_month=workspace.fiscal_start_month,
            )
            for row in rows:
                line = {options["by"]: row.number, "name": row.name} if options["by"] == "employee" else {
                    "unit": row.name, "name": row.name}  # fmt: skip
                figures = {"period": row.period.label, "value": _json_number(row.value), "n": row.n}
                self.stdout.write(json.dumps({**line, **figures}, ensure_ascii=False))


def _json_number(value: Decimal | None) -> int | float | None:
    """Return a number as JSON has it: whole numbers stay whole, a missing figure is null."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
