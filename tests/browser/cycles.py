"""A draft and an open, half-finished cycle, for the pages that show them."""

from datetime import date, timedelta
from typing import Any

from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from reviews.cycles import drafting, launching, writing
from reviews.cycles.problems import dry_run
from reviews.models import (
    CycleState,
    Participant,
    Question,
    Questionnaire,
    QuestionnaireItem,
    Rater,
    ReviewCycle,
)
from tests.factories import Company


def cycle_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Make both; return ids for `cycle_id`, `participant_id` and `rater_id`. Needs the scope."""
    hr = viewer_in(company.users["hr"].pk, today)
    assert hr is not None
    space = workspace_of(company.tenant)
    form = Questionnaire.objects.create(code="sample", name_zh="态度与行为", name_en="Attitude and behaviour")
    question = Question.objects.create(
        code="sample", topic="teamwork", text_zh="与同事合作", text_en="Works with others"
    )
    QuestionnaireItem.objects.create(questionnaire=form, question=question, place=1)
    made = drafting.create(viewer=hr, workspace=space)
    drafting.save_forms(made.pk, [form.pk], version=made.version, viewer=hr)
    period = Period.containing(Grain.MONTH, today).next(-1)
    ReviewCycle.objects.filter(pk=made.pk).update(
        name="月度考核", grain=int(period.grain), start=period.start, end=period.end,
        nominate_until=today + timedelta(days=3), answer_until=today + timedelta(days=10),
    )  # fmt: skip
    made.refresh_from_db()
    run = dry_run(made, space)
    launching.copy_questions(made)
    writing.take_in(made, run.audience.members, run.managers, run.versions, space)
    ReviewCycle.objects.filter(pk=made.pk).update(state=CycleState.OPEN)
    ann = Participant.objects.get(cycle=made, employee=company.people["ann"])
    for name, state in (("bob", "asked"), ("cid", "done"), ("rival", "asked")):
        Rater.objects.create(participant=ann, employee=company.people[name], group="peers", state=state)
    Rater.objects.filter(participant__cycle=made, group="self", employee=company.people["bob"]).update(state="done")
    plan = drafting.copy(made.pk, viewer=hr, workspace=space)
    return {
        "cycle_id": [made.pk, plan.pk],
        "participant_id": [ann.pk],
        "rater_id": [Rater.objects.filter(participant=ann, group="manager").earliest("pk").pk],
    }
