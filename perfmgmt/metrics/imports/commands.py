"""What the two import commands share: run the job here and now, print its summary."""

import json
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import get_language

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports.mapping import Json, parse_json
from perfmgmt.metrics.imports.reasons import said
from perfmgmt.tenants.management.base import WorkspaceCommand
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id

PARTS = ("rows", "skipped", "refused", "added", "changed", "unchanged", "errors")


class ImportCommand(WorkspaceCommand):
    """Imports a file in this process, as a job like any other; exits 1 only if every row was refused."""

    kind: str
    default_mapping: Json

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--mapping", type=Path, metavar="M.json", help="which column means what (docs/imports.md)"
        )
        parser.add_argument("file", type=Path, metavar="FILE", help="a CSV file")

    def run(self, open_scope: Any, **options: Any) -> None:
        mapping = self.default_mapping
        if options["mapping"] is not None:
            mapping = parse_json(_readable(options["mapping"]).read_text(encoding="utf-8"))
        path = _readable(options["file"])
        with open_scope():
            with path.open("rb") as file:
                name = default_storage.save(f"imports/{path.name}", File(file))
            job = Job.objects.create(
                kind=self.kind,
                params={
                    "file": name,
                    "file_name": path.name,
                    "mapping": mapping,
                    "language": get_language() or "en",
                },
            )
            # When this process is ended meanwhile, the sweep leaves the job to a worker.
            Doorbell.objects.create(tenant_id=current_tenant_id(), queue=jobs.QUEUE)
        jobs.run(open_scope, job.pk)
        job = jobs.wait(open_scope, job.pk)
        if job.state != JobState.DONE or job.result is None:
            raise CommandError(job.error)
        # PostgreSQL does not keep the order of a JSON object's parts; the contract reads better in its own.
        summary = {part: job.result[part] for part in PARTS}
        summary["errors"] = [{"row": error["row"], "reason": said(error)} for error in summary["errors"]]
        self.stdout.write(json.dumps(summary, ensure_ascii=False))
        if job.result["rows"] > 0 and job.result["refused"] == job.result["rows"]:
            raise SystemExit(1)


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    return path
