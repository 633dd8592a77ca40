"""Complementary suppression (RULES.md section 14). Pure: no Django, no database.

A figure that is shown (a mean, a total, a score) is a sum of cells with known coefficients, so everything that is
shown together is a system of linear equations. What can be derived from it is its row space: a group is given away
exactly when the row space has a combination that rests on fewer answers than the minimum. Figures are therefore let
out one by one, and one that would make such a combination possible stays hidden. That hides the further cells beside
a small one (at least two, together at least the minimum), whatever filters, margins, periods and releases there are,
and empty cells protect nothing, because they are in no equation.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain

Cell = Hashable
#: What a figure is made of: its coefficient of each cell, none of them 0.
Form = Mapping[Cell, Fraction]
Row = dict[int, Fraction]


@dataclass(frozen=True)
class Figure:
    """Something that might be shown, by a name of the caller's."""

    name: Hashable
    form: Form


def total(name: Hashable, cells: Iterable[Cell]) -> Figure:
    """Return the figure that adds cells up (or their mean: the counts are taken to be known)."""
    return Figure(name, dict.fromkeys(cells, Fraction(1)))


def apart(counts: Mapping[Cell, int]) -> dict[Cell, frozenset[Hashable]]:
    """Return cells that only counts are known of, as `allowed` takes them: no answer is in two of them."""
    return {cell: frozenset((cell, at) for at in range(n)) for cell, n in counts.items()}


def allowed_of_table(
    counts: Mapping[Cell, int],
    totals: Mapping[Hashable, Collection[Cell]],
    minimum: int,
    published: Sequence[Collection[Cell]] = (),
) -> tuple[frozenset[Cell], frozenset[Hashable]]:
    """Return which cells and which totals of a table may be shown; large ones go first, so small ones hide.

    `counts` are answers by cell; `totals` the cells of each margin or filter; `published` the cells of each figure
    that was shown earlier and can't be taken back.
    """
    wishes = [total(("total", name), cells) for name, cells in totals.items()]
    wishes += [total(("cell", cell), [cell]) for cell in counts]
    wishes.sort(key=lambda one: -sum(counts.get(cell, 0) for cell in one.form))  # stable: ties in the order given
    earlier = [total(at, cells) for at, cells in enumerate(published)]
    names = allowed(apart(counts), wishes, minimum, published=earlier)
    cells = frozenset(cell for cell in counts if ("cell", cell) in names)
    return cells, frozenset(name for name in totals if ("total", name) in names)


def allowed(
    answers: Mapping[Cell, Collection[Hashable]],
    wishes: Sequence[Figure],
    minimum: int | Mapping[Cell, int],
    published: Sequence[Figure] = (),
) -> frozenset[Hashable]:
    """Return the names of the figures that may be shown together, earlier wishes first.

    `answers` has whose answers (opaque keys) stand behind each cell: a combination rests on the raters of all its
    cells together. `minimum` is one for all or by cell; of several the largest counts. `published` is out
    already. A figure without answers is not shown. The result is maximal: nothing hidden could be shown as well.
    """
    classes = _Classes(answers, minimum, [one.form for one in chain(published, wishes)])
    basis = _Basis(classes)
    for one in published:
        basis.add(classes.row(one.form))
    shown = set()
    for one in wishes:
        row = classes.row(one.form)
        if row and basis.takes(row):
            shown.add(one.name)
    return frozenset(shown)


class _Classes:
    """Cells that no figure tells apart are one: their coefficients are proportional in all of them."""

    def __init__(
        self, answers: Mapping[Cell, Collection[Hashable]], minimum: int | Mapping[Cell, int], forms: Sequence[Form]
    ) -> None:
        columns: dict[Cell, list[tuple[int, Fraction]]] = {}
        for at, form in enumerate(forms):
            for cell, factor in form.items():
                if answers.get(cell):
                    columns.setdefault(cell, []).append((at, Fraction(factor)))
        places: dict[tuple[tuple[int, Fraction], ...], int] = {}
        self.place: dict[Cell, int] = {}
        self.raters: list[set[Hashable]] = []
        self.minimum: list[int] = []
        self._first: dict[int, Cell] = {}
        for cell, column in columns.items():
            scale = column[0][1]
            at = places.setdefault(tuple((row, factor / scale) for row, factor in column), len(places))
            if at == len(self.raters):
                self.raters.append(set())
                self.minimum.append(0)
                self._first[at] = cell
            self.place[cell] = at
            self.raters[at].update(answers[cell])
            self.minimum[at] = max(self.minimum[at], minimum if isinstance(minimum, int) else minimum[cell])

    def row(self, form: Form) -> Row:
        """Return a figure by classes; empty cells are left out."""
        return {
            at: Fraction(form[cell])
            for cell in form
            if (at := self.place.get(cell)) is not None and self._first[at] == cell
        }

    def raters_of(self, places: Iterable[int]) -> frozenset[Hashable]:
        """Return whose answers stand behind these classes."""
        return frozenset[Hashable]().union(*(self.raters[at] for at in places))


