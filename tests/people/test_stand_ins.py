"""Stand-ins: who decides in a manager's place sees the team and sets its targets, on these days only."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from goals.models import MonthlyTarget
from goals.services import set_targets
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import StandIn
from perfmgmt.people.records.services import name_stand_in
from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import acting_for, visible_employees
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)
DAY = timedelta(days=1)
LAST = MARCH + 9 * DAY


def name(company: Company, person: str, stand_in: str, first: date = MARCH, last: date = LAST) -> StandIn:
    people = company.people
    return name_stand_in(people[person], stand_in=people[stand_in], first_day=first, last_day=last)


def viewer(company: Company, role: str, on: date) -> Viewer:
    found = viewer_in(company.users[role].pk, on)
    assert found is not None
    return found


def test_a_stand_in_of_a_manager_is_a_manager_on_these_days_only(company: Company) -> None:
    with company.scope():
        name(company, "rival", "ann")
        for day, acts in ((MARCH - DAY, False), (MARCH, True), (LAST, True), (LAST + DAY, False)):
            ann = viewer(company, "assistant", day)
            assert (Role.MANAGER in ann.roles) is acts, day
            assert acting_for(ann, day) == ([company.people["rival"].pk] if acts else []), day
            seen = set(visible_employees(viewer=ann, on=day) or [])
            # The team, never the one who is away: their own figures stay theirs.
            wanted = {company.people[key].pk for key in (("ann", "cid") if acts else ("ann",))}
            assert seen == wanted, day


def test_standing_in_is_not_handed_on(company: Company) -> None:
    with company.scope():
        name(company, "rival", "manager")
        name(company, "manager", "ann")
        seen = set(visible_employees(viewer=viewer(company, "assistant", MARCH), on=MARCH) or [])
        assert company.people["cid"].pk not in seen
        assert company.people["bob"].pk in seen


def test_roles_given_by_hand_are_not_delegated(company: Company) -> None:
    with company.scope():
        membership = company.membership("manager")
        membership.roles = ["hr"]
        membership.save()
        name(company, "manager", "ann")
        assert viewer(company, "assistant", MARCH).roles == {Role.ASSISTANT, Role.MANAGER}


def test_a_stand_in_sets_the_teams_targets_but_not_their_own(company: Company) -> None:
    with company.scope():
        name(company, "manager", "ann")
        metric, people = metric_by_code("orders"), company.people

        def save(person: str, on: date) -> int:
            ann = viewer(company, "assistant", on)
            return set_targets(metric, MARCH, {people[person].pk: Decimal(5)}, viewer=ann, today=on)

        assert save("bob", MARCH) == 1
        for person, day in (("ann", MARCH), ("cid", MARCH), ("manager", MARCH), ("bob", LAST + DAY)):
            with pytest.raises(NotFound):
                save(person, day)
        assert MonthlyTarget.objects.get().employee == people["bob"]


def test_one_stand_in_at_a_time_and_never_oneself(company: Company) -> None:
    with company.scope():
        first = name(company, "manager", "ann")
        with pytest.raises(Conflict):
            name(company, "manager", "bob", LAST)
        with pytest.raises(DomainError):
            name(company, "manager", "manager", LAST + DAY, LAST + DAY)
        name(company, "manager", "bob", LAST + DAY, LAST + DAY)
        company.people["bob"].left_on = LAST
        company.people["bob"].save()
        with pytest.raises(DomainError):
            name_stand_in(
                company.people["manager"], stand_in=company.people["bob"], first_day=MARCH, last_day=LAST + DAY,
                stand_in_id=first.pk,
            )  # fmt: skip


@pytest.fixture
def now(company: Company) -> date:
    """Today; from today on, ann stands in for her manager."""
    today = today_here()  # the days around it count as well
    with company.scope():
        name(company, "rival", "ann", today - DAY, today + DAY)
    return today


def test_the_shell_says_for_whom_and_the_home_shows_that_team(company: Company, now: date, sign_in: Any) -> None:
    with company.scope():
        company.fact("cid", "sales_amount", now, 4321)
        company.drain()
    client: Client = sign_in(company.users["assistant"])
    page = client.get("/w/acme/").content.decode()
    link = f"/w/acme/?standin={company.people['rival'].pk}"
    assert "Rex Rival" in page
    assert link in page
    assert "4,321" not in page
    team = client.get(link).content.decode()
    assert "4,321" in team
    assert "Cid Cole" in team
    assert client.get(f"/w/acme/?standin={company.people['manager'].pk}").status_code == 404
    assert client.get(f"/w/acme/facts/?standin={company.people['rival'].pk}").status_code == 200
    assert client.get(f"/w/acme/facts/?standin={company.people['boss'].pk}").status_code == 404
    assert client.get(f"/w/acme/people/{company.people['cid'].pk}/profile/").status_code == 200
    assert client.get(f"/w/acme/people/{company.people['rival'].pk}/profile/").status_code == 404


def test_everybody_names_their_own_stand_in_and_nobody_elses(company: Company, sign_in: Any) -> None:
    form = {"stand_in": "Bob Bell (AC005)", "first_day": "2025-03-01", "last_day": "2025-03-02", "reason": ""}

    def post(role: str, person: str) -> int:
        client: Client = sign_in(company.users[role])
        return client.post(f"/w/acme/people/{company.people[person].pk}/stand-ins/add/", form).status_code

    assert post("manager", "manager") == 302
    assert post("manager", "ann") == 404
    assert post("hr", "ann") == 302
    assert post("auditor", "ann") == 403
    with company.scope():
        row = StandIn.objects.get(employee=company.people["ann"])
    client: Client = sign_in(company.users["manager"])
    taken_back = client.post(f"/w/acme/people/{company.people['manager'].pk}/stand-ins/{row.pk}/remove/")
    assert taken_back.status_code == 404  # it is ann's
    assert client.get(f"/w/acme/people/{company.people['manager'].pk}/stand-ins/{row.pk}/").status_code == 404


def test_an_absence_proposes_who_stood_in_before(company: Company, sign_in: Any) -> None:
    with company.scope():
        name(company, "manager", "bob")
    page = sign_in(company.users["hr"]).get(f"/w/acme/people/{company.people['manager'].pk}/absences/add/")
    assert "Bob Bell (AC005)" in page.content.decode()
    form = {
        "kind": "annual", "first_day": "2025-06-02", "last_day": "2025-06-06", "hours": "", "note": "",
        "stand_in": "Bob Bell (AC005)",
    }  # fmt: skip
    sign_in(company.users["hr"]).post(f"/w/acme/people/{company.people['manager'].pk}/absences/add/", form)
    with company.scope():
        assert StandIn.objects.filter(first_day=date(2025, 6, 2), last_day=date(2025, 6, 6)).count() == 1
