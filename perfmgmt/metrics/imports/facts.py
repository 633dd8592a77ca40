"""Importing facts as a job (F3): stage, check, publish, all in the job's one transaction."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.imports.mapping import FactsMapping, facts_mapping
from perfmgmt.metrics.imports.publishing import Publisher
from perfmgmt.metrics.imports.reader import CsvFile
from perfmgmt.metrics.imports.staging import Stager, create_tables
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.metrics.models import Metric, Source
from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

KIND = "facts.import"
# Phases of the progress, translated where they are shown.
READING, PUBLISHING = "reading", "publishing"


def run(context: JobContext) -> dict[str, Any]:
    """Import the uploaded file of the job (params: file, mapping, language); return the summary as JSON values."""
    with override(context.params.get("language", "en")):
        mapping = facts_mapping(context.params["mapping"])
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        summary = import_file(Path(default_storage.path(context.params["file"])), mapping, workspace, context)
        return summary.as_json()


def import_file(path: Path, mapping: FactsMapping, workspace: Workspace, context: JobContext) -> Summary:
    """Import one file in the open transaction. Raises DomainError for a file or mapping that can't be used."""
    summary = Summary()
    create_tables()
    file = CsvFile(path, encoding=mapping.encoding, delimiter=mapping.delimiter, most_rows=settings.IMPORT_MAX_ROWS)
    stager = Stager(mapping, summary, today=workspace.today())
    context.report(READING, 0, file.size)
    stager.run(file, lambda done, total: context.report(READING, done, total))
    context.report(PUBLISHING)
    source, _created = Source.objects.get_or_create(code=mapping.source, defaults={"name": mapping.source})
    codes = [fact.metric.constant for fact in mapping.facts]
    may_double = len(set(codes)) < len(codes) or ("" in codes and len(codes) > 1)
    Publisher(source.pk, context.job_id, _metrics_of(mapping), workspace.currency, summary, may_double).run()
    return summary


def _metrics_of(mapping: FactsMapping) -> list[int]:
    """Return the metrics that rows of this mapping give: what they no longer give is taken back.

    Where a column names the metric, a row stands for one metric only and takes nothing else back.
    """
    codes = [fact.metric.constant for fact in mapping.facts if fact.metric.constant]
    return list(Metric.objects.filter(code__in=codes).values_list("pk", flat=True))
