"""The sentences of the writing check."""

from collections.abc import Callable

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.web import formats
from reviews.answers.door import LONGEST_TEXT
from reviews.forms.writing import About, Finding, Hint, hints
from reviews.models import CycleQuestion, ReviewCycle

#: Questions that ask for one side, or for what is to come.
ASKS = {
    "strengths": "strengths",
    "improve": "improve",
    "self_problems": "improve",
    "self_plan": "future",
    "development_wish": "future",
    "development_support": "future",
}
KINDS = {
    "gender": _("gender"),
    "age": _("age"),
    "family": _("family and private life"),
    "origin": _("origin"),
    "body": _("looks and health"),
    "character": _("character instead of behaviour"),
}
WORDS: dict[Finding, Callable[[], str]] = {
    Finding.SHORT: lambda: _t("Very short. One example with what, when and the effect says more."),
    Finding.VAGUE: lambda: _t("{words}: what does it look like? Add an example, a number or a day."),
    Finding.BIASED: lambda: _t("{words}: this is about {kind}. Describe what was done and its effect instead."),
    Finding.RECENT: lambda: _t("{words}: this is about the last weeks only. What about the time since {first}?"),
    Finding.PRAISE_LOW: lambda: _t("{words}: the text praises, the ratings are low. Check which of both you mean."),
    Finding.CRITICISM_HIGH: lambda: _t("{words}: the text criticises, the ratings are high. Check which of both you "
                                       "mean."),
}  # fmt: skip


def hints_for(
    text: str, question: CycleQuestion, cycle: ReviewCycle, ratings: list[tuple[int, int]]
) -> list[tuple[str, str]]:
    """Return the hints for a text as (icon, sentence)."""
    about = About(cycle.start, cycle.end, ratings, ASKS.get(question.code, ""))
    return [(_icon(hint), _sentence(hint, about)) for hint in hints(text[: LONGEST_TEXT * 2], about)]


def _icon(hint: Hint) -> str:
    return "alert-triangle" if hint.finding is Finding.BIASED else "bulb"


def _sentence(hint: Hint, about: About) -> str:
    words = _t("“{words}”").format(words=_t("”, “").join(hint.words[:3]))
    first = formats.month_label(about.first.year, about.first.month)
    return WORDS[hint.finding]().format(words=words, kind=KINDS.get(hint.kind, ""), first=first)
