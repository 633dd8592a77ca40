"""Fills the form of a goal from the sentence that is typed on top of it, and says what was understood."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from goals.models import Form
from goals.smart import periods
from goals.smart.forms import Setting
from goals.smart.selectors import known
from goals.smart.sentence import Reading, read
from goals.smart.spans import Span
from goals.smart.typed import as_typed
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats


@dataclass(frozen=True)
class Filled:
    """A form's data with what the sentence says, whether anything changed, and what was understood."""

    data: QueryDict
    changed: bool
    reading: Reading


#: A title is shorter; what is posted may have any length, and reading it takes longer than its length grows.
LONGEST = 300


def reading_of(text: str, setting: Setting) -> Reading:
    """Return what a sentence says in this workspace; nothing of one too long for a title."""
    if len(text) > LONGEST:
        text = ""
    days = setting.days
    return read(text, today=days.today, fiscal_start_month=setting.fiscal, metrics=known(setting.metrics))


def filled(data: QueryDict, setting: Setting) -> Filled:
    """Return a form's data with what its sentence says since it was last read.

    Only what the sentence now says otherwise is filled in, so that nothing that was chosen by hand is lost when a
    word is mended.
    """
    title, before = data.get("title", ""), data.get("read_from", "")
    reading = reading_of(title, setting)
    if title == before:
        return Filled(data, False, reading)
    new, old = _values(reading, setting), _values(reading_of(before, setting), setting)
    changes = {name: value for name, value in new.items() if old.get(name) != value and data.get(name) != value}
    result = data.copy()
    for name, value in {**changes, "read_from": title}.items():
        result[name] = value
    return Filled(result, bool(changes), reading)


def _values(reading: Reading, setting: Setting) -> dict[str, str]:
    """The fields that a reading fills, as texts; what it doesn't say is left out."""
    metric = _metric(reading, setting)
    unit = metric.unit_of_measure if metric else ""
    is_points = reading.form == Form.POINTS
    found = {
        "metric": reading.metric, "form": reading.form, "counting": reading.counting,
        "target": as_typed(reading.target, unit), "baseline_kind": reading.baseline_kind,
        "growth": as_typed(reading.growth, unit if is_points else "", is_points=is_points),
        "band_low": as_typed(reading.band_low, unit), "band_high": as_typed(reading.band_high, unit),
    }  # fmt: skip
    found = {name: value for name, value in found.items() if value}
    if metric is not None and reading.direction in (Direction.HIGHER, Direction.LOWER):
        found["direction"] = "" if reading.direction == metric.direction else reading.direction
    return found | _period_values(reading.span, setting)


def _period_values(span: Span | None, setting: Setting) -> dict[str, str]:
    if span is None:
        return {}
    label = periods.label_of(span.grain, span.first_day, setting.fiscal)
    return {"period": label, "first_day": span.first_day.isoformat(), "last_day": span.last_day.isoformat()}


def _metric(reading: Reading, setting: Setting) -> Metric | None:
    return next((it for it in setting.metrics if it.code == reading.metric), None)


def understood(reading: Reading, setting: Setting, currency: str) -> list[tuple[str, str]]:
    """Return what was understood, as pairs of what it is and what it says, in the reader's language."""
    metric = _metric(reading, setting)
    found: list[tuple[str, str]] = []
    if metric is not None:
        assumed = _("%(metric)s (only money was named)") % {"metric": metric.name}
        found.append((_("Metric"), assumed if reading.is_assumed else metric.name))
        found += _numbers(reading, metric, currency)
    if reading.span is not None:
        found.append((_("Period"), _span_words(reading.span, setting)))
    return found


def _numbers(reading: Reading, metric: Metric, currency: str) -> list[tuple[str, str]]:
    def shown(value: Decimal | None) -> str:
        return formats.metric_value(value, metric, currency)

    if reading.form == Form.ABSOLUTE:
        most = _("at most %(value)s") if reading.direction == Direction.LOWER else _("at least %(value)s")
        return [(_("Target"), most % {"value": shown(reading.target)})]
    if reading.form == Form.PERCENT:
        return [(_("Growth"), formats.signed(formats.percent((reading.growth or Decimal(0)) / 100), reading.growth))]
    if reading.form == Form.POINTS:
        return [(_("Growth"), formats.difference(reading.growth, metric, currency))]
    if reading.form == Form.BAND:
        low, high = shown(reading.band_low), shown(reading.band_high)
        return [(_("Band"), low if low == high else f"{low} – {high}")]
    return []


def _span_words(span: Span, setting: Setting) -> str:
    if span.grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        return formats.period(Period(Grain(span.grain), span.first_day, setting.fiscal))
    return f"{formats.day(span.first_day)} – {formats.day(span.last_day)}"


def left_open(reading: Reading, title: str) -> list[str]:
    """Return sentences about what was not understood, none for an empty title."""
    if not title.strip():
        return []
    found: list[str] = []
    if reading.weekly is not None:
        number: Any = formats.number(reading.weekly)
        found.append(
            _("%(number)s each week: a goal is for a month or longer, so enter the number of the whole period.")
            % {"number": number}
        )
    if reading.unread:
        found.append(_("Not understood: %(words)s. Enter it below.") % {"words": ", ".join(reading.unread)})
    if not reading.metric:
        found.append(_("No metric was recognised. Choose one below, or keep the goal as a milestone."))
    elif not reading.has_number and reading.weekly is None:
        found.append(_("No number was recognised. Enter the target below."))
    return found
