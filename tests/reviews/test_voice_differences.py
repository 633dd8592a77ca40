"""No difference of figures that pages of results show is of fewer answers than the minimum (RULES.md section 14)."""

import random
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from perfmgmt.people.models import EARLIEST, FOREVER
from reviews.models import SurveyVersion
from reviews.voice import tally
from reviews.voice.access import Scope
from reviews.voice.page import results_of
from reviews.voice.rules import is_safe_cross, released, shown_lines, shown_parts, shown_within
from reviews.voice.selectors import minimum, months_and_days
from reviews.voice.wanted import Wanted
from tests.factories import Company
from tests.reviews.survey_factories import published, ready, scale

JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in (1, 2, 3))
TODAY = date(2025, 6, 1)
MONTHS = (JANUARY, FEBRUARY, MARCH)
TYPES = ("A", "B", "C")
#: What a page lets through: an assistant (0: all), a type ("": all), months from and to (0: from or to the end).
View = tuple[int, str, int, int]


def test_a_line_is_hidden_when_few_are_left_on_either_side_of_the_filter_and_never_alone() -> None:
    assert shown_lines({"a": 9, "b": 9, "c": 9}, {"a": 9, "b": 0, "c": 9}, 3) == {"a", "b", "c"}
    assert shown_lines({"a": 9, "b": 9, "c": 9}, {"a": 9, "b": 9, "c": 2}, 3) == {"b"}
    assert shown_lines({"a": 9, "b": 1, "c": 5}, {"a": 9, "b": 9, "c": 9}, 3) == {"a"}
    assert shown_lines({"a": 9, "b": 9, "c": 5}, {}, 3, unsafe={"a"}) == {"b"}


def test_a_part_is_shown_for_months_when_it_and_the_others_hold_the_minimum_within_and_without() -> None:
    assert is_safe_cross([{JANUARY: 3}, {JANUARY: 9}], None, None, 3)
    assert not is_safe_cross([{JANUARY: 3}, {JANUARY: 2}], None, None, 3)
    assert not is_safe_cross([{JANUARY: 3, FEBRUARY: 1}], JANUARY, JANUARY, 3)
    assert is_safe_cross([{JANUARY: 3, FEBRUARY: 3}], JANUARY, JANUARY, 3)


def test_assistants_are_hidden_so_that_no_unit_gives_a_few_answers_away() -> None:
    parts = {"ann": {"north": 4}, "bob": {"north": 4}, "cid": {"north": 1}, "dee": {"south": 2}, "eve": {"south": 5}}
    assert shown_parts({name: sum(of.values()) for name, of in parts.items()}, 3) == {"ann", "bob", "eve"}
    assert shown_within(parts, {"ann", "bob", "eve"}, 3) == {"bob"}
    assert shown_within({"ann": {"north": 4, "south": 1}, "bob": {"north": 4}}, {"ann", "bob"}, 3) == frozenset()
    assert shown_within({"ann": {"north": 4}, "bob": {"south": 4}}, {"ann", "bob"}, 3) == {"ann", "bob"}


def test_unnamed_answers_are_released_by_whole_months_that_hold_the_minimum_together() -> None:
    assert released({JANUARY: 3}, date(2025, 2, 8), 3) is None  # the last one may still be corrected
    assert released({JANUARY: 3}, date(2025, 2, 9), 3) == JANUARY
    assert released({JANUARY: 2, FEBRUARY: 1}, date(2025, 2, 20), 3) is None
    assert released({JANUARY: 2, FEBRUARY: 1}, date(2025, 4, 1), 3) == FEBRUARY
    assert released({JANUARY: 3, FEBRUARY: 2}, date(2025, 4, 1), 3) == JANUARY
    assert released({}, date(2025, 4, 1), 3) is None


@given(
    st.dictionaries(st.sampled_from([date(2025, month, 1) for month in range(1, 13)]), st.integers(1, 6)),
    st.integers(3, 6),
)
def test_whenever_one_looks_what_is_new_is_none_or_the_minimum(batches: dict[date, int], least: int) -> None:
    """The attack: read the total every day while answers come in, and take one from the next."""
    seen = 0
    for day in (date(2025, 1, 1) + timedelta(days=at) for at in range(420)):
        there = {month: n for month, n in batches.items() if month <= day}  # those of this month are coming in
        last = released(there, day, least)
        total = sum(n for month, n in there.items() if last is not None and month <= last)
        assert total == seen or total - seen >= least
        seen = total


