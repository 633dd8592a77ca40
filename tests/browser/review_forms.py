"""A review cycle in which ann writes her yearly self-review, half of it, and reviews bob; a closed one before it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Grain, Period
from reviews.answers import door
from reviews.answers.door import Given
from reviews.forms.pack import install_pack
from reviews.models import (
    CycleForm,
    CycleGroup,
    CycleQuestion,
    Participant,
    Question,
    Questionnaire,
    QuestionnaireItem,
    Rater,
    ReviewCycle,
)

if TYPE_CHECKING:
    from tests.factories import Company

GROUPS = [("self", 0, 1), ("manager", 60, 1), ("peers", 30, 3), ("direct_reports", 10, 3)]


def form_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Make the cycles; return ids for `rater_id` (all ann's), `question_id`, `questionnaire_id`. Needs the scope."""
    install_pack()
    quarter = Period.containing(Grain.QUARTER, today)
    cycle = review_cycle("年度考核", quarter.start, quarter.end, today + timedelta(days=9))
    before = quarter.next(-1)
    closed = review_cycle("上季度考核", before.start, before.end, today - timedelta(days=30))
    mine, about_bob = rater(company, cycle, "ann", "ann", "self"), rater(company, cycle, "bob", "ann", "peers")
    rater(company, cycle, "ann", "manager", "manager")
    past = rater(company, closed, "bob", "ann", "peers")
    _write(mine, 3, "3月跟进恒达贸易 12 次，签下两份合同")
    _write(past, 2, "客户问题当天回复，例如明珠物流的退货")
    door.hand_in(past)
    ReviewCycle.objects.filter(pk=closed.pk).update(state="closed", closed_at=timezone.now())
    text = Question.objects.get(code="strengths")
    return {
        "rater_id": [mine.pk, about_bob.pk, past.pk],
        "question_id": [Question.objects.get(code="service_response").pk, text.pk],
        "questionnaire_id": [one.pk for one in Questionnaire.objects.order_by("pk")],
    }


def review_cycle(name: str, first: date, last: date, until: date) -> ReviewCycle:
    """Make an open cycle that asks the ready questionnaires, as a launch would."""
    cycle = ReviewCycle.objects.create(
        name=name, start=first, end=last, state="open", answer_until=until, launched_at=timezone.now()
    )
    for group, weight, minimum in GROUPS:
        CycleGroup.objects.create(
            cycle=cycle, group=group, weight=Decimal(weight), minimum=minimum, merges=minimum > 1
        )
    place = 0
    for number, questionnaire in enumerate(Questionnaire.objects.order_by("pk"), 1):
        CycleForm.objects.create(cycle=cycle, questionnaire=questionnaire, place=number)
        for item in QuestionnaireItem.objects.select_related("question").filter(questionnaire=questionnaire):
            place += 1
            one = item.question
            CycleQuestion.objects.create(
                cycle=cycle, questionnaire=questionnaire, place=place, code=one.code, topic=one.topic, kind=one.kind,
                text_zh=one.text_zh, text_en=one.text_en, scale=one.scale, anchors=one.anchors, weight=item.weight,
                groups=item.groups, required=item.required, section=item.section,
            )  # fmt: skip
    return cycle


def rater(company: Company, cycle: ReviewCycle, ratee: str, name: str, group: str) -> Rater:
    """Ask somebody to review a person, who is put into the cycle when they are not in it."""
    person = company.people[ratee]
    spell = Assignment.objects.filter(employee=person).order_by("-valid_from")[0]
    participant, _made = Participant.objects.get_or_create(
        cycle=cycle, employee=person, defaults={"unit": spell.unit, "manager": spell.manager}
    )
    return Rater.objects.create(
        participant=participant, employee=company.people[name], group=group, state="asked", days=1
    )


def _write(one: Rater, scales: int, words: str) -> None:
    """Answer the first scales and the first text of a form, and what must be answered."""
    asked = door.questions_for(one.participant.cycle_id, one.group)
    given = {q.pk: Given(4) for q in asked if q.kind == "scale" and (q.required or scales > 0)}
    first = next(q for q in asked if q.kind == "text")
    door.save(one, {**dict(list(given.items())[:scales]), first.pk: Given(text=words)})
    if one.group != "self":
        door.save(one, given)
