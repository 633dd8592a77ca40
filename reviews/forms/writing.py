"""The writing check (R5): hints about a text of a review, in Chinese and English. Pure: no Django, no network.

It hints and nothing more: it never writes a word, changes a rating, or keeps a text. Word lists are data
(`writing_words.json`). A hint may be wrong; it says why it came, so that the writer can judge.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).with_name("writing_words.json")
#: Lengths in Chinese characters; a word of another script counts as two. Shorter than this a text can hardly name
#: an example; longer than that a vague word is one among many.
SHORT, LONG = 12, 85
#: On a scale of five: up to here a rating is low, from here on it is high. Compared as shares of the scale.
LOW, HIGH = Fraction(1, 4), Fraction(3, 4)
#: A period shorter than this has no "last weeks".
SHORTEST_PERIOD = 28
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_DIGIT = re.compile(r"\d|[一二三四五六七八九十百千万两][个次家单件份条月周天年倍成人台]")
_MONTH_ZH = re.compile(r"(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?!度|份?底)")
_MONTH_EN = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|\bin may\b",
    re.IGNORECASE,
)
_ZH_NUMBER = {word: at for at, word in enumerate("一二三四五六七八九十", 1)} | {"十一": 11, "十二": 12}
_EN_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Finding(StrEnum):
    """What a hint is about."""

    SHORT = "short"
    VAGUE = "vague"
    BIASED = "biased"
    RECENT = "recent"
    PRAISE_LOW = "praise_low"
    CRITICISM_HIGH = "criticism_high"


@dataclass(frozen=True)
class Hint:
    """One hint: what about, and the words of the text that led to it; `kind` names the sort of bias."""

    finding: Finding
    words: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class About:
    """What the check knows beside the text.

    The period's days; `ratings`: (value, steps) of the same questionnaire; `asks` is "strengths" or "improve" where
    the question asks for one side only, so that praise or criticism is what was asked for, and "future" where it
    asks for what is to come.
    """

    first: date
    last: date
    ratings: Sequence[tuple[int, int]] = ()
    asks: str = ""


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(WORDS.read_text(encoding="utf-8"))
    return found


def hints(text: str, about: About) -> list[Hint]:
    """Return the hints for a text, in the order they are worth reading; an empty text has none."""
    text = text.strip()
    if not text:
        return []
    found = [*_biased(text)]
    if is_short(text):
        found.append(Hint(Finding.SHORT))
    for hint in (_against_ratings(text, about), _recent(text, about), _vague(text)):
        if hint is not None:
            found.append(hint)
    return found


def is_short(text: str) -> bool:
    """Whether a text is too short to name an example."""
    return _length(text) < SHORT


def _length(text: str) -> int:
    return len(_HAN.findall(text)) + 2 * len(_LATIN_WORD.findall(text))


def _biased(text: str) -> list[Hint]:
    plain = _without_harmless(text)
    found = []
    for kind, words in _lists()["biased"].items():
        hits = _hits(plain, words)
        if hits:
            found.append(Hint(Finding.BIASED, hits, kind))
    return found


def _vague(text: str) -> Hint | None:
    """A judgement without anything that another person could check: no number, no day, no example."""
    hits = _hits(text, _lists()["vague"])
    if not hits or _length(text) > LONG:
        return None
    is_concrete = _DIGIT.search(text) or _months(text) or _hits(text, _lists()["concrete"])
    return None if is_concrete else Hint(Finding.VAGUE, hits)


def _recent(text: str, about: About) -> Hint | None:
    """Only the last weeks of a longer period are spoken of."""
    if about.asks == "future" or (about.last - about.first).days < SHORTEST_PERIOD:
        return None
    if _hits(text, _lists()["throughout"]):
        return None
    months, within = _months(text), _months_of(about)
    last = about.last.month
    if {month for month in months if month != last and (month in within or not within)}:
        return None
    recent = _hits(text, _lists()["recent"])
    if len(within) > 1 and last in months:
        recent = (*recent, *_month_words(text))
    return Hint(Finding.RECENT, recent) if recent else None


def _against_ratings(text: str, about: About) -> Hint | None:
    """Praise beside low ratings, or the reverse, where the question did not ask for just that."""
    shares = [Fraction(value - 1, steps - 1) for value, steps in about.ratings if steps > 1]
    if not shares:
        return None
    mean = sum(shares, Fraction(0)) / len(shares)
    praise, criticism = (_affirmed(text, _lists()[name]) for name in ("praise", "criticism"))
    if mean <= LOW and praise and not criticism and about.asks != "strengths":
        return Hint(Finding.PRAISE_LOW, praise)
    if mean >= HIGH and criticism and not praise and about.asks != "improve":
        return Hint(Finding.CRITICISM_HIGH, criticism)
    return None


def _hits(text: str, words: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return which words of a list stand in a text, as they stand there, each once and in order."""
    return _unique(match for match, _before in _found(text, words))


def _affirmed(text: str, words: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return which words stand in a text without a negation before them: "not excellent" is no praise."""
    return _unique(match for match, before in _found(text, words) if not _negated(before))


def _found(text: str, words: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
    places = []
    for pattern in (_pattern("zh", tuple(words["zh"])), _pattern("en", tuple(words["en"]))):
        places += [(match.start(), match.group()) for match in pattern.finditer(text)]
    return [(word, text[max(0, at - 24) : at]) for at, word in sorted(places)]


@lru_cache(maxsize=64)
def _pattern(language: str, words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of a list: longer words first; English ones as whole words, in any case."""
    parts = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(parts) if language == "zh" else re.compile(rf"(?<![\w-])(?:{parts})(?![\w-])", re.IGNORECASE)


def _negated(before: str) -> bool:
    negation = _lists()["negation"]
    if any(before.endswith(word) for word in negation["zh"]):
        return True
    words = _LATIN_WORD.findall(before.lower().replace("’", "'"))[-3:]
    near = " ".join(words)
    return any(word in negation["en"] or word.endswith("n't") for word in words) or "far from" in near


def _without_harmless(text: str) -> str:
    """Return a text without phrases that hold a word of a list and mean something else."""
    for words in _lists()["harmless"].values():
        for word in words:
            text = re.sub(re.escape(word), "·", text, flags=re.IGNORECASE)
    return text


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _month_words(text: str) -> tuple[str, ...]:
    found = [match.group() for pattern in (_MONTH_ZH, _MONTH_EN) for match in pattern.finditer(text)]
    return _unique(found)


def _months(text: str) -> set[int]:
    """Return the months that a text names."""
    found = set()
    for match in _MONTH_ZH.finditer(text):
        word = match.group(1)
        found.add(int(word) if word.isdecimal() else _ZH_NUMBER[word])
    for match in _MONTH_EN.finditer(text):
        found.add(_EN_MONTHS.index((match.group(1) or "may")[:3].lower()) + 1)
    return found


def _months_of(about: About) -> set[int]:
    span = (about.last.year - about.first.year) * 12 + about.last.month - about.first.month
    return {(about.first.month - 1 + step) % 12 + 1 for step in range(min(span, 11) + 1)}
