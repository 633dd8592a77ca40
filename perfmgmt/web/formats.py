"""Numbers, money, dates and periods in the reader's language. A missing value is always an em dash.

Values come in major units (yuan, not fen). What is shown is rounded half away from zero (RULES.md section 1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from perfmgmt.tenants.calendar import Period

MISSING: Final = "—"
Number = Decimal | Fraction | int | float
_LABEL = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>\d{2})|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?"
)
# Between a number and a word of a Chinese date.
_BESIDE_DIGITS = re.compile(r"(?<=\d)(?=[年月日])|(?<=[年月日至])(?=\d)")
#: Kinds of unit that are shown as a share; their stored value is a fraction (0.914 -> 91.4%).
PERCENT_UNITS: Final = frozenset({"percent", "ratio", "rate", "share"})
MONEY_UNITS: Final = frozenset({"money", "currency", "amount"})


def locale() -> Locale:
    """The Babel locale of the active language."""
    return _locale(get_language() or "en")


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def to_decimal(value: Number | str | None) -> Decimal | None:
    """The exact value, or None for missing (also NaN and an empty text)."""
    if value is None or value == "":
        return None
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact if exact.is_finite() else None


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """Half away from zero, as the rules demand; Babel alone would round half to even."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: Number | str | None, decimals: int | None = None) -> str:
    """`1,234.5`; with `decimals` exactly so many, else at most two and none that are zero."""
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    exact = round_half_up(exact, 2 if decimals is None else decimals)
    fraction = ".##" if decimals is None else ("." + "0" * decimals if decimals else "")
    return _minus(numbers.format_decimal(exact, format=f"#,##0{fraction}", locale=locale()))


def money(value: Number | str | None, currency: str, decimals: int | None = None) -> str:
    """`¥1,234` in Chinese, `CN¥1,234` in English; minor units where there are some, or as `decimals` says."""
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    if not currency:
        return number(exact, decimals)
    digits = numbers.get_currency_precision(currency)
    exact = round_half_up(exact, digits if decimals is None else decimals)
    if decimals is None and exact == exact.to_integral_value():
        digits = 0
    places = digits if decimals is None else decimals
    pattern = "¤#,##0" + ("." + "0" * places if places else "")
    text = numbers.format_currency(exact, currency, format=pattern, locale=locale(), currency_digits=False)
    return _minus(text)


def decimals_of(metric: Any, currency: str) -> int:
    """Return the decimals of the unit in which a metric is counted: a currency's minor unit, else whole ones."""
    return numbers.get_currency_precision(currency) if metric.is_money and currency else 0


def money_short(value: Number | str | None, currency: str) -> str:
    """For tight places: `¥481.2万`, `CN¥4.8M`."""
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    if not currency:
        return _minus(numbers.format_compact_decimal(exact, locale=locale(), fraction_digits=1))
    return _minus(numbers.format_compact_currency(exact, currency, locale=locale(), fraction_digits=1))


def percent(value: Number | str | None, decimals: int = 1) -> str:
    """A fraction as a percentage: 0.914 -> `91.4%`; trailing zeros are left out (0.5 -> `50%`)."""
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    exact = round_half_up(exact, decimals + 2)
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "") + "%"
    return _minus(numbers.format_percent(exact, format=pattern, locale=locale()))


def signed(text: str, value: Number | str | None) -> str:
    """Put a plus before a formatted positive value: differences show their direction; one rounded to 0 has none."""
    exact = to_decimal(value)
    if not any(sign in "123456789" for sign in text):
        return text.lstrip("−-")
    return f"+{text}" if exact is not None and exact > 0 else text


def difference(value: Number | str | None, metric: Any, currency: str = "") -> str:
    """By how much a metric's figure differs: `+¥150`, `−0.3 days`; of percentages in percentage points, `+1.6 pp`."""
    exact = to_decimal(value)
    if exact is not None and str(metric.unit_of_measure) in PERCENT_UNITS:
        decimals = getattr(metric, "decimals", None)
        points = number(round_half_up(exact * 100, 1 if decimals is None else decimals))
        return signed(_("%(number)s pp") % {"number": points}, exact)
    return signed(metric_value(value, metric, currency), value)


