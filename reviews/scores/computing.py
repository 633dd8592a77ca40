"""From what a period holds to its scores: read once (`prepare`), then computed by columns (`compute`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from django.db.models import Sum

from goals.rules import rounded
from perfmgmt.tenants.calendar import Period
from reviews.models import Participant, PartKind, ScoreDeduction
from reviews.scorecards.matching import scorecard_for
from reviews.scores.cards import Card, CardPart, read_cards
from reviews.scores.columns import OUTS, UNITS, Bools, Composites, Ints, composites, curved, rounded_units
from reviews.scores.inputs import Inputs, Measured, Number
from reviews.scores.reviewed import ALL, LAUNCHED, NAMES, CycleAnswers, hundredths, read_cycles

#: x is kept with 8 decimals.
X_UNITS = 100_000_000


@dataclass(frozen=True)
class Prepared:
    """Everything that the scores of these people in one period are made of.

    `crews` are the people by version; `measured` what each part reads of its crew; `points` deductions by person.
    """

    period: Period
    people: tuple[int, ...]
    cards: Mapping[int, Card]
    crews: Mapping[int, tuple[int, ...]]
    measured: Mapping[int, Measured]
    cycles: Sequence[CycleAnswers]
    points: Mapping[int, int]


@dataclass
class Computed:
    """Result rows by column, as they are stored; numbers in units of 0.0001 unless their name says otherwise."""

    period: Period
    people: tuple[int, ...]
    cycle_ids: tuple[int, ...]
    scores: list[list[object]] = field(default_factory=list)
    parts: list[list[object]] = field(default_factory=list)
    groups: list[list[object]] = field(default_factory=list)


def prepare(period: Period, people: Sequence[int], *, today: date) -> Prepared:
    """Read what the scores of these people in a period are made of; a number of queries that people don't change."""
    ids = tuple(sorted(set(people)))
    grain, start = int(period.grain), period.start
    versions = scorecard_for(ids, grain, start) | _fixed(grain, start, ids)
    cards = read_cards(versions.values())
    crews: dict[int, list[int]] = {pk: [] for pk in cards}
    for pk in ids:
        if pk in versions:
            crews[versions[pk]].append(pk)
    inputs = Inputs(period, sorted(versions), [part for card in cards.values() for part in card.parts], today=today)
    measured = {
        part.pk: inputs.measured(part, crews[version])
        for version, card in cards.items()
        for part in card.parts
        if part.kind != PartKind.QUESTIONNAIRE
    }
    return Prepared(
        period, ids, cards, {pk: tuple(crew) for pk, crew in crews.items()}, measured,
        read_cycles(grain, start, ids), _points(grain, start, ids),
    )  # fmt: skip


def _fixed(grain: int, start: date, people: Sequence[int]) -> dict[int, int]:
    """Return the versions that the launch of a cycle fixed: they win over what a position says today."""
    rows = Participant.objects.filter(
        cycle__grain=grain, cycle__start=start, cycle__state__in=LAUNCHED, dropped_at=None, employee_id__in=people,
        scorecard_version__isnull=False,
    ).order_by("cycle__launched_at", "cycle_id")  # fmt: skip
    return dict(rows.values_list("employee_id", "scorecard_version_id"))


def _points(grain: int, start: date, people: Sequence[int]) -> dict[int, int]:
    rows = ScoreDeduction.objects.filter(grain=grain, start=start, employee_id__in=people, withdrawn_at=None)
    found = rows.values_list("employee_id").annotate(points=Sum("points")).order_by()
    return {pk: int(points * UNITS) for pk, points in found}


def compute(prepared: Prepared) -> Computed:
    """Compute the scores; nothing is read any more."""
    found = Computed(prepared.period, prepared.people, tuple(one.cycle_id for one in prepared.cycles))
    cycle_of: dict[int, tuple[int, int]] = {}
    for at, cycle in enumerate(prepared.cycles):
        cycle_of |= {pk: (at, place) for place, pk in enumerate(cycle.employees.tolist())}
        _group_rows(cycle, found.groups)
    reviewed = _Reviewed(prepared.cycles, cycle_of)
    for version, crew in prepared.crews.items():
        if crew:
            _score_crew(prepared, prepared.cards[version], crew, reviewed, found)
    return found


class _Reviewed:
    """Scores of questionnaires for people, from the cycle each of them is in."""

    def __init__(self, cycles: Sequence[CycleAnswers], cycle_of: Mapping[int, tuple[int, int]]) -> None:
        self.cycles, self.cycle_of = cycles, cycle_of
        self._found = lru_cache(maxsize=None)(self._scores)

    def _scores(self, at: int, questionnaire: int, weights: tuple[int, ...]) -> tuple[Ints, Bools, Bools]:
        return self.cycles[at].scores(questionnaire, np.array(weights, np.int64))

    def of(self, questionnaire: int, own: Mapping[str, Decimal], crew: Sequence[int]) -> tuple[Ints, Bools, Bools]:
        """Return (units, known, hidden) of a questionnaire for people in their order; `own` weights of the part."""
        units, known, hidden = np.zeros(len(crew), np.int64), np.zeros(len(crew), bool), np.zeros(len(crew), bool)
        places = [self.cycle_of.get(pk, (-1, -1)) for pk in crew]
        cycle, place = (np.array([pair[side] for pair in places], np.int64) for side in (0, 1))
        for at in np.unique(cycle[cycle >= 0]).tolist():
            rows = cycle == at
            weights = hundredths([own.get(name, Decimal(0)) for name in NAMES[:-1]]) if own else self.usual(at)
            found = self._found(at, questionnaire, tuple(weights.tolist()))
            units[rows], known[rows], hidden[rows] = (column[place[rows]] for column in found)
        return units, known, hidden

    def usual(self, at: int) -> Ints:
        """Return a cycle's own weights of groups."""
        return self.cycles[at].groups.weights

    def review(self, crew: Sequence[int]) -> list[int | None]:
        """Return the raw 360 scores over all questionnaires."""
        raw = {}
        for at in {pair[0] for pair in (self.cycle_of.get(pk) for pk in crew) if pair}:
            found = self.cycles[at].reviews.get(ALL)
            if found is not None:
                units, known, _hidden = found.total(self.usual(at))
                raw[at] = [u if k else None for u, k in zip(units.tolist(), known.tolist(), strict=True)]
        pairs = [self.cycle_of.get(pk, (-1, -1)) for pk in crew]
        return [raw[at][place] if at in raw else None for at, place in pairs]

    def cycle_ids(self, crew: Sequence[int]) -> list[int | None]:
        """Return the cycle that each of these people is in."""
        return [self.cycles[self.cycle_of[pk][0]].cycle_id if pk in self.cycle_of else None for pk in crew]


