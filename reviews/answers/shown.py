"""What may be shown of the answers about a person, after everything that anonymity hides (RULES.md section 14).

The only source of scores by group, means by question and comments for pages, exports and frozen results. Nothing
comes out before the cycle is closed, so nobody can watch a score move while answers come in.
"""

import hashlib
import hmac
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError
from reviews.answers.figures import Allowed, Asked, Side, Voice, allowed_figures
from reviews.answers.rules import IDENTIFIED, Group, GroupScore, Review360
from reviews.answers.suppression import allowed_of_table
from reviews.models import (
    Answer,
    AnswerSheet,
    CycleGroup,
    CycleQuestion,
    CycleState,
    Participant,
    QuestionKind,
    Questionnaire,
    QuestionnairePurpose,
    ReviewCycle,
)

#: The minimum of an anonymous group of which the cycle says nothing (RULES.md section 6).
LEAST_OF_OTHERS = 3
ENDED = (CycleState.CLOSED, CycleState.RELEASED)


class NotYetShown(DomainError):
    """The cycle still takes answers: nothing that follows from them is shown."""

    code = "answers_come_in"
    status = 409
    message = _("Answers are still coming in. Results can be looked at once the cycle is closed.")


@dataclass(frozen=True)
class ShownForm:
    """A questionnaire: its score and groups, its questions, means by question and group where they may be shown."""

    questionnaire: Questionnaire
    questions: Sequence[CycleQuestion]
    review: Review360


@dataclass(frozen=True)
class ShownComments:
    """What was written to a text question by one side: `self`, `manager`, `skip_level`, or `colleagues` together."""

    question: CycleQuestion
    group: str
    texts: Sequence[str]


@dataclass(frozen=True)
class ShownReview:
    """A person's review as it may be shown: scores 0-100 over all (`review`) and by questionnaire, and comments.

    `is_hidden`: there is a score over all, and together with the rest it would give a small group away. Whether the
    person themselves sees groups and comments is the cycle's setting (`shows_groups`, `shows_comments`).
    """

    participant_id: int
    review: Review360
    is_hidden: bool = False
    forms: Sequence[ShownForm] = field(default_factory=list)
    comments: Sequence[ShownComments] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it with numbers as texts of 4 decimals, to be frozen in a result."""
        return {
            "score": _text(self.review.score),
            "hidden": self.is_hidden,
            "groups": [_group_json(one) for one in self.review.groups],
            "forms": [_form_json(one) for one in self.forms],
            "comments": [
                {**_question_json(one.question), "group": one.group, "texts": list(one.texts)}
                for one in self.comments
            ],
        }


def shown_review(participant: Participant) -> ShownReview:
    """Return what may be shown of a person's review. Raises NotYetShown while the cycle takes answers."""
    return shown_reviews(participant.cycle, [participant.pk])[participant.pk]


def shown_reviews(cycle: ReviewCycle, participant_ids: Collection[int]) -> dict[int, ShownReview]:
    """Return the same for many people of a cycle, by participant, in a fixed number of queries.

    For a cycle of thousands ask in portions: all answers of these people are in memory. Raises NotYetShown.
    """
    if cycle.state not in ENDED:
        raise NotYetShown
    asked = _Asked(cycle)
    sheets = _sheets(cycle, participant_ids)
    return {key: asked.review(key, sheets.get(key, [])) for key in participant_ids}


@dataclass
class _Sheet:
    key: Hashable
    group: str
    days: int
    values: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


def _sheets(cycle: ReviewCycle, participant_ids: Collection[int]) -> dict[int, list[_Sheet]]:
    """Return what was handed in about these people, in an order that says nothing."""
    handed_in = AnswerSheet.objects.filter(cycle_id=cycle.pk, participant_id__in=participant_ids, is_done=True)
    by_key: dict[Hashable, _Sheet] = {}
    found: dict[int, list[_Sheet]] = {}
    for key, person, group, days in handed_in.values_list("key", "participant_id", "group", "days"):
        by_key[key] = _Sheet(key, group, days)
        found.setdefault(person, []).append(by_key[key])
    answers = Answer.objects.filter(sheet__in=handed_in.values("key"))
    for key, question, value, text in answers.values_list("sheet", "question_id", "value", "text"):
        if value is not None:
            by_key[key].values[question] = value
        if text.strip():
            by_key[key].texts[question] = text.strip()
    return found


