"""Writes of the bank and of questionnaires. What a cycle asks is a copy, so nothing here changes an answer."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.forms.bank import selectors
from reviews.models import Question, QuestionKind, Questionnaire, QuestionnaireItem

FEWEST_STEPS, MOST_STEPS = 2, 10
MOST_ITEMS = 80


@dataclass(frozen=True)
class QuestionDraft:
    """A question as it was typed; `anchors` say in both languages what the steps mean, lowest first."""

    topic: str
    kind: str
    text_zh: str
    text_en: str
    anchors: Sequence[Mapping[str, str]] = ()


@transaction.atomic
def save_question(question_id: int | None, draft: QuestionDraft) -> Question:
    """Add a question to the bank or change one; return it.

    Raises NotFound; DomainError for a text that is missing in a language, too few or too many steps, a step that is
    described in one language only, or a kind that changes while questionnaires ask the question.
    """
    question = Question(code=_free_code(draft)) if question_id is None else _locked(question_id)
    _check(draft)
    if question.pk is not None and question.kind != draft.kind and selectors.questionnaires_with(question.pk):
        raise DomainError(_("Questionnaires ask this question: its kind stays. Add a new question instead."),
                          code="kind_in_use")  # fmt: skip
    anchors = [{"zh": step["zh"], "en": step["en"]} for step in draft.anchors]
    question.topic, question.kind = draft.topic, draft.kind
    question.text_zh, question.text_en = draft.text_zh, draft.text_en
    if draft.kind == QuestionKind.SCALE:
        question.anchors, question.scale = anchors, len(anchors)
    else:
        question.anchors = []
    question.save()
    return question


def _check(draft: QuestionDraft) -> None:
    if not draft.text_zh or not draft.text_en:
        raise DomainError(_("Write the question in both languages: everybody is asked in their own."),
                          code="question_without_text")  # fmt: skip
    if draft.kind != QuestionKind.SCALE:
        return
    if not FEWEST_STEPS <= len(draft.anchors) <= MOST_STEPS:
        raise DomainError(_("A scale has {least} to {most} steps."), code="bad_scale", least=FEWEST_STEPS,
                          most=MOST_STEPS)  # fmt: skip
    for at, step in enumerate(draft.anchors, 1):
        if not step.get("zh") or not step.get("en"):
            raise DomainError(_("Describe step {n} in both languages: what does somebody do who is there?"),
                              code="anchor_missing", n=at)  # fmt: skip


def _free_code(draft: QuestionDraft) -> str:
    """Return a code that nobody has: the first words of the English text, and a few random letters."""
    words = "_".join(re.findall(r"[a-z0-9]+", draft.text_en.lower())[:4]) or "question"
    return f"{words[:45]}_{secrets.token_hex(3)}"


def _locked(question_id: int) -> Question:
    found = Question.objects.select_for_update().filter(pk=question_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def archive_question(question_id: int, *, archived: bool) -> Question:
    """Archive a question or bring it back; return it. Questionnaires that ask it go on. Raises NotFound."""
    question = _locked(question_id)
    if (question.archived_at is not None) != archived:
        question.archived_at = timezone.now() if archived else None
        question.save(update_fields=["archived_at"])
    return question


@dataclass(frozen=True)
class ItemDraft:
    """A question of a questionnaire as it was typed, in its order."""

    question_id: int
    weight: Decimal = Decimal(1)
    groups: Sequence[str] = ()
    required: bool = False
    section: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def make_questionnaire(*, name_zh: str, name_en: str, purpose: str) -> Questionnaire:
    """Make an empty questionnaire. Raises DomainError without any name."""
    if not name_zh and not name_en:
        raise DomainError(_("Give it a name."), code="no_name")
    words = "_".join(re.findall(r"[a-z0-9]+", name_en.lower())[:4]) or "questionnaire"
    return Questionnaire.objects.create(
        code=f"{words[:45]}_{secrets.token_hex(3)}", name_zh=name_zh, name_en=name_en, purpose=purpose
    )


@transaction.atomic
def save_questionnaire(
    questionnaire_id: int, *, name_zh: str, name_en: str, purpose: str, items: Sequence[ItemDraft], seen: str
) -> Questionnaire:
    """Change a questionnaire and what it asks, in the order given; return it.

    `seen` is the stamp of the items that the page was made from. Raises NotFound, Conflict when somebody else
    changed them since, DomainError without a name, for a question that stands twice or is not there, too many, or
    a negative weight.
    """
    questionnaire = Questionnaire.objects.select_for_update().filter(pk=questionnaire_id).first()
    if questionnaire is None:
        raise NotFound
    rows = selectors.items_of(questionnaire)
    if seen != selectors.stamp(rows):
        raise Conflict
    _check_items(items, name_zh or name_en)
    questionnaire.name_zh, questionnaire.name_en, questionnaire.purpose = name_zh, name_en, purpose
    questionnaire.save()
    _write(questionnaire, rows, items)
    return questionnaire


def _check_items(items: Sequence[ItemDraft], name: str) -> None:
    ids = [item.question_id for item in items]
    if not name:
        raise DomainError(_("Give it a name."), code="no_name")
    if len(items) > MOST_ITEMS:
        raise DomainError(_("A questionnaire has {n} questions at most."), code="too_many_items", n=MOST_ITEMS)
    if len(set(ids)) != len(ids):
        raise DomainError(_("A question stands twice in the questionnaire."), code="question_twice")
    if any(item.weight < 0 for item in items):
        raise DomainError(_("A weight can't be negative."), code="negative_weight")
    if Question.objects.filter(pk__in=ids).count() != len(ids):
        raise NotFound


def _write(questionnaire: Questionnaire, rows: list[QuestionnaireItem], items: Sequence[ItemDraft]) -> None:
    """Make the rows what the items say; one that says so already is not touched (the audit trail stays quiet)."""
    wanted = {item.question_id: (place, item) for place, item in enumerate(items, 1)}
    QuestionnaireItem.objects.filter(pk__in=[row.pk for row in rows if row.question_id not in wanted]).delete()
    there = {row.question_id: row for row in rows}
    for question_id, (place, item) in wanted.items():
        values = {**asdict(item), "groups": list(item.groups), "section": dict(item.section), "place": place}
        row = there.get(question_id)
        if row is None:
            QuestionnaireItem.objects.create(questionnaire=questionnaire, **values)
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()


@transaction.atomic
def archive_questionnaire(questionnaire_id: int, *, archived: bool) -> Questionnaire:
    """Archive a questionnaire or bring it back; cycles and scorecards that use it go on. Raises NotFound."""
    found = Questionnaire.objects.select_for_update().filter(pk=questionnaire_id).first()
    if found is None:
        raise NotFound
    if (found.archived_at is not None) != archived:
        found.archived_at = timezone.now() if archived else None
        found.save(update_fields=["archived_at"])
    return found


@transaction.atomic
def copy_questionnaire(questionnaire_id: int) -> Questionnaire:
    """Make a copy of a questionnaire with everything it asks; return it. Raises NotFound."""
    source = selectors.questionnaire_of(questionnaire_id)
    names = {
        name: _t("{name} (copy)").format(name=getattr(source, name)[:100]) if getattr(source, name) else ""
        for name in ("name_zh", "name_en")
    }
    copy = make_questionnaire(**names, purpose=source.purpose)
    try:
        QuestionnaireItem.objects.bulk_create(
            QuestionnaireItem(
                questionnaire=copy, question_id=row.question_id, place=row.place, weight=row.weight,
                groups=row.groups, required=row.required, section=row.section,
            )
            for row in selectors.items_of(source)
        )  # fmt: skip
    except IntegrityError as error:  # a question was removed meanwhile
        raise Conflict from error
    return copy
