"""What the pages of a calibration session show: distribution, board, nine boxes, table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reviews.calibration.forms import POTENTIAL_WORDS
from reviews.calibration.rules import HIGH, LOW, MIDDLE, POTENTIALS, Bar, distribution
from reviews.calibration.selectors import Person, number

TABLE, BOARD, BOXES, SIDE, LOG = "table", "board", "boxes", "side", "log"
VIEWS = (TABLE, BOARD, BOXES, SIDE, LOG)
#: So many people are drawn in a column or a box; the rest is in the table, one click away.
MOST_CHIPS = 60
MOST_BESIDE = 4
#: More people than this are not listed in each of the four fields of the side-by-side view.
MOST_CHOICES = 200
PARAMETERS = frozenset({"view", "q", "grade", "unit", "moved", "potential", "sort"})
_LAST = Decimal(-1)
SORTS = {
    "name": lambda person: person.name_key,
    "score": lambda person: person.score if person.score is not None else _LAST,
    "before": lambda person: person.computed if person.computed is not None else _LAST,
    "change": lambda person: person.difference or Decimal(0),
    "unit": lambda person: (person.unit, person.name_key),
    "manager": lambda person: (person.manager, person.name_key),
    "potential": lambda person: (person.potential or 0, person.name_key),
}


@dataclass(frozen=True)
class Wanted:
    """What an address of a session asks for, with nonsense taken out."""

    view: str = TABLE
    search: str = ""
    grade: str = ""
    unit_id: int = 0
    moved: bool = False
    potential: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the table."""
        return bool(self.search or self.grade or self.unit_id or self.moved or self.potential)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    view, sort, potential = query.get("view", ""), query.get("sort", ""), query.get("potential", "")
    return Wanted(
        view=view if view in VIEWS else TABLE,
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        grade=query.get("grade", "")[:20],
        unit_id=number(query.get("unit", "")),
        moved=query.get("moved") == "1",
        potential=potential if potential in ("1", "2", "3", "none") else "",
        sort=sort if sort.removeprefix("-") in SORTS else "",
    )


def filtered(people: Sequence[Person], wanted: Wanted) -> list[Person]:
    """Return the people the table lists, in the order asked for; by score from above unless told otherwise."""
    text = wanted.search.casefold()
    rows = [
        person for person in people
        if (not text or text in person.name.casefold() or text in person.number.casefold() or text in person.name_key)
        and (not wanted.grade or wanted.grade == (person.grade or "none"))
        and (not wanted.unit_id or wanted.unit_id == person.unit_id)
        and (not wanted.moved or person.is_moved)
        and (not wanted.potential or wanted.potential == str(person.potential or "none"))
    ]  # fmt: skip
    sort = wanted.sort or "-score"
    return sorted(rows, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))


def units_in(people: Sequence[Person]) -> list[tuple[int, str]]:
    """Return the units of the people, by name, to filter by."""
    return sorted({(person.unit_id, person.unit) for person in people if person.unit_id}, key=lambda pair: pair[1])


@dataclass(frozen=True)
class Line:
    """A grade of the drawn distribution: people before and after, and what the guideline says; widths in percent."""

    grade: str
    before: int
    now: Bar
    before_width: str
    width: str
    mark: str | None

    @property
    def step(self) -> int:
        """By how many people calibration changed the grade."""
        return self.now.people - self.before


def lines_of(
    people: Sequence[Person],
    order: Sequence[str],
    guideline: Mapping[str, Decimal],
    *,
    moved: Mapping[int, str] | None = None,
) -> list[Line]:
    """Return the distribution before and after calibration.

    `moved` has the grades that people would get by a move, by participant.
    """
    grades = [(moved or {}).get(person.participant_id, person.grade) for person in people]
    before = distribution([person.grade_before for person in people], order, {})
    earlier = {bar.grade: bar.people for bar in before}
    bars = distribution(grades, order, guideline)
    most = max([1, *earlier.values(), *(bar.people for bar in bars), *(bar.wanted or 0 for bar in bars)])
    return [
        Line(
            bar.grade, earlier.get(bar.grade, 0), bar, _share(earlier.get(bar.grade, 0), most),
            _share(bar.people, most), None if bar.wanted is None else _share(bar.wanted, most),
        )
        for bar in bars
    ]  # fmt: skip


def _share(n: int, most: int) -> str:
    """Return a width in percent of the drawing, which leaves room for a mark at its end."""
    return f"{96 * n / most:.1f}"


def columns_of(people: Sequence[Person], order: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns of the board, one for each grade, the best first, and one for who has no score."""
    found = [_column(name, [person for person in people if person.grade == name]) for name in order]
    without = [person for person in people if not person.grade]
    return [*found, *([_column("", without)] if without else [])]


def _column(name: str, people: Sequence[Person]) -> dict[str, Any]:
    rows = sorted(people, key=SORTS["score"], reverse=True)
    return {"grade": name, "n": len(rows), "people": rows[:MOST_CHIPS], "more": max(0, len(rows) - MOST_CHIPS)}


def boxes_of(people: Sequence[Person]) -> dict[str, Any]:
    """Return the nine boxes: rows of potential from high to low, columns of the score's third from low to high.

    `apart` are those who lack one of both.
    """
    words = dict(POTENTIAL_WORDS)
    rows = [
        {
            "potential": potential,
            "word": words[potential],
            "cells": [
                _cell(third, [p for p in people if p.potential == potential and p.third == third])
                for third in (LOW, MIDDLE, HIGH)
            ],
        }
        for potential in sorted(POTENTIALS, reverse=True)
    ]
    apart = [person for person in people if person.potential is None or person.third is None]
    return {"rows": rows, "apart": apart[:MOST_CHIPS], "apart_more": max(0, len(apart) - MOST_CHIPS),
            "n_apart": len(apart)}  # fmt: skip


def _cell(third: int, people: Sequence[Person]) -> dict[str, Any]:
    return {"third": third, "n": len(people), "people": people[:MOST_CHIPS], "more": max(0, len(people) - MOST_CHIPS)}
