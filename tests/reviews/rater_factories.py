"""A cycle in which raters are chosen: ann's team is large enough, some share customers and deals with her."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Employee, User
from perfmgmt.people.services import add_employee, add_member, assign
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from reviews.models import CycleGroup, NominationState, Participant, Rater, ReviewCycle
from reviews.raters.writing import Pick
from tests.factories import START, Company
from tests.reviews.factories import Cycle, open_cycle


@dataclass
class Choice:
    """Ann's choice in an open cycle; `people` are peers of her team p1 to p6, and s1, s2 in the South."""

    company: Company
    cycle: Cycle
    people: dict[str, Employee] = field(default_factory=dict)

    @property
    def row(self) -> ReviewCycle:
        return self.cycle.row

    @property
    def workspace(self) -> Workspace:
        return workspace_of(self.company.tenant)

    @property
    def ann(self) -> Participant:
        return Participant.objects.get(pk=self.cycle.people["ann"].pk)

    @property
    def ann_id(self) -> int:
        return self.cycle.people["ann"].pk

    def viewer(self, name: str) -> Viewer:
        """One of the cast (assistant is ann), or a person of the company, who gets a sign-in."""
        user = self.company.users.get(name)
        if user is None:
            user = User.objects.create_user(f"{name}.signin@{self.company.tenant.slug}.example", name=name)
            add_member(user, employee=self.people.get(name) or self.company.people[name])
            self.company.users[name] = user
        found = viewer_in(user.pk, self.workspace.today())
        assert found is not None
        return found

    def by(self, name: str) -> dict[str, object]:
        return {"viewer": self.viewer(name), "workspace": self.workspace}

    def picks(self, *names: str, group: str = "peers") -> list[Pick]:
        return [Pick(group, self.people[name].pk) for name in names]

    def state(self, name: str, group: str = "peers") -> str:
        found = Rater.objects.filter(participant=self.ann, employee=self.people[name], group=group).first()
        return found.state if found else ""

    def rater(self, name: str, group: str = "peers") -> Rater:
        return Rater.objects.get(participant=self.ann, employee=self.people[name], group=group)

    def join(self, name: str, *, led_by: str) -> Participant:
        """Put somebody else into the cycle."""
        return Participant.objects.create(cycle=self.row, employee=self.people[name], manager=self.people[led_by])

    def is_(self, state: str) -> bool:
        return self.ann.nomination == NominationState(state)


def choosing(company: Company, *, internal: bool = True, most: int = 12) -> Choice:
    """Make the cycle and the people; needs the scope."""
    choice = Choice(company, open_cycle(company))
    if internal:
        CycleGroup.objects.create(cycle=choice.row, group="internal_customers", minimum=3, most=4, merges=True)
    ReviewCycle.objects.filter(pk=choice.row.pk).update(most_per_rater=most)
    for name, unit, manager in [
        *((f"p{n}", "north", "manager") for n in range(1, 7)), ("s1", "south", "rival"), ("s2", "south", "rival"),
    ]:  # fmt: skip
        person = add_employee(f"R-{name}", f"Person {name}")
        assign(person, unit=company.units[unit], manager=company.people[manager], valid_from=START)
        choice.people[name] = person
    choice.people |= company.people
    return choice


def share_customers(choice: Choice, name: str, count: int, *, day: date = date(2025, 2, 3)) -> None:
    """Let ann and somebody deal with the same customers in the period."""
    choice.company.people |= choice.people
    for n in range(count):
        for person in ("ann", name):
            choice.company.fact(person, "orders", day, customer=f"Customer {n}")


def share_deal(choice: Choice, owner: str, supporter: str, number: str) -> None:
    """Let one person own a deal and another support it."""
    choice.company.people |= choice.people
    for person, role, line in ((owner, "owner", 0), (supporter, "supporter", 1)):
        fact_id = choice.company.fact(person, "deals_won", date(2025, 2, 3), external_id=f"{number}-{line}")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE metrics_fact SET external_id = %s, credit_role = %s, line = %s WHERE id = %s",
                           [number, role, line, fact_id])  # fmt: skip
    assert Metric.objects.filter(code="deals_won").exists()
