"""A small open review cycle for tests, put together from rows; launching has tests of its own."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.services import add_employee, assign
from reviews.answers import door
from reviews.answers.door import Given
from reviews.models import (
    CycleForm,
    CycleGroup,
    CycleQuestion,
    Participant,
    Question,
    Questionnaire,
    QuestionnaireItem,
    Rater,
    RaterKind,
    RaterState,
    ReviewCycle,
)
from tests.factories import START, Company

QUARTER, QUARTER_END, GRAIN = date(2025, 1, 1), date(2025, 3, 31), 4
#: (group, weight, minimum, merges, least, most)
GROUPS = (
    ("self", 0, 1, False, 0, 0),
    ("manager", 60, 1, False, 0, 0),
    ("skip_level", 0, 1, False, 0, 0),
    ("peers", 30, 3, True, 3, 6),
    ("direct_reports", 10, 3, True, 0, 6),
)


@dataclass
class Cycle:
    """An open cycle with its questionnaire, its questions (three scales and a text) and its participants by name."""

    row: ReviewCycle
    questionnaire: Questionnaire
    questions: list[CycleQuestion] = field(default_factory=list)
    people: dict[str, Participant] = field(default_factory=dict)

    @property
    def scales(self) -> list[CycleQuestion]:
        """The questions that are answered on a scale."""
        return [one for one in self.questions if one.kind == "scale"]


def open_cycle(company: Company, *names: str, state: str = "open") -> Cycle:
    """Make an open cycle of the first quarter of 2025 for these people of the company (ann, bob, cid)."""
    questionnaire = Questionnaire.objects.create(code="attitude", name_zh="态度与行为", name_en="Attitude")
    row = ReviewCycle.objects.create(
        name="Q1 2025", grain=GRAIN, start=QUARTER, end=QUARTER_END, state=state, answer_until=date(2099, 1, 1),
        launched_at=timezone.now(),
    )  # fmt: skip
    cycle = Cycle(row, questionnaire)
    CycleForm.objects.create(cycle=row, questionnaire=questionnaire, place=1)
    for group, weight, minimum, merges, least, most in GROUPS:
        CycleGroup.objects.create(
            cycle=row, group=group, weight=weight, minimum=minimum, merges=merges, least=least, most=most
        )
    for place, (code, kind) in enumerate(
        [("initiative", "scale"), ("teamwork", "scale"), ("service", "scale"), ("words", "text")], 1
    ):
        question = Question.objects.create(code=code, kind=kind, text_zh=f"题目 {code}", text_en=f"About {code}")
        QuestionnaireItem.objects.create(questionnaire=questionnaire, question=question, place=place)
        cycle.questions.append(
            CycleQuestion.objects.create(
                cycle=row,
                questionnaire=questionnaire,
                place=place,
                code=code,
                kind=kind,
                text_zh=question.text_zh,
                text_en=question.text_en,
            )
        )
    for name in names or ("ann", "bob", "cid"):
        person = company.people[name]
        spell = Assignment.objects.get(employee=person)
        cycle.people[name] = Participant.objects.create(
            cycle=row, employee=person, unit=spell.unit, manager=spell.manager
        )
        add_rater(cycle, name, person, RaterKind.SELF)
        if spell.manager is not None:
            add_rater(cycle, name, spell.manager, RaterKind.MANAGER)
    return cycle


def add_rater(cycle: Cycle, ratee: str, rater: Employee, group: str, *, state: str = RaterState.ASKED) -> Rater:
    """Ask somebody to review one of the cycle's people."""
    return Rater.objects.create(participant=cycle.people[ratee], employee=rater, group=group, state=state)


def add_peers(company: Company, cycle: Cycle, ratee: str, count: int, *, group: str = "peers") -> list[Rater]:
    """Hire people into the ratee's unit and ask them to review the ratee."""
    unit = cycle.people[ratee].unit
    made = []
    for _at in range(count):
        number = f"P{Employee.objects.count():04d}"
        person = add_employee(number, f"Peer {number}")
        assign(person, unit=unit, valid_from=START)
        made.append(add_rater(cycle, ratee, person, group))
    return made


def answer(cycle: Cycle, rater: Rater, *values: int | None, text: str = "", hand_in: bool = True) -> None:
    """Let a rater answer the scales in order (None: cannot judge) and, with `text`, the text question."""
    given = {
        question.pk: Given(value, cannot_judge=value is None)
        for question, value in zip(cycle.scales, values, strict=False)
    }
    if text:
        given[next(one.pk for one in cycle.questions if one.kind == "text")] = Given(text=text)
    door.save(rater, given)
    if hand_in:
        door.hand_in(rater)
