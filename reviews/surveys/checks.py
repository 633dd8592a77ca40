"""What is wrong with a survey: what can't be kept at all, and what stands against publishing it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError
from perfmgmt.web import formats
from reviews.models import SurveyQuestionKind
from reviews.surveys.colours import LEAST, contrast, is_colour, is_readable
from reviews.surveys.content import LANGUAGES, SCALES, TEXTS, Both, QuestionDraft, SurveyDraft
from reviews.surveys.filling import unknown_in

MOST_QUESTIONS, MOST_CHOICES = 12, 12
TEXT_LONG, END_LONG, CHOICE_LONG = 200, 40, 80
_KEY = re.compile(r"[a-z][a-z0-9_]{0,19}")
FIELDS: dict[str, str | Promise] = {
    "subject": _("Subject of the mail"),
    "greeting": _("Greeting and introduction"),
    "heading": _("Heading of the page"),
    "reader": _("Who reads the answer"),
    "thanks": _("Thanks"),
    "next_steps": _("What happens next"),
    "text": _("Question"),
    "low": _("Lowest answer"),
    "high": _("Highest answer"),
}
LANGUAGE_WORDS: dict[str, str | Promise] = {"zh": _("in Chinese"), "en": _("in English")}


class BadSurvey(DomainError):
    """Something in a survey that can't be kept or published."""

    code = "bad_survey"


@dataclass(frozen=True)
class Problem:
    """What stands against publishing: a sentence, and the name of the editor's field that it is about."""

    code: str
    text: str
    field: str


def check_draft(draft: SurveyDraft) -> None:
    """Raise BadSurvey for what can't be kept, not even as a draft. What is only missing may be kept."""
    if not is_colour(draft.accent):
        raise BadSurvey(_("The accent colour must be written like #2457d6."), code="colour")
    if draft.first_language not in LANGUAGES:
        raise BadSurvey
    if len(draft.note) > 500:
        raise _long(_("What is new"), 500)
    for name, most in TEXTS.items():
        _check_both(draft.text(name), FIELDS[name], most)
    if len(draft.questions) > MOST_QUESTIONS:
        raise BadSurvey(_("A survey has {n} questions at most."), code="too_many", n=MOST_QUESTIONS)
    keys = [one.key for one in draft.questions]
    if len(set(keys)) != len(keys) or not all(_KEY.fullmatch(key) for key in keys):
        raise BadSurvey
    for one in draft.questions:
        _check_question(one)


def _long(name: str | Promise, most: int) -> BadSurvey:
    return BadSurvey(_("“{name}” has {n} characters at most."), code="too_long", name=name, n=most)


def _check_both(text: Both, name: str | Promise, most: int) -> None:
    for each in (text.zh, text.en):
        if len(each) > most:
            raise _long(name, most)
        unknown = unknown_in(each)
        if unknown:
            raise BadSurvey(_("“{name}”: nothing can be filled in for {braces}."), code="placeholder", name=name,
                            braces="{" + unknown[0][:40] + "}")  # fmt: skip


def _check_question(one: QuestionDraft) -> None:
    if one.kind not in SurveyQuestionKind.values:
        raise BadSurvey
    for name, most in (("text", TEXT_LONG), ("low", END_LONG), ("high", END_LONG)):
        _check_both(getattr(one, name), FIELDS[name], most)
    if len(one.choices) > MOST_CHOICES:
        raise BadSurvey(_("A question has {n} choices at most."), code="too_many", n=MOST_CHOICES)
    keys = [choice.key for choice in one.choices]
    if len(set(keys)) != len(keys) or not all(_KEY.fullmatch(key) for key in keys):
        raise BadSurvey
    for choice in one.choices:
        _check_both(choice.text, _("Choice"), CHOICE_LONG)
    bounds = (one.low_of, one.high_of)
    if (one.after == "") != (bounds == (None, None)) or (one.after and None in bounds):
        raise BadSurvey(_("A follow-up needs a lowest and a highest answer after which it is asked."), code="bounds")
    if any(each is not None and not 0 <= each <= 10 for each in bounds):
        raise BadSurvey(_("The answers after which a follow-up is asked lie from 0 to 10."), code="bounds")


def problems(draft: SurveyDraft) -> list[Problem]:
    """Return what stands against publishing a draft that `check_draft` let pass, in the order of the editor."""
    return [*_of_texts(draft), *_of_questions(draft), *_of_look(draft)]


def _missing(text: Both, name: str, field: str, place: str = "") -> Iterator[Problem]:
    """Yield each language that a text lacks; one that lacks both is missing as a whole in each."""
    for code in ("zh", "en"):
        if not getattr(text, code).strip():
            words = {"name": FIELDS.get(name) or name, "language": LANGUAGE_WORDS[code], "place": place}
            sentence = (
                _t("{place}: “{name}” is missing {language}.") if place else _t("“{name}” is missing {language}.")
            )
            yield Problem("missing", sentence.format(**words), f"{field}_{code}")


def _of_texts(draft: SurveyDraft) -> Iterator[Problem]:
    for name in TEXTS:
        yield from _missing(draft.text(name), name, name)


def _of_questions(draft: SurveyDraft) -> Iterator[Problem]:
    if not any(one.is_scale for one in draft.questions):
        yield Problem("no_scale", _t("There is no question with a scale: add one."), "add")
    elif not draft.questions[0].is_scale or draft.questions[0].after:
        yield Problem(
            "first", _t("The first question stands in the mail: it must be one with a scale that is always asked."),
            f"{draft.questions[0].key}-text_zh",
        )  # fmt: skip
    for at, one in enumerate(draft.questions):
        place = _t("Question {n}").format(n=at + 1)
        yield from _missing(one.text, "text", f"{one.key}-text", place)
        if one.is_scale:
            yield from _missing(one.low, "low", f"{one.key}-low", place)
            yield from _missing(one.high, "high", f"{one.key}-high", place)
        yield from _of_choices(one, place)
        yield from _of_condition(one, place, draft.questions[:at])


def _of_choices(one: QuestionDraft, place: str) -> Iterator[Problem]:
    if one.kind != SurveyQuestionKind.CHOICE:
        return
    if len(one.choices) < 2:
        text = _t("{place}: it needs two choices at least.").format(place=place)
        yield Problem("choices", text, f"{one.key}-text_zh")
    for at, choice in enumerate(one.choices):
        name = _t("Choice {n}").format(n=at + 1)
        yield from _missing(choice.text, name, f"{one.key}-c-{choice.key}", place)


def _of_condition(one: QuestionDraft, place: str, before: tuple[QuestionDraft, ...]) -> Iterator[Problem]:
    if not one.after:
        return
    asked = next((each for each in before if each.key == one.after), None)
    if asked is None or not asked.is_scale:
        text = _t("{place}: a follow-up can only look back to an earlier question with a scale.")
        yield Problem("backwards", text.format(place=place), f"{one.key}-after")
        return
    low, high = SCALES[asked.kind]
    if one.low_of is None or one.high_of is None or not low <= one.low_of <= one.high_of <= high:
        text = _t("{place}: the answers after which it is asked must rise, from {low} to {high}.")
        yield Problem("bounds", text.format(place=place, low=low, high=high), f"{one.key}-low_of")


def _of_look(draft: SurveyDraft) -> Iterator[Problem]:
    if not is_readable(draft.accent):
        text = _t("White on the accent colour can't be read: its contrast is {found}, at least {least} is needed.")
        found = formats.number(f"{contrast(draft.accent):.2f}")
        yield Problem("contrast", text.format(found=found, least=formats.number(f"{LEAST}")), "accent")
