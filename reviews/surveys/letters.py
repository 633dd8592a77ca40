"""The mail of a survey: the first question inside it as links, in HTML that mail clients show, and as plain text.

Pure but for templates and translations: nothing is read from or written to the database, so that a worker can write
thousands from one version.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.notify.letters import Written
from reviews.surveys.colours import is_readable
from reviews.surveys.content import Occasion, QuestionDraft, SurveyDraft
from reviews.surveys.filling import filled, item_word, one_line, rated_line, values_for
from reviews.surveys.page import purpose_words

#: Gives the address that a score leads to; None: the page without an answer. Opening it changes nothing.
AnswerUrl = Callable[[int | None], str]
#: More answers than this stand in two rows, so that a finger hits each.
ONE_ROW = 7


@dataclass(frozen=True)
class ScoreLink:
    """One answer of the first question as a link."""

    score: int
    url: str
    words: str = ""


def letter(
    draft: SurveyDraft,
    language: str,
    occasion: Occasion,
    *,
    answer_url: AnswerUrl,
    unsubscribe_url: str,
    other_url: str = "",
    logo_url: str = "",
    is_test: bool = False,
) -> Written:
    """Return subject, plain text and HTML of a survey's mail in a language ("en" or "zh-hans").

    `other_url` is the page in the other language, `logo_url` where the picture is ("cid:logo" for one that travels
    inside the mail). Raises ValueError for a version whose first question is no scale.
    """
    first = draft.questions[0] if draft.questions else None
    if first is None or not first.is_scale:
        raise ValueError("The first question of a survey is a scale.")
    values = values_for(occasion.rated, occasion.company, language)
    with override(language):
        subject = one_line(filled(draft.subject.of(language), values))[:200]
        context = {
            **_texts(draft, first, language, values),
            "subject": subject if not is_test else _t("[Test] {subject}").format(subject=subject),
            "language": language,
            "rated": rated_line(occasion.rated, occasion.company, language),
            "company": values["company"],
            "item": item_word(occasion.rated),
            "purpose": purpose_words(occasion.purpose),
            "rows": _rows(first, language, answer_url),
            "answer_url": answer_url(None),
            "unsubscribe_url": unsubscribe_url,
            "other_url": other_url,
            "logo_url": logo_url,
            "is_test": is_test,
        }
        text = render_to_string("surveys/mail.txt", context).strip() + "\n"
        html = render_to_string("surveys/mail.html", context)
    accent = draft.accent if is_readable(draft.accent) else SurveyDraft.accent
    return Written(context["subject"], text, _inliner(accent).inline(html))


def _texts(draft: SurveyDraft, first: QuestionDraft, language: str, values: dict[str, str]) -> dict[str, Any]:
    """The version's own texts, filled in."""
    greeting = filled(draft.greeting.of(language), values)
    return {
        "paragraphs": [line for line in greeting.split("\n") if line.strip()],
        "question": filled(first.text.of(language), values),
        "low": first.low.of(language),
        "high": first.high.of(language),
        "reader": filled(draft.reader.of(language), values),
    }


def _rows(first: QuestionDraft, language: str, answer_url: AnswerUrl) -> list[list[ScoreLink]]:
    """The answers as links, in one row or two."""
    ends = {first.points[0]: first.low.of(language), first.points[-1]: first.high.of(language)}
    links = [ScoreLink(score, answer_url(score), ends.get(score, "")) for score in first.points]
    half = (len(links) + 1) // 2
    return [links] if len(links) <= ONE_ROW else [links[:half], links[half:]]


@lru_cache(maxsize=64)
def _inliner(accent: str) -> css_inline.CSSInliner:
    css = Path(settings.BASE_DIR, "templates", "surveys", "mail.css").read_text(encoding="utf-8")
    return css_inline.CSSInliner(extra_css=css.replace("#2457d6", accent), load_remote_stylesheets=False)
