"""When two texts mean the same person or company, how personal data is masked, and days that nobody holds. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
FEWEST_DIGITS, MOST_DIGITS = 7, 11
# What a company's name may end with and still mean the same company.
_FORMS = re.compile(
    r"(股份有限公司|有限责任公司|集团有限公司|有限公司|集团|公司"
    r"|corporation|incorporated|company|limited|gmbh|corp|inc|llc|ltd|co|ag)$"
)
_MARKS = re.compile(r"[\s\W_]+")


def plain_email(text: str) -> str:
    """Return an address as it is kept: full-width letters, blanks around it and case make no difference."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def email_key(email: str) -> str:
    """Return what is equal for addresses that reach the same mailbox: without a "+tag"; "" for no address."""
    name, at, domain = plain_email(email).rpartition("@")
    return f"{name.partition('+')[0]}@{domain}" if at and name else ""


def phone_key(phone: str) -> str:
    """Return the last digits of a number, without country code and marks; "" for too few of them."""
    digits = "".join(each for each in unicodedata.normalize("NFKC", phone) if each.isascii() and each.isdigit())
    return digits[-MOST_DIGITS:] if len(digits) >= FEWEST_DIGITS else ""


def person_key(name: str) -> str:
    """Return a person's name without blanks, marks and case."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", name).casefold())[:120]


def company_key(name: str) -> str:
    """Return a company's name without blanks, marks, case and the legal form at its end."""
    key = _MARKS.sub("", unicodedata.normalize("NFKC", name).casefold())
    while (shorter := _FORMS.sub("", key)) and shorter != key:
        key = shorter
    return key[:200]


def masked_name(name: str) -> str:
    """Return a name of which only the first character is told."""
    return f"{name[:1]}**" if name else ""


def masked_email(email: str) -> str:
    """Return an address of which the first character and the domain's ending are told."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}***@***.{domain.rpartition('.')[2]}" if at else ""


def masked_phone(phone: str) -> str:
    """Return a number of which the last two digits are told."""
    return f"****{phone[-2:]}" if phone else ""


Span = tuple[date, date]


def uncovered(span: Span, taken: Iterable[Span]) -> list[Span]:
    """Return the parts of a span of days (both ends included) that none of the taken spans holds."""
    free = [span]
    for first, last in sorted(taken):
        parts: list[Span] = []
        for a, z in free:
            if last < a or first > z:
                parts.append((a, z))
                continue
            if a < first:
                parts.append((a, first - ONE_DAY))
            if z > last:
                parts.append((last + ONE_DAY, z))
        free = parts
    return free


def alike(ids: list[int], apart: set[tuple[int, int]]) -> list[list[int]]:
    """Return groups of one and those that may be the same, without the pairs that somebody said are two.

    `ids` in ascending order look alike; `apart` holds pairs, the smaller first. Each id stands in a group with an
    earlier one or at the head of one, as long as it has somebody left to be compared with.
    """
    found: list[list[int]] = []
    covered: set[int] = set()
    for place, first in enumerate(ids):
        others = [other for other in ids[place + 1 :] if (first, other) not in apart]
        if first not in covered and others:
            found.append([first, *others])
            covered.update(others)
    return found
