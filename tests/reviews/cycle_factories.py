"""Draft and launched cycles for tests of cycles."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from perfmgmt.jobs import services as jobs
from perfmgmt.people.models import User
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from perfmgmt.tenants.scope import tenant_scope
from reviews.cycles import launching
from reviews.models import CycleForm, CycleGroup, Question, Questionnaire, QuestionnaireItem, ReviewCycle
from tests.factories import Company, today_here
from tests.reviews.factories import GROUPS

Q1, Q1_END = date(2025, 1, 1), date(2025, 3, 31)


def workspace(company: Company) -> Workspace:
    """The open company's workspace."""
    return workspace_of(company.tenant)


def today() -> date:
    """Today on the workspace's clock (Asia/Shanghai, as `Company` sets it up)."""
    return Workspace(0, "", "").today()


def viewer(company: Company, name: str) -> Viewer:
    """One of the cast, or a person of the company, who gets a sign-in."""
    user = company.users.get(name)
    if user is None:
        user = User.objects.create_user(f"{name}.signin@{company.tenant.slug}.example", name=name)
        add_member(user, employee=company.people[name])
        company.users[name] = user
    found = viewer_in(user.pk, today_here())
    assert found is not None
    return found


def questionnaire(code: str = "attitude") -> Questionnaire:
    """Two scales and a text."""
    made = Questionnaire.objects.create(code=code, name_zh="态度与行为", name_en=f"Questions {code}")
    for place, (name, kind) in enumerate([("initiative", "scale"), ("teamwork", "scale"), ("words", "text")], 1):
        question = Question.objects.create(code=f"{code}.{name}", kind=kind, text_zh=f"题目 {name}", text_en=name)
        QuestionnaireItem.objects.create(questionnaire=made, question=question, place=place)
    return made


def draft(company: Company, **changes: Any) -> ReviewCycle:
    """A draft of the first quarter of 2025 for everybody, ready to be launched."""
    fields: dict[str, Any] = {
        "name": "Q1 2025", "grain": 4, "start": Q1, "end": Q1_END, "nominate_until": today() + timedelta(days=7),
        "answer_until": today() + timedelta(days=21), "release_on": today() + timedelta(days=30),
    }  # fmt: skip
    cycle = ReviewCycle.objects.create(**{**fields, **changes})
    for group, weight, minimum, merges, least, most in GROUPS:
        CycleGroup.objects.create(
            cycle=cycle, group=group, weight=weight, minimum=minimum, merges=merges, least=least, most=most
        )
    form = Questionnaire.objects.first() or questionnaire()
    CycleForm.objects.create(cycle=cycle, questionnaire=form, place=1)
    return cycle


def launched(company: Company, **changes: Any) -> ReviewCycle:
    """The same, launched by HR, as a worker does it."""
    cycle = draft(company, **changes)
    job = launching.launch(cycle.pk, viewer=viewer(company, "hr"), version=cycle.version)
    run(company, job.pk)
    cycle.refresh_from_db()
    return cycle


def run(company: Company, job_id: int) -> None:
    """Run a job here and now."""
    jobs.run(partial(tenant_scope, company.tenant.pk), job_id)
