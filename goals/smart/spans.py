"""Periods in a typed sentence: each month, by the end of Q4, within three months, dates. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from perfmgmt.tenants.calendar import Grain, Period, add_months

OWN = 0
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A period of a goal: `grain` is 3 month, 4 quarter, 5 year, 0 own dates, as `Goal.grain` has it.

    `is_cadence`: the sentence said how often ("each month") and not when; the days are the next whole ones.
    """

    grain: int
    first_day: date
    last_day: date
    is_cadence: bool = False


@dataclass(frozen=True)
class Days:
    """Today and the first month of the workspace's fiscal year."""

    today: date
    fiscal_start_month: int = 1

    def period(self, grain: Grain, steps: int = 0) -> Period:
        """The period that holds today, or the one `steps` later."""
        return Period.containing(grain, self.today, self.fiscal_start_month).next(steps)

    def next_whole(self, grain: Grain) -> Period:
        """The period a new goal is for: the running one, or the next when less than half of this one is left."""
        running = self.period(grain)
        over = (self.today - running.start) * 2 > running.end - running.start
        return running.next() if over else running


Found = tuple[Span, str] | None
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_TO = r"\s*(?:至|到|-|–|—|~|to|until|through)\s*"
_GRAINS = {"month": Grain.MONTH, "quarter": Grain.QUARTER, "year": Grain.YEAR}
#: How often: checked last, because what says when is more.
_CADENCES = (
    (
        Grain.MONTH,
        r"每个?月|按月|月度|月均|(?<![\d\u4e00-\u9fff])月(?=销售|回款|订单|新增|拜访)|\bmonthly\b|(?:\bper|\beach|\bevery|\ba|/)\s*month\b|\d*/月",
    ),
    (Grain.QUARTER, r"每个?季度?|按季|季度|\bquarterly\b|(?:\bper|\beach|\bevery|\ba|/)\s*quarter\b|/季"),
    (Grain.YEAR, r"每年|年度|全年|\bannual(?:ly)?\b|\byearly\b|(?:\bper|\beach|\bevery|\ba|/)\s*year\b|/年"),
)
WEEKLY = re.compile(r"每个?(?:周|星期)|\bweekly\b|(?:\bper|\beach|\bevery|\ba|/)\s*week\b|/周")
DAILY = re.compile(r"每个?(?:工作)?(?:天|日)|\bdaily\b|(?:\bper|\beach|\bevery|\ba|/)\s*day\b|/[天日]")
_RELATIVE = (
    (Grain.MONTH, 0, r"(?:本|这个?|当)月(?:底|末)?(?:之?前)?|(?<!\d)月[底末](?:之?前)?|\bthis month\b"
                     r"|(?:by |before )?(?:the )?end of (?:the |this )?month|\bby month[- ]end\b"),
    (Grain.MONTH, 1, r"下个?月(?:底|末)?(?:之?前)?|\bnext month\b"),
    (Grain.QUARTER, 0, r"(?:本|这个?|当)季度?(?:底|末)?(?:之?前)?|(?<!\d)季度?[底末](?:之?前)?|\bthis quarter\b"
                       r"|(?:by |before )?(?:the )?end of (?:the |this )?quarter|\bby quarter[- ]end\b"),
    (Grain.QUARTER, 1, r"下个?季度?(?:底|末)?(?:之?前)?|\bnext quarter\b"),
    (Grain.YEAR, 0, r"(?:今|本)年(?:度|[底末内])?(?:之?前)?|(?<!\d)年[底末内](?:之?前)?|\bthis year\b"
                    r"|(?:by |before )?(?:the )?end of (?:the |this )?year|\bby year[- ]end\b"),
    (Grain.YEAR, 1, r"明年度?(?:底|末)?(?:之?前)?|\bnext year\b"),
)  # fmt: skip


def find(text: str, days: Days) -> Found:
    """Return the period a sentence speaks of and the sentence without it; None where it speaks of none.

    `text` as `numerals.normal` gives it. "By the end of" and "before" a period mean within it; a month or a quarter
    without a year is the next one that isn't over. A date that doesn't exist is no period.
    """
    for look in (_two_dates, _until_date, _quarter, _half, _month_range, _month, _relative, _within, _year, _cadence):
        try:
            found = look(text, days)
        except ValueError:  # a day such as 31 February
            continue
        if found is not None:
            return found
    return None


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _span(period: Period) -> Span:
    return Span(int(period.grain), period.start, period.end)


