"""Writes of the metric library: add, change, archive, restore. Metrics are never deleted."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.definitions import Definition, Filter, Problem, problems, without_what_is_not_used
from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.metrics.problems import sentence_of
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.usage import uses_of
from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id

# Fields that change a metric's figures; the others change only how they are read.
COMPUTING = (
    "aggregation",
    "base",
    "numerator",
    "denominator",
    "target_metric",
    "filters",
    "customer_rule",
    "customer_rule_months",
    "growth_form",
    "growth_baseline",
    "distinct_attribute",
    "is_stock",
)


class BadDefinition(DomainError):
    """A metric can't be what was asked for; `problems` says why, field by field."""

    code = "bad_definition"

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(sentence_of(found[0]))


@dataclass(frozen=True)
class Draft:
    """A metric as somebody wants it: how it is computed, and what it is called.

    `numerator_filters` and `denominator_filters` narrow the parts of a ratio: a metric with these filters is found or
    made when the draft is saved.
    """

    definition: Definition
    name_zh: str = ""
    name_en: str = ""
    description_zh: str = ""
    description_en: str = ""
    dimension: str = ""
    counts_when: str = ""
    numerator_filters: tuple[Filter, ...] = ()
    denominator_filters: tuple[Filter, ...] = ()
    texts: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        names = ("name_zh", "name_en", "description_zh", "description_en", "dimension", "counts_when")
        self.texts.update({name: getattr(self, name) for name in names})


def definition_of(metric: Metric, codes: dict[int, str], *, has_facts: bool = False) -> Definition:
    """Return a metric's definition; `codes` are the codes of the workspace's metrics by id."""
    return Definition(
        code=metric.code,
        unit_of_measure=metric.unit_of_measure,
        aggregation=metric.aggregation,
        tax_basis=metric.tax_basis,
        direction=metric.direction,
        band=(metric.band_low, metric.band_high, metric.band_tolerance),
        base=codes.get(metric.base_id or 0, ""),
        numerator=codes.get(metric.numerator_id or 0, ""),
        denominator=codes.get(metric.denominator_id or 0, ""),
        target_metric=codes.get(metric.target_metric_id or 0, ""),
        filters=tuple(Filter(each["attribute"], each["op"], tuple(each["values"])) for each in metric.filters),
        customer_rule=metric.customer_rule,
        customer_rule_months=metric.customer_rule_months,
        growth_form=metric.growth_form,
        growth_baseline=metric.growth_baseline,
        distinct_attribute=metric.distinct_attribute,
        is_stock=metric.is_stock,
        archived=metric.archived_at is not None,
        has_facts=has_facts,
    )


def definitions() -> tuple[dict[str, Metric], dict[str, Definition]]:
    """Return the open workspace's metrics and their definitions, by code."""
    metrics = {metric.code: metric for metric in Metric.objects.all()}
    codes = {metric.pk: code for code, metric in metrics.items()}
    return metrics, {code: definition_of(metric, codes) for code, metric in metrics.items()}


def with_parts(draft: Draft, known: dict[str, Definition]) -> tuple[Draft, list[Definition]]:
    """Return the draft with the narrowed parts of its ratio named, and the definitions of parts that are new."""
    made, world = [], dict(known)
    definition = draft.definition
    for name in ("numerator", "denominator"):
        filters = getattr(draft, f"{name}_filters")
        base = world.get(getattr(definition, name))
        if definition.aggregation != "ratio" or not filters or base is None:
            continue
        part = replace(base, base=base.code, filters=filters, archived=False, direction="higher", band=(None,) * 3)
        twin = next((d for d in world.values() if replace(d, code="") == replace(part, code="")), None)
        if twin is None:
            twin = replace(part, code=_free_code(f"{definition.code[:45]}_{name}", world))
            made.append(twin)
            world[twin.code] = twin
        if name == "numerator":
            definition = replace(definition, numerator=twin.code)
        else:
            definition = replace(definition, denominator=twin.code)
    return replace(draft, definition=definition, numerator_filters=(), denominator_filters=()), made


def _free_code(wanted: str, world: dict[str, Definition]) -> str:
    code, n = wanted, 1
    while code in world:
        n += 1
        code = f"{wanted}_{n}"
    return code


def check(draft: Draft, *, metric: Metric | None = None) -> list[Problem]:
    """Return what is wrong with a draft; of a metric that is there also what its facts and its users forbid."""
    _metrics, known = definitions()
    resolved, made = with_parts(draft, known)
    world = {**known, **{part.code: part for part in made}}
    found = [problem for part in made for problem in problems(part, world)]
    has_facts = metric is not None and metric.takes_facts and Fact.objects.filter(metric=metric).exists()
    return found + problems(replace(resolved.definition, has_facts=has_facts), world)


