"""What a period's review cycles give: answers as columns, groups with their rules, who is in which cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from reviews.answers.columns import GROUPS, AnswerColumns, columns
from reviews.models import CycleGroup, CycleState, GroupScoreRow, Participant, ReviewCycle
from reviews.scores.columns import UNITS, Bools, GroupRules, Ints, Reviews, Sheets, reviews

#: All questionnaires of a cycle together.
ALL = 0
#: Groups as rows name them; the last one is what small groups become together.
NAMES: tuple[str, ...] = (*GROUPS, "colleagues")
LAUNCHED = (CycleState.OPEN, CycleState.CLOSED, CycleState.RELEASED)
# Answers of so many people are read as those of the whole cycle.
MANY = 500


@dataclass(frozen=True)
class CycleAnswers:
    """A cycle of the period with its active participants (ids, in order) and their handed-in answers.

    `adjusted` has, where scores use them, the groups' adjusted scores in units as the last batch of statistics left
    them, by questionnaire; what it has none for is NaN.
    """

    cycle_id: int
    participants: Ints
    employees: Ints
    groups: GroupRules
    answers: AnswerColumns
    adjusted: Mapping[int, np.ndarray[tuple[int, int], np.dtype[np.float64]]]

    @cached_property
    def questionnaires(self) -> tuple[int, ...]:
        """The questionnaires that count, by id."""
        return tuple(dict.fromkeys(one.questionnaire_id for one in self.answers.questions))

    @cached_property
    def reviews(self) -> dict[int, Reviews]:
        """The scores by questionnaire, and of all together."""
        found = {pk: self._reviews(self.answers.of(pk)) for pk in self.questionnaires}
        if len(self.questionnaires) == 1:
            found[ALL] = found[self.questionnaires[0]]
        elif self.questionnaires:
            found[ALL] = self._reviews(self.answers)
        return found

    def sheets(self, answers: AnswerColumns) -> Sheets:
        """Return the sheets with their participants by place."""
        order = np.argsort(self.participants)
        place = order[np.searchsorted(self.participants[order], answers.participants)]
        return Sheets(len(self.participants), place, answers.groups, answers.days, answers.values)

    def _reviews(self, answers: AnswerColumns) -> Reviews:
        return reviews(weights_of(answers), scales_of(answers), self.groups, self.sheets(answers))

    def scores(self, questionnaire_id: int, weights: Ints) -> tuple[Ints, Bools, Bools]:
        """Return (units, known, hidden) of a questionnaire by weights of groups; adjusted where that is used."""
        found = self.reviews.get(questionnaire_id)
        if found is None:
            none = np.zeros(len(self.participants), bool)
            return np.zeros(len(self.participants), np.int64), none, none
        units, known, hidden = found.total(weights)
        adjusted = self.adjusted.get(questionnaire_id)
        if adjusted is None:
            return units, known, hidden
        return np.where(known, _adjusted(found, found.weights(weights), adjusted, units), 0), known, hidden


def _adjusted(
    found: Reviews, weights: Ints, adjusted: np.ndarray[tuple[int, int], np.dtype[np.float64]], units: Ints
) -> Ints:
    """Return the means of the groups' adjusted scores, within 0 and 100; the raw one where a group has none yet."""
    counting = found.known & (weights > 0)
    there = (~counting | ~np.isnan(adjusted)).all(axis=1)
    below = np.where(counting, weights, 0).sum(axis=1)
    above = (np.where(counting, weights, 0) * np.where(np.isnan(adjusted), 0, adjusted).astype(np.int64)).sum(axis=1)
    below = np.maximum(below, 1)
    mean = np.sign(above) * ((2 * np.abs(above) + below) // (2 * below))
    return np.where(there, np.clip(mean, 0, 100 * UNITS), units)


def weights_of(answers: AnswerColumns) -> Ints:
    """Return the questions' weights as whole numbers in proportion."""
    return proportional([Decimal(one.weight) for one in answers.questions])


def scales_of(answers: AnswerColumns) -> Ints:
    """Return the questions' numbers of steps."""
    return np.array([one.scale for one in answers.questions], np.int64)


def proportional(weights: Sequence[Decimal]) -> Ints:
    """Return weights with two decimals as the smallest whole numbers in the same proportion."""
    found: Ints = np.array([int(weight * 100) for weight in weights], np.int64)
    by = int(np.gcd.reduce(found)) if len(found) else 1
    return found // max(by, 1)


def read_cycles(grain: int, start: date, employee_ids: Sequence[int]) -> list[CycleAnswers]:
    """Return the launched cycles of a period in which some of these people are active, the latest launched last.

    One query for the cycles, and five for each of them.
    """
    cycles = ReviewCycle.objects.filter(grain=grain, start=start, state__in=LAUNCHED).order_by("launched_at", "pk")
    found = []
    for cycle in cycles:
        who = Participant.objects.filter(cycle=cycle, dropped_at=None, employee_id__in=employee_ids)
        pairs = list(who.order_by("pk").values_list("pk", "employee_id"))
        if pairs:
            found.append(_read(cycle, pairs))
    return found


def _read(cycle: ReviewCycle, pairs: list[tuple[int, int]]) -> CycleAnswers:
    participants, employees = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    answers = columns(cycle.pk, None if len(pairs) > MANY else participants.tolist())
    if len(pairs) > MANY:
        answers = _only(answers, participants)
    found = CycleAnswers(cycle.pk, participants, employees, group_rules(cycle.pk), answers, {})
    if not cycle.uses_adjusted:
        return found
    return CycleAnswers(cycle.pk, participants, employees, found.groups, answers, _stored(found))


def _only(answers: AnswerColumns, participants: Ints) -> AnswerColumns:
    kept = np.isin(answers.participants, participants)
    return AnswerColumns(
        answers.questions, answers.participants[kept], answers.groups[kept], answers.days[kept], answers.values[kept]
    )


def group_rules(cycle_id: int) -> GroupRules:
    """Return the rater groups of a cycle, by place in GROUPS; one query."""
    rows = {one.group: one for one in CycleGroup.objects.filter(cycle_id=cycle_id)}
    there = np.array([name in rows for name in GROUPS], bool)
    weights = [rows[name].weight if name in rows else Decimal(0) for name in GROUPS]
    minimums = [rows[name].minimum if name in rows else 1 for name in GROUPS]
    merges = [name in rows and rows[name].merges for name in GROUPS]
    return GroupRules(there, hundredths(weights), np.array(minimums, np.int64), np.array(merges, bool))


def hundredths(weights: Sequence[Decimal]) -> Ints:
    """Return weights in percent as whole hundredths."""
    return np.array([int(weight * 100) for weight in weights], np.int64)


def _stored(found: CycleAnswers) -> dict[int, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    rows = GroupScoreRow.objects.filter(cycle_id=found.cycle_id, participant_id__in=found.participants.tolist())
    place = {pk: at for at, pk in enumerate(found.participants.tolist())}
    kept = {pk: np.full((len(place), len(NAMES)), np.nan) for pk in found.questionnaires}
    for participant, questionnaire, group, adjusted in rows.exclude(adjusted=None).values_list(
        "participant_id", "questionnaire_id", "group", "adjusted"
    ):
        if questionnaire in kept:
            kept[questionnaire][place[participant], NAMES.index(group)] = int((adjusted or 0) * UNITS)
    return kept
