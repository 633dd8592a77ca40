"""What is wrong with a definition, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.definitions import MOST_MONTHS, Problem

SENTENCES = {
    "missing": _("This is needed for what you chose."),
    "unknown": _("Choose one from the list."),
    "archived": _("“{metric}” is archived. Restore it first, or choose another."),
    "tax_without_money": _("Only money has a tax basis."),
    "band_upside_down": _("The upper end lies below the lower one."),
    "band_without_direction": _("A band needs the direction “within a band”."),
    "negative": _("This can't be negative."),
    "unknown_attribute": _("Choose an attribute from the list."),
    "filter_twice": _("Each attribute can be filtered once; put all values into one line."),
    "filter_without_values": _("Name at least one value; put semicolons between several."),
    "filter_too_long": _("At most 100 values of at most 200 characters each."),
    "nothing_to_filter": _("Only metrics that read facts can be filtered; filter the metrics this one is made of."),
    "months": _("Between 1 and {months} months; leave it empty for “ever”."),
    "not_used": _("This has no meaning for the way of computing you chose."),
    "share": _("The result is a share: choose percent or ratio as the unit of measure."),
    "circle": _("The metric would be made of itself."),
    "not_countable": _("“{metric}” can't be divided: choose a sum, a count or a distinct count."),
    "same_twice": _("Numerator and denominator are the same."),
    "growth_of_growth": _("“{metric}” is growth or a share already; choose what it is made of."),
    "unit_of_base": _("The unit of measure must be that of “{metric}”."),
    "tax_of_base": _("The tax basis must be that of “{metric}”."),
    "number_is_no_money": _("A number of facts or customers is not money: choose count or pieces."),
    "takes_no_facts": _("“{metric}” has no facts of its own; choose the metric whose facts it reads."),
    "not_additive": _("“{metric}” has no monthly target: choose a sum or a count."),
    "units_differ": _("“{metric}” is measured in another unit, so one is no share of the other."),
    "used_by": _("“{metric}” is made of this metric and could not be computed any more."),
    "has_facts": _("Facts are stored under this metric, so it keeps computing from them. Add a new metric instead."),
}
# Sentences that are clearer for one field.
OF_FIELD = {
    ("base", "missing"): _("Choose the metric whose facts or figures are used."),
    ("numerator", "missing"): _("Choose what is divided."),
    ("denominator", "missing"): _("Choose by what it is divided."),
    ("tax_basis", "missing"): _("Say whether the amounts include tax."),
    ("distinct_attribute", "missing"): _("Choose what is counted once, such as the customer."),
    ("target_metric", "missing"): _("Choose the metric whose target is meant."),
    ("band_low", "missing"): _("A band needs a lower end."),
    ("band_high", "missing"): _("A band needs an upper end."),
    ("band_tolerance", "missing"): _("Say how far outside the band still counts a little; 0 for not at all."),
}


def sentence_of(problem: Problem, names: Mapping[str, str] | None = None) -> str:
    """Return what to tell the user; `names` are the names of metrics by code."""
    text = OF_FIELD.get((problem.field, problem.code)) or SENTENCES.get(problem.code)
    about = (names or {}).get(problem.about, problem.about)
    return str(text or _t("Something is wrong here.")).format(metric=about, months=MOST_MONTHS)
