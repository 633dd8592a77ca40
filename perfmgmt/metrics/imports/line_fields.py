"""The lines of the page of columns: what each row gives, which rows count, and texts that are written differently."""

import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.mapping import Json
from perfmgmt.metrics.imports.sniffing import Days
from perfmgmt.metrics.imports.suggested_lines import BETWEEN, ONE, KnownMetric, days_value
from perfmgmt.metrics.imports.suggestions import Inspection
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.selectors import metrics_that_take_facts

CONDITIONS = 2
# More columns of days than these are not offered in pairs.
MOST_DAYS = 10
TESTS = [("in", _("is")), ("filled", _("is filled in")), ("empty", _("is empty"))]
COUNTED = ("count", "pieces")
LINE_PARTS = ("metric", "value", "day", "when", "test", "texts")
_PART = re.compile(r'"([^"]+)"|([^,;，；"]+)')
Choices = list[tuple[Any, Any]]


def known_metrics() -> list[KnownMetric]:
    """Return the metrics that take facts, with what they are called."""
    return [
        KnownMetric(metric.code, (metric.name_zh, metric.name_en), metric.unit_of_measure in COUNTED)
        for metric in metrics_that_take_facts().order_by("pk")
    ]


def metric_names() -> dict[str, str]:
    """Return code -> name, in the reader's language, of the metrics that take facts."""
    chinese = (get_language() or "").startswith("zh")
    metrics = metrics_that_take_facts().order_by("pk")
    return {metric.code: metric.name_zh if chinese else metric.name_en for metric in metrics}


def metric_choices(names: dict[str, str], header: list[str]) -> Choices:
    """Return what a line may give: a metric, or the one that a column names."""
    return [
        ("", _("— nothing —")),
        (_("Metric"), [(f"m:{code}", name) for code, name in names.items()]),
        (_("The metric stands in the column"), [(f"c:{name}", name) for name in header]),
    ]


def value_choices(header: list[str], inspection: Inspection) -> Choices:
    """Return where a value may come from: each row, a column, or the days between two columns of days."""
    days = day_columns(header, inspection)
    pairs = [(days_value(a, b), f"{a} {BETWEEN} {b}") for a in days for b in days if a != b]
    choices: Choices = [
        (ONE, _("1 for each row")),
        (_("The number in the column"), [(f"c:{name}", name) for name in header]),
    ]
    return [*choices, (_("The days between two columns"), pairs)] if pairs else choices


def day_columns(header: list[str], inspection: Inspection) -> list[str]:
    """Return the columns that may hold days: those that do so in the first rows, and empty ones."""
    found = []
    for name in header:
        column = inspection["columns"][name]
        days = Days(**column["days"])
        if not column["filled"] or days.known * 2 >= days.texts > 0:
            found.append(name)
    return found[:MOST_DAYS]


def between(value: str, header: list[str]) -> tuple[str, str] | None:
    """Return the two columns of a choice of days between; None for another choice."""
    if not value.startswith("b:"):
        return None
    pairs = ((a, b) for a in header for b in header if days_value(a, b) == value)
    return next(pairs, None)


def modern(choices: dict[str, Any]) -> dict[str, Any]:
    """Return choices that an earlier version kept, as they are made today: days to the day of the row are a pair."""
    day = choices.get("day", "")
    return {
        name: days_value(value[2:], day) if isinstance(value, str) and value.startswith("d:") else value
        for name, value in choices.items()
    }


def texts_of(text: str) -> list[str]:
    """Return what stands between commas or semicolons, of either width; a text in quotation marks may hold some."""
    parts = (quoted or bare.strip() for quoted, bare in _PART.findall(text))
    return [part for part in parts if part]


def condition(column: str, test: str, texts: str) -> list[Json]:
    """Return the condition that three fields make; [] for none."""
    if not column:
        return []
    if test == "in":
        return [{"column": column, "in": texts_of(texts)}]
    return [{"column": column, "filled": test == "filled"}]


def spellings(text: str) -> dict[str, str]:
    """Return the texts that are written differently: one `this = that` on a line. Raises ValidationError."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        before, mark, after = line.replace("＝", "=").partition("=")
        if not (mark and before.strip() and after.strip()):
            raise forms.ValidationError(_("Write one on each line: GTXPro = GTX Pro"))
        found[before.strip()] = after.strip()
    return found


def named_metrics() -> dict[str, str]:
    """Return name -> code of the metrics that take facts: a column may say either."""
    found: dict[str, str] = {}
    for metric in known_metrics():
        found |= {name: metric.code for name in metric.names if name}
    return found


def ratios_of(codes: set[str]) -> list[Metric]:
    """Return the ratios that these metrics give, because both their parts are among them."""
    ratios = Metric.objects.filter(aggregation=Aggregation.RATIO, archived_at=None).select_related(
        "numerator", "denominator"
    )
    return [each for each in ratios if {_code(each.numerator), _code(each.denominator)} <= codes]


def _code(metric: Metric | None) -> str:
    return metric.code if metric is not None else ""