@given(st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.integers(0, 300))
def test_spans_are_cut_into_whole_months_and_the_days_around_them(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    whole, broken = months_and_days([(1, first, last)])
    days = sorted(
        day for _who, a, z in (*whole, *broken) for day in (a + timedelta(days=n) for n in range((z - a).days + 1))
    )
    assert days == [first + timedelta(days=n) for n in range(length + 1)]
    assert all(a.day == 1 and (z + timedelta(days=1)).day == 1 for _who, a, z in whole)
    assert all((z - a).days < 60 for _who, a, z in broken)
    assert months_and_days([(1, EARLIEST, FOREVER)]) == ([(1, EARLIEST, FOREVER)], [])


def test_no_two_filters_give_an_unnamed_answer_away_to_who_reads_all_others(company: Company) -> None:
    """Beside questions by name, which any filters narrow, one without a name is only ever the same whole."""
    with company.scope(), override("en"):
        version = published("Q", ready(questions=(scale("satisfaction"), scale("quiet", identified=False))))
        cells = {}
        for who, of_type, month in product(_people(company), TYPES, MONTHS):
            north = company.units["north"].pk
            place = tally.Place(version.survey_id, "scored", month, who, north, of_type, "", finished=month)
            cells |= {(place, (key, "csat", "4")): 2 for key in ("satisfaction", "quiet")}
        tally.add(cells)
        seen, named = set(), set()
        for who, of_type, month, by in product(
            [None, *_people(company)], ["", *TYPES], [None, *MONTHS], ["", "type"]
        ):
            wanted = Wanted(employee=who, customer_type=of_type, first=month, by=by, question="quiet")
            results = results_of(version.survey, wanted, Scope(is_all=True, reads=True), TODAY)
            one, quiet = results.results
            named |= {one.figures.n}
            assert quiet.hidden == ("unnamed" if wanted.filters else "")
            assert not quiet.lines and quiet.chart is None and (quiet.bars == [] or not wanted.filters)
            seen |= {quiet.figures.n}
        for scope in (Scope(is_all=False, spans=((who, EARLIEST, FOREVER),)) for who in _people(company)):
            results = results_of(version.survey, Wanted(question="quiet"), scope, TODAY)
            assert results.results[1].hidden == "unnamed"
    assert seen == {0, 54} and len(named) > 5


def _fill(company: Company, version: SurveyVersion, seed: int) -> None:
    """Answers of three assistants, three types and three months, in cells from none to many."""
    dice = random.Random(seed)
    cells = {}
    for who, of_type, month in product(_people(company), TYPES, MONTHS):
        place = tally.Place(version.survey_id, "scored", month, who, company.units["north"].pk, of_type, "")
        n = dice.choice((0, 1, 2, 4, 5, 6, 9))
        if n:
            cells[place, ("satisfaction", "csat", str(dice.randint(1, 5)))] = n
    tally.add(cells)


def _people(company: Company) -> list[int]:
    return [company.people[name].pk for name in ("ann", "bob", "cid")]


def _shown(company: Company, version: SurveyVersion) -> dict[View, int]:
    """Return every sum that any page of the survey shows: its own and those of its lines."""
    people = _people(company)
    names = {company.people[name].name: company.people[name].pk for name in ("ann", "bob", "cid")}
    found: dict[View, int] = {}
    for who, of_type, (first, last) in product(
        [0, *people], ["", *TYPES], [(f, t) for f in range(3) for t in range(f, 3)]
    ):
        ends: Any = {
            "first": MONTHS[first] if first else None,
            "last": date(2025, last + 1, 28) if last < 2 else None,
        }
        for by in ("employee", "type"):
            wanted = Wanted(employee=who or None, customer_type=of_type, question="satisfaction", by=by, **ends)
            results = results_of(version.survey, wanted, Scope(is_all=True), TODAY)
            (one,) = [each for each in results.results if each.is_scale]
            if one.hidden:
                continue
            found[who, of_type, first, last] = one.figures.n
            for line in one.lines:
                if results.by == "employee":
                    found[names[line.label], of_type, first, last] = line.figures.n
                elif results.by == "type":
                    found[who, line.label, first, last] = line.figures.n
    return found


def _differences(found: dict[View, int]) -> list[tuple[int, Any]]:
    """Return what follows from sums that differ in one thing, from two such pairs, and from all lines of one."""
    made: list[tuple[int, Any]] = []
    for (who, of_type, first, last), n in found.items():
        for wider in {(0, of_type, first, last), (who, "", first, last), (who, of_type, 0, last),
                      (who, of_type, first, 2)} | {(who, of_type, first, end) for end in range(last, 3)}:  # fmt: skip
            if wider in found:
                made.append((found[wider] - n, ((who, of_type, first, last), wider)))
        four = [(0, "", first, last), (who, "", first, last), (0, of_type, first, last)]
        if who and of_type and all(one in found for one in four):
            whole, a, b = (found[one] for one in four)
            made.append((whole - a - b + n, ((who, of_type, first, last), "neither")))
        for at, value in ((0, 0), (1, "")):
            if (who, of_type)[at] == value:
                months = (first, last)
                parts = [m for key, m in found.items() if key[2:] == months and key[at] != value
                         and key[1 - at] == (who, of_type)[1 - at]]  # fmt: skip
                made.append((n - sum(parts), ((who, of_type, first, last), "rest")))
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_no_two_pages_differ_by_less_than_the_minimum(company: Company, seed: int) -> None:
    with company.scope(), override("en"):
        version = published()
        _fill(company, version, seed)
        found, least = _shown(company, version), minimum()
    assert len(found) > 1
    given_away = [(n, how) for n, how in _differences(found) if 0 < n < least]
    assert not given_away
    assert all(n >= least for n in found.values())
