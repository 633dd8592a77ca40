"""Colleagues who can sign in, for tests of feedback."""

from perfmgmt.people.models import User
from perfmgmt.people.services import add_member
from tests.factories import Company


def let_in(company: Company, *people: str) -> None:
    """Give people sign-ins, at <person>@<slug>.example."""
    with company.scope():
        for person in people:
            user = User.objects.create_user(f"{person}@{company.tenant.slug}.example", name=person.title())
            company.users[person] = user
            add_member(user, employee=company.people[person])
