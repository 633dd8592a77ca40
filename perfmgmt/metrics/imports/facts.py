"""Importing facts as a job (F3): stage, check, publish, all in the job's one transaction."""

from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.imports import runs
from perfmgmt.metrics.imports.mapping import FactsMapping, facts_mapping
from perfmgmt.metrics.imports.publishing import Publisher
from perfmgmt.metrics.imports.sources import SourceFile
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
    """Import the uploaded file of the job (params: file, mapping, language); return the summary as JSON values.

    With `dry` in the params the file is checked and counted, and nothing is written.
    """
    with override(context.params.get("language", "en")):
        mapping = facts_mapping(context.params["mapping"])
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        path = Path(default_storage.path(context.params["file"]))
        file, summary = runs.open_file(path, mapping, context), runs.summary(context)
        import_file(file, mapping, workspace, context, summary)
        return runs.result(context, file, summary)


def import_file(
    file: SourceFile, mapping: FactsMapping, workspace: Workspace, context: JobContext, summary: Summary
) -> None:
    """Import one file in the open transaction. Raises DomainError for a file or mapping that can't be used."""
    create_tables(with_supporters=bool(mapping.supporters))
    stager = Stager(mapping, summary, today=workspace.today())
    context.report(READING, 0, file.size)
    stager.run(file, lambda done, total: context.report(READING, done, total, rows=summary.rows))
    context.report(PUBLISHING)
    dry = runs.is_dry(context)
    source = Source.objects.filter(code=mapping.source).first()
    if source is None and not dry:
        source, _created = Source.objects.get_or_create(code=mapping.source, defaults={"name": mapping.source})
    codes = [fact.metric.constant for fact in mapping.facts]
    may_double = len(set(codes)) < len(codes) or ("" in codes and len(codes) > 1) or bool(mapping.supporters)
    Publisher(
        source_id=source.pk if source else 0,
        job_id=context.job_id,
        metric_ids=_metrics_of(mapping),
        workspace_currency=workspace.currency,
        summary=summary,
        may_double=may_double,
        with_supporters=bool(mapping.supporters),
    ).run(dry=dry)


def _metrics_of(mapping: FactsMapping) -> list[int]:
    """Return the metrics that rows of this mapping give: what they no longer give is taken back.

    Where a column names the metric, a row stands for one metric only and takes nothing else back.
    """
    codes = {code for fact in mapping.facts for code in (fact.metric.constant, fact.supported) if code}
    return list(Metric.objects.filter(code__in=codes).values_list("pk", flat=True))
