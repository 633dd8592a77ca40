"""Keeping the market index: one row, or many that were pasted."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.models import MarketIndex
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

SORTS = {"month": "month", "region": "region", "product": "product", "factor": "factor", "source": "source"}
MOST_FACTOR, PLACES, MOST_LINES, MOST_TOLD = Decimal(10), 4, 5000, 5
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月]\d{0,2}日?)?")


class BadLines(DomainError):
    """Pasted lines that can't be read: nothing of them is kept."""

    code = "bad_lines"
    message = _("Nothing was saved. {problems}")


@dataclass(frozen=True)
class Entry:
    """One row as it is typed or pasted: month by its first day, factor above 0 (1 = a usual market)."""

    month: date
    region: str
    product: str
    factor: Decimal
    source: str


def arranged(query: QueryDict) -> QuerySet[MarketIndex]:
    """Return the rows that an address asks for: q (region, product, source), sort; the newest month first."""
    rows = MarketIndex.objects.all()
    if search := query.get("q", "")[:100].strip():
        rows = rows.filter(Q(region__icontains=search) | Q(product__icontains=search) | Q(source__icontains=search))
    sort = query.get("sort", "")
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return rows.order_by("-month", "region", "product")
    return rows.order_by(f"-{key}" if sort.startswith("-") else key, "-month", "pk")


def row_of(row_id: int) -> MarketIndex:
    """Return one row; raise NotFound."""
    found = MarketIndex.objects.filter(pk=row_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def save(row: MarketIndex | None, entry: Entry) -> MarketIndex:
    """Add a row, or change `row`. Raises Conflict when the month has one for this region and product already."""
    twin = MarketIndex.objects.filter(month=entry.month, region=entry.region, product=entry.product)
    if row is not None:
        twin = twin.exclude(pk=row.pk)
    if twin.exists():
        raise Conflict(_("This month has a factor for this region and product already: change that one."))
    saved = row or MarketIndex()
    for name in ("month", "region", "product", "factor", "source"):
        setattr(saved, name, getattr(entry, name))
    saved.save()
    return saved


def delete(row_id: int) -> None:
    """Remove a row; raise NotFound."""
    row_of(row_id).delete()


@transaction.atomic
def save_pasted(text: str) -> tuple[int, int]:
    """Add or change the rows of a pasted text; return how many were added and changed.

    A line is month, region, product, factor, source, between tabs or commas; region, product and source may be empty.
    The first line may name the columns. All lines or none: raises BadLines, which names the first bad ones.
    """
    entries = _read(text)
    known = {(row.month, row.region, row.product): row for row in MarketIndex.objects.all()}
    added = changed = 0
    for entry in entries:
        row = known.get((entry.month, entry.region, entry.product))
        if row is None:
            known[entry.month, entry.region, entry.product] = save(None, entry)
            added += 1
        elif (row.factor, row.source) != (entry.factor, entry.source):
            save(row, entry)
            changed += 1
    return added, changed


def _read(text: str) -> list[Entry]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise BadLines(problems=_t("At most {most} lines at once.").format(most=MOST_LINES))
    found: list[Entry] = []
    problems: list[str] = []
    for place, (number, line) in enumerate(lines):
        try:
            found.append(_entry(line))
        except ValueError as error:
            if place == 0 and not _MONTH.match(line.strip()):
                continue  # the names of the columns
            problems.append(_t("Line {number}: {problem}").format(number=number, problem=error))
    if not problems and not found:
        problems.append(_t("There is no line with a month and a factor."))
    if problems:
        raise BadLines(problems=" ".join(problems[:MOST_TOLD]))
    return found


def _entry(line: str) -> Entry:
    """Read one line; raise ValueError with what is wrong."""
    cells = [cell.strip() for cell in line.split("\t" if "\t" in line else ",")]
    cells += [""] * (5 - len(cells))
    month, region, product, factor, *rest = cells
    match = _MONTH.fullmatch(month)
    if match is None or not 1 <= int(match[2]) <= 12 or not 2000 <= int(match[1]) <= 2200:
        raise ValueError(_t("“{text}” is no month like 2026-03.").format(text=month[:30]))
    try:
        value = Decimal(factor)
    except InvalidOperation:
        raise ValueError(_t("“{text}” is no factor like 0.97.").format(text=factor[:30])) from None
    if not value.is_finite() or not 0 < value <= MOST_FACTOR or value != round(value, PLACES):
        raise ValueError(_t("A factor lies above 0 and is at most 10, with at most 4 decimals."))
    source = ", ".join(cell for cell in rest if cell)
    if len(region) > 120 or len(product) > 200 or len(source) > 300:
        raise ValueError(_t("A text is too long."))
    return Entry(date(int(match[1]), int(match[2]), 1), region, product, value, source)