@dataclass
class _Basis:
    """The row space of what is shown, in reduced form: each row has a pivot that no other row has."""

    classes: _Classes
    rows: dict[int, Row] = field(default_factory=dict)

    def takes(self, row: Row) -> bool:
        """Add a row unless it would give a small group away; say whether it was added."""
        before = dict(self.rows)
        self.add(row)
        changed = [at for at, left in self.rows.items() if before.get(at) is not left]
        if not self._gives_away(changed):
            return True
        self.rows = before
        return False

    def add(self, row: Row) -> None:
        """Add a row; one that follows from the rest changes nothing."""
        self.rows = _with(row, self.rows)

    def _gives_away(self, changed: Collection[int]) -> bool:
        """Whether rows that hang together with the changed ones combine to something that rests on too few raters.

        Tried is every set of raters that is too small: all classes that are theirs alone may be in the combination.
        """
        near = {at for row in self._around(changed) for at in self.rows[row]}
        most = max((self.classes.minimum[at] for at in near), default=0)
        small = [at for at in sorted(near) if len(self.classes.raters[at]) < most]
        tried: set[frozenset[Hashable]] = set()
        waiting = [frozenset(self.classes.raters[at]) for at in small if at in self.rows]
        while waiting:
            raters = waiting.pop()
            if raters in tried:
                continue
            tried.add(raters)
            support = [at for at in small if self.classes.raters[at] <= raters]
            if self._combines(support):
                return True
            grown = (raters | self.classes.raters[at] for at in self._touching(support, small))
            waiting += [more for more in grown if len(more) < most]
        return False

    def _around(self, pivots: Collection[int]) -> list[int]:
        """Return the pivots of all rows that hang together with these, by the classes they share."""
        found, grows = set(pivots), bool(pivots)
        columns = {at for pivot in pivots for at in self.rows[pivot]}
        while grows:
            near = {at for at, row in self.rows.items() if at not in found and not columns.isdisjoint(row)}
            found |= near
            columns.update(*(self.rows[at] for at in near))
            grows = bool(near)
        return sorted(found)

    def _touching(self, support: Sequence[int], small: Sequence[int]) -> list[int]:
        """Return the small classes beside these: in one of their rows, or the pivot of a row that meets them."""
        columns = {column for at in support if at in self.rows for column in self.rows[at]}
        near = (at for at in small if at in columns or (at in self.rows and not columns.isdisjoint(self.rows[at])))
        return [at for at in near if at not in support]

    def _combines(self, support: Sequence[int]) -> bool:
        """Whether something follows from the rows that rests on nothing but these classes, and that is too little."""
        used = [self.rows[at] for at in support if at in self.rows]
        inside = set(support)
        beside = [{at: factor for at, factor in row.items() if at not in inside} for row in used]
        if _rank(beside) == len(used):
            return False
        return len(self.classes.raters_of(support)) < max(self.classes.minimum[at] for at in support)


def _rank(rows: Sequence[Row]) -> int:
    found: Mapping[int, Row] = {}
    for row in rows:
        found = _with(row, found)
    return len(found)


def _with(row: Row, rows: Mapping[int, Row]) -> dict[int, Row]:
    """Return reduced rows, by pivot, with one more; rows that stay as they are stay the same objects."""
    left = _without(row, rows)
    if not left:
        return dict(rows)
    pivot = min(left)
    left = {at: factor / left[pivot] for at, factor in left.items()}
    found = {at: _minus(other, left, other[pivot]) if pivot in other else other for at, other in rows.items()}
    return {**found, pivot: left}


def _without(row: Row, rows: Mapping[int, Row]) -> Row:
    """Return what is left of a row when its pivots are taken out."""
    left = dict(row)
    for at in [at for at in row if at in rows]:
        left = _minus(left, rows[at], left[at])
    return left


def _minus(row: Row, other: Row, times: Fraction) -> Row:
    left = dict(row)
    for at, factor in other.items():
        value = left.get(at, Fraction(0)) - times * factor
        if value:
            left[at] = value
        else:
            left.pop(at, None)
    return left
