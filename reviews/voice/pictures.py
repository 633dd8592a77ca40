"""What a page of results draws: bars of what was said, and the course by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _t

from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series
from reviews.models import SurveyQuestion, SurveyQuestionKind
from reviews.surveys.content import SCALES
from reviews.voice.rules import Figures
from reviews.voice.selectors import Row, counted, histogram


@dataclass(frozen=True)
class Bar:
    """How many said one thing; `width` in percent of the longest."""

    label: str
    n: int
    share: float
    width: float
    tone: str = ""


def bars_of(question: SurveyQuestion, rows: Sequence[Row]) -> list[Bar]:
    """Return how many said what, of at least one answer."""
    counts = counted(rows, lambda row: row.said)
    total, most = sum(counts.values()), max(counts.values())
    if question.kind in SCALES:
        low, high = SCALES[question.kind]
        points = [(str(point), str(point)) for point in range(high, low - 1, -1)]
    else:
        points = _choices(question, counts)
    return [
        Bar(word, counts[said], counts[said] / total, round(100 * counts[said] / most, 1), _tone(question.kind, said))
        for said, word in points
    ]


def _choices(question: SurveyQuestion, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the choices, the most frequent first; also those that only earlier versions offered."""
    second = get_language() == "en"
    words = {one["key"]: (one["en"] or one["zh"]) if second else (one["zh"] or one["en"]) for one in question.choices}
    found = {**words, **{said: said for said in counts if said not in words}}
    return sorted(found.items(), key=lambda one: -counts.get(one[0], 0))


#: From which point on an answer is good, and up to which it is bad.
TONES = {"csat": (4, 2), "nps": (9, 6), "ces": (6, 3)}


def _tone(kind: str, said: str) -> str:
    if kind not in TONES:
        return ""
    good, bad = TONES[kind]
    return "good" if int(said) >= good else "bad" if int(said) <= bad else "warn"


def course_of(kind: str, rows: Sequence[Row]) -> Chart | None:
    """Return the course by month with the ends of the interval; None for less than two months."""
    months = sorted({row.month for row in rows if row.month is not None})
    if len(months) < 2:
        return None
    found = [Figures(kind, histogram(row for row in rows if row.month == month)) for month in months]
    name, unit = {
        SurveyQuestionKind.CSAT: (_t("CSAT%"), "percent"), SurveyQuestionKind.NPS: (_t("NPS"), "count"),
    }.get(SurveyQuestionKind(kind), (_t("Mean"), "count"))  # fmt: skip
    values: list[Any] = [one.interval.value if one.interval else one.mean for one in found]
    series = [Series(name, values)]
    if all(one.interval for one in found):
        lows = [one.interval.low for one in found if one.interval]
        highs = [one.interval.high for one in found if one.interval]
        series += [Series(_t("Lower end"), lows, role="muted", style="dash"),
                   Series(_t("Upper end"), highs, role="muted", style="dash", fills=True)]  # fmt: skip
    texts = {"percent": formats.percent}.get(unit, lambda value: formats.number(value, 2 if name != _t("NPS") else 0))
    return Chart(
        id="voice-course", title=_t("Course by month, with the 95% interval"),
        categories=[formats.month_label(month.year, month.month) for month in months], series=series, unit=unit,
        category_title=pgettext("time", "Month"), formatter=texts, height="small",
    )  # fmt: skip
