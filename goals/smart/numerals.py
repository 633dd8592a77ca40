"""Numbers in a typed sentence: Chinese numerals, 万 and 亿, k and m, percent. Pure."""

import re
import unicodedata
from decimal import Decimal

from perfmgmt.tenants.numbers import ungrouped

_DIGITS = {char: value for value, chars in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
           for char in chars}  # fmt: skip
_STEPS = {"十": 10, "百": 100, "千": 1000}
_SECTIONS = {"万": 10**4, "亿": 10**8}
_WORDS_TO_TWELVE = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_ENGLISH = {word: value for value, word in enumerate(_WORDS_TO_TWELVE)}
_ENGLISH |= {"twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
#: What follows a numeral that is meant as a number; elsewhere 一 and 万 are parts of words.
_AFTER = (
    r"(?=\s*(?:个|份|单|笔|次|家|位|名|人|元|块|天|日|小时|分(?!满意|点|之)|月|季|周|星期|年|成|倍|%|percent|months?|weeks?"
    r"|quarters?|years?|days?|hours?|orders?|visits?|customers?|prospects?|errors?|complaints?))"
)
_CHINESE = re.compile(
    r"(?<![统第唯万])[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?" + _AFTER
)
#: A longer numeral is one at the end of a sentence as well: 销售额一百二十万.
_AT_END = re.compile(r"(?<![统第唯万])[零〇一二两三四五六七八九十百千万亿]{2,}(?=\s*(?:[,。;、.]|$))")
_PERCENT = re.compile(r"百分之([零〇一二两三四五六七八九十百]+(?:点[零〇一二三四五六七八九]+)?|\d+(?:\.\d+)?)(?!点)")
_TENTHS = re.compile(r"(\d+(?:\.\d+)?)\s*成")
_WORDS = re.compile(rf"\b({'|'.join(_ENGLISH)})\b" + _AFTER, re.IGNORECASE)
#: Digits mixed with Chinese scales, which the reading takes as they are: "100 万".
SCALES = {
    "亿": Decimal(10**8), "千万": Decimal(10**7), "百万": Decimal(10**6), "万": Decimal(10**4), "千": Decimal(1000),
    "billion": Decimal(10**9), "million": Decimal(10**6), "thousand": Decimal(1000), "k": Decimal(1000),
    "m": Decimal(10**6), "mio": Decimal(10**6),
}  # fmt: skip


def chinese(numeral: str) -> Decimal | None:
    """Return the value of a Chinese numeral such as 一百二十万 or 三点五; None for what is none."""
    whole, _point, rest = numeral.partition("点")
    if not whole or whole[0] in _SECTIONS:
        return None
    if len(whole) > 1 and not set(whole) & (_STEPS.keys() | _SECTIONS.keys()):
        value = int("".join(str(_DIGITS[char]) for char in whole))  # a year said digit by digit
    else:
        value = _summed(whole)
    tail = "".join(str(_DIGITS[char]) for char in rest)
    return Decimal(f"{value}.{tail}" if tail else value)


def _summed(whole: str) -> int:
    total = section = digit = 0
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _STEPS:
            section += (digit or 1) * _STEPS[char]
            digit = 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * _SECTIONS[char], 0, 0
        else:
            total, section, digit = total + (section + digit) * _SECTIONS[char], 0, 0
    return total + section + digit


def normal(text: str) -> str:
    """Return a sentence in lower case, half-width, with every number in digits; nothing else changes."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = ungrouped(text)
    text = _PERCENT.sub(lambda found: f"{_plain(found[1])}%", text)
    text = _CHINESE.sub(lambda found: _plain(found[0]), text)
    text = _AT_END.sub(lambda found: _plain(found[0]), text)
    text = _TENTHS.sub(lambda found: f"{Decimal(found[1]) * 10}%", text)
    text = re.sub(r"翻(?:一番|番|倍)|\bdouble\b", "增长 100%", text)
    text = re.sub(r"半年(?=内|之内|以内)", "6个月", text)
    text = re.sub(r"(?<=\d)\s*(?:percent\b(?!age)|per cent\b)", "%", text)
    return _WORDS.sub(lambda found: str(_ENGLISH[found[1]]), text)


def _plain(numeral: str) -> str:
    value = chinese(numeral) if not numeral[0].isdigit() else Decimal(numeral)
    return numeral if value is None else f"{value:f}"
