"""Which definitions of metrics are valid. Pure: no Django, no database.

A metric either takes facts of its own, or reads those of another (its base, which takes facts), or follows from the
figures of others. `problems` says what is wrong with one definition among all others of the workspace.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

ATTRIBUTES = ("customer", "customer_type", "product", "series", "region", "channel")
FILTERABLE = (*ATTRIBUTES, "credit_role")
OPERATORS = ("in", "not_in")
OWN_FACTS = ("sum", "count", "distinct", "mean", "last")
CUSTOMER_LEVEL = ("retention", "repeat_rate")
FROM_FACTS = (*OWN_FACTS, *CUSTOMER_LEVEL)
AGGREGATIONS = (*FROM_FACTS, "ratio", "growth", "target_share")
SHARES = ("percent", "ratio")
MOST_VALUES, LONGEST_VALUE, MOST_MONTHS = 100, 200, 60


@dataclass(frozen=True)
class Filter:
    """Facts whose attribute is one of the values (or with `not_in` none of them)."""

    attribute: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """What a metric is, with other metrics named by their codes."""

    code: str
    unit_of_measure: str = "count"
    aggregation: str = "sum"
    tax_basis: str = ""
    direction: str = "higher"
    band: tuple[Decimal | None, Decimal | None, Decimal | None] = (None, None, None)
    base: str = ""
    numerator: str = ""
    denominator: str = ""
    target_metric: str = ""
    filters: tuple[Filter, ...] = ()
    customer_rule: str = ""
    customer_rule_months: int | None = None
    growth_form: str = ""
    growth_baseline: str = ""
    distinct_attribute: str = ""
    is_stock: bool = False
    archived: bool = False
    has_facts: bool = False

    @property
    def takes_facts(self) -> bool:
        """Whether facts may be stored under the metric."""
        return not self.base and self.aggregation in OWN_FACTS

    @property
    def is_countable(self) -> bool:
        """Whether the metric's sums may be divided by one another."""
        return self.aggregation in ("sum", "count", "distinct") or (self.aggregation == "last" and self.is_stock)

    def names(self) -> dict[str, str]:
        """Return the metrics that this one names, by field."""
        fields = ("base", "numerator", "denominator", "target_metric")
        return {name: getattr(self, name) for name in fields if getattr(self, name)}


@dataclass(frozen=True)
class Problem:
    """What is wrong: the field, a stable code, and the code of the other metric that it is about."""

    field: str
    code: str
    about: str = ""


def problems(definition: Definition, others: Mapping[str, Definition]) -> list[Problem]:
    """Return everything that is wrong with a definition; `others` are the workspace's metrics by code.

    An empty list means that the metric can be computed, and that every metric that names it still can.
    """
    world = {**others, definition.code: definition}
    found = [*_of_measure(definition), *_of_filters(definition), *_of_kind(definition), *_of_names(definition, world)]
    if any(problem.code in ("missing", "unknown") for problem in found):
        return found
    if _in_a_circle(definition, world):
        return [*found, Problem(next(iter(definition.names())), "circle")]
    found += [*_of_relations(definition, world), *_of_users(definition, world)]
    if definition.has_facts and not definition.takes_facts:
        found.append(Problem("base" if definition.base else "aggregation", "has_facts"))
    return found


def _of_measure(it: Definition) -> Iterator[Problem]:
    """Unit of measure, tax and band."""
    if it.unit_of_measure == "money" and not it.tax_basis:
        yield Problem("tax_basis", "missing")
    if it.unit_of_measure != "money" and it.tax_basis:
        yield Problem("tax_basis", "tax_without_money")
    low, high, tolerance = it.band
    if it.direction == "band":
        if low is None:
            yield Problem("band_low", "missing")
        if high is None:
            yield Problem("band_high", "missing")
        if low is not None and high is not None and low > high:
            yield Problem("band_high", "band_upside_down")
        if tolerance is None:
            yield Problem("band_tolerance", "missing")
        elif tolerance < 0:
            yield Problem("band_tolerance", "negative")
    elif it.band != (None, None, None):
        yield Problem("direction", "band_without_direction")


def _of_filters(it: Definition) -> Iterator[Problem]:
    """Filters and the rule about customers: they choose among the facts of a base."""
    seen = set()
    for each in it.filters:
        if each.attribute not in FILTERABLE or each.op not in OPERATORS:
            yield Problem("filters", "unknown_attribute")
        elif each.attribute in seen:
            yield Problem("filters", "filter_twice")
        elif not each.values or not all(each.values):
            yield Problem("filters", "filter_without_values")
        elif len(each.values) > MOST_VALUES or max(map(len, each.values)) > LONGEST_VALUE:
            yield Problem("filters", "filter_too_long")
        seen.add(each.attribute)
    chooses = bool(it.filters or it.customer_rule)
    if chooses and it.aggregation not in FROM_FACTS:
        yield Problem("filters" if it.filters else "customer_rule", "nothing_to_filter")
    elif chooses and not it.base:
        yield Problem("base", "missing")
    if it.customer_rule not in ("", "new", "returning"):
        yield Problem("customer_rule", "unknown")
    if it.customer_rule_months is not None and not (it.customer_rule and 1 <= it.customer_rule_months <= MOST_MONTHS):
        yield Problem("customer_rule_months", "months")


