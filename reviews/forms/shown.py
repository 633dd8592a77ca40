"""A form as a rater sees it: questionnaires, sections, questions with what is said of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language

from reviews.answers.door import Given
from reviews.forms import seen
from reviews.forms.seen import Terms
from reviews.models import CycleQuestion, QuestionKind, Questionnaire
from reviews.models.questionnaires import QuestionTexts


@dataclass(frozen=True)
class ShownQuestion:
    """One question: its words, its steps, what was answered, who will see it and what it affects."""

    id: int
    text: str
    kind: str
    steps: list[tuple[int, str]]
    given: Given = field(default_factory=Given)
    required: bool = False
    who_sees: str = ""
    affects: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"q{self.id}"

    @property
    def is_text(self) -> bool:
        """Whether it is answered in words."""
        return self.kind == QuestionKind.TEXT

    @property
    def is_answered(self) -> bool:
        """Whether anything was said."""
        return not self.given.is_empty


@dataclass(frozen=True)
class ShownSection:
    """Questions that follow one another under one heading; the heading may be empty."""

    title: str
    questions: list[ShownQuestion] = field(default_factory=list)


@dataclass(frozen=True)
class ShownForm:
    """One questionnaire of a form."""

    id: int
    name: str
    affects: str
    sections: list[ShownSection] = field(default_factory=list)

    @property
    def questions(self) -> list[ShownQuestion]:
        """All its questions, in order."""
        return [question for section in self.sections for question in section.questions]


def heading(section: Mapping[str, str] | None) -> str:
    """Return a section's heading in the reader's language, or in the other one."""
    words = section or {}
    first, second = ("en", "zh") if get_language() == "en" else ("zh", "en")
    return str(words.get(first) or words.get(second) or "")


def forms_of(
    questions: Iterable[CycleQuestion],
    questionnaires: dict[int, Questionnaire],
    terms: Terms,
    answers: Mapping[int, Given],
    errors: Mapping[int, str] | None = None,
) -> list[ShownForm]:
    """Return a rater's questions as the form shows them."""
    asked = list(questions)
    share = seen.shares(asked, questionnaires)
    found: list[ShownForm] = []
    for one in asked:
        if not found or found[-1].id != one.questionnaire_id:
            questionnaire = questionnaires[one.questionnaire_id]
            affects = seen.what_the_questionnaire_affects(terms, questionnaire)
            found.append(ShownForm(questionnaire.pk, questionnaire.name, affects))
        given, error = answers.get(one.pk, Given()), (errors or {}).get(one.pk, "")
        _add(found[-1], heading(one.section), _question(one, terms, share.get(one.pk), given, error))
    return found


def _add(form: ShownForm, title: str, question: ShownQuestion) -> None:
    if not form.sections or form.sections[-1].title != title:
        form.sections.append(ShownSection(title))
    form.sections[-1].questions.append(question)


def _question(one: CycleQuestion, terms: Terms, share: Decimal | None, given: Given, error: str) -> ShownQuestion:
    return ShownQuestion(
        one.pk, one.text, one.kind, one.steps if one.kind == QuestionKind.SCALE else [], given, one.required,
        seen.who_sees(terms, one.kind), seen.what_it_affects(terms, one, share), error,
    )  # fmt: skip


def plain(one: QuestionTexts, *, required: bool = False) -> ShownQuestion:
    """Return a question of the bank as a form would show it, without saying who sees what."""
    steps = one.steps if one.kind == QuestionKind.SCALE else []
    return ShownQuestion(one.pk or 0, one.text, one.kind, steps, required=required)