@transaction.atomic
def save_metric(draft: Draft, *, metric_id: int | None = None, revision: int = 0) -> Metric:
    """Add a metric, or change the one with an id; figures that follow from a changed definition are recomputed.

    Raises BadDefinition, Conflict for a code that is taken or a metric that somebody changed since `revision`,
    NotFound for an id that is not here. The code of a metric stays what it is: files and programs name it.
    """
    wait_lock(Lock.METRICS, current_tenant_id())
    metric = None
    if metric_id is not None:
        metric = Metric.objects.filter(pk=metric_id).first()
        if metric is None:
            raise NotFound
        if metric.revision != revision:
            raise Conflict
        archived = metric.archived_at is not None
        draft = replace(draft, definition=replace(draft.definition, code=metric.code, archived=archived))
    elif Metric.objects.filter(code=draft.definition.code).exists():
        raise Conflict(
            _("The code “{taken}” is taken; choose another."), code="code_taken", taken=draft.definition.code
        )
    draft = replace(draft, definition=without_what_is_not_used(draft.definition))
    found = check(draft, metric=metric)
    if found:
        raise BadDefinition(found)
    metrics, known = definitions()
    draft, parts = with_parts(draft, known)
    for part in parts:
        source = metrics[part.base]
        made = Metric(position=source.position, dimension=source.dimension, counts_when=source.counts_when)
        words = _values_of(part)
        made.name_zh, made.name_en = f"{source.name_zh}({words})"[:120], f"{source.name_en} ({words})"[:120]
        metrics[part.code] = _written(made, part, metrics)
    before = None if metric is None else known[metric.code]
    metric = metric or Metric(position=_last_position() + 1)
    for name, text in draft.texts.items():
        setattr(metric, name, text)
    metric = _written(metric, draft.definition, metrics)
    if before is not None and is_computed_otherwise(before, draft.definition):
        dirty.mark([(metric.pk, None, EARLIEST, FOREVER)])
    return metric


def is_computed_otherwise(before: Definition, after: Definition) -> bool:
    """Return whether the figures of a metric follow from its facts in another way than before."""
    return any(getattr(before, name) != getattr(after, name) for name in COMPUTING)


def _last_position() -> int:
    return int(Metric.objects.aggregate(last=Max("position"))["last"] or 0)


def _values_of(definition: Definition) -> str:
    return "; ".join(("≠ " if f.op == "not_in" else "") + ", ".join(f.values) for f in definition.filters)


def _written(metric: Metric, definition: Definition, metrics: dict[str, Metric]) -> Metric:
    """Write a definition into a metric and save it; a new one that reads facts is computed."""
    apply(metric, definition, metrics)
    is_new = metric.pk is None
    if not is_new:
        metric.revision += 1
    metric.save()
    if is_new and metric.base_id is not None and metric.reads_facts:
        dirty.mark([(metric.pk, None, EARLIEST, FOREVER)])
    return metric


def apply(metric: Metric, definition: Definition, metrics: dict[str, Metric]) -> None:
    """Put a definition's fields into a metric, without saving it."""
    plain: dict[str, Any] = {
        name: getattr(definition, name)
        for name in ("code", "unit_of_measure", "aggregation", "tax_basis", "direction", "customer_rule",
                     "customer_rule_months", "growth_form", "growth_baseline", "distinct_attribute", "is_stock")
    }  # fmt: skip
    plain["band_low"], plain["band_high"], plain["band_tolerance"] = definition.band
    plain["filters"] = [
        {"attribute": each.attribute, "op": each.op, "values": list(each.values)} for each in definition.filters
    ]
    for name in ("base", "numerator", "denominator", "target_metric"):
        plain[name] = metrics.get(getattr(definition, name))
    for name, value in plain.items():
        setattr(metric, name, value)


@transaction.atomic
def archive(metric_id: int) -> Metric:
    """Put a metric away: it is offered for nothing new, its figures stay. Archiving twice changes nothing.

    Raises Conflict while other metrics are made of it, NotFound for an id that is not here.
    """
    wait_lock(Lock.METRICS, current_tenant_id())
    metric = Metric.objects.filter(pk=metric_id).first()
    if metric is None:
        raise NotFound
    blocking = [use.text for use in uses_of(metric) if use.blocks]
    if blocking:
        raise Conflict(
            _("It is still used: {uses}. Change or archive those first."), code="in_use", uses="; ".join(blocking)
        )
    if metric.archived_at is None:
        metric.archived_at = timezone.now()
        metric.revision += 1
        metric.save(update_fields=["archived_at", "revision"])
    return metric


@transaction.atomic
def restore(metric_id: int) -> Metric:
    """Take an archived metric back into the library. Raises Conflict while a metric it is made of is archived."""
    wait_lock(Lock.METRICS, current_tenant_id())
    metric = Metric.objects.filter(pk=metric_id).first()
    if metric is None:
        raise NotFound
    _metrics, known = definitions()
    found = problems(replace(known[metric.code], archived=False), known)
    if found:
        raise Conflict(sentence_of(found[0]), code="bad_definition")
    if metric.archived_at is not None:
        metric.archived_at = None
        metric.revision += 1
        metric.save(update_fields=["archived_at", "revision"])
    return metric
