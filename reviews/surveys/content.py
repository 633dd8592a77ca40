"""What a version of a survey says, as plain values, and the way from rows to them and back."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from reviews.models import SurveyLanguage, SurveyQuestion, SurveyQuestionKind, SurveyVersion

LANGUAGES: tuple[str, ...] = tuple(SurveyLanguage.values)
#: The texts around the questions, in the order of the editor, with the longest each may be.
TEXTS = {"subject": 120, "greeting": 600, "heading": 120, "reader": 300, "thanks": 300, "next_steps": 400}
#: The lowest and highest answer of each kind of scale.
SCALES: dict[str, tuple[int, int]] = {
    SurveyQuestionKind.CSAT: (1, 5),
    SurveyQuestionKind.NPS: (0, 10),
    SurveyQuestionKind.CES: (1, 7),
}


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    zh: str = ""
    en: str = ""

    def of(self, language: str) -> str:
        """Return the text in a language ("en" or "zh-hans"); "" when it is not there."""
        return self.en if language == SurveyLanguage.EN else self.zh


@dataclass(frozen=True)
class ChoiceDraft:
    """One of the choices of a question; `key` is what an answer keeps."""

    key: str
    text: Both = field(default_factory=Both)


@dataclass(frozen=True)
class QuestionDraft:
    """A question. With `after` it is asked only when the answer to that question lies from `low_of` to `high_of`."""

    key: str
    kind: str
    text: Both = field(default_factory=Both)
    low: Both = field(default_factory=Both)
    high: Both = field(default_factory=Both)
    required: bool = False
    identified: bool = True
    choices: tuple[ChoiceDraft, ...] = ()
    after: str = ""
    low_of: int | None = None
    high_of: int | None = None

    @property
    def is_scale(self) -> bool:
        """Whether it is answered by a number."""
        return self.kind in SCALES

    @property
    def points(self) -> range:
        """The numbers it may be answered with; none for what is no scale."""
        low, high = SCALES.get(self.kind, (0, -1))
        return range(low, high + 1)


@dataclass(frozen=True)
class SurveyDraft:
    """Everything a version says. `accent` is "#rrggbb", `logo` a name in the workspace's storage."""

    subject: Both = field(default_factory=Both)
    greeting: Both = field(default_factory=Both)
    heading: Both = field(default_factory=Both)
    reader: Both = field(default_factory=Both)
    thanks: Both = field(default_factory=Both)
    next_steps: Both = field(default_factory=Both)
    questions: tuple[QuestionDraft, ...] = ()
    first_language: str = SurveyLanguage.ZH
    accent: str = "#2457d6"
    logo: str = ""
    note: str = ""

    @property
    def languages(self) -> tuple[str, str]:
        """Both languages, the first one first."""
        both = (str(SurveyLanguage.ZH), str(SurveyLanguage.EN))
        return (both[1], both[0]) if self.first_language == SurveyLanguage.EN else both

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each question, by key."""
        return {one.key: one.kind for one in self.questions}

    def text(self, name: str) -> Both:
        """Return one of `TEXTS`."""
        found: Both = getattr(self, name)
        return found

    def question(self, key: str) -> QuestionDraft | None:
        """Return the question with a key; None when there is none."""
        return next((one for one in self.questions if one.key == key), None)


@dataclass(frozen=True)
class Rated:
    """What a customer is asked about: `kind` is "order", "visit", "ticket", "follow_up" or "" (the relationship).

    `number` is its name in the source, `day` when it was, `person` who served.
    """

    kind: str = ""
    number: str = ""
    day: date | None = None
    person: str = ""


@dataclass(frozen=True)
class Occasion:
    """Whose survey it is, what its answers are for (SurveyPurpose), and what is rated."""

    company: str
    purpose: str
    rated: Rated = field(default_factory=Rated)


def content_of(version: SurveyVersion) -> SurveyDraft:
    """Return what a version says; one query."""
    return contents_of([version])[version.pk]


def contents_of(versions: Iterable[SurveyVersion]) -> dict[int, SurveyDraft]:
    """Return what versions say, by id; one query for any number of them."""
    rows = list(versions)
    questions: dict[int, list[QuestionDraft]] = {}
    for row in SurveyQuestion.objects.filter(version__in=rows).order_by("version_id", "place"):
        questions.setdefault(row.version_id, []).append(_question(row))
    return {row.pk: _version(row, tuple(questions.get(row.pk, ()))) for row in rows}


def _both(row: Any, name: str) -> Both:
    return Both(getattr(row, f"{name}_zh"), getattr(row, f"{name}_en"))


def _version(row: SurveyVersion, questions: tuple[QuestionDraft, ...]) -> SurveyDraft:
    return SurveyDraft(
        **{name: _both(row, name) for name in TEXTS}, questions=questions, first_language=row.first_language,
        accent=row.accent, logo=row.logo, note=row.note,
    )  # fmt: skip


def _question(row: SurveyQuestion) -> QuestionDraft:
    return QuestionDraft(
        row.key, row.kind, _both(row, "text"), _both(row, "low"), _both(row, "high"), row.required, row.identified,
        tuple(ChoiceDraft(str(one["key"]), Both(str(one["zh"]), str(one["en"]))) for one in row.choices),
        row.after_key, row.after_low, row.after_high,
    )  # fmt: skip


def version_columns(draft: SurveyDraft) -> dict[str, Any]:
    """Return a draft's texts and look as the columns of its row."""
    texts = {f"{name}_{code}": getattr(draft.text(name), code) for name in TEXTS for code in ("zh", "en")}
    return {**texts, "first_language": draft.first_language, "accent": draft.accent, "logo": draft.logo,
            "note": draft.note}  # fmt: skip


def question_columns(one: QuestionDraft) -> dict[str, Any]:
    """Return a question as the columns of its row."""
    texts = {f"{name}_{code}": getattr(getattr(one, name), code) for name in ("text", "low", "high")
             for code in ("zh", "en")}  # fmt: skip
    return {
        **texts, "key": one.key, "kind": one.kind, "required": one.required, "identified": one.identified,
        "choices": [{"key": each.key, "zh": each.text.zh, "en": each.text.en} for each in one.choices],
        "after_key": one.after, "after_low": one.low_of, "after_high": one.high_of,
    }  # fmt: skip


def stamp(draft: SurveyDraft) -> str:
    """Return a short mark of what a version says, to tell later whether somebody changed it since."""
    values = asdict(draft)
    plain = {name: str(value) if name == "first_language" else value for name, value in values.items()}
    plain["questions"] = [{**one, "kind": str(one["kind"])} for one in values["questions"]]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:24]
