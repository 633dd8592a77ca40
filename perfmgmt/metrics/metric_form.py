"""The form of a metric: the definition, its names, and for ratios the filters of both parts."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.definitions import FILTERABLE, Definition, Filter, Problem, without_what_is_not_used
from perfmgmt.metrics.models import (
    Aggregation,
    CustomerRule,
    Dimension,
    Direction,
    Event,
    GrowthBaseline,
    GrowthForm,
    Metric,
    TaxBasis,
    UnitOfMeasure,
)
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.metrics.problems import sentence_of
from perfmgmt.metrics.services import Draft
from perfmgmt.metrics.words import attribute_words

# How many lines of filters the form has: for the metric itself, and for each part of a ratio.
LINES = {"filters": 3, "numerator_filters": 2, "denominator_filters": 2}
SEPARATORS = re.compile("[;\n\uff1b\u3001]+")
EMPTY = ("", "—")
OPERATORS = (("in", _("is one of")), ("not_in", _("is none of")))


class MetricForm(forms.Form):
    """What is measured, how it becomes a figure, and what it is called in both languages."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    description_zh = forms.CharField(label=_("One sentence in Chinese"), max_length=300, required=False)
    description_en = forms.CharField(label=_("One sentence in English"), max_length=300, required=False)
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("Small letters, digits and underscores; files and programs name the metric by it. It stays."),
    )
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)
    counts_when = forms.ChoiceField(
        label=_("What counts as done"),
        required=False,
        help_text=_("Which event makes a fact count; its day is the day of the fact."),
    )
    unit_of_measure = forms.ChoiceField(label=_("Unit of measure"), choices=UnitOfMeasure.choices)
    tax_basis = forms.ChoiceField(label=_("Tax"), choices=[EMPTY, *TaxBasis.choices], required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices)
    band_low = forms.DecimalField(label=_("Lower end"), max_digits=20, decimal_places=4, required=False)
    band_high = forms.DecimalField(label=_("Upper end"), max_digits=20, decimal_places=4, required=False)
    band_tolerance = forms.DecimalField(
        label=_("Tolerance"), max_digits=20, decimal_places=4, required=False,
        help_text=_("How far outside the attainment falls to 0; 0: at once."),
    )  # fmt: skip
    aggregation = forms.ChoiceField(label=_("Way of computing"), choices=Aggregation.choices)
    base = forms.ChoiceField(label=_("From the facts or figures of"), required=False)
    distinct_attribute = forms.ChoiceField(label=_("Counted once"), required=False)
    is_stock = forms.BooleanField(
        label=_("A stock: a unit's figure is the sum of its people's last values"), required=False
    )
    numerator = forms.ChoiceField(label=_("Numerator"), required=False)
    denominator = forms.ChoiceField(label=_("Denominator"), required=False)
    growth_form = forms.ChoiceField(label=_("Growth as"), choices=[EMPTY, *GrowthForm.choices], required=False)
    growth_baseline = forms.ChoiceField(
        label=_("Compared with"), choices=[EMPTY, *GrowthBaseline.choices], required=False
    )
    target_metric = forms.ChoiceField(label=_("Share of the unit's target of"), required=False)
    customer_rule = forms.ChoiceField(label=_("Customers"), required=False)
    customer_rule_months = forms.IntegerField(
        label=_("Look back how many months"), min_value=1, max_value=60, required=False,
        help_text=_("A customer is new without a fact on an earlier day within these months; empty: ever."),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, metrics: Iterable[Metric], metric: Metric | None = None, trying: bool = False
    ) -> None:
        """`metrics` are offered as parts; `metric` is the one that is changed; `trying`: names may be missing."""
        self.metric = metric
        super().__init__(data, initial=None if metric is None else initial_of(metric))
        for group, lines in LINES.items():
            for line in range(lines):
                self._add_line(group, line)
        self._offer(list(metrics))
        if metric is not None:
            del self.fields["code"]
        if trying:
            for name in ("name_zh", "name_en", "code"):
                if name in self.fields:
                    self.fields[name].required = False

    def _add_line(self, group: str, line: int) -> None:
        words = attribute_words()
        attributes = [EMPTY, *((name, words[name]) for name in FILTERABLE)]
        fields: dict[str, forms.Field] = {
            "attribute": forms.ChoiceField(label=_("Attribute"), choices=attributes, required=False),
            "op": forms.ChoiceField(label=_("Condition"), choices=OPERATORS, required=False),
            "values": forms.CharField(label=_("Values, with semicolons between"), max_length=4000, required=False),
        }
        for name, each in fields.items():
            self.fields[f"{group}-{line}-{name}"] = each

    def _offer(self, metrics: list[Metric]) -> None:
        """Fill the choices; what the metric names already stays on offer even when it is archived."""
        own = self.metric.code if self.metric else ""
        named = {self.initial.get(name) for name in ("base", "numerator", "denominator", "target_metric")}
        offered = [m for m in metrics if m.code != own and (m.archived_at is None or m.code in named)]
        language = get_language() or ""
        offered.sort(key=lambda m: (m.position, m.name_zh if language.startswith("zh") else m.name_en))
        choices = {
            "base": [m for m in offered if m.aggregation not in ("growth", "target_share")],
            "numerator": [m for m in offered if m.reads_facts],
            "denominator": [m for m in offered if m.reads_facts],
            "target_metric": [m for m in offered if m.aggregation in ("sum", "count")],
        }
        for name, found in choices.items():
            self._choices(name, [EMPTY, *((m.code, m.name) for m in found)])
        self._choices("base", [("", _("its own facts")), *((m.code, m.name) for m in choices["base"])])
        words = attribute_words()
        self._choices("distinct_attribute", [EMPTY, *((name, words[name]) for name in ATTRIBUTES)])
        self._choices("customer_rule", [("", _("All customers")), *CustomerRule.choices])
        self._choices("dimension", _with(Dimension.choices, self.initial.get("dimension")))
        self._choices("counts_when", _with(Event.choices, self.initial.get("counts_when")))

    def _choices(self, name: str, choices: list[Any]) -> None:
        each = self.fields[name]
        if isinstance(each, forms.ChoiceField):
            each.choices = choices

    def lines(self, group: str) -> list[dict[str, forms.BoundField]]:
        """Return the lines of a group of filters for the template."""
        parts = ("attribute", "op", "values")
        return [{part: self[f"{group}-{line}-{part}"] for part in parts} for line in range(LINES[group])]

    def filter_lines(self) -> list[dict[str, forms.BoundField]]:
        """Return the lines of the metric's own filters."""
        return self.lines("filters")

    def numerator_lines(self) -> list[dict[str, forms.BoundField]]:
        """Return the lines of the numerator's filters."""
        return self.lines("numerator_filters")

    def denominator_lines(self) -> list[dict[str, forms.BoundField]]:
        """Return the lines of the denominator's filters."""
        return self.lines("denominator_filters")

    def draft(self) -> Draft:
        """Return what the form asks for; call it on a valid form."""
        data = self.cleaned_data
        definition = Definition(
            code=self.metric.code if self.metric else data["code"] or "new",
            unit_of_measure=data["unit_of_measure"],
            aggregation=data["aggregation"],
            tax_basis=data["tax_basis"],
            direction=data["direction"],
            band=(data["band_low"], data["band_high"], data["band_tolerance"]),
            base=data["base"],
            numerator=data["numerator"],
            denominator=data["denominator"],
            target_metric=data["target_metric"],
            filters=self._filters("filters"),
            customer_rule=data["customer_rule"],
            customer_rule_months=data["customer_rule_months"],
            growth_form=data["growth_form"],
            growth_baseline=data["growth_baseline"],
            distinct_attribute=data["distinct_attribute"],
            is_stock=data["is_stock"],
        )
        texts = {
            name: data[name]
            for name in ("name_zh", "name_en", "description_zh", "description_en", "dimension", "counts_when")
        }
        return Draft(
            without_what_is_not_used(definition),
            numerator_filters=self._filters("numerator_filters"),
            denominator_filters=self._filters("denominator_filters"),
            **texts,
        )

    def _filters(self, group: str) -> tuple[Filter, ...]:
        found = []
        for line in range(LINES[group]):
            attribute, op, values = (
                self.cleaned_data[f"{group}-{line}-{part}"] for part in ("attribute", "op", "values")
            )
            texts = tuple(dict.fromkeys(text.strip() for text in SEPARATORS.split(values) if text.strip()))
            if attribute:
                found.append(Filter(attribute, op or "in", texts))
        return tuple(found)

    def tell(self, found: list[Problem], names: dict[str, str]) -> None:
        """Put what is wrong with the definition to the fields."""
        for problem in found:
            name = "filters-0-values" if problem.field == "filters" else problem.field
            self.add_error(name if name in self.fields else None, sentence_of(problem, names))


