"""Reads a goal that is typed as a sentence, in Chinese or English. Pure: no Django, no database.

What isn't understood stays open: a reading holds only what the words say, and lists what was left over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from goals.smart.numerals import SCALES, normal
from goals.smart.spans import DAILY, WEEKLY, Days, Span, find
from goals.smart.words import UNITS, metric_code
from perfmgmt.tenants.calendar import Grain, Period

#: The scale of answers to customers' surveys; "4.5/5" is read, "9/10" is not a figure of the metric.
CSAT_SCALE = Decimal(5)
#: More than any target can be: such a run of digits is no number.
_TOO_LONG = re.compile(r"\d{16,}(?:\.\d+)?")


@dataclass(frozen=True)
class Known:
    """A metric of the workspace that may be named: its code, names, unit of measure and direction."""

    code: str
    names: tuple[str, ...]
    unit: str
    direction: str = "higher"
    adds_up: bool = False


@dataclass(frozen=True)
class Reading:
    """What a sentence says. Empty and None: it doesn't say so.

    `metric` is a code; `is_assumed`: it named money and nothing else. `form` is "absolute", "percent", "points" or
    "band"; `target` is in the metric's unit (a ratio as a fraction), `growth` in percent or in the metric's unit.
    `counting` is "each" for a level that holds in each month. `weekly` is a number for each week, which a goal has
    no period for. `unread` are numbers that were left over.
    """

    metric: str = ""
    is_assumed: bool = False
    form: str = ""
    target: Decimal | None = None
    growth: Decimal | None = None
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    direction: str = ""
    span: Span | None = None
    counting: str = ""
    baseline_kind: str = ""
    weekly: Decimal | None = None
    unread: tuple[str, ...] = ()

    @property
    def has_number(self) -> bool:
        """Whether it says how much."""
        return self.target is not None or self.growth is not None or self.band_low is not None


@dataclass(frozen=True)
class Amount:
    """A number in a sentence: its value, its unit ("" for none), and where it stands."""

    value: Decimal
    unit: str
    text: str
    start: int
    end: int
    scale_of: Decimal | None = None


_NUMBER = re.compile(
    r"(?P<sign>(?<![\d\w])[+-]\s*)?(?P<mark>[¥￥$€]\s*)?(?P<value>\d+(?:\.\d+)?(?:e\d{1,3}\b)?)"
    rf"(?:\s*(?P<scale>{'|'.join(sorted((s for s in SCALES if not s.isascii()), key=len, reverse=True))}"
    r"|(?:billion|million|thousand|mio|k|m)\b))?"
    r"(?:\s*(?:/|out of|分之)\s*(?P<of>\d+)(?![\d%]))?"
    rf"\s*(?P<unit>{'|'.join(f'(?:{pattern})' for _unit, pattern in UNITS)})?"
)
_GROWS = (
    r"提高|增长|提升|增加|上升|上涨|改善|涨|翻|多(?=\d|\s\d)"
    r"|\b(?:grow|growth|increas\w*|rais\w*|improv\w*|boost\w*|gain)\b|(?<![-\w] )(?<![-\w])up(?= by| \d)"
)
_FALLS = r"降低|减少|下降|缩短|压缩|降|\b(?:reduc\w*|cut\w*|lower(?! is)\w*|decreas\w*|shorten\w*|down)\b"
_TO = r"(?:到|至|达到?|为|\bto\b|\bat\b)\s*$"
_FROM = r"(?:从|由|\bfrom)\s*$"
_CEILING_BEFORE = (
    r"(?:不(?:超过|高于|多于|大于|得超过)|控制在|至多|最多|(?<!不)(?:低于|少于|小于)|限制在|[<≤]=?"
    r"|\bat most|\bno more than|\bnot more than|\bunder|\bbelow|(?<!no )(?<!not )\b(?:less|fewer) than|\bwithin"
    r"|\bmax(?:imum)?(?: of)?|\bup to)\s*$"
)
_CEILING_AFTER = r"^\s*(?:以内|之内|内(?!容|部)|以下|之下|or less|or fewer|at most)"
_FLOOR_BEFORE = (
    r"(?:不(?:低于|少于|小于)|至少|最少|(?<!不)(?<!不得)(?:高于|超过|大于)|[>≥]=?|\bat least|\bno less than"
    r"|\bno fewer than|\bnot less than|(?<!no )(?<!not )\bmore than|\bover"
    r"|\babove|\bmin(?:imum)?(?: of)?)\s*$"
)
_ZERO = re.compile(
    r"[零无0]\s*个?\s*(?:差错|错误|失误|出错|投诉|客诉)"
    r"|\b(?:zero|no|0)\s+(?:entry |data )?(?:errors?|mistakes?|complaints?)\b"
)
_BAND = re.compile(
    r"(?:在|介于|between\s+)?\s*(\d+(?:\.\d+)?)\s*(%)?\s*(?:到|至|-|~|–|and|to)\s*(\d+(?:\.\d+)?)\s*(%|[^\d\s]{0,2})?\s*(?:之间)?"
)
_LAST_YEAR = re.compile(r"同比|去年|上年|year[- ]on[- ]year|\byoy\b|last year|a year (?:before|ago|earlier)")
_PREVIOUS = re.compile(r"环比|比?上(?:个)?(?:月|季度?|期)|(?:last|previous) (?:month|quarter|period)|period before")
#: For these "add ten" is the target; for others it is a growth of ten.
_TIME = re.compile(r"\s*(?:年|月|季|周|星期|号)")
_IN_DAYS = re.compile(r"(\d+)\s*个?(?:工作)?天(?:之内|以内|内)|\b(?:with)?in (?:the next )?(\d+) days\b")
_GENERIC = ("sales_amount", "orders")
_ADDED = ("prospects_added", "new_customers", "referrals", "high_value_customers")


def read(text: str, *, today: date, fiscal_start_month: int = 1, metrics: Iterable[Known]) -> Reading:
    """Return what a sentence says of a goal; `metrics` are those of the workspace that may be chosen."""
    known = {it.code: it for it in metrics}
    plain = _TOO_LONG.sub("", normal(text[:300]))
    reading = Reading()
    if match := _PREVIOUS.search(plain):
        reading, plain = replace(reading, baseline_kind="previous"), _cut(plain, match)
    if match := _LAST_YEAR.search(plain):
        reading, plain = replace(reading, baseline_kind="last_year"), _cut(plain, match)
    code = _named(plain, known) or metric_code(plain)
    metric = known.get(code)
    spoken, counting, rest = _period(plain, metric, Days(today, fiscal_start_month))
    reading = replace(reading, span=spoken, counting=counting)
    if _ZERO.search(rest) and metric is not None and metric.direction != "higher":
        zero = Decimal(0)
        return replace(reading, metric=metric.code, form="band", band_low=zero, band_high=zero, direction="band")
    amounts = _amounts(rest)
    if not code and any(it.unit == "money" for it in amounts) and "sales_amount" in known:
        metric, reading = known["sales_amount"], replace(reading, is_assumed=True)
    if metric is None:
        return replace(reading, unread=tuple(it.text for it in amounts))
    reading = replace(reading, metric=metric.code)
    if (band := _band(rest, metric)) is not None:
        return replace(reading, form="band", band_low=band[0], band_high=band[1], direction="band")
    return _with_amount(reading, rest, amounts, metric)


def _named(text: str, known: Mapping[str, Known]) -> str:
    """Return the code of the metric that a sentence names in full, the longest name first; "" for none.

    "Sales amount" and "orders" also stand in sentences about narrower metrics, which the library's patterns tell.
    """
    names = ((normal(name), it.code) for it in known.values() for name in it.names if len(name) > 1)
    found = [(len(name), code) for name, code in names if code not in _GENERIC and _holds(text, name)]
    return max(found, default=(0, ""))[1]


def _holds(text: str, name: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name)}\b", text)) if name.isascii() else name in text


def _period(text: str, metric: Known | None, days: Days) -> tuple[Span | None, str, str]:
    """Return the period, how a level counts in it, and the sentence without them.

    Days that a metric is counted in are no period. "In 2027, each month": a sum's goal is the first month's, a level
    holds in each month of the year.
    """
    if (metric is None or metric.unit not in ("days", "hours")) and (match := _IN_DAYS.search(text)):
        length = int(match[1] or match[2])
        if 1 <= length <= 1825:
            return Span(0, days.today, days.today + timedelta(days=length - 1)), "", _cut(text, match)
    found = find(text, days)
    if found is None:
        return None, "", text
    span, rest = found
    again = None if span.is_cadence else find(rest, days)
    if again is None or not again[0].is_cadence or again[0].grain >= span.grain > 0:
        return span, "", rest
    if metric is not None and not metric.adds_up:
        return span, "each" if again[0].grain == Grain.MONTH else "", again[1]
    first = Period.containing(Grain(again[0].grain), span.first_day, days.fiscal_start_month)
    return Span(again[0].grain, first.start, first.end, is_cadence=True), "", again[1]


def _amounts(text: str) -> list[Amount]:
    found = []
    for match in _NUMBER.finditer(text):
        if re.match(r"[a-z]", text[match.start() - 1 : match.start()]) and match["sign"] is None:
            continue  # q5, a4
        value = Decimal(match["value"]) * SCALES.get(match["scale"] or "", Decimal(1))
        if match["sign"] and "-" in match["sign"]:
            value = -value
        unit = "money" if match["mark"] else _unit(match["unit"] or "")
        if not unit and _TIME.match(text, match.end()):
            unit = "time"  # a date that doesn't exist, a period that isn't understood
        of = Decimal(match["of"]) if match["of"] else None
        found.append(Amount(value, unit, match[0].strip(), match.start(), match.end(), of))
    return found


def _unit(text: str) -> str:
    return next((unit for unit, pattern in UNITS if re.fullmatch(pattern, text)), "")


def _band(text: str, metric: Known) -> tuple[Decimal, Decimal] | None:
    match = _BAND.search(text)
    if match is None or not ("之间" in match[0] or "介于" in match[0] or "between" in match[0] or "在" in match[0]):
        return None
    percent = match[2] or match[4] == "%"
    if bool(percent) != (metric.unit in ("ratio", "percent")):
        return None
    scale = Decimal(100) if percent and metric.unit == "ratio" else Decimal(1)
    low, high = Decimal(match[1]) / scale, Decimal(match[3]) / scale
    return (low, high) if low <= high else None


def _with_amount(reading: Reading, text: str, amounts: list[Amount], metric: Known) -> Reading:
    """Give a reading the number that fits its metric; numbers that don't fit are left over."""
    for amount in amounts:
        if len(amounts) > 1 and re.search(_FROM, text[: amount.start]):
            continue  # "from 30% to 40%": where it starts is no target
        found = _fitted(reading, text, amount, metric)
        if found is not None:
            others = tuple(it.text for it in amounts if it is not amount)
            return replace(found, unread=others)
    return replace(reading, unread=tuple(it.text for it in amounts))