def _two_dates(text: str, days: Days) -> Found:
    match = re.search(rf"(?:从|from )?\s*{_DATE}{_TO}{_DATE}", text)
    if match is None:
        return None
    first, last = date(*map(int, match.group(1, 2, 3))), date(*map(int, match.group(4, 5, 6)))
    return (fitted(first, last, days), _without(text, match)) if first <= last else None


def _until_date(text: str, days: Days) -> Found:
    """Until a date, from today on: 12月31日前, by 2026-12-31, by 31 December 2026."""
    numeric = re.search(rf"(?:by |before |until |到|至|截[至止]|于|在)?\s*{_DATE}(?:之?前|为止)?", text)
    short = re.search(r"(?:到|至|截[至止])?\s*(\d{1,2})月(\d{1,2})[日号](?:之?前|为止)?", text)
    words = re.search(
        rf"(?:by |before |until )(?:(\d{{1,2}}) ({_MONTH})|({_MONTH}) (\d{{1,2}})(?!\d),?)(?: (\d{{4}}))?", text
    )
    if numeric is not None:
        match, last = numeric, date(*map(int, numeric.group(1, 2, 3)))
    elif short is not None:
        match, last = short, _coming(int(short[1]), int(short[2]), None, days)
    elif words is not None:
        month = _MONTHS.index((words[2] or words[3])[:3]) + 1
        match, last = words, _coming(month, int(words[1] or words[4]), words[5], days)
    else:
        return None
    return Span(OWN, min(days.today, last), last), _without(text, match)


def _coming(month: int, day: int, year: str | None, days: Days) -> date:
    if year is not None:
        return date(int(year), month, day)
    this = date(days.today.year, month, day)
    return this if this >= days.today else date(days.today.year + 1, month, day)


def _quarter(text: str, days: Days) -> Found:
    """第四季度, 2027年一季度, Q4, by the end of Q4 2026."""
    match = re.search(
        r"(?:by |before |in |within )?(?:the )?(?:end of )?(?:(\d{4})\s*年?\s*-?\s*)?"
        r"(?:q([1-4])\b|第?([1-4一二三四])季度?|([1-4])q\b)(?:\s*(?:of )?(\d{4})(?!\d))?(?:[底末])?(?:之?前)?",
        text,
    )
    if match is None:
        return None
    named = match[2] or match[3] or match[4]
    number = int(named) if named.isdigit() else "一二三四".index(named) + 1
    year = match[1] or match[5]
    if year is not None:
        period = Period.parse(f"{year}-Q{number}", days.fiscal_start_month)
    else:
        period = Period.parse(f"{days.period(Grain.YEAR).fiscal_year}-Q{number}", days.fiscal_start_month)
        period = period if period.end >= days.today else period.next(4)
    return _span(period), _without(text, match)


def _half(text: str, days: Days) -> Found:
    match = re.search(r"(?:(\d{4})年?|(今|明)年)?([上下])半年(?:[底末])?(?:之?前)?|\bh([12])\b(?: (\d{4}))?", text)
    if match is None:
        return None
    year = match[1] or match[5]
    whole = Period.parse(year, days.fiscal_start_month) if year else days.period(Grain.YEAR, int(match[2] == "明"))
    first = add_months(whole.start, 6 if match[3] == "下" or match[4] == "2" else 0)
    if not year and match[2] is None and add_months(first, 6) <= days.today:
        first = add_months(first, 12)
    return Span(OWN, first, add_months(first, 6) - _ONE_DAY), _without(text, match)


