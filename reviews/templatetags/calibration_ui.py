"""`{% load calibration_ui %}`: what the templates of calibration and comparison need to show rows."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template

from perfmgmt.web import formats
from reviews.calibration.forms import POTENTIAL_WORDS
from reviews.calibration.rules import Bar

register = template.Library()
TONES = 5


@register.filter
def potential_word(value: int | None) -> str:
    """`{{ person.potential|potential_word }}`: low, medium, high, or a dash."""
    return str(dict(POTENTIAL_WORDS).get(value or 0, formats.MISSING))


@register.filter
def signed_points(value: Decimal | None) -> str:
    """`{{ person.difference|signed_points }}`: +5.50, −3.00."""
    return formats.signed(formats.number(value, 2), value)


@register.filter
def texts_of(texts: Mapping[int, Sequence[str]], participant_id: int) -> str:
    """`{{ money|texts_of:person.participant_id }}`: the texts of a person in one line."""
    return " · ".join(texts.get(participant_id, [])) or formats.MISSING


@register.filter
def at(rows: Sequence[Any], place: str) -> Any:
    """`{{ rows|at:"1" }}`: the row in a place, counted from 1; "" when there is none."""
    index = int(place) - 1
    return rows[index] if index < len(rows) else ""


@register.filter
def grade_tone(place: int) -> int:
    """`tone{{ forloop.counter0|grade_tone }}`: the colour of a grade by its place, the best first."""
    return min(place, TONES - 1)


@register.filter
def stacked(bars: Iterable[Bar]) -> list[tuple[Bar, str, str]]:
    """`{% for bar, x, width in group.bars|stacked %}`: shares one behind the other, in percent."""
    found, x = [], Decimal(0)
    for bar in bars:
        width = (bar.share or Decimal(0)) * 100
        found.append((bar, f"{x:.2f}", f"{width:.2f}"))
        x += width
    return found