def _fitted(reading: Reading, text: str, amount: Amount, metric: Known) -> Reading | None:
    before, after = text[: amount.start], text[amount.end :]
    ceiling = bool(re.search(_CEILING_BEFORE, before) or re.search(_CEILING_AFTER, after))
    floor = bool(re.search(_FLOOR_BEFORE, before))
    to = bool(re.search(_TO, before)) or ceiling or floor
    grows, falls = bool(re.search(_GROWS, before)), bool(re.search(_FALLS, before))
    if not before.strip():  # "20% growth"
        grows = bool(re.search(r"^\s*(?:的)?(?:增长|growth|increase)", after))
    if (grows or falls or amount.text[0] in "+-") and not to:
        grown = _growth(reading, amount, metric, -1 if falls else 1)
        if grown is not None:
            return grown
    value = _value(amount, metric)
    if value is None and grows and amount.unit == "percent":  # "growth is to reach 10%"
        return _growth(reading, amount, metric, 1)
    if value is None or value < 0:
        return None
    if DAILY.search(text):  # no goal is for a day
        return None
    if WEEKLY.search(text):
        return replace(reading, weekly=value)
    direction = "lower" if ceiling else "higher" if floor or metric.direction == "band" else metric.direction
    return replace(reading, form="absolute", target=value, direction=direction)