class _Asked:
    """What a cycle asks, and of whom."""

    def __init__(self, cycle: ReviewCycle) -> None:
        questions = list(CycleQuestion.objects.filter(cycle=cycle).select_related("questionnaire"))
        self.sides = {one.group: Side(one.group, Fraction(one.weight), one.minimum, one.merges)
                      for one in CycleGroup.objects.filter(cycle=cycle).order_by("pk")}  # fmt: skip
        self.forms: dict[int, list[CycleQuestion]] = {}
        self.texts = [one for one in questions if one.kind == QuestionKind.TEXT]
        for one in questions:
            if one.kind == QuestionKind.SCALE and one.questionnaire.purpose == QuestionnairePurpose.REVIEW:
                self.forms.setdefault(one.questionnaire_id, []).append(one)

    def review(self, participant_id: int, sheets: Sequence[_Sheet]) -> ShownReview:
        found = self._figures(sheets)
        forms = [
            ShownForm(questions[0].questionnaire, questions, found.forms[key])
            for key, questions in self.forms.items()
        ]
        comments = [one for question in self.texts for one in self._comments(question, sheets)]
        return ShownReview(participant_id, found.overall, found.overall_hidden, forms, comments)

    def _figures(self, sheets: Sequence[_Sheet]) -> Allowed:
        forms = {
            key: [Asked(one.pk, one.scale, Fraction(one.weight)) for one in questions]
            for key, questions in self.forms.items()
        }
        voices = [Voice(one.key, one.group, one.days, one.values) for one in sheets if one.group in self.sides]
        return allowed_figures(forms, list(self.sides.values()), voices)

    def _comments(self, question: CycleQuestion, sheets: Sequence[_Sheet]) -> Iterable[ShownComments]:
        """Return the comments to a question; those of anonymous groups as one, if enough raters could be the author.

        Who could be: everybody of those groups who was asked this question and handed in, whether they wrote or not.
        """
        asked = [one for one in sheets if not question.groups or one.group in question.groups]
        for side in sorted(IDENTIFIED):
            texts = _shuffled(question, [one for one in asked if one.group == side])
            if texts:
                yield ShownComments(question, side, texts)
        others = [one for one in asked if one.group not in IDENTIFIED]
        texts = _shuffled(question, others)
        if texts and len(others) >= max(self._minimum(one.group) for one in others):
            yield ShownComments(question, Group.COLLEAGUES, texts)

    def _minimum(self, group: str) -> int:
        side = self.sides.get(group)
        return side.minimum if side else LEAST_OF_OTHERS


def _shuffled(question: CycleQuestion, sheets: Sequence[_Sheet]) -> list[str]:
    """Return texts in an order that is the same each time and that only the secret could explain.

    It differs from question to question, so the first of each are not one person's.
    """
    secret = settings.SECRET_KEY.encode()

    def place(sheet: _Sheet) -> bytes:
        return hmac.digest(secret, f"comments {question.pk} {sheet.key}".encode(), hashlib.sha256)

    return [one.texts[question.pk] for one in sorted(sheets, key=place) if question.pk in one.texts]


@dataclass(frozen=True)
class TableCell:
    """A cell or a margin of a table: how many answers, and the mean that may be shown; `hidden` if it may not."""

    n: int
    value: Fraction | None
    hidden: bool


@dataclass(frozen=True)
class ShownTable:
    """A table over many people: cells by (row, column), margins by the caller's names."""

    cells: Mapping[Hashable, TableCell]
    totals: Mapping[Hashable, TableCell]


def shown_table(
    values: Mapping[Hashable, tuple[int, Fraction | Decimal | None]],
    totals: Mapping[Hashable, Collection[Hashable]],
    minimum: int,
    *,
    published: Sequence[Collection[Hashable]] = (),
) -> ShownTable:
    """Return a table whose hidden cells can't be worked out from its margins, its filters or what was shown before.

    `values` has (answers, their mean) by cell; each answer is in one cell. `totals` names the margins and filters
    with the cells they add up; their means weigh cells by answers. `published` are the cells of figures that are out
    already: of other pages, or of an earlier batch. All tables over the same answers must be asked for in one call.
    """
    counts = {cell: n for cell, (n, mean) in values.items() if mean is not None}
    cells, margins = allowed_of_table(counts, totals, minimum, published)

    def shown(of: Collection[Hashable], is_allowed: bool) -> TableCell:
        n = sum(counts.get(cell, 0) for cell in of)
        if not n or not is_allowed:
            return TableCell(n, None, hidden=n > 0)
        whole = sum((counts[cell] * Fraction(values[cell][1] or 0) for cell in of if cell in counts), Fraction(0))
        return TableCell(n, whole / n, hidden=False)

    return ShownTable(
        {cell: shown([cell], cell in cells) for cell in values},
        {name: shown(of, name in margins) for name, of in totals.items()},
    )


def _text(value: Fraction | None) -> str | None:
    """Return a score with 4 decimals (RULES.md section 1)."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _group_json(one: GroupScore) -> dict[str, Any]:
    return {
        "group": str(one.name),
        "n": one.n,
        "weight": _text(one.weight),
        "score": _text(one.score),
        "hidden": one.hidden,
        "pooled": [str(name) for name in one.pooled],
    }


def _form_json(one: ShownForm) -> dict[str, Any]:
    def means(question: CycleQuestion) -> dict[str, str | None]:
        at = str(question.pk)
        return {str(group.name): _text(group.questions[at]) for group in one.review.groups if at in group.questions}

    return {
        "questionnaire_id": one.questionnaire.pk,
        "name_zh": one.questionnaire.name_zh,
        "name_en": one.questionnaire.name_en,
        "score": _text(one.review.score),
        "groups": [_group_json(group) for group in one.review.groups],
        "questions": [{**_question_json(each), "means": means(each)} for each in one.questions],
    }


def _question_json(question: CycleQuestion) -> dict[str, Any]:
    return {
        "question_id": question.pk,
        "code": question.code,
        "topic": question.topic,
        "text_zh": question.text_zh,
        "text_en": question.text_en,
    }