def _of_kind(it: Definition) -> Iterator[Problem]:
    """What a way of computing needs, and what it has no use for."""
    kind = it.aggregation
    if kind not in AGGREGATIONS:
        yield Problem("aggregation", "unknown")
        return
    needed = {
        "distinct": ("distinct_attribute",),
        "ratio": ("numerator", "denominator"),
        "retention": ("base",),
        "repeat_rate": ("base",),
        "growth": ("base", "growth_form", "growth_baseline"),
        "target_share": ("base", "target_metric"),
    }.get(kind, ())
    for name in needed:
        if not getattr(it, name):
            yield Problem(name, "missing")
    spare = {"distinct_attribute", "numerator", "denominator", "growth_form", "growth_baseline", "target_metric"}
    for name in sorted(spare - set(needed)):
        if getattr(it, name):
            yield Problem(name, "not_used")
    if kind == "ratio" and it.base:
        yield Problem("base", "not_used")
    if kind == "distinct" and it.distinct_attribute and it.distinct_attribute not in ATTRIBUTES:
        yield Problem("distinct_attribute", "unknown")
    if it.is_stock and kind != "last":
        yield Problem("is_stock", "not_used")
    shows_a_share = kind in (*CUSTOMER_LEVEL, "target_share") or (kind == "growth" and it.growth_form == "percent")
    if shows_a_share and it.unit_of_measure not in SHARES:
        yield Problem("unit_of_measure", "share")


def _of_names(it: Definition, world: Mapping[str, Definition]) -> Iterator[Problem]:
    for name, code in it.names().items():
        if code not in world:
            yield Problem(name, "unknown", code)
        elif world[code].archived and not it.archived:
            yield Problem(name, "archived", code)


def _in_a_circle(it: Definition, world: Mapping[str, Definition]) -> bool:
    """Whether a metric would be made of itself, however far around."""
    waiting, seen = list(it.names().values()), set()
    while waiting:
        code = waiting.pop()
        if code == it.code:
            return True
        if code not in seen and code in world:
            seen.add(code)
            waiting += world[code].names().values()
    return False


def _of_relations(it: Definition, world: Mapping[str, Definition]) -> Iterator[Problem]:
    """Whether the metrics that are named can be what they are named for."""
    base = world.get(it.base)
    if it.aggregation in FROM_FACTS and base is not None:
        yield from _of_base(it, base)
    if it.aggregation == "ratio":
        for name in ("numerator", "denominator"):
            part = world[getattr(it, name)]
            if not part.is_countable:
                yield Problem(name, "not_countable", part.code)
        if it.numerator == it.denominator:
            yield Problem("denominator", "same_twice")
    if it.aggregation == "growth" and base is not None:
        if base.aggregation in ("growth", "target_share"):
            yield Problem("base", "growth_of_growth", base.code)
        elif it.growth_form == "points" and it.unit_of_measure != base.unit_of_measure:
            yield Problem("unit_of_measure", "unit_of_base", base.code)
    if it.aggregation == "target_share" and base is not None:
        target = world[it.target_metric]
        if base.aggregation not in ("sum", "count"):
            yield Problem("base", "not_additive", base.code)
        if target.aggregation not in ("sum", "count"):
            yield Problem("target_metric", "not_additive", target.code)
        elif target.unit_of_measure != base.unit_of_measure:
            yield Problem("target_metric", "units_differ", target.code)


def _of_base(it: Definition, base: Definition) -> Iterator[Problem]:
    if not base.takes_facts:
        yield Problem("base", "takes_no_facts", base.code)
    elif it.aggregation in ("sum", "mean", "last") and it.unit_of_measure != base.unit_of_measure:
        yield Problem("unit_of_measure", "unit_of_base", base.code)
    elif it.aggregation in ("sum", "mean", "last") and it.tax_basis != base.tax_basis:
        yield Problem("tax_basis", "tax_of_base", base.code)
    elif it.aggregation in ("count", "distinct") and it.unit_of_measure == "money":
        yield Problem("unit_of_measure", "number_is_no_money")


def _of_users(it: Definition, world: Mapping[str, Definition]) -> Iterator[Problem]:
    """Metrics that name this one and could not be computed any more."""
    for other in world.values():
        if other.code == it.code or it.code not in other.names().values():
            continue
        broken = [p for p in _of_relations(other, world) if p.about == it.code or p.code == "units_differ"]
        if broken:
            of_unit = broken[0].code in ("units_differ", "unit_of_base", "tax_of_base")
            yield Problem("unit_of_measure" if of_unit else "aggregation", "used_by", other.code)
        elif it.archived and not other.archived:
            yield Problem("archived", "used_by", other.code)


def without_what_is_not_used(it: Definition) -> Definition:
    """Return the definition without leftovers of a way of computing that was chosen before (for forms)."""
    kind, from_facts = it.aggregation, it.aggregation in FROM_FACTS
    return replace(
        it,
        tax_basis=it.tax_basis if it.unit_of_measure == "money" else "",
        band=it.band if it.direction == "band" else (None, None, None),
        base="" if kind == "ratio" else it.base,
        numerator=it.numerator if kind == "ratio" else "",
        denominator=it.denominator if kind == "ratio" else "",
        target_metric=it.target_metric if kind == "target_share" else "",
        filters=it.filters if from_facts else (),
        customer_rule=it.customer_rule if from_facts else "",
        customer_rule_months=it.customer_rule_months if from_facts and it.customer_rule else None,
        growth_form=it.growth_form if kind == "growth" else "",
        growth_baseline=it.growth_baseline if kind == "growth" else "",
        distinct_attribute=it.distinct_attribute if kind == "distinct" else "",
        is_stock=it.is_stock and kind == "last",
    )