def _month_range(text: str, days: Days) -> Found:
    """6月到8月, 2027年1-3月, from June to August."""
    match = re.search(r"(?:(\d{4})年)?(\d{1,2})月?(?:份)?(?:至|到|-|~|–)(\d{1,2})月(?:份)?(?![0-9])", text)
    words = re.search(rf"(?:from )?\b({_MONTH})\s*(?:to|until|through|-|–)\s*({_MONTH})\b(?: (\d{{4}}))?", text)
    if match is not None:
        year, start, end = match[1], int(match[2]), int(match[3])
    elif words is not None:
        year, start, end = words[3], *(_MONTHS.index(words[i][:3]) + 1 for i in (1, 2))
    else:
        return None
    first = date(int(year) if year else days.today.year, start, 1)
    length = (end - start) % 12 + 1
    if not year and add_months(first, length) <= days.today:
        first = add_months(first, 12)
    return fitted(first, add_months(first, length) - _ONE_DAY, days), _without(text, match or words)  # type: ignore[arg-type]


def _month(text: str, days: Days) -> Found:
    match = re.search(r"(?:(\d{4})年)?(?<!\d)(\d{1,2})月(?:份)?(?:[底末])?(?:之?前)?(?!\d)", text)
    words = re.search(
        rf"\b(?:in|for|by|before)\s+(?:the )?(?:end of )?({_MONTH.replace('may', 'may(?! )')})(?: (\d{{4}}))?\b", text
    )
    if match is not None:
        year, month = match[1], int(match[2])
    elif words is not None:
        year, month = words[2], _MONTHS.index(words[1][:3]) + 1
    else:
        return None
    first = date(int(year) if year else days.today.year, month, 1)
    if not year and add_months(first, 1) <= days.today:
        first = add_months(first, 12)
    found = match if match is not None else words
    return _span(Period(Grain.MONTH, first, days.fiscal_start_month)), _without(text, found)  # type: ignore[arg-type]


def _relative(text: str, days: Days) -> Found:
    for grain, steps, pattern in sorted(_RELATIVE, key=lambda it: -it[1]):  # 明年底 also holds 年底
        if match := re.search(pattern, text):
            return _span(days.period(grain, steps)), _without(text, match)
    return None


def _within(text: str, days: Days) -> Found:
    """三个月内, within 2 quarters, in the next 6 months: whole months from the next first on; weeks from today."""
    zh = re.search(
        r"(\d+)\s*个(月|季度|星期)(?:之内|以内|内|里)?|(?<!\d)(\d{1,3})\s*(月|季度?|年|周)(?:之内|以内|内)", text
    )
    en = re.search(r"\b(?:within|in|over)\s+(?:the )?(?:next |coming )?(\d+)\s+(month|quarter|year|week)s?\b", text)
    match = zh or en
    if match is None:
        return None
    count, unit = next((int(match[i]), match[i + 1]) for i in range(1, match.re.groups, 2) if match[i])
    if unit[0] in "周星w":
        if not 1 <= count <= 260:
            return None
        return Span(OWN, days.today, days.today + timedelta(weeks=count) - _ONE_DAY), _without(text, match)
    months = count * {"月": 1, "m": 1, "季": 3, "q": 3, "年": 12, "y": 12}[unit[0]]
    if not 1 <= months <= 60:
        return None
    first = days.today if days.today.day == 1 else add_months(days.today, 1)
    return fitted(first, add_months(first, months) - _ONE_DAY, days), _without(text, match)


def _year(text: str, days: Days) -> Found:
    match = re.search(
        r"(?<!\d)(20\d{2})\s*年(?:度|[底末内])?(?:之?前)?|\b(?:in|for|by the end of|by) (20\d{2})\b", text
    )
    if match is None:
        return None
    return _span(Period.parse(match[1] or match[2], days.fiscal_start_month)), _without(text, match)


def _cadence(text: str, days: Days) -> Found:
    for grain, pattern in _CADENCES:
        if match := re.search(pattern, text):
            period = days.next_whole(grain)
            return Span(int(grain), period.start, period.end, is_cadence=True), _without(text, match)
    return None


def fitted(first: date, last: date, days: Days) -> Span:
    """Return days as the month, quarter or year that they are; else as own dates."""
    for grain in _GRAINS.values():
        period = Period.containing(grain, first, days.fiscal_start_month)
        if (period.start, period.end) == (first, last):
            return Span(int(grain), first, last)
    return Span(OWN, first, last)
