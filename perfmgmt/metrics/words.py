"""A metric's definition as sentences, in the language that is active."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from perfmgmt.metrics.models import Aggregation, CustomerRule, Dimension, Event, GrowthBaseline, GrowthForm, Metric
from perfmgmt.web import formats

LANGUAGES = ("zh-hans", "en")


def attribute_words() -> dict[str, str]:
    """Return what to call the attributes that a filter may look at."""
    return {
        "customer": _("Customer"),
        "customer_type": _("Customer type"),
        "product": _("Product"),
        "series": _("Series"),
        "region": _("Region"),
        "channel": _("Channel"),
        "credit_role": _("Credit role"),
    }


def dimension_word(code: str) -> str:
    """Return what to call a dimension; one of the company's own is its own word."""
    return str(Dimension(code).label) if code in Dimension.values else code


def event_word(code: str) -> str:
    """Return what to call the event that counts."""
    return str(Event(code).label) if code in Event.values else code


def in_both(metric: Metric) -> list[tuple[str, str, str, str]]:
    """Return (language, name, description, how it is computed) in both languages, Chinese first."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append((language, metric.name, metric.description, how(metric)))
    return found


def how(metric: Metric) -> str:
    """Return how a metric is computed, in one or two sentences."""
    kind = metric.aggregation
    if kind == Aggregation.RATIO and metric.numerator and metric.denominator:
        return _(
            "“{numerator}” divided by “{denominator}”, each added up first. Missing while the second is 0."
        ).format(numerator=metric.numerator.name, denominator=metric.denominator.name)
    if kind == Aggregation.GROWTH and metric.base:
        return _growth(metric, metric.base)
    if kind == Aggregation.TARGET_SHARE and metric.base and metric.target_metric:
        return _(
            "“{metric}” divided by the target of “{target}” of the person's unit: the sum of the targets of "
            "everybody in it or below it on the last day of the period. Missing without a target."
        ).format(metric=metric.base.name, target=metric.target_metric.name)
    facts = _facts(metric)
    sentences = {
        Aggregation.SUM: _("The sum of the values of {facts}."),
        Aggregation.COUNT: _("The number of {facts}."),
        Aggregation.MEAN: _("The mean of the values of {facts}. Missing without facts."),
        Aggregation.LAST: _("The newest value of {facts}."),
        Aggregation.DISTINCT: _("How many different values “{attribute}” has in {facts}."),
        Aggregation.RETENTION: _(
            "Of the customers with {facts} in the period before, the share that has them in this period, too."
        ),
        Aggregation.REPEAT: _("Of the customers with {facts}, the share that has them on two days or more."),
    }
    attribute = attribute_words().get(metric.distinct_attribute, "")
    text = sentences[Aggregation(kind)].format(facts=facts, attribute=attribute)
    if kind == Aggregation.LAST:
        more = (
            _("A unit's figure is the sum of its people's.")
            if metric.is_stock
            else _("Units have none: values of this kind can't be added up.")
        )
        text = _("{first} {second}").format(first=text, second=more)
    return text


def _growth(metric: Metric, base: Metric) -> str:
    last_year = metric.growth_baseline == GrowthBaseline.LAST_YEAR
    if metric.growth_form == GrowthForm.PERCENT:
        text = (
            _("“{metric}” compared with the same period a year before, as a percentage of it.")
            if last_year
            else _("“{metric}” compared with the period before, as a percentage of it.")
        )
        return _("{first} {second}").format(
            first=text.format(metric=base.name), second=_("Missing where that was 0 or less.")
        )
    text = (
        _("“{metric}” less what it was in the same period a year before.")
        if last_year
        else _("“{metric}” less what it was in the period before.")
    )
    return text.format(metric=base.name)


def _facts(metric: Metric) -> str:
    """Which facts, as part of a sentence."""
    if metric.base is None:
        return _("its own facts")
    conditions = [_condition(each) for each in metric.filters]
    if metric.customer_rule:
        conditions.append(_customers(metric))
    if not conditions:
        return _("the facts of “{metric}”").format(metric=metric.base.name)
    return _("the facts of “{metric}” ({conditions})").format(
        metric=metric.base.name, conditions=pgettext("list", ", ").join(conditions)
    )


def _condition(each: dict[str, object]) -> str:
    values = pgettext("list", ", ").join(str(value) for value in each["values"])  # type: ignore[attr-defined]
    attribute = attribute_words().get(str(each["attribute"]), str(each["attribute"]))
    text = _("{attribute} is not {values}") if each["op"] == "not_in" else _("{attribute} is {values}")
    return text.format(attribute=attribute, values=values)


def _customers(metric: Metric) -> str:
    months = metric.customer_rule_months
    if metric.customer_rule == CustomerRule.NEW:
        if not months:
            return _("customers without a fact on any day before")
        return ngettext(
            "customers without a fact in the {n} month before",
            "customers without a fact in the {n} months before",
            months,
        ).format(n=months)
    if not months:
        return _("customers with a fact on a day before")
    return ngettext(
        "customers with a fact in the {n} month before", "customers with a fact in the {n} months before", months
    ).format(n=months)


def band(metric: Metric, currency: str) -> str:
    """Return the band and its tolerance in words; empty without a band."""
    if metric.band_low is None or metric.band_high is None:
        return ""
    low, high = (formats.metric_value(value, metric, currency) for value in (metric.band_low, metric.band_high))
    text = _("from {low} to {high}").format(low=low, high=high)
    if metric.band_tolerance:
        tolerance = formats.metric_value(metric.band_tolerance, metric, currency)
        return _("{band}, tolerance {tolerance}").format(band=text, tolerance=tolerance)
    return text
