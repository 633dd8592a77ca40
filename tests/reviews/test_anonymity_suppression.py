"""Suppression against subtraction: an attacker solves the whole system of what is shown, over all margins at once."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.answers.suppression import Figure, allowed, allowed_of_table, apart, total

Rows = list[list[Fraction]]


def rank(rows: Rows) -> int:
    """Rank by plain elimination; on purpose nothing of the code under test."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        at = next((i for i in range(found, len(left)) if left[i][column]), None)
        if at is None:
            continue
        left[found], left[at] = left[at], left[found]
        for i in range(found + 1, len(left)):
            times = left[i][column] / left[found][column]
            left[i] = [a - times * b for a, b in zip(left[i], left[found], strict=True)]
        found += 1
    return found


def attacked(
    answers: Mapping[object, Collection[object]], shown: Sequence[Mapping[object, Fraction]], minimum: int
) -> list[object] | None:
    """Return cells with fewer raters than the minimum of which something follows from what is shown; None if none."""
    cells = [cell for cell, raters in answers.items() if raters]
    rows = [[Fraction(form.get(cell, 0)) for cell in cells] for form in shown]
    whole = rank(rows)
    everybody = sorted({rater for raters in answers.values() for rater in raters}, key=repr)
    for few in combinations(everybody, min(minimum - 1, len(everybody))):
        beside = [at for at, cell in enumerate(cells) if not set(answers[cell]) <= set(few)]
        if rank([[row[at] for at in beside] for row in rows]) < whole:
            return [cell for at, cell in enumerate(cells) if at not in beside]
    return None


def table_of(rows: int, columns: int) -> dict[object, list[tuple[int, int]]]:
    """Margins of a table: each row, each column, everything."""
    cells = list(product(range(rows), range(columns)))
    margins: dict[object, list[tuple[int, int]]] = {"all": cells}
    margins |= {f"row {at}": [cell for cell in cells if cell[0] == at] for at in range(rows)}
    return margins | {f"column {at}": [cell for cell in cells if cell[1] == at] for at in range(columns)}


def forms(cells: Collection[object]) -> dict[object, Fraction]:
    return dict.fromkeys(cells, Fraction(1))


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[object, int], dict[object, list[object]], int, list[list[object]]]:
    """A small table with its margins, some filters that cut across it, a minimum, and what was shown earlier."""
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    counts = {cell: draw(st.integers(0, 4)) for cell in product(range(height), range(width))}
    totals: dict[object, list[object]] = dict(table_of(height, width))
    for at in range(draw(st.integers(0, 3))):
        totals[f"filter {at}"] = draw(st.lists(st.sampled_from(list(counts)), min_size=1, unique=True))
    minimum = draw(st.integers(2, 4))
    _cells, out = allowed_of_table(counts, totals, minimum)
    earlier = [totals[name] for name in sorted(out, key=repr) if draw(st.booleans())]
    return counts, totals, minimum, earlier


@given(tables())
@settings(max_examples=150)
def test_no_subtraction_over_margins_filters_and_releases_gives_a_small_group_away(
    case: tuple[dict[object, int], dict[object, list[object]], int, list[list[object]]],
) -> None:
    counts, totals, minimum, earlier = case
    cells, shown = allowed_of_table(counts, totals, minimum, published=earlier)
    known = [forms(one) for one in chain(([cell] for cell in cells), (totals[name] for name in shown), earlier)]
    assert attacked(apart(counts), known, minimum) is None
    assert not [cell for cell in cells if counts[cell] < minimum]
    again = allowed_of_table(counts, totals, minimum, published=earlier)
    assert again == (cells, shown)


@given(tables())
@settings(max_examples=60)
def test_nothing_is_hidden_that_could_be_shown_as_well(
    case: tuple[dict[object, int], dict[object, list[object]], int, list[list[object]]],
) -> None:
    counts, totals, minimum, earlier = case
    cells, shown = allowed_of_table(counts, totals, minimum, published=earlier)
    known = [forms(one) for one in chain(([cell] for cell in cells), (totals[name] for name in shown), earlier)]
    for cell in set(counts) - cells:
        assert not counts[cell] or attacked(apart(counts), [*known, forms([cell])], minimum) is not None


