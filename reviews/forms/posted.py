"""What a form sends: `q<question>` for each answer, `potential` and its note, the edition it was made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _t

from reviews.answers.door import LONGEST_TEXT, Given
from reviews.models import CycleQuestion, QuestionKind

CANNOT_JUDGE = "na"
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Typed:
    """Answers by question id, what is wrong with some of them, and what was said of potential, if it was sent."""

    answers: dict[int, Given] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    edition: int = 0
    potential: tuple[int | None, str] | None = None


def read(post: Mapping[str, str], questions: Iterable[CycleQuestion]) -> Typed:
    """Read a form; fields that were not sent are not touched. A text that is too long stays, with an error."""
    found = Typed(edition=_number(post.get("edition", "")) or 0, potential=_potential(post))
    for question in questions:
        text = post.get(f"q{question.pk}")
        if text is None:
            continue
        one = _text(text) if question.kind == QuestionKind.TEXT else _step(text)
        if one is None:
            found.errors[question.pk] = _t("Choose one of the steps of the scale.")
        elif len(one.text) > LONGEST_TEXT:
            found.errors[question.pk] = _t("{n} characters are too many: {most} at most.").format(
                n=len(one.text), most=LONGEST_TEXT
            )
            found.answers[question.pk] = one
        else:
            found.answers[question.pk] = one
    return found


def _text(text: str) -> Given:
    # Browsers send lines with CR LF; stored and counted they are as they were typed.
    return Given(text=text.replace("\r\n", "\n").strip())


def _step(text: str) -> Given | None:
    if text in ("", CANNOT_JUDGE):
        return Given(cannot_judge=bool(text))
    value = _number(text)
    return None if value is None else Given(value)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _potential(post: Mapping[str, str]) -> tuple[int | None, str] | None:
    if "potential" not in post and "potential_note" not in post:
        return None
    return _number(post.get("potential", "")), post.get("potential_note", "").strip()[:LONGEST_NOTE]