def _growth(reading: Reading, amount: Amount, metric: Known, sign: int) -> Reading | None:
    """A growth in percent or in points of the metric's unit; None where it is a plain number after all."""
    direction = metric.direction if metric.direction != "band" else "higher"
    reading = replace(reading, direction=direction)
    if amount.unit == "percent":
        return replace(reading, form="percent", growth=sign * amount.value)
    if amount.unit == "points":
        scale = Decimal(100) if metric.unit == "ratio" else Decimal(1)
        if metric.unit not in ("ratio", "percent", "score"):
            return None
        return replace(reading, form="points", growth=sign * amount.value / scale)
    if metric.code in _ADDED and sign > 0:
        return None
    value = _value(amount, metric)
    return None if value is None else replace(reading, form="points", growth=sign * value)


def _value(amount: Amount, metric: Known) -> Decimal | None:
    """Return a number in the metric's unit; None where its unit is another one."""
    if amount.scale_of is not None:
        is_csat = metric.unit == "score" and amount.scale_of == CSAT_SCALE and amount.value <= CSAT_SCALE
        return amount.value if is_csat else None
    if metric.unit == "ratio":
        if amount.unit == "percent":
            return amount.value / 100
        return amount.value if not amount.unit and 0 <= amount.value <= 1 else None
    units = {
        "percent": ("percent",), "money": ("money",), "days": ("days",), "hours": ("hours",),
        "score": ("score", "points"), "count": ("count",), "pieces": ("count",),
    }[metric.unit]  # fmt: skip
    return amount.value if amount.unit in (*units, "") else None


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
