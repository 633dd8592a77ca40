"""Which figures of a person's review may be shown together (RULES.md sections 6 and 14). Pure: no Django.

Scores of a group differ by questionnaire and over all of them, and small groups are pooled here and not there, so one
could be subtracted from another. Each figure is therefore written down as what it is made of (the sums of a group's
answers to a question), and `suppression` says which ones may stand side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reviews.answers.rules import (
    IDENTIFIED,
    GroupScore,
    RaterAnswers,
    RaterGroup,
    Review360,
    merged,
    review360,
    weighing,
)
from reviews.answers.suppression import Cell, Figure, Form, allowed, total


@dataclass(frozen=True)
class Asked:
    """A question on a scale as a cycle asks it, by its id."""

    id: int
    scale: int
    weight: Fraction


@dataclass(frozen=True)
class Side:
    """A rater group of the cycle: weight in percent, minimum of raters, whether it merges when small."""

    name: str
    weight: Fraction
    minimum: int
    merges: bool = False


@dataclass(frozen=True)
class Voice:
    """A sheet that was handed in: whose it is nobody knows here; `key` only tells sheets apart."""

    key: object
    side: str
    days: int
    values: Mapping[int, int]


@dataclass(frozen=True)
class Allowed:
    """What may be shown: by questionnaire, and over all. A group that may not be has no score and is `hidden`.

    `overall_hidden`: there is a score over all, and it would give something away.
    """

    forms: Mapping[int, Review360]
    overall: Review360
    overall_hidden: bool = False


def allowed_figures(forms: Mapping[int, Sequence[Asked]], sides: Sequence[Side], voices: Sequence[Voice]) -> Allowed:
    """Return the scores of a person's review that may be shown together; `forms` has questions by questionnaire.

    Scores by questionnaire come first, they are in the composite score in any case; then the means by question,
    then what goes over all questionnaires. What identified raters said is taken to be known: they know it themselves.
    """
    everything = [one for questions in forms.values() for one in questions]
    scopes = {key: _Scope(key, questions, sides, voices) for key, questions in forms.items()}
    overall = _Scope(None, everything, sides, voices)
    wishes = [figure for scope in scopes.values() for figure in scope.wishes()]
    wishes += [figure for scope in scopes.values() for figure in scope.by_question()]
    wishes += overall.wishes()
    answers, minimum = _cells(everything, sides, voices)
    known = [total(cell, [cell]) for cell in answers if _side_of(cell) in IDENTIFIED]
    names = allowed(answers, wishes, minimum, published=known)
    shown = overall.shown(names)
    return Allowed(
        {key: scope.shown(names) for key, scope in scopes.items()},
        shown,
        overall_hidden=shown.score is None and overall.found.score is not None,
    )


def _side_of(cell: Cell) -> str:
    return cell[0] if isinstance(cell, tuple) else ""


def _cells(
    questions: Iterable[Asked], sides: Sequence[Side], voices: Sequence[Voice]
) -> tuple[dict[Cell, set[object]], dict[Cell, int]]:
    answers: dict[Cell, set[object]] = {}
    ids = {one.id for one in questions}
    for voice in voices:
        for question in ids & voice.values.keys():
            answers.setdefault((voice.side, question), set()).add(voice.key)
    least = {side.name: side.minimum for side in sides}
    return answers, {cell: least[_side_of(cell)] for cell in answers}


class _Scope:
    """The section 6 scores of one questionnaire, or of all (`key` None), and what each is made of."""

    def __init__(
        self, key: int | None, questions: Sequence[Asked], sides: Sequence[Side], voices: Sequence[Voice]
    ) -> None:
        self.key = key
        self.weights = {str(one.id): one.weight for one in questions}
        self.members: dict[str, tuple[str, ...]] = {}
        groups = [
            RaterGroup(
                side.name, side.weight, side.minimum, weighing(self.weights, self._raters(side, voices)), side.merges
            )
            for side in sides
        ]
        self.found = review360(self.weights, groups, {str(one.id): one.scale for one in questions})
        for group, pooled in merged(groups):
            self.members[group.name] = pooled or (group.name,)
        self.days: dict[tuple[str, str], int] = {}
        for group in groups:
            for rater in group.raters:
                for question, value in rater.answers.items():
                    if value is not None:
                        at = group.name, question
                        self.days[at] = self.days.get(at, 0) + int(rater.days)

    def _raters(self, side: Side, voices: Sequence[Voice]) -> list[RaterAnswers]:
        return [
            RaterAnswers(
                {str(at): value for at, value in voice.values.items() if str(at) in self.weights}, voice.days
            )
            for voice in voices
            if voice.side == side.name
        ]

    def wishes(self) -> list[Figure]:
        """The score of each group that counts, then the score over the groups."""
        counting = [one for one in self.found.groups if one.score is not None]
        figures = [Figure((self.key, one.name), self._of_group(one)) for one in counting]
        weight = sum((one.weight for one in counting), Fraction(0))
        if weight:
            whole: dict[Cell, Fraction] = {}
            for one in counting:
                whole |= {cell: factor * one.weight / weight for cell, factor in self._of_group(one).items()}
            figures.append(Figure((self.key, None), {cell: factor for cell, factor in whole.items() if factor}))
        return figures

    def by_question(self) -> list[Figure]:
        """A group's means by question, all of them or none."""
        return [
            Figure((self.key, one.name, question), self._mean(one, question))
            for one in self.found.groups
            for question in one.questions
        ]

    def _mean(self, group: GroupScore, question: str) -> Form:
        cells = [at for member in self.members[group.name] if (at := (member, question)) in self.days]
        days = sum(self.days[at] for at in cells)
        return {(member, int(question)): Fraction(1, days) for member, _question in cells}

    def _of_group(self, group: GroupScore) -> Form:
        parts = {question: form for question in self.weights if (form := self._mean(group, question))}
        weight = sum((self.weights[question] for question in parts), Fraction(0))
        return {
            cell: factor * self.weights[question] / weight
            for question, form in parts.items()
            for cell, factor in form.items()
            if self.weights[question]
        }

    def shown(self, names: frozenset[object]) -> Review360:
        """Return the scores without those that may not be shown."""
        groups = tuple(self._shown_group(one, names) for one in self.found.groups)
        return Review360(self.found.score if (self.key, None) in names else None, groups)

    def _shown_group(self, group: GroupScore, names: frozenset[object]) -> GroupScore:
        if group.score is None or (self.key, group.name) not in names:
            return replace(group, score=None, hidden=group.n > 0 and (group.hidden or group.score is not None),
                           questions={})  # fmt: skip
        whole = all((self.key, group.name, question) in names for question in group.questions)
        return replace(group, questions=group.questions if whole else {})
