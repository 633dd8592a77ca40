"""A cycle whose people can sign in, for tests of forms."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from perfmgmt.people.models import User
from perfmgmt.people.services import add_member
from reviews.models import CycleQuestion, Questionnaire, QuestionnaireItem, Rater
from tests.factories import Company
from tests.reviews.factories import Cycle


@dataclass
class Desk:
    """Somebody at a form: their client, and short ways to use it."""

    client: Client
    company: Company

    def url(self, name: str, rater: Rater | None = None) -> str:
        args = [self.company.tenant.slug, *([rater.pk] if rater else [])]
        return reverse(name, args=args)

    def open(self, rater: Rater) -> Any:
        return self.client.get(self.url("review_form", rater))

    def send(self, rater: Rater, action: str = "save", edition: int = 0, **fields: Any) -> Any:
        return self.client.post(self.url("review_form", rater), {"edition": edition, "action": action, **fields})

    def autosave(self, rater: Rater, edition: int = 0, **fields: Any) -> Any:
        return self.client.post(self.url("save_review", rater), {"edition": edition, **fields})

    def post(self, name: str, rater: Rater, **fields: Any) -> Any:
        return self.client.post(self.url(name, rater), fields)


def desk_of(company: Company, person: str) -> Desk:
    """Sign in a person of the company, who gets a sign-in if they have none."""
    user = {"ann": company.users["assistant"], "manager": company.users["manager"]}.get(person)
    if user is None:
        employee = company.people[person]
        user = User.objects.create_user(f"{person}.desk@{company.tenant.slug}.example", name=employee.name)
        add_member(user, employee=employee)
    client = Client()
    client.force_login(user)
    return Desk(client, company)


def ask(cycle: Cycle, code: str = "yearly_self") -> list[CycleQuestion]:
    """Let a cycle ask a ready questionnaire's questions too, as a launch copies them; return them."""
    questionnaire = Questionnaire.objects.get(code=code)
    made = []
    items = QuestionnaireItem.objects.filter(questionnaire=questionnaire).select_related("question")
    for at, item in enumerate(items):
        one = item.question
        made.append(
            CycleQuestion.objects.create(
                cycle=cycle.row, questionnaire=questionnaire, place=100 + at, code=one.code, topic=one.topic,
                kind=one.kind, text_zh=one.text_zh, text_en=one.text_en, scale=one.scale, anchors=one.anchors,
                weight=item.weight, groups=item.groups, required=item.required, section=item.section,
            )
        )  # fmt: skip
    return made