def _with(choices: list[Any], present: Any) -> list[Any]:
    """Return the choices with an empty one, and what is there already although it is none of them."""
    known = {value for value, _label in choices}
    more = [(present, present)] if present and present not in known else []
    return [EMPTY, *choices, *more]


def initial_of(metric: Metric) -> dict[str, Any]:
    """Return a metric as the form shows it."""
    names = (
        "name_zh", "name_en", "description_zh", "description_en", "dimension", "counts_when", "unit_of_measure",
        "tax_basis", "direction", "aggregation", "distinct_attribute", "is_stock", "growth_form", "growth_baseline",
        "customer_rule", "customer_rule_months", "revision",
    )  # fmt: skip
    initial = {name: getattr(metric, name) for name in names}
    for name in ("band_low", "band_high", "band_tolerance"):
        value = getattr(metric, name)
        initial[name] = None if value is None else value.normalize()
    for name in ("base", "numerator", "denominator", "target_metric"):
        named = getattr(metric, name)
        initial[name] = named.code if named else ""
    for line, each in enumerate(metric.filters):
        initial[f"filters-{line}-attribute"] = each["attribute"]
        initial[f"filters-{line}-op"] = each["op"]
        initial[f"filters-{line}-values"] = "; ".join(each["values"])
    return initial
