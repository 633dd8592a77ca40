"""The page on which a customer answers: what it shows, and what is read from what was sent.

Pure but for translations: no database. Follow-ups are shown by a small script as soon as they apply, and by the
server after the form was sent once where there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from reviews.models import SurveyPurpose, SurveyQuestionKind
from reviews.surveys.content import Occasion, QuestionDraft, SurveyDraft
from reviews.surveys.filling import filled, rated_line, values_for

#: The longest text of an answer, in characters.
LONGEST = 2000
PREFIX, SHOWN = "a-", "shown"
#: What a form carries beside answers.
OTHERS = frozenset({SHOWN, "csrfmiddlewaretoken", "lang"})
#: About how long an answer takes, in seconds.
SECONDS = {SurveyQuestionKind.TEXT: 15, SurveyQuestionKind.CHOICE: 6}
Said = int | str
Errors = Mapping[str, str | Promise]


@dataclass(frozen=True)
class Parsed:
    """What a form said. `answers` by key of the question; `errors` by key, "" for the form as a whole.

    `more` are follow-ups that apply now and were not on the form: they are asked next.
    """

    answers: dict[str, Said] = field(default_factory=dict)
    errors: dict[str, str | Promise] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether everything was answered that was to be."""
        return not self.errors and not self.more


def asked(draft: SurveyDraft, answers: Mapping[str, Said]) -> list[QuestionDraft]:
    """Return the questions that apply with these answers: those without a condition, and follow-ups that are met."""
    found: dict[str, QuestionDraft] = {}
    for one in draft.questions:
        answer = answers.get(one.after) if one.after in found else None
        is_met = isinstance(answer, int) and one.low_of is not None and one.high_of is not None
        if not one.after or (is_met and one.low_of <= answer <= one.high_of):  # type: ignore[operator]
            found[one.key] = one
    return list(found.values())


def parse(draft: SurveyDraft, data: QueryDict) -> Parsed:
    """Return what a sent form says. Nothing raises: what can't be is an error of its question or of the form.

    Answers to follow-ups that don't apply any more are left out.
    """
    known = {f"{PREFIX}{one.key}" for one in draft.questions}
    if any(name not in known and name not in OTHERS for name in data) or len(data.getlist(SHOWN)) > len(known):
        return Parsed(errors={"": _("This form is not the one of this survey. Open the link of the mail again.")})
    answers: dict[str, Said] = {}
    errors: dict[str, str | Promise] = {}
    for one in draft.questions:
        sent = data.getlist(f"{PREFIX}{one.key}")
        if len(sent) > 1:
            errors[one.key] = _("Give one answer.")
        elif sent and sent[0].strip():
            answer, problem = _answer(one, sent[0])
            if problem:
                errors[one.key] = problem
            elif answer is not None:
                answers[one.key] = answer
    return _completed(draft, answers, errors, set(data.getlist(SHOWN)))


def _answer(one: QuestionDraft, sent: str) -> tuple[Said | None, str | Promise]:
    """Return an answer and "", or None and what is wrong with it."""
    if one.is_scale:
        text = sent.strip()
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else -1
        return (number, "") if number in one.points else (None, _("Choose one of the answers."))
    if one.kind == SurveyQuestionKind.CHOICE:
        is_there = any(choice.key == sent for choice in one.choices)
        return (sent, "") if is_there else (None, _("Choose one of the answers."))
    text = clean(sent)
    if len(text) > LONGEST:
        return None, _("Please keep it below {n} characters.").format(n=LONGEST)
    return text or None, ""


def clean(text: str) -> str:
    """Return a typed text without control characters but line breaks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        "".join(mark for mark in line if mark.isprintable() or mark == "\u200d") for line in lines
    ).strip()


def _completed(
    draft: SurveyDraft, answers: dict[str, Said], errors: dict[str, str | Promise], shown: set[str]
) -> Parsed:
    """Leave out what doesn't apply, ask for what must be answered, and name the follow-ups that come next."""
    applies = asked(draft, answers)
    keys = {one.key for one in applies}
    more = tuple(one.key for one in applies if one.key not in shown)
    for one in applies:
        if one.required and one.key not in answers and one.key not in errors and one.key in shown:
            errors[one.key] = _("Please answer this question.")
    kept = {key: answer for key, answer in answers.items() if key in keys}
    return Parsed(kept, {key: text for key, text in errors.items() if key in keys or not key}, more)


def filled_in(draft: SurveyDraft, score: str) -> dict[str, Said]:
    """Return the answer that a link of the mail carries; nothing for what is no answer of the first question."""
    if not draft.questions or not draft.questions[0].is_scale:
        return {}
    answer, _problem = _answer(draft.questions[0], score[:3])
    return {draft.questions[0].key: answer} if answer is not None else {}


def purpose_words(purpose: str) -> str:
    """Return what answers are for, in the active language."""
    if purpose == SurveyPurpose.DEVELOPMENT:
        return _t("Your answers are used to improve the service, never to assess a person.")
    return _t("Your answers are used to improve the service and to assess it.")


def context(
    draft: SurveyDraft,
    language: str,
    occasion: Occasion,
    *,
    answers: Mapping[str, Said],
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    other_url: str = "",
    logo_url: str = "",
) -> dict[str, Any]:
    """Return what `surveys/answer.html` and `surveys/thanks.html` show, in a language.

    `typed` are texts as they were sent, to be shown again where they are refused.
    """
    values = values_for(occasion.rated, occasion.company, language)
    errors = errors or {}
    applies = {one.key for one in asked(draft, answers)}
    with override(language):
        return {
            "language": language,
            "heading": filled(draft.heading.of(language), values),
            "rated": rated_line(occasion.rated, occasion.company, language),
            "company": values["company"],
            "reader": filled(draft.reader.of(language), values),
            "purpose": purpose_words(occasion.purpose),
            "thanks": filled(draft.thanks.of(language), values),
            "next_steps": filled(draft.next_steps.of(language), values),
            "questions": [
                _shown(one, language, values, answers.get(one.key), errors, (typed or {}).get(one.key, ""), applies)
                for one in draft.questions
            ],
            "errors": len(errors),
            "problem": str(errors.get("", "")),
            "seconds": seconds(draft),
            "colour": draft.accent.removeprefix("#"),
            "other_url": other_url,
            "logo_url": logo_url,
            "longest": LONGEST,
        }


def seconds(draft: SurveyDraft) -> int:
    """Return about how long the questions take that everybody is asked, in tens of seconds."""
    total = sum(SECONDS.get(one.kind, 5) for one in draft.questions if not one.after)  # type: ignore[call-overload]
    return max(10, -(-total // 10) * 10)


def _shown(
    one: QuestionDraft, language: str, values: dict[str, str], answer: Said | None, errors: Errors, typed: str,
    applies: set[str],
) -> dict[str, Any]:  # fmt: skip
    points = [{"value": str(point), "word": str(point), "chosen": answer == point} for point in one.points]
    choices = [
        {"value": each.key, "word": filled(each.text.of(language), values), "chosen": answer == each.key}
        for each in one.choices
    ]
    return {
        "key": one.key, "name": f"{PREFIX}{one.key}", "kind": one.kind, "is_scale": one.is_scale,
        "text": filled(one.text.of(language), values), "low": one.low.of(language), "high": one.high.of(language),
        "options": points or choices, "required": one.required, "identified": one.identified,
        "value": typed or (answer if isinstance(answer, str) else ""), "error": str(errors.get(one.key, "")),
        "applies": one.key in applies, "after": one.after, "low_of": one.low_of, "high_of": one.high_of,
    }  # fmt: skip
