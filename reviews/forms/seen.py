"""Who will see an answer, and what it affects: said before it is given (T8). It follows from the cycle alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _t

from perfmgmt.web import formats
from reviews.forms.selectors import IDENTIFIED
from reviews.models import (
    CycleGroup,
    CycleQuestion,
    Part,
    Participant,
    PartKind,
    QuestionKind,
    Questionnaire,
    QuestionnairePurpose,
    Rater,
    RaterKind,
    ReviewCycle,
)

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Terms:
    """On what terms a rater answers: from which side, with which weight and minimum, in which parts of the score."""

    cycle: ReviewCycle
    group: str
    name: str
    weight: Decimal = Decimal(0)
    minimum: int = 1
    merges: bool = False
    # What each questionnaire weighs in the ratee's scorecard, in percent of the score; None without a scorecard.
    parts: dict[int, Decimal] | None = None
    # A part's own weights of groups, by questionnaire.
    weights: dict[int, Decimal] | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody learns who answered what."""
        return self.group not in IDENTIFIED

    @property
    def is_self(self) -> bool:
        """Whether the rater is the ratee."""
        return self.group == RaterKind.SELF

    def weight_in(self, questionnaire_id: int) -> Decimal:
        """Return the group's weight in percent in a questionnaire: the scorecard's own, else the cycle's."""
        return (self.weights or {}).get(questionnaire_id, self.weight)


def terms_of(rater: Rater) -> Terms:
    """Return the terms of a rater; two queries."""
    participant = rater.participant
    group = CycleGroup.objects.filter(cycle_id=participant.cycle_id, group=rater.group).first()
    parts, weights = _parts(participant, rater.group)
    if group is None:  # a group that the cycle no longer has: nothing of it counts
        minimum = 1 if rater.group in IDENTIFIED else 3
        return Terms(participant.cycle, rater.group, participant.employee.name, minimum=minimum, parts=parts)
    return Terms(
        participant.cycle, rater.group, participant.employee.name, group.weight, group.minimum, group.merges, parts,
        weights,
    )  # fmt: skip


def _parts(participant: Participant, group: str) -> tuple[dict[int, Decimal] | None, dict[int, Decimal]]:
    """Return what questionnaires weigh in the ratee's score, and weights of the group that a part has for itself."""
    if participant.scorecard_version_id is None:
        return None, {}
    rows = Part.objects.filter(
        dimension__version_id=participant.scorecard_version_id, kind=PartKind.QUESTIONNAIRE
    ).select_related("dimension")
    shares: dict[int, Decimal] = {}
    weights: dict[int, Decimal] = {}
    for part in rows:
        if part.questionnaire_id is None:  # a constraint of the table forbids it
            continue
        share = part.weight * part.dimension.weight / HUNDRED
        shares[part.questionnaire_id] = shares.get(part.questionnaire_id, Decimal(0)) + share
        if part.group_weights:
            weights[part.questionnaire_id] = Decimal(str(part.group_weights.get(group, 0)))
    return shares, weights


def who_sees(terms: Terms, kind: str) -> str:
    """Return who will see an answer to a question of a kind."""
    if terms.is_self:
        return _t("Your managers and HR see it as yours.")
    if not terms.is_anonymous:
        return _named(terms, kind)
    if kind == QuestionKind.TEXT:
        return _comment(terms)
    if terms.merges:
        text = _t(
            "Anonymous: only means of {n} people or more are shown; a smaller group is put together with others."
        )
    else:
        text = _t("Anonymous: only means of {n} people or more are shown, or nothing.")
    return text.format(n=terms.minimum)


def _named(terms: Terms, kind: str) -> str:
    shows = terms.cycle.shows_comments if kind == QuestionKind.TEXT else terms.cycle.shows_groups
    if shows:
        text = _t("With your name: {name} sees it with the result, managers above and HR too.")
    else:
        text = _t("With your name: managers above and HR see it, {name} does not.")
    return text.format(name=terms.name)


def _comment(terms: Terms) -> str:
    shown = _t("Without your name, in mixed order, with those of {n} people or more.").format(n=terms.minimum)
    if terms.cycle.shows_comments:
        read = _t("{name}, their managers and HR read it word for word.")
    else:
        read = _t("Managers and HR read it word for word, {name} does not.")
    return f"{shown} {read.format(name=terms.name)}"


def what_it_affects(terms: Terms, question: CycleQuestion, share: Decimal | None) -> str:
    """Return what an answer affects; `share` is the question's percentage of what the group says, None for none."""
    if question.kind == QuestionKind.TEXT:
        return _t("Not scored.")
    if not share or not terms.weight_in(question.questionnaire_id):
        return _t("Not scored, shown only.")
    return _t("Counts {share} of the answers of this group.").format(share=formats.percent(share / HUNDRED, 0))


def what_the_questionnaire_affects(terms: Terms, questionnaire: Questionnaire) -> str:
    """Return what a questionnaire's answers of this rater's group do to the score."""
    weight = terms.weight_in(questionnaire.pk)
    if questionnaire.purpose == QuestionnairePurpose.SELF:
        return _t("This self-review is not scored. It is the basis of the review interview.")
    if not weight:
        return _t("These answers are shown beside the others and do not enter the score.")
    share = None if terms.parts is None else terms.parts.get(questionnaire.pk, Decimal(0))
    if share == 0:
        return _t("This questionnaire is no part of the scorecard: it is shown with the result, and not scored.")
    group = formats.percent(weight / HUNDRED, 0)
    if share is None:
        return _t("Your group has a weight of {weight} in this questionnaire.").format(weight=group)
    text = _t("Your group has a weight of {weight} in this questionnaire, which makes up {share} of the score.")
    return text.format(weight=group, share=formats.percent(share / HUNDRED, 0))


def shares(questions: Iterable[CycleQuestion], questionnaires: dict[int, Questionnaire]) -> dict[int, Decimal]:
    """Return what share in percent each scored question has of its questionnaire, by question id."""
    scored = [
        one
        for one in questions
        if one.kind == QuestionKind.SCALE
        and questionnaires[one.questionnaire_id].purpose == QuestionnairePurpose.REVIEW
    ]
    whole: dict[int, Decimal] = {}
    for one in scored:
        whole[one.questionnaire_id] = whole.get(one.questionnaire_id, Decimal(0)) + one.weight
    return {
        one.pk: one.weight * HUNDRED / whole[one.questionnaire_id] for one in scored if whole[one.questionnaire_id]
    }
