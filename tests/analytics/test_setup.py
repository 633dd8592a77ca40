"""State of the data, set-up checklist and template pack: what they count, what they add, and for whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.homes import checklist
from analytics.homes.checklist import State
from analytics.homes.data_state import Freshness, coverage, imports, sources
from goals.models import MonthlyTarget
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import ImportDraft, Metric, Source
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Duty, Position
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace
from perfmgmt.tenants.workdays import WorkingCalendar
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}
TODAY = date(2025, 3, 20)


def this_month(company: Company) -> date:
    return today_here().replace(day=1)


def test_a_source_is_as_fresh_as_its_last_day(company: Company) -> None:
    with company.scope():
        company.fact("ann", "orders", date(2025, 3, 12))
        company.fact("ann", "orders", date(2025, 3, 3))
        Source.objects.create(code="crm", name="CRM")
        found = {state.name: state for state in sources(today=TODAY, calendar=WorkingCalendar())}
    assert found["CRM"].freshness is Freshness.NEVER
    assert (found["Test"].last_day, found["Test"].behind, found["Test"].facts) == (date(2025, 3, 12), 5, 2)
    assert found["Test"].freshness is Freshness.LATE


def test_a_new_fact_is_seen_at_once(company: Company) -> None:
    with company.scope():
        company.fact("ann", "orders", date(2025, 3, 12))
        assert sources(today=TODAY, calendar=WorkingCalendar())[0].behind == 5
        company.fact("ann", "orders", date(2025, 3, 19))
        assert sources(today=TODAY, calendar=WorkingCalendar())[0].freshness is Freshness.FRESH


def test_the_source_of_one_workspace_is_not_kept_for_another(company: Company, other_company: Company) -> None:
    with company.scope():
        company.fact("ann", "orders", date(2025, 3, 12))
        assert len(sources(today=TODAY, calendar=WorkingCalendar())) == 1
    with other_company.scope():
        assert sources(today=TODAY, calendar=WorkingCalendar()) == []


def test_the_last_imports_come_with_their_counts_and_where_to_undo_them(company: Company) -> None:
    result = {"rows": 9, "added": 4, "changed": 3, "refused": 2}
    with company.scope():
        ran = Job.objects.create(kind="facts.import", params={"file_name": "a.csv"}, result=result, state="done")
        undo = Job.objects.create(kind="imports.undo", state="done")
        draft = ImportDraft.objects.create(
            kind="facts.import", file="a", file_name="a.csv", import_job_id=ran.pk, undo_job_id=undo.pk
        )
        Job.objects.create(kind="facts.import", params={"file_name": "dry.csv", "dry": True}, state="done")
        (line,) = imports()
    assert line.counts == {"added": 4, "changed": 3, "refused": 2}
    assert (line.draft_id, line.undone) == (draft.pk, True)


def test_each_number_of_the_coverage_opens_exactly_those_who_are_missing(company: Company, sign_in: SignIn) -> None:
    month = this_month(company)
    with company.scope():
        company.fact("ann", "orders", month)
        company.drain()
        MonthlyTarget.objects.create(
            metric=metric_by_code("orders"), employee=company.people["bob"], month=month, value=5
        )
        lines = coverage(today=today_here())
    assert {line.query.partition("&")[2]: line.missing for line in lines} == {
        "missing=facts": 5, "missing=target": 5, "missing=manager": 1, "account=none": 4
    }  # fmt: skip
    client = sign_in(company.users["hr"])
    for line in lines:
        page = client.get(f"/w/acme/people/?{line.query}")
        assert page.context["total"] == line.missing
    shown = client.get("/w/acme/people/?status=employed&missing=facts").content.decode()
    assert "Bob Bell" in shown
    assert "李安" not in shown


def test_who_lacks_what_is_for_those_who_see_everybody(company: Company, sign_in: SignIn) -> None:
    page = sign_in(company.users["assistant"]).get("/w/acme/people/?missing=manager")
    assert page.context["total"] == 6
    assert b'<select class="form-select" name="missing"' not in page.content


@pytest.mark.parametrize(
    ("role", "data", "setup"),
    [("owner", 200, 200), ("hr", 200, 200), ("auditor", 200, 403), ("manager", 403, 403), ("assistant", 403, 403),
     ("executive", 403, 403), ("payroll", 403, 403)],
)  # fmt: skip
def test_who_opens_what(company: Company, sign_in: SignIn, role: str, data: int, setup: int) -> None:
    client = sign_in(company.users[role])
    assert client.get("/w/acme/home/data/").status_code == data
    assert client.get("/w/acme/home/setup/").status_code == setup
    assert client.post("/w/acme/home/setup/pack/").status_code == (302 if setup == 200 else 403)


def test_the_pack_brings_what_an_empty_workspace_lacks_and_nothing_twice(company: Company) -> None:
    with company.scope():
        Metric.objects.filter(code="referrals").delete()
        first = checklist.apply_pack()
        assert (first.metrics, first.positions, first.scorecards) == (1, 2, 4)
        assistant = Position.objects.get(code="SA")
        assert 8 <= assistant.duties.count() <= 12
        assert all(duty.text_zh and duty.text_en for duty in Duty.objects.all())
        before = list(Duty.objects.values_list("pk", "place", "share"))
        assert checklist.apply_pack() == checklist.PackResult(0, 0, 0)
        assert list(Duty.objects.values_list("pk", "place", "share")) == before


def test_the_pack_leaves_a_companys_own_description_alone(company: Company) -> None:
    with company.scope():
        own = Position.objects.create(name="销售助理", code="X1")
        Duty.objects.create(position=own, place=1, text_zh="自有职责", category="administration", share=10)
        result = checklist.apply_pack()
        assert result.positions == 1
        assert list(own.duties.values_list("text_zh", flat=True)) == ["自有职责"]


def test_the_pack_stays_in_its_workspace(company: Company, other_company: Company) -> None:
    with company.scope():
        checklist.apply_pack()
    with other_company.scope():
        assert not Duty.objects.exists()


def test_the_checklist_follows_what_the_workspace_has(company: Company) -> None:
    today = today_here()
    with company.scope():

        def states() -> list[State]:
            return [step.state for step in checklist.steps(checklist.count(today=today), month="March")][:4]

        assert states() == [State.DONE, State.NEXT, State.MISSING, State.MISSING]
        checklist.apply_pack()
        assert states() == [State.DONE, State.DONE, State.NEXT, State.MISSING]
        company.fact("ann", "orders", today)
        company.drain()
        MonthlyTarget.objects.create(
            metric=metric_by_code("orders"), employee=company.people["ann"], month=this_month(company), value=5
        )
        assert states() == [State.DONE] * 4


def test_an_empty_workspace_begins_with_people_and_dead_ends_nowhere(company: Company, sign_in: SignIn) -> None:
    tenant = create_workspace("fresh", name="Fresh")
    with tenant_scope(tenant.pk):
        add_member(company.users["owner"], Role.OWNER)
    client = sign_in(company.users["owner"])
    page = client.get("/w/fresh/home/setup/", headers=HTMX)
    steps = page.context["steps"]
    assert [step.state for step in steps] == [
        State.NEXT, State.MISSING, State.MISSING, State.MISSING, State.LATER, State.LATER
    ]  # fmt: skip
    assert "home-setup" in client.get("/w/fresh/").content.decode()


def test_once_all_is_done_a_home_shows_one_line_and_the_page_still_the_list(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        checklist.apply_pack()
        company.fact("ann", "orders", today_here())
        company.drain()
        MonthlyTarget.objects.create(
            metric=metric_by_code("orders"), employee=company.people["ann"], month=this_month(company), value=5
        )
    client = sign_in(company.users["owner"])
    assert "setup-step" not in client.get("/w/acme/home/setup/", headers=HTMX).content.decode()
    page = client.get("/w/acme/home/setup/", headers={"Accept-Language": "en"}).content.decode()
    assert page.count("setup-step") == 4  # what comes later is one line below
    assert "Comes with a later version: First review cycle, First report" in page


def test_the_pack_and_its_step_lead_to_pages_with_a_way_back(company: Company, sign_in: SignIn) -> None:
    client, back = sign_in(company.users["owner"]), 'href="/w/acme/home/setup/"'
    answer = client.post("/w/acme/home/setup/pack/", follow=True)
    positions = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/w/acme/people/positions/?from=setup"
    assert back in positions
    assert "/w/acme/people/positions/?from=setup" in client.get("/w/acme/home/setup/").content.decode()
    with company.scope():
        description = f"/w/acme/people/positions/{Duty.objects.earliest('pk').position_id}/duties/"
    assert f"{description}?from=setup" in positions
    assert 'href="/w/acme/people/positions/?from=setup"' in client.get(f"{description}?from=setup").content.decode()
    assert back not in client.get("/w/acme/people/positions/").content.decode()
    assert back not in sign_in(company.users["manager"]).get("/w/acme/people/positions/?from=setup").content.decode()


@pytest.mark.parametrize("part", ["data", "setup"])
def test_a_part_costs_a_fixed_number_of_queries(company: Company, sign_in: SignIn, part: str) -> None:
    client = sign_in(company.users["hr"])

    def queries() -> int:
        client.get(f"/w/acme/home/{part}/", headers=HTMX)
        with CaptureQueriesContext(connection) as found:
            client.get(f"/w/acme/home/{part}/", headers=HTMX)
        return len([q for q in found.captured_queries if "SAVEPOINT" not in q["sql"]])

    few = queries()
    with company.scope():
        for number in range(20):
            Source.objects.create(code=f"s{number}", name=f"Source {number}")
            Position.objects.create(name=f"Position {number}")
            Job.objects.create(kind="facts.import", params={"file_name": f"{number}.csv"}, state="done")
        company.fact("ann", "orders", today_here() - timedelta(days=3))
        company.drain()
    assert queries() <= few + 1  # imports ask for their drafts
