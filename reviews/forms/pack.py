"""The ready bank of questions and the ready questionnaires, as data in both languages (R4, R5)."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction

from reviews.models import Question, Questionnaire, QuestionnaireItem

PACK = Path(__file__).with_name("pack.json")
STEPS = 5


@dataclass(frozen=True)
class Added:
    """How many questions and questionnaires came."""

    questions: int
    questionnaires: int

    def __bool__(self) -> bool:
        return bool(self.questions or self.questionnaires)


@lru_cache(maxsize=1)
def pack() -> dict[str, Any]:
    """Return the ready questions and questionnaires as data; nobody changes it."""
    found: dict[str, Any] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


@transaction.atomic
def install_pack() -> Added:
    """Add the ready questions and questionnaires that are missing; return how many came. Twice changes nothing.

    What is there under its code stays as it is, archived or changed. A new questionnaire leaves out questions that
    the workspace has archived. Two people at once: the second one adds nothing.
    """
    known = set(Question.objects.values_list("code", flat=True))
    Question.objects.bulk_create(
        [_question(entry) for entry in pack()["questions"] if entry["code"] not in known], ignore_conflicts=True
    )
    usable = dict(Question.objects.filter(archived_at=None).values_list("code", "pk"))
    there = set(Questionnaire.objects.values_list("code", flat=True))
    missing = [entry for entry in pack()["questionnaires"] if entry["code"] not in there]
    for entry in missing:
        _make(entry, usable)
    return Added(sum(entry["code"] not in known for entry in pack()["questions"]), len(missing))


def _question(entry: dict[str, Any]) -> Question:
    return Question(
        code=entry["code"], topic=entry["topic"], kind=entry["kind"], text_zh=entry["text"]["zh"],
        text_en=entry["text"]["en"], scale=STEPS, anchors=entry["anchors"],
    )  # fmt: skip


def _make(entry: dict[str, Any], usable: dict[str, int]) -> None:
    """Make a questionnaire with its items, unless another transaction made it first."""
    name = entry["name"]
    row, made = Questionnaire.objects.get_or_create(
        code=entry["code"], defaults={"purpose": entry["purpose"], "name_zh": name["zh"], "name_en": name["en"]}
    )
    if not made:
        return
    items = [item for item in entry["items"] if item["question"] in usable]
    QuestionnaireItem.objects.bulk_create(
        QuestionnaireItem(
            questionnaire=row, question_id=usable[item["question"]], place=place, weight=item["weight"],
            groups=item["groups"], required=item["required"], section=item["section"],
        )
        for place, item in enumerate(items, 1)
    )  # fmt: skip