def by_unit(value: Number | str | None, unit: str, currency: str = "", decimals: int | None = None) -> str:
    """A metric's value by its unit of measure: money, percent, count, days, hours, score; others plain."""
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    if unit in MONEY_UNITS:
        return money(exact, currency, decimals)
    if unit in PERCENT_UNITS:
        return percent(exact, 1 if decimals is None else decimals)
    if unit in {"day", "days"}:
        places = 1 if decimals is None else decimals
        text = number(exact, None if exact == exact.to_integral_value() else places)
        return ngettext("%(number)s day", "%(number)s days", _plural(exact)) % {"number": text}
    if unit in {"hour", "hours"}:
        return ngettext("%(number)s hour", "%(number)s hours", _plural(exact)) % {"number": number(exact, decimals)}
    if unit in {"score", "rating"}:
        return number(exact, 2 if decimals is None else decimals)
    return number(exact, decimals)


def _plural(value: Decimal) -> int:
    """Only exactly one is singular in English."""
    return 1 if value == 1 else 2


def _minus(text: str) -> str:
    """A real minus sign: as wide as a digit, so that columns stay aligned."""
    return text.replace("-", "\N{MINUS SIGN}")


def day(value: date | None) -> str:
    """`2017年3月1日` / `Mar 1, 2017`."""
    if value is None:
        return MISSING
    pattern = "y 年 M 月 d 日" if _chinese() else "d MMM y"
    return dates.format_date(value, pattern, locale=locale())


def day_short(value: date) -> str:
    """For axes: `3/1` / `1 Mar`."""
    return dates.format_date(value, "M/d" if _chinese() else "d MMM", locale=locale())


def spans(value: Iterable[tuple[date, date]]) -> str:
    """Days from and to: `2017 年 3 月 1 日至 14 日` / `Mar 1 – 14, 2017`; several with commas."""
    found = [dates.format_interval(first, last, "yMMMd", locale=locale()) for first, last in value]
    if not _chinese():
        return ", ".join(found)
    return "、".join(_BESIDE_DIGITS.sub(" ", each) for each in found)


def moment(value: datetime | None, time_zone: str = "UTC") -> str:
    """A day and minute in the workspace's time zone."""
    if value is None:
        return MISSING
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    pattern = "y 年 M 月 d 日 HH:mm" if _chinese() else "d MMM y, HH:mm"
    return dates.format_datetime(aware, pattern, tzinfo=ZoneInfo(time_zone), locale=locale())


def period(value: Period | str | None) -> str:
    """`2017 年 3 月` / `March 2017`, `2017 年第 2 季度` / `Q2 2017`, `2017 年` / `2017`, weeks and days."""
    if value is None or value == "":
        return MISSING
    label = value if isinstance(value, str) else value.label
    match = _LABEL.fullmatch(label)
    if match is None:
        raise ValueError(f"{label!r} is not a period")
    found = match.groupdict()
    year = found["year"]
    if found["quarter"]:
        return quarter_label(int(year), int(found["quarter"]))
    if found["week"]:
        return _("week %(week)s of %(year)s") % {"week": int(found["week"]), "year": year}
    if found["day"]:
        return day(date(int(year), int(found["month"]), int(found["day"])))
    if found["month"]:
        return month_label(int(year), int(found["month"]))
    return year_label(int(year))


def month_label(year: int, month: int) -> str:
    """`2017 年 3 月` / `March 2017`."""
    pattern = "y 年 M 月" if _chinese() else "MMMM y"
    return dates.format_date(date(year, month, 1), pattern, locale=locale())


def month_short(year: int, month: int) -> str:
    """For axes: `3 月` / `Mar`."""
    return dates.format_date(date(year, month, 1), "M 月" if _chinese() else "MMM", locale=locale())


def quarter_label(year: int, quarter: int) -> str:
    """`2017 年第 2 季度` / `Q2 2017`."""
    return f"{year} 年第 {quarter} 季度" if _chinese() else f"Q{quarter} {year}"


def year_label(year: int) -> str:
    """`2017 年` / `2017`."""
    return f"{year} 年" if _chinese() else str(year)


def _chinese() -> bool:
    return locale().language == "zh"


def metric_value(value: Number | str | None, metric: Any, currency: str = "") -> str:
    """By a metric (anything with `unit_of_measure` and perhaps `decimals`)."""
    unit = "money" if metric.is_money else str(metric.unit_of_measure)
    return by_unit(value, unit, currency, getattr(metric, "decimals", None))
