"""The editor's form as values: read from a request, changed by its buttons, nothing saved.

Each question has a hidden field `q` with its key; their order is the order of the questions. Its fields are named
after it: `q1-text_zh`, `q1-c` (keys of its choices, in order), `q1-c-a_zh`.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from django.http import QueryDict

from reviews.models import SurveyLanguage, SurveyQuestionKind
from reviews.surveys.checks import MOST_CHOICES, MOST_QUESTIONS
from reviews.surveys.content import SCALES, TEXTS, Both, ChoiceDraft, QuestionDraft, SurveyDraft
from reviews.surveys.pack import new_question

_KEY = re.compile(r"[a-z][a-z0-9_]{0,19}")
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")


def read(post: QueryDict, *, logo: str) -> SurveyDraft:
    """Return what the form says; keys that are none and too many questions are left out. `logo` stays."""
    keys = list(dict.fromkeys(key for key in post.getlist("q") if _KEY.fullmatch(key)))
    colour = _COLOUR.fullmatch(post.get("accent", "").strip())
    first = post.get("first_language", "")
    return SurveyDraft(
        **{name: _both(post, name) for name in TEXTS},
        questions=tuple(_question(post, key) for key in keys[: MOST_QUESTIONS + 1]),
        first_language=first if first in SurveyLanguage.values else SurveyLanguage.ZH,
        accent=f"#{colour[1].lower()}" if colour else post.get("accent", "").strip()[:7],
        logo=logo,
        note=_line(post.get("note", "")),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    """Keep line breaks, as Unix writes them, without spaces at the ends."""
    return "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _both(post: QueryDict, name: str) -> Both:
    clean: Callable[[str], str] = _lines if name in ("greeting", "next_steps") else _line
    return Both(clean(post.get(f"{name}_zh", "")), clean(post.get(f"{name}_en", "")))


def _question(post: QueryDict, key: str) -> QuestionDraft:
    kind = post.get(f"{key}-kind", "")
    after = post.get(f"{key}-after", "")
    choices = list(dict.fromkeys(each for each in post.getlist(f"{key}-c") if _KEY.fullmatch(each)))
    is_scale = kind in SCALES
    return QuestionDraft(
        key, kind, _both(post, f"{key}-text"),
        low=_both(post, f"{key}-low") if is_scale else Both(),
        high=_both(post, f"{key}-high") if is_scale else Both(),
        required=f"{key}-required" in post, identified=f"{key}-identified" in post,
        choices=tuple(ChoiceDraft(each, _both(post, f"{key}-c-{each}")) for each in choices[: MOST_CHOICES + 1])
        if kind == SurveyQuestionKind.CHOICE else (),
        after=after if _KEY.fullmatch(after) else "",
        low_of=_bound(post.get(f"{key}-low_of", ""), 0) if after else None,
        high_of=_bound(post.get(f"{key}-high_of", ""), 10) if after else None,
    )  # fmt: skip


def _bound(text: str, otherwise: int) -> int:
    """Return a typed bound; one that is no number becomes `otherwise`, one that is too large 99, to be refused."""
    if not text.strip():
        return otherwise
    return min(int(text), 99) if text.isascii() and text.isdecimal() and len(text) < 6 else 99


def changed(draft: SurveyDraft, act: str) -> SurveyDraft:
    """Return the draft after a button: add:KIND, up:KEY, down:KEY, remove:KEY, add_choice:KEY,
    remove_choice:KEY:CHOICE. What is none of these changes nothing.
    """
    name, _colon, rest = act.partition(":")
    key, _colon, choice = rest.partition(":")
    if name == "add" and key in SurveyQuestionKind.values and len(draft.questions) < MOST_QUESTIONS:
        return replace(draft, questions=(*draft.questions, new_question(key, _free("q", draft))))
    at = next((at for at, one in enumerate(draft.questions) if one.key == key), None)
    if at is None:
        return draft
    if name in ("up", "down"):
        return _moved(draft, at, at - 1 if name == "up" else at + 1)
    if name == "remove":
        return _without(draft, key)
    one = draft.questions[at]
    if name == "add_choice" and len(one.choices) < MOST_CHOICES:
        used = {each.key for each in one.choices}
        free = next(f"c{n}" for n in range(1, 99) if f"c{n}" not in used)
        return _put(draft, at, replace(one, choices=(*one.choices, ChoiceDraft(free))))
    if name == "remove_choice":
        return _put(draft, at, replace(one, choices=tuple(each for each in one.choices if each.key != choice)))
    return draft


def _free(prefix: str, draft: SurveyDraft) -> str:
    used = {one.key for one in draft.questions}
    return next(f"{prefix}{n}" for n in range(1, 999) if f"{prefix}{n}" not in used)


def _put(draft: SurveyDraft, at: int, one: QuestionDraft) -> SurveyDraft:
    return replace(draft, questions=(*draft.questions[:at], one, *draft.questions[at + 1 :]))


def _moved(draft: SurveyDraft, at: int, to: int) -> SurveyDraft:
    if not 0 <= to < len(draft.questions):
        return draft
    rows = list(draft.questions)
    rows[at], rows[to] = rows[to], rows[at]
    return replace(draft, questions=tuple(rows))


def _without(draft: SurveyDraft, key: str) -> SurveyDraft:
    """Take a question out; what followed up on it is asked always then."""
    rest = (one for one in draft.questions if one.key != key)
    free = (replace(one, after="", low_of=None, high_of=None) if one.after == key else one for one in rest)
    return replace(draft, questions=tuple(free))
