"""Which definitions of metrics are valid, and why others are not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from perfmgmt.metrics import definitions as pure
from perfmgmt.metrics.definitions import Definition, Filter, Problem, problems, without_what_is_not_used
from perfmgmt.metrics.library import entries
from perfmgmt.metrics.models import library as models
from perfmgmt.metrics.problems import OF_FIELD, SENTENCES, sentence_of

SERIES = Filter("series", "in", ("A", "B"))
WORLD = {
    one.code: one
    for one in (
        Definition("sales", unit_of_measure="money", tax_basis="with_tax"),
        Definition("orders"),
        Definition("score", aggregation="mean"),
        Definition("open", aggregation="last"),
        Definition("stock", aggregation="last", is_stock=True),
        Definition("high", unit_of_measure="money", tax_basis="with_tax", base="sales", filters=(SERIES,)),
        Definition("share", unit_of_measure="ratio", aggregation="ratio", numerator="high", denominator="sales"),
        Definition("old", archived=True),
        Definition("kept", unit_of_measure="percent", aggregation="retention", base="orders"),
        Definition("growing", unit_of_measure="percent", aggregation="growth", base="share", growth_form="percent",
                   growth_baseline="previous"),
        Definition("of_target", unit_of_measure="percent", aggregation="target_share", base="high",
                   target_metric="sales"),
    )
}  # fmt: skip


def wrong(**fields: Any) -> list[tuple[str, str]]:
    return [(p.field, p.code) for p in problems(Definition(**{"code": "mine", **fields}), WORLD)]


def test_the_examples_are_right() -> None:
    assert {code: problems(one, WORLD) for code, one in WORLD.items()} == {code: [] for code in WORLD}


GROWTH = {"aggregation": "growth", "base": "orders", "growth_form": "percent", "growth_baseline": "previous"}
SHARE = {"aggregation": "target_share", "unit_of_measure": "percent"}
RATIO = {"aggregation": "ratio", "unit_of_measure": "ratio"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"unit_of_measure": "money"}, ("tax_basis", "missing")),
        ({"tax_basis": "with_tax"}, ("tax_basis", "tax_without_money")),
        ({"direction": "band", "band": (None, Decimal(1), Decimal(0))}, ("band_low", "missing")),
        ({"direction": "band", "band": (Decimal(2), Decimal(1), Decimal(0))}, ("band_high", "band_upside_down")),
        ({"direction": "band", "band": (Decimal(1), Decimal(2), Decimal(-1))}, ("band_tolerance", "negative")),
        ({"direction": "band", "band": (Decimal(1), Decimal(2), None)}, ("band_tolerance", "missing")),
        ({"band": (Decimal(1), Decimal(2), Decimal(0))}, ("direction", "band_without_direction")),
        ({"aggregation": "median"}, ("aggregation", "unknown")),
        ({"aggregation": "distinct"}, ("distinct_attribute", "missing")),
        ({"aggregation": "distinct", "distinct_attribute": "value"}, ("distinct_attribute", "unknown")),
        ({"distinct_attribute": "customer"}, ("distinct_attribute", "not_used")),
        ({"is_stock": True}, ("is_stock", "not_used")),
        ({"filters": (SERIES,)}, ("base", "missing")),
        ({"customer_rule": "new"}, ("base", "missing")),
        ({"base": "orders", "customer_rule": "old"}, ("customer_rule", "unknown")),
        ({"base": "orders", "customer_rule_months": 3}, ("customer_rule_months", "months")),
        ({"base": "orders", "customer_rule": "new", "customer_rule_months": 0}, ("customer_rule_months", "months")),
        ({"base": "orders", "filters": (Filter("value", "in", ("1",)),)}, ("filters", "unknown_attribute")),
        ({"base": "orders", "filters": (Filter("series", "like", ("1",)),)}, ("filters", "unknown_attribute")),
        ({"base": "orders", "filters": (Filter("series", "in", ()),)}, ("filters", "filter_without_values")),
        ({"base": "orders", "filters": (SERIES, SERIES)}, ("filters", "filter_twice")),
        ({"base": "orders", "filters": (Filter("series", "in", ("x" * 201,)),)}, ("filters", "filter_too_long")),
        ({"base": "nowhere"}, ("base", "unknown")),
        ({"base": "old"}, ("base", "archived")),
        ({"base": "mine"}, ("base", "circle")),
        ({"base": "high", "unit_of_measure": "money", "tax_basis": "with_tax"}, ("base", "takes_no_facts")),
        ({"base": "share"}, ("base", "takes_no_facts")),
        ({"base": "sales"}, ("unit_of_measure", "unit_of_base")),
        ({"base": "sales", "unit_of_measure": "money", "tax_basis": "without_tax"}, ("tax_basis", "tax_of_base")),
        ({"base": "sales", "aggregation": "count", "unit_of_measure": "money", "tax_basis": "with_tax"},
         ("unit_of_measure", "number_is_no_money")),
        ({**RATIO, "numerator": "sales"}, ("denominator", "missing")),
        ({**RATIO, "numerator": "score", "denominator": "sales"}, ("numerator", "not_countable")),
        ({**RATIO, "numerator": "open", "denominator": "sales"}, ("numerator", "not_countable")),
        ({**RATIO, "numerator": "share", "denominator": "sales"}, ("numerator", "not_countable")),
        ({**RATIO, "numerator": "sales", "denominator": "kept"}, ("denominator", "not_countable")),
        ({**RATIO, "numerator": "sales", "denominator": "sales"}, ("denominator", "same_twice")),
        ({**RATIO, "numerator": "sales", "denominator": "orders", "filters": (SERIES,)},
         ("filters", "nothing_to_filter")),
        ({**RATIO, "numerator": "sales", "denominator": "orders", "base": "sales"}, ("base", "not_used")),
        ({"aggregation": "retention", "unit_of_measure": "percent"}, ("base", "missing")),
        ({"aggregation": "retention", "base": "orders"}, ("unit_of_measure", "share")),
        ({"aggregation": "repeat_rate", "base": "high", "unit_of_measure": "ratio"}, ("base", "takes_no_facts")),
        ({**GROWTH}, ("unit_of_measure", "share")),
        ({**GROWTH, "growth_baseline": ""}, ("growth_baseline", "missing")),
        ({**GROWTH, "base": "growing", "unit_of_measure": "percent"}, ("base", "growth_of_growth")),
        ({**GROWTH, "base": "sales", "growth_form": "points"}, ("unit_of_measure", "unit_of_base")),
        ({"growth_form": "points"}, ("growth_form", "not_used")),
        ({**SHARE, "base": "sales"}, ("target_metric", "missing")),
        ({**SHARE, "base": "score", "target_metric": "sales"}, ("base", "not_additive")),
        ({**SHARE, "base": "sales", "target_metric": "share"}, ("target_metric", "not_additive")),
        ({**SHARE, "base": "orders", "target_metric": "sales"}, ("target_metric", "units_differ")),
        ({"has_facts": True, "base": "orders"}, ("base", "has_facts")),
        ({**RATIO, "has_facts": True, "numerator": "sales", "denominator": "orders"}, ("aggregation", "has_facts")),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_definition_is_refused_with_its_reason(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in wrong(**fields)


def test_what_others_are_made_of_stays_what_they_need() -> None:
    broken = problems(replace(WORLD["high"], base="", filters=(), aggregation="mean"), WORLD)
    assert {(p.code, p.about) for p in broken} == {("used_by", "share"), ("used_by", "of_target")}
    assert problems(replace(WORLD["sales"], unit_of_measure="count", tax_basis=""), WORLD) != []
    assert problems(replace(WORLD["orders"], base="sales", aggregation="count"), WORLD) == [
        Problem("aggregation", "used_by", "kept")
    ]
    assert problems(replace(WORLD["high"], archived=True), WORLD)[0].code == "used_by"


def test_circles_around_several_metrics_are_found() -> None:
    circle = replace(WORLD["high"], base="", filters=(), aggregation="ratio", numerator="share", denominator="orders")
    assert [p.code for p in problems(replace(circle, tax_basis="with_tax"), WORLD)] == ["circle"]
    growth = replace(WORLD["share"], aggregation="growth", numerator="", denominator="", base="growing",
                     growth_form="points", growth_baseline="previous")  # fmt: skip
    assert [p.code for p in problems(growth, WORLD)] == ["circle"]


def test_leftovers_of_another_way_of_computing_are_dropped() -> None:
    full = Definition("x", aggregation="ratio", numerator="high", denominator="sales", base="sales", is_stock=True,
                      filters=(SERIES,), customer_rule="new", customer_rule_months=2, growth_form="points",
                      growth_baseline="previous", target_metric="sales", distinct_attribute="customer",
                      tax_basis="with_tax", band=(Decimal(1), Decimal(2), None))  # fmt: skip
    assert problems(without_what_is_not_used(full), WORLD) == []


def test_the_pure_lists_are_the_models() -> None:
    assert models.ATTRIBUTES == pure.ATTRIBUTES
    assert models.FILTERABLE == pure.FILTERABLE
    assert set(models.Aggregation.values) == set(pure.AGGREGATIONS)
    assert {str(each) for each in models.OWN_FACTS} == set(pure.OWN_FACTS)
    assert {str(each) for each in models.FROM_FACTS} == set(pure.FROM_FACTS)


def test_every_reason_has_a_sentence() -> None:
    for code in SENTENCES:
        assert sentence_of(Problem("base", code, "x"), {"x": "Sales"}), code
    assert "Sales" in sentence_of(Problem("base", "takes_no_facts", "x"), {"x": "Sales"})
    assert sentence_of(Problem("base", "missing")) == str(OF_FIELD["base", "missing"])


def test_every_metric_of_the_library_is_valid() -> None:
    fields = set(Definition.__dataclass_fields__) - {"band", "filters", "code"}
    world = {}
    for entry in entries():
        filters = tuple(Filter(f["attribute"], f["op"], tuple(f["values"])) for f in entry.get("filters", []))
        plain = {name: entry[name] for name in fields & entry.keys()}
        if "band_low" in entry:
            plain["band"] = tuple(Decimal(str(entry[f"band_{part}"])) for part in ("low", "high", "tolerance"))
        world[entry["code"]] = Definition(code=entry["code"], filters=filters, **plain)
    assert {code: problems(one, world) for code, one in world.items() if problems(one, world)} == {}