@st.composite
def overlapping(draw: st.DrawFn) -> tuple[dict[object, list[int]], list[Figure], int]:
    """Cells whose raters are partly the same people, and weighted figures of them."""
    answers = {
        at: draw(st.lists(st.integers(0, 5), unique=True, max_size=4)) for at in range(draw(st.integers(1, 5)))
    }
    factor = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3), Fraction(-1)])
    wishes = [
        Figure(at, draw(st.dictionaries(st.sampled_from(list(answers)), factor, min_size=1)))
        for at in range(draw(st.integers(1, 6)))
    ]
    return answers, wishes, draw(st.integers(2, 4))


@given(overlapping())
@settings(max_examples=150)
def test_the_same_rater_in_two_cells_counts_once_whatever_the_weights(
    case: tuple[dict[object, list[int]], list[Figure], int],
) -> None:
    answers, wishes, minimum = case
    names = allowed(answers, wishes, minimum)
    assert attacked(answers, [one.form for one in wishes if one.name in names], minimum) is None


def test_beside_a_small_cell_the_next_one_is_hidden_and_an_empty_one_does_not_help() -> None:
    counts = {"a": 2, "b": 0, "c": 3, "d": 9}
    cells, totals = allowed_of_table(counts, {"all": list(counts)}, 3)
    assert (cells, totals) == ({"d"}, {"all"})


def test_two_hidden_cells_together_hold_at_least_the_minimum() -> None:
    counts = {"a": 1, "b": 1, "c": 4, "d": 9}
    cells, totals = allowed_of_table(counts, {"all": list(counts)}, 3)
    assert (cells, totals) == ({"d"}, {"all"})
    assert allowed_of_table({"a": 1, "b": 2, "d": 9}, {"all": ["a", "b", "d"]}, 3)[0] == {"d"}


def test_a_total_is_hidden_when_its_parts_are_out_already() -> None:
    counts = {"a": 2, "b": 5}
    _cells, totals = allowed_of_table(counts, {"all": ["a", "b"]}, 3, published=[["b"]])
    assert totals == frozenset()


def test_a_later_release_does_not_tell_who_came_in_between() -> None:
    counts = {"first": 5, "late": 1}
    _cells, totals = allowed_of_table(counts, {"both": ["first", "late"]}, 3, published=[["first"]])
    assert totals == frozenset()


def test_a_bridge_between_two_squares_of_hidden_cells_is_seen() -> None:
    """Each row and column has two hidden cells or more, and still one of them follows from the margins."""
    bridge = (1, 2)
    squares = {*product((0, 1), (0, 1)), *product((2, 3), (2, 3)), bridge}
    margins = table_of(4, 4)
    open_cells = [[cell] for cell in product(range(4), range(4)) if cell not in squares]
    counts = dict.fromkeys(product(range(4), range(4)), 5) | {bridge: 2}
    published = [*open_cells, *(cells for name, cells in margins.items() if name not in ("row 1", "column 2", "all"))]
    _cells, totals = allowed_of_table(counts, {"row 1": margins["row 1"]}, 3, published=published)
    assert totals == frozenset()


def test_the_larger_minimum_counts_for_what_rests_on_both() -> None:
    answers = {"peers": ["p1", "p2", "p3"], "reports": ["r1", "r2", "r3"]}
    wishes = [total("peers", ["peers"]), total("reports", ["reports"])]
    assert allowed(answers, wishes, {"peers": 3, "reports": 4}) == {"peers"}


@pytest.mark.parametrize("size", [60])
def test_a_table_of_many_units_takes_no_time(size: int) -> None:
    counts = {(unit, group): (unit * 7 + group * 3) % 9 for unit in range(size) for group in range(5)}
    totals: dict[object, list[tuple[int, int]]] = {
        f"u{at}": [(at, group) for group in range(5)] for at in range(size)
    }
    totals |= {f"g{group}": [(at, group) for at in range(size)] for group in range(5)}
    cells, shown = allowed_of_table(counts, totals, 3)
    assert len(shown) == len(totals)
    assert all(counts[cell] >= 3 for cell in cells)
