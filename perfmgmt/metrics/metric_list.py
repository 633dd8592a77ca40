"""The metric library as a list: searched, filtered, sorted, and exported by a job."""

from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.permissions import SEE_METRICS
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.metrics.words import dimension_word, how, in_both

KIND = "metrics.export"
ACTIVE, ARCHIVED, ALL = "", "archived", "all"
SORTS: dict[str, Callable[[Metric], Any]] = {
    "name": lambda metric: metric.name.casefold(),
    "code": lambda metric: metric.code,
    "kind": lambda metric: str(metric.get_aggregation_display()),
    "unit": lambda metric: str(metric.get_unit_of_measure_display()),
    "dimension": lambda metric: dimension_word(metric.dimension),
}


def arranged(query: QueryDict) -> list[Metric]:
    """Return the metrics that an address asks for: q (names, code), dimension, kind, state, sort."""
    search = query.get("q", "")[:100].strip().casefold()
    found = metrics_with_parts()
    if query.get("state", ACTIVE) != ALL:
        found = found.filter(archived_at__isnull=query.get("state") != ARCHIVED)
    if query.get("dimension"):
        found = found.filter(dimension=query["dimension"][:40])
    if query.get("kind"):
        found = found.filter(aggregation=query["kind"][:20])
    metrics = [m for m in found if search in f"{m.name_zh} {m.name_en} {m.code}".casefold()]
    sort = query.get("sort", "")
    key = SORTS.get(sort.removeprefix("-"))
    return metrics if key is None else sorted(metrics, key=key, reverse=sort.startswith("-"))


def export(context: JobContext) -> dict[str, Any]:
    """Write the list (params: query, language) with the rights of who asked."""
    with override(context.params["language"]):
        asker(context, SEE_METRICS)
        header = [
            _("Code"), _("Name in Chinese"), _("Name in English"), _("Dimension"), _("Unit of measure"), _("Tax"),
            _("Direction"), _("Way of computing"), _("How it is computed"), _("One sentence in Chinese"),
            _("One sentence in English"), _("State"),
        ]  # fmt: skip
        rows = (_row(metric) for metric in arranged(QueryDict(context.params["query"])))
        return write_csv(context, "metrics.csv", header, rows)


def _row(metric: Metric) -> tuple[str, ...]:
    (_zh, name_zh, zh, _how_zh), (_en, name_en, en, _how_en) = in_both(metric)
    return (
        metric.code, name_zh, name_en, dimension_word(metric.dimension), str(metric.get_unit_of_measure_display()),
        str(metric.get_tax_basis_display()), str(metric.get_direction_display()),
        str(metric.get_aggregation_display()), how(metric), zh, en,
        _("Archived") if metric.archived_at else _("In use"),
    )  # fmt: skip
