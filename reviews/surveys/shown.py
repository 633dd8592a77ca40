"""What pages for staff show of a version: its texts side by side, its questions in words, the editor's fields."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from reviews.models import SurveyLanguage, SurveyQuestionKind
from reviews.surveys.checks import (
    CHOICE_LONG,
    END_LONG,
    FIELDS,
    MOST_CHOICES,
    MOST_QUESTIONS,
    TEXT_LONG,
    Problem,
)
from reviews.surveys.colours import is_readable
from reviews.surveys.content import SCALES, TEXTS, Both, QuestionDraft, SurveyDraft
from reviews.surveys.filling import PLACEHOLDERS

#: Texts of more than one line.
LONG = ("greeting", "next_steps")


def read_texts(draft: SurveyDraft) -> list[dict[str, Any]]:
    """Return the texts around the questions as rows: word, both."""
    return [{"word": FIELDS[name], "both": draft.text(name)} for name in TEXTS]


def read_questions(draft: SurveyDraft) -> list[dict[str, Any]]:
    """Return the questions to be read, with their condition in words."""
    kinds = {str(value): label for value, label in SurveyQuestionKind.choices}
    return [
        {"number": at, "one": one, "kind": kinds[one.kind], "condition": condition(one, draft)}
        for at, one in enumerate(draft.questions, 1)
    ]


def condition(one: QuestionDraft, draft: SurveyDraft) -> str:
    """Return when a question is asked, in words; "" for always."""
    place = next((at for at, each in enumerate(draft.questions, 1) if each.key == one.after), None)
    if not one.after or place is None:
        return ""
    return _t("Only after an answer from {low} to {high} to question {n}").format(
        low=one.low_of, high=one.high_of, n=place
    )


def editor_context(draft: SurveyDraft, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the variables of the editor's form. `problems` mark the fields that they are about."""
    marked = {one.field: one.text for one in problems}
    english_first = draft.first_language == SurveyLanguage.EN
    return {
        "draft": draft,
        "codes": ("en", "zh") if english_first else ("zh", "en"),
        "texts": [_pair(name, name, draft.text(name), FIELDS[name], most, marked, english_first, long=name in LONG)
                  for name, most in TEXTS.items()],
        "questions": [_question(at, draft, marked, english_first) for at in range(len(draft.questions))],
        "kinds": SurveyQuestionKind.choices,
        "languages": SurveyLanguage.choices,
        "placeholders": [("{" + name + "}", word) for name, word in PLACEHOLDERS.items()],
        "more": len(draft.questions) < MOST_QUESTIONS,
        "accent_wrong": marked.get("accent", ""),
        "is_readable": is_readable(draft.accent),
    }  # fmt: skip


def _pair(
    key: str, name: str, both: Both, word: Any, most: int, marked: dict[str, str], english_first: bool,
    *, long: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A text as two fields side by side, the first language first."""
    sides = [
        {"id": f"{key}_{code}", "value": getattr(both, code), "lang": lang, "error": marked.get(f"{key}_{code}", ""),
         "code": code}
        for code, lang in (("zh", "zh-hans"), ("en", "en"))
    ]  # fmt: skip
    return {"key": key, "name": name, "word": word, "most": most, "long": long,
            "sides": sides[::-1] if english_first else sides}  # fmt: skip


def _question(at: int, draft: SurveyDraft, marked: dict[str, str], english_first: bool) -> dict[str, Any]:
    one = draft.questions[at]

    def pair(name: str, most: int) -> dict[str, Any]:
        return _pair(f"{one.key}-{name}", name, getattr(one, name), FIELDS[name], most, marked, english_first)

    earlier = [
        (each.key, f"{n}. {_title(each)}", SCALES[each.kind]) for n, each in enumerate(draft.questions[:at], 1)
        if each.is_scale
    ]  # fmt: skip
    lost = one.after and one.after not in [key for key, _word, _ends in earlier]
    return {
        "one": one, "key": one.key, "number": at + 1, "title": _title(one), "is_first": at == 0,
        "is_last": at == len(draft.questions) - 1, "text": pair("text", TEXT_LONG),
        "ends": [pair("low", END_LONG), pair("high", END_LONG)] if one.is_scale else [],
        "is_choice": one.kind == SurveyQuestionKind.CHOICE, "more_choices": len(one.choices) < MOST_CHOICES,
        "choices": [
            {"key": choice.key, "number": n,
             "pair": _pair(f"{one.key}-c-{choice.key}", "choice", choice.text, _t("Choice {n}").format(n=n),
                           CHOICE_LONG, marked, english_first)}
            for n, choice in enumerate(one.choices, 1)
        ],
        "earlier": earlier, "lost": one.after if lost else "",
        "condition_error": marked.get(f"{one.key}-after") or marked.get(f"{one.key}-low_of", ""),
    }  # fmt: skip


def _title(one: QuestionDraft) -> str:
    first, second = (one.text.en, one.text.zh) if get_language() == "en" else (one.text.zh, one.text.en)
    return first or second
