"""Ready surveys as data, and questions as they begin: scales with their ends named in both languages."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from reviews.models import Survey, SurveyQuestionKind
from reviews.surveys.content import TEXTS, Both, ChoiceDraft, QuestionDraft, SurveyDraft
from reviews.surveys.services import SurveySettings, create_survey

PACK = Path(__file__).with_name("pack.json")
ENDS: dict[str, tuple[Both, Both]] = {
    SurveyQuestionKind.CSAT: (Both("很不满意", "Very dissatisfied"), Both("很满意", "Very satisfied")),
    SurveyQuestionKind.NPS: (Both("完全不可能", "Not at all likely"), Both("非常可能", "Extremely likely")),
    SurveyQuestionKind.CES: (Both("非常费力", "Very difficult"), Both("非常轻松", "Very easy")),
}


def new_question(kind: str, key: str) -> QuestionDraft:
    """Return a question of a kind as it is added: nothing asked yet, the ends of a scale named."""
    low, high = ENDS.get(kind, (Both(), Both()))
    choices = (ChoiceDraft("c1"), ChoiceDraft("c2")) if kind == SurveyQuestionKind.CHOICE else ()
    return QuestionDraft(key, kind, low=low, high=high, required=kind in ENDS, choices=choices)


@cache
def pack() -> list[dict[str, Any]]:
    """Return the ready surveys as data."""
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


@transaction.atomic
def install_pack() -> list[Survey]:
    """Add the ready surveys that are missing, as drafts; return those that came. Twice changes nothing.

    One that is there under its Chinese or English name, archived or not, is left out.
    """
    names = {name for row in Survey.objects.values_list("name_zh", "name_en") for name in row if name}
    made = []
    for entry in pack():
        settings = SurveySettings(entry["name"]["zh"], entry["name"]["en"], entry["purpose"])
        if not {settings.name_zh, settings.name_en} & names:
            made.append(create_survey(settings, content(entry)))
    return made


def content(entry: Mapping[str, Any]) -> SurveyDraft:
    """Return what a ready survey says."""
    texts = {name: _both(entry[name]) for name in TEXTS}
    return SurveyDraft(**texts, questions=tuple(_question(one) for one in entry["questions"]))  # type: ignore[arg-type]


def _both(value: Mapping[str, str]) -> Both:
    return Both(value["zh"], value["en"])


def _question(one: Mapping[str, Any]) -> QuestionDraft:
    low, high = ENDS.get(one["kind"], (Both(), Both()))
    after = one.get("after", {})
    return QuestionDraft(
        one["key"], one["kind"], _both(one["text"]), _both(one["low"]) if "low" in one else low,
        _both(one["high"]) if "high" in one else high, one.get("required", False), one.get("identified", True),
        tuple(ChoiceDraft(each["key"], _both(each)) for each in one.get("choices", ())),
        after.get("key", ""), after.get("low"), after.get("high"),
    )  # fmt: skip
