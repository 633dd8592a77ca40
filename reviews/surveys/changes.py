"""What changed from one version of a survey to the next, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _t

from reviews.models import SurveyLanguage, SurveyQuestionKind
from reviews.surveys.checks import FIELDS, LANGUAGE_WORDS
from reviews.surveys.content import TEXTS, Both, ChoiceDraft, QuestionDraft, SurveyDraft


@dataclass(frozen=True)
class Change:
    """One thing that changed. Empty `before`: it came; empty `after`: it went."""

    what: str
    before: str
    after: str


def changes(old: SurveyDraft, new: SurveyDraft) -> list[Change]:
    """Return what changed, in the order of the editor: texts, look, questions."""
    return [*_texts(old, new), *_look(old, new), *_questions(old, new)]


def _both(name: str | Promise, old: Both, new: Both, place: str = "") -> Iterator[Change]:
    for code in ("zh", "en"):
        before, after = getattr(old, code), getattr(new, code)
        if before != after:
            words = _t("{name} {language}").format(name=name, language=LANGUAGE_WORDS[code])
            yield Change(f"{place} · {words}" if place else words, before, after)


def _texts(old: SurveyDraft, new: SurveyDraft) -> Iterator[Change]:
    for name in TEXTS:
        yield from _both(FIELDS[name], old.text(name), new.text(name))


def _look(old: SurveyDraft, new: SurveyDraft) -> Iterator[Change]:
    words = {str(value): str(label) for value, label in SurveyLanguage.choices}
    if old.first_language != new.first_language:
        yield Change(_t("First language"), words[old.first_language], words[new.first_language])
    if old.accent != new.accent:
        yield Change(_t("Accent colour"), old.accent, new.accent)
    if old.logo != new.logo:
        yield Change(_t("Logo"), _t("a picture") if old.logo else "", _t("another picture") if new.logo else "")


def _title(at: int, one: QuestionDraft) -> str:
    return _t("Question {n}").format(n=at) + (
        f" ({one.text.zh or one.text.en})" if one.text.zh or one.text.en else ""
    )


def _questions(old: SurveyDraft, new: SurveyDraft) -> Iterator[Change]:
    before = {one.key: (at, one) for at, one in enumerate(old.questions, 1)}
    after = {one.key: (at, one) for at, one in enumerate(new.questions, 1)}
    for key, (at, one) in before.items():
        if key not in after:
            yield Change(_t("Removed"), _title(at, one), "")
    for key, (at, one) in after.items():
        if key not in before:
            yield Change(_t("Added"), "", _title(at, one))
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield Change(_t("Order"), ", ".join(str(before[key][0]) for key in kept),
                     ", ".join(str(before[key][0]) for key in after if key in before))  # fmt: skip
    for key in kept:
        yield from _question(_title(*after[key]), before[key][1], after[key][1])


def _question(place: str, old: QuestionDraft, new: QuestionDraft) -> Iterator[Change]:
    kinds = {str(value): str(label) for value, label in SurveyQuestionKind.choices}
    if old.kind != new.kind:
        yield Change(f"{place} · {_t('Kind')}", kinds[old.kind], kinds[new.kind])
    yield from _both(FIELDS["text"], old.text, new.text, place)
    yield from _both(FIELDS["low"], old.low, new.low, place)
    yield from _both(FIELDS["high"], old.high, new.high, place)
    for name, word in (("required", _t("Must be answered")), ("identified", _t("Shown with the customer's name"))):
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{place} · {word}", _yes(getattr(old, name)), _yes(getattr(new, name)))
    if _choices(old.choices) != _choices(new.choices):
        yield Change(f"{place} · {_t('Choices')}", _choices(old.choices), _choices(new.choices))
    if (old.after, old.low_of, old.high_of) != (new.after, new.low_of, new.high_of):
        yield Change(f"{place} · {_t('Asked only after')}", _condition(old), _condition(new))


def _yes(value: bool) -> str:
    return _t("Yes") if value else _t("No")


def _choices(rows: tuple[ChoiceDraft, ...]) -> str:
    return "; ".join(f"{each.text.zh} / {each.text.en}" for each in rows)


def _condition(one: QuestionDraft) -> str:
    return f"{one.after}: {one.low_of}-{one.high_of}" if one.after else _t("always")
