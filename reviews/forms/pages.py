"""Everything a form's page knows: questions with answers, what is missing, on what terms it is answered."""

from dataclasses import dataclass
from datetime import date

from perfmgmt.people.models import Employee
from reviews.answers import door
from reviews.answers.door import Sheet
from reviews.forms import services
from reviews.forms.posted import Typed
from reviews.forms.seen import Terms, terms_of
from reviews.forms.shown import ShownForm, ShownQuestion, forms_of
from reviews.models import Questionnaire, Rater, ReviewCycle


@dataclass(frozen=True)
class FormPage:
    """One rater's form."""

    rater: Rater
    forms: list[ShownForm]
    sheet: Sheet
    terms: Terms
    asks_potential: bool
    potential: int | None
    potential_note: str

    @property
    def employee(self) -> Employee:
        """The ratee."""
        return self.rater.participant.employee

    @property
    def cycle(self) -> ReviewCycle:
        """The cycle."""
        return self.rater.participant.cycle

    @property
    def due(self) -> date | None:
        """The last day on which answers are expected."""
        return self.rater.participant.answer_until or self.cycle.answer_until

    @property
    def is_open(self) -> bool:
        """Whether answers are taken."""
        return self.cycle.takes_answers

    @property
    def is_writable(self) -> bool:
        """Whether answers can be changed now: the cycle is open and they are not handed in."""
        return self.is_open and not self.sheet.is_done

    @property
    def is_self(self) -> bool:
        """Whether it is the self-review."""
        return self.terms.is_self

    @property
    def questions(self) -> list[ShownQuestion]:
        """All questions, in order."""
        return [question for form in self.forms for question in form.questions]

    @property
    def answered(self) -> int:
        """How many questions are answered."""
        return sum(question.is_answered for question in self.questions)

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self.questions)

    @property
    def missing(self) -> list[ShownQuestion]:
        """Questions without an answer, those that must have one first."""
        return sorted((one for one in self.questions if not one.is_answered), key=lambda one: not one.required)

    @property
    def must(self) -> list[ShownQuestion]:
        """Questions that must be answered and are not."""
        return [one for one in self.missing if one.required]


def page_of(rater: Rater, typed: Typed | None = None) -> FormPage:
    """Return a form with what is stored, over it what was typed and could not be kept; a fixed number of queries."""
    questions = door.questions_for(rater.participant.cycle_id, rater.group)
    questionnaires = Questionnaire.objects.in_bulk({one.questionnaire_id for one in questions})
    sheet, terms = door.own_sheet(rater), terms_of(rater)
    answers = {**sheet.answers, **(typed.answers if typed else {})}
    participant = rater.participant
    potential, note = participant.potential, participant.potential_note
    if typed is not None and typed.potential is not None:
        potential, note = typed.potential
    forms = forms_of(questions, questionnaires, terms, answers, typed.errors if typed else None)
    return FormPage(rater, forms, sheet, terms, services.asks_potential(rater), potential, note)