def _score_crew(
    prepared: Prepared, card: Card, crew: Sequence[int], reviewed: _Reviewed, found: Computed
) -> None:  # fmt: skip
    width = len(card.parts)
    scores = np.zeros((len(crew), width), np.int64)
    missing, hidden = np.ones((len(crew), width), bool), np.zeros((len(crew), width), bool)
    for at, part in enumerate(card.parts):
        if part.kind == PartKind.QUESTIONNAIRE:
            units, known, hid = reviewed.of(part.questionnaire_id or 0, part.group_weights, crew)
            scores[:, at], missing[:, at], hidden[:, at] = units, ~known, hid
        else:
            measured = prepared.measured[part.pk]
            missing[:, at] = np.isnan(measured.x)
            scores[:, at] = curved(part.curve, part.points, measured.x, measured.exact)
    taken = np.array([prepared.points.get(pk, 0) for pk in crew], np.int64)
    result = composites(card.shape, scores, missing, hidden, taken)
    _part_rows(prepared, card, crew, (scores, missing), result, found.parts)
    _score_rows(card, crew, taken, result, reviewed, found.scores)


def _score_rows(
    card: Card, crew: Sequence[int], taken: Ints, result: Composites, reviewed: _Reviewed, rows: list[list[object]]
) -> None:
    grades = ["" if gone else grade for grade, gone in zip(card.grades(result.score), result.missing, strict=True)]
    rows.append(
        [
            list(crew), [card.version_id] * len(crew), reviewed.cycle_ids(crew), _known(result.score, result.missing),
            _known(result.before, result.missing), taken.tolist(), grades, reviewed.review(crew),
        ]
    )  # fmt: skip


def _part_rows(
    prepared: Prepared, card: Card, crew: Sequence[int], scored: tuple[Ints, Bools], result: Composites,
    rows: list[list[object]],
) -> None:  # fmt: skip
    outs = np.array([out.value for out in OUTS])
    scores, missing = scored
    for at, part in enumerate(card.parts):
        raw, target, goal_ids, x = _inputs(prepared, part, len(crew))
        rows.append(
            [
                list(crew), [part.pk] * len(crew), raw, target, goal_ids, x, _known(scores[:, at], missing[:, at]),
                [str(part.of_whole)] * len(crew), result.used[:, at].tolist(), result.contribution[:, at].tolist(),
                outs[result.out[:, at]].tolist(),
            ]
        )  # fmt: skip


def _inputs(
    prepared: Prepared, part: CardPart, n: int
) -> tuple[list[object], list[object], list[object], list[object]]:
    measured = prepared.measured.get(part.pk)
    if measured is None:
        return [None] * n, [None] * n, [None] * n, [None] * n
    error = np.abs(measured.x) * 1e-15
    large = np.abs(measured.x) * X_UNITS > 4e18
    units = rounded_units(np.where(large, np.nan, measured.x), error, measured.exact, units=X_UNITS).tolist()
    for at in np.flatnonzero(large).tolist():
        units[at] = int(rounded(measured.exact(at), places=8) * X_UNITS)
    x = _known(units, np.isnan(measured.x))
    return _texts(measured.raw), _texts(measured.target), list(measured.goal_ids), x


def _texts(values: Sequence[Number | None]) -> list[object]:
    """Figures with the 4 decimals that are kept."""
    return [
        None if value is None else str(value) if isinstance(value, Decimal) else f"{rounded(value, places=4):f}"
        for value in values
    ]


def _known(values: Ints | list[int], missing: Bools) -> list[object]:
    plain = values if isinstance(values, list) else values.tolist()
    return [None if gone else value for value, gone in zip(plain, missing.tolist(), strict=True)]


def _group_rows(cycle: CycleAnswers, rows: list[list[object]]) -> None:
    """What the groups of a cycle gave, questionnaire by questionnaire; a pooled group has no row of its own."""
    for questionnaire in cycle.questionnaires:
        found = cycle.reviews[questionnaire]
        person, group = np.nonzero(found.there)
        weights = found.weights(cycle.groups.weights)[person, group]
        known = found.known[person, group]
        names = np.array(NAMES)
        rows.append(
            [
                [cycle.cycle_id] * len(person), cycle.participants[person].tolist(), [questionnaire] * len(person),
                names[group].tolist(), found.n[person, group].tolist(), (weights * 100).tolist(),
                _known(found.units[person, group], ~known), found.hidden[person, group].tolist(),
            ]
        )  # fmt: skip
