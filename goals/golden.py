"""Runs files of golden cases against the product's rules. Pure: no Django, no database.

A file is a JSON object: the name of a section -> its cases. A section is known as soon as the product has its rule:
a new one is one entry of `SECTIONS`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from goals.rules import (
    BadBand,
    BadWeights,
    Number,
    attainment,
    band_attainment,
    pacing,
    presence,
    prorated,
    rounded,
    split,
)

Case = Mapping[str, Any]
#: What a rule answers that refuses its input; a case that wants this says so with the same word.
REFUSED = "refused"
#: Numbers beyond this power of ten are slips, and exact fractions of them would fill the memory.
LARGEST_EXPONENT = 60


class Unreadable(ValueError):
    """A file is no file of cases, or a case is none of its section; the text says what is wrong."""


@dataclass(frozen=True)
class Failure:
    """A case that the rules don't meet: its place in the section, from 1, and what was wanted and found."""

    place: int
    case: Any
    wanted: Any
    found: Any


@dataclass(frozen=True)
class Result:
    """What running a section gave; `known` is False for a section whose rule the product doesn't have."""

    section: str
    cases: int
    passed: int = 0
    failed: int = 0
    first: Failure | None = None
    known: bool = True


def read(path: Path) -> dict[str, list[Any]]:
    """Return the sections of a file. Raises Unreadable when it can't be opened or isn't such a file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except OSError as error:
        raise Unreadable(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{path} holds no object of sections")
    for section, cases in found.items():
        if not isinstance(cases, list):
            raise Unreadable(f"{path}: section “{section}” is no list of cases")
    return found


def run(section: str, cases: list[Any]) -> Result:
    """Run the cases of a section; a case that can't be read has failed."""
    if section not in SECTIONS:
        return Result(section, len(cases), known=False)
    failures = [f for place, case in enumerate(cases, 1) if (f := _failure(section, place, case)) is not None]
    return Result(section, len(cases), len(cases) - len(failures), len(failures), failures[0] if failures else None)


def compare(section: str, case: Case) -> tuple[Any, Any]:
    """Return what a case wants and what the rules give, both as numbers. Raises Unreadable for a broken case."""
    try:
        return SECTIONS[section](case)
    except (BadBand, BadWeights):
        return case.get("expect"), REFUSED
    except KeyError as error:
        raise Unreadable(f"{error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise Unreadable(str(error) or "a value is of the wrong kind") from error


def _failure(section: str, place: int, case: Any) -> Failure | None:
    try:
        wanted, found = compare(section, case)
    except Unreadable as error:
        return Failure(place, case, "a case that can be read", str(error))
    return None if wanted == found else Failure(place, case, wanted, found)


def _attainment(case: Case) -> tuple[Any, Any]:
    """Section 3; `direction` is higher, lower or band, and `band` its two ends and tolerance."""
    actual, found = number(case["actual"]), None
    if case["direction"] == "band":
        low, high, tolerance = (needed(value) for value in case["band"])
        found = band_attainment(actual, low, high, tolerance)
    else:
        found = attainment(one_of(case["direction"], "higher", "lower"), actual, number(case["target"]))
    return wanted(case["expect"]), stored(found)


def _pacing(case: Case) -> tuple[Any, Any]:
    """Section 9; `kind` is additive or level, `elapsed` and `total` are working days."""
    found = pacing(
        direction=one_of(case["direction"], "higher", "lower"),
        additive=one_of(case["kind"], "additive", "level") == "additive",
        actual=number(case["actual"]),
        target=number(case["target"]),
        elapsed=whole(case["elapsed"]),
        total=whole(case["total"]),
        over=bool(case["over"]),
    )
    return case["expect"], str(found)


def _split(case: Case) -> tuple[Any, Any]:
    """Section 10; whole units and weights."""
    found = split(whole(case["total_units"]), [whole(weight) for weight in case["weights"]])
    wanted = case["expect"]
    return [needed(part) for part in wanted] if isinstance(wanted, list) else wanted, found


def _proration(case: Case) -> tuple[Any, Any]:
    """Section 11; the share with 4 decimals, the target in whole units."""
    spells = [(whole(it["days"]), bool(it["present"]), needed(it["full_time"])) for it in case["spells"]]
    share = presence(whole(case["working_days"]), spells)
    expected = {"share": wanted(case["expect_share"]), "target": wanted(case["expect_target"])}
    return expected, {"share": stored(share), "target": prorated(needed(case["target"]), share)}


SECTIONS: dict[str, Callable[[Case], tuple[Any, Any]]] = {
    "attainment": _attainment,
    "pacing": _pacing,
    "split": _split,
    "proration": _proration,
}


def stored(value: Fraction | None) -> Decimal | None:
    """A ratio as it is stored: 4 decimals (section 1)."""
    return None if value is None else rounded(value, places=4)


def wanted(value: Any) -> Any:
    return value if value == REFUSED else number(value)


def number(value: Any) -> Decimal | None:
    """A number that may be missing; written as text or as a number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable(f"{value!r} is no number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise Unreadable(f"{value!r} is no number") from error
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise Unreadable(f"{value!r} is no number that can be worked with")
    return number


def needed(value: Any) -> Number:
    found = number(value)
    if found is None:
        raise Unreadable("a number is missing")
    return found


def whole(value: Any) -> int:
    number = needed(value)
    if number != int(number):
        raise Unreadable(f"{value!r} is no whole number")
    return int(number)


def one_of(value: Any, *words: str) -> str:
    if value not in words:
        raise Unreadable(f"{value!r} is none of: {', '.join(words)}")
    return str(value)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")
