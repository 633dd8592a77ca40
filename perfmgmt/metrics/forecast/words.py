"""What an outlook says in words, in the reader's language."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from perfmgmt.metrics.forecast.rules import (
    Outlook,
    percentile,
    probability,
    recommended,
    shown_percent,
    significant,
    verdict,
)
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.numbers import ungrouped
from perfmgmt.web import formats

# A factor that differs by less is not worth a word.
WORTH_SAYING = Decimal("0.005")
# Probabilities nearer to impossible or certain than this are told as "less" and "more".
SMALLEST = 0.001


@dataclass(frozen=True)
class Judged:
    """A typed target against an outlook: `status` names its pill ("" for none), `chance` and `place` are texts."""

    target: str
    status: str
    chance: str
    place: str


def figure(value: float | None, metric: Metric, currency: str, step: float = 0.0) -> str:
    """Return a forecast figure in the metric's unit with the digits that mean something."""
    return formats.metric_value(None if value is None else significant(value, step), metric, currency)


def sentences(it: Outlook, metric: Metric, grain: Grain, currency: str) -> list[str]:
    """Return what an outlook rests on, one sentence each, the suggestion last; nothing without numbers."""
    if it.point is None:
        return []
    found = [_of_basis(it, grain)]
    if it.best is not None:
        found.append(_of_best(it, metric, grain, currency))
    if it.peers_median is not None:
        value = figure(it.peers_median, metric, currency, it.step)
        found.append(_("Median of people of the same sales role type: {value}.").format(value=value))
    factors = [
        text.format(value=formats.number(round(value, 2), 2))
        for value, text in (
            (it.season, _("season factor {value}")),
            (it.market, _("market factor {value}")),
            (it.days, _("own working days {value} of a usual period")),
        )
        if abs(Decimal(repr(value)) - 1) >= WORTH_SAYING
    ]
    if it.so_far:
        found.append(_("What is reached so far is counted in."))
    if factors:
        found.append(_("Counted in: {factors}.").format(factors=_(", ").join(factors)))
    return [*found, suggestion(it, metric, currency)]


def text_of(it: Outlook, metric: Metric, grain: Grain, currency: str) -> str:
    """Return the sentences as one text: Chinese ones follow each other without a space."""
    chinese = (get_language() or "").startswith("zh")
    return ("" if chinese else " ").join(sentences(it, metric, grain, currency))


def suggestion(it: Outlook, metric: Metric, currency: str) -> str:
    """Return the sentence with the recommended target and the 80% interval; "" without a forecast."""
    if it.point is None:
        return ""
    low, high = (figure(end, metric, currency, it.step) for end in (it.low, it.high))
    value = formats.metric_value(recommended(it), metric, currency)
    return _("Recommended: {value} (80% interval {low} to {high}).").format(value=value, low=low, high=high)


def basis_word(it: Outlook) -> str:
    """Return in a few words whose history an outlook comes from."""
    return {"own": _("own history"), "peers": _("similar people")}.get(it.basis, _("no history"))


def _of_basis(it: Outlook, grain: Grain) -> str:
    if it.basis == "peers":
        return _("Fewer than 4 own periods are known, so this comes from people of the same sales role type.")
    return ngettext("From {n} own period.", "From {n} own periods.", it.months).format(n=it.months)


def _of_best(it: Outlook, metric: Metric, grain: Grain, currency: str) -> str:
    texts = {
        Grain.MONTH: ngettext("Best of {n} month: {value}.", "Best of {n} months: {value}.", len(it.history)),
        Grain.QUARTER: ngettext("Best of {n} quarter: {value}.", "Best of {n} quarters: {value}.", len(it.history)),
        Grain.YEAR: ngettext("Best of {n} year: {value}.", "Best of {n} years: {value}.", len(it.history)),
    }
    return texts[grain].format(n=len(it.history), value=figure(it.best, metric, currency, it.step))


def typed(text: str, *, is_share: bool = False) -> Decimal | None:
    """Read a target as people type it ("120,000", "98%", "4.5"); None for nothing. Raises ValueError.

    Of shares, which are kept as fractions, a bare number above 1 is meant in percent, too.
    """
    plain = ungrouped(text.strip()).replace(" ", "").replace("％", "%")
    if not plain:
        return None
    percent = plain.endswith("%")
    try:
        value = Decimal(plain.rstrip("%"))
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or abs(value) > Decimal(10) ** 15:
        raise ValueError(text)
    return value / 100 if percent or (is_share and value > 1) else value


def judged(it: Outlook, target: Decimal | None, metric: Metric, currency: str) -> Judged | None:
    """Return how a target stands against an outlook; None without a target or a forecast."""
    chance = probability(it, None if target is None else float(target), metric.direction)
    if chance is None or target is None:
        return None
    band = verdict(chance)
    place = percentile(it.history, float(target))
    return Judged(
        formats.metric_value(target, metric, currency),
        str(band).replace(" ", "_"),
        _("{percent} likely to be reached").format(percent=chance_text(chance)),
        "" if place is None else _place(place, metric),
    )


def chance_text(chance: float) -> str:
    """Return a probability as a percentage that keeps its verdict; nothing is impossible or certain."""
    if chance < SMALLEST:
        return f"<{formats.percent(SMALLEST)}"
    if chance > 1 - SMALLEST:
        return f">{formats.percent(1 - SMALLEST)}"
    return formats.percent(Decimal(repr(shown_percent(chance))) / 100, 3)


def _place(place: float, metric: Metric) -> str:
    percent = formats.percent(Decimal(repr(place)), 0)
    if metric.direction == Direction.LOWER:
        return _("Higher than {percent} of the own past periods; lower is better.").format(percent=percent)
    return _("Higher than {percent} of the own past periods.").format(percent=percent)
