"""The pages of goals: list, goal, actions, evidence, lock; what each role sees; the number of queries."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goals.agreement.services import counter, propose
from goals.bulk.views import late_months
from goals.making import create_goal
from goals.models import Goal, GoalEvidence, State
from perfmgmt.closing.services import lock_period
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.web import formats
from tests.factories import Company, today_here
from tests.goals.conftest import Goals

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
PDF = b"%PDF-1.4 a contract"
TODAY = today_here()
NOW = Period.containing(Grain.QUARTER, TODAY)  # pages know no other day
METRICS = ("visits_arranged", "followups_done", "deals_won", "deals_closed", "referrals")
THIS = {"first_day": NOW.start, "last_day": NOW.end}


@pytest.fixture
def proposed(company: Company) -> Company:
    """Ann's sales goal of the present quarter is proposed, her orders are a draft, cid has one of his own."""
    with company.scope():
        goals = Goals(company)
        goal = goals.make(**THIS)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY)
        goals.make(metric="orders", target=Decimal(50), title="Fifty orders", **THIS)
        create_goal(
            goals.draft(employee_id=goals.person("cid"), **THIS),
            viewer=goals.viewer("hr"),
            today=TODAY,
        )
    return company


def titles(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/w/acme/goals/?{query}")
    assert page.status_code == 200
    return [row["goal"].title for row in page.context["rows"]]


def the_goal(company: Company) -> Goal:
    with company.scope():
        return Goal.objects.get(state=State.PROPOSED)


@pytest.mark.parametrize(
    ("role", "n"), [("assistant", 1), ("manager", 2), ("hr", 3), ("auditor", 3), ("executive", 0)]
)
def test_each_role_sees_what_it_may(proposed: Company, sign_in: SignIn, role: str, n: int) -> None:
    assert len(titles(sign_in(proposed.users[role]), "whose=")) == n


def test_the_list_is_filtered_searched_and_sorted_by_the_address(proposed: Company, sign_in: SignIn) -> None:
    hr = sign_in(proposed.users["hr"])
    assert titles(hr, "q=fifty") == ["Fifty orders"]
    assert titles(hr, "state=proposed") == ["Sales of the quarter"]
    assert titles(hr, "level=unit") == []
    assert titles(hr, "sort=target")[0] == "Fifty orders" and titles(hr, "sort=-target")[-1] == "Fifty orders"
    assert titles(sign_in(proposed.users["assistant"]), "state=waiting") == ["Sales of the quarter"]


def test_a_page_of_many_goals_takes_as_many_queries_as_one_of_few(proposed: Company, sign_in: SignIn) -> None:
    client = sign_in(proposed.users["hr"])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get("/w/acme/goals/?whose=")
        return len(found)

    queries()
    few = queries()
    with proposed.scope():
        goals = Goals(proposed)
        for n, metric in enumerate(METRICS):
            goals.make(metric=metric, target=Decimal(n + 1), **THIS)
            goals.make(by="hr", metric=metric, target=Decimal(n + 1), employee_id=goals.person("bob"), **THIS)
    assert queries() == few


def test_the_person_accepts_on_the_page(proposed: Company, sign_in: SignIn) -> None:
    goal = the_goal(proposed)
    page = sign_in(proposed.users["assistant"]).get(f"/w/acme/goals/{goal.pk}/")
    assert "540,000" in page.content.decode()
    done = sign_in(proposed.users["assistant"]).post(
        f"/w/acme/goals/{goal.pk}/act/", {"action": "accept", "version": goal.version}, follow=True
    )
    assert done.status_code == 200
    with proposed.scope():
        assert Goal.objects.get(pk=goal.pk).state == State.AGREED


def test_a_counter_without_a_reason_keeps_what_was_typed(proposed: Company, sign_in: SignIn) -> None:
    goal = the_goal(proposed)
    page = sign_in(proposed.users["assistant"]).post(
        f"/w/acme/goals/{goal.pk}/act/",
        {"action": "counter", "version": goal.version, "target": "495,000", "reason": ""},
    )
    assert page.status_code == 400 and 'value="495,000"' in page.content.decode()


@pytest.mark.parametrize("text", ["", "abc", "NaN", "-5", "1e30", "1" * 400])
def test_a_number_that_is_none_is_refused(proposed: Company, sign_in: SignIn, text: str) -> None:
    goal = the_goal(proposed)
    page = sign_in(proposed.users["assistant"]).post(
        f"/w/acme/goals/{goal.pk}/act/",
        {"action": "counter", "version": goal.version, "target": text, "reason": "x"},
    )
    assert page.status_code == 400
    with proposed.scope():
        assert Goal.objects.get(pk=goal.pk).state == State.PROPOSED


@pytest.mark.parametrize(
    ("metric", "target", "text", "offered"),
    [
        ("followup_accuracy", "0.98", "95%", "0.95"), ("followup_accuracy", "0.98", "95", "0.95"),
        ("gross_profit", "200000", "15万", "150000"), ("gross_profit", "200000", "150，000 元", "150000"),
    ],
)  # fmt: skip
def test_a_counter_is_read_as_the_form_of_a_goal_reads_it(
    company: Company, sign_in: SignIn, metric: str, target: str, text: str, offered: str
) -> None:
    with company.scope():
        goals = Goals(company)
        goal = goals.make(metric=metric, target=Decimal(target), **THIS)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="x")
    page = sign_in(company.users["assistant"]).post(
        f"/w/acme/goals/{goal.pk}/act/",
        {"action": "counter", "version": goal.version + 1, "target": text, "reason": "x"},
    )
    assert page.status_code == 302
    with company.scope():
        assert Goal.objects.get(pk=goal.pk).proposed_target == Decimal(offered)


def test_the_goal_that_stands_in_the_way_is_named(goals: Goals) -> None:
    goals.make(title="Sales of spring")
    with pytest.raises(Conflict) as error:
        goals.make(title="Another one")
    assert "Sales of spring" in str(error.value)


def test_growth_is_no_longer_said_of_a_target_that_was_bargained(company: Company, sign_in: SignIn) -> None:
    grows = {
        "form": "percent",
        "growth": Decimal(10),
        "baseline": Decimal(200),
        "baseline_kind": "typed",
        "target": None,
    }
    with company.scope():
        goals = Goals(company)
        goal = goals.make(**grows, **THIS)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="x")
    client = sign_in(company.users["assistant"])
    address = f"/w/acme/goals/{goal.pk}/"
    assert client.get(address).context["page"].keeps_its_growth
    offer = {"action": "counter", "version": goal.version + 1, "target": "210", "reason": "x"}
    assert client.post(f"{address}act/", offer).status_code == 302
    accepted = sign_in(company.users["manager"]).post(
        f"{address}act/", {"action": "accept", "version": goal.version + 2, "reason": "x"}
    )
    assert accepted.status_code == 302
    page = sign_in(company.users["assistant"]).get(address)
    assert not page.context["page"].keeps_its_growth and "Growth first proposed" in page.content.decode()


@pytest.mark.parametrize("action", ["", "nonsense"])
def test_an_action_that_is_none_is_not_there(proposed: Company, sign_in: SignIn, action: str) -> None:
    goal = the_goal(proposed)
    answer = sign_in(proposed.users["manager"]).post(f"/w/acme/goals/{goal.pk}/act/", {"action": action})
    assert answer.status_code == 404


def test_drafts_are_proposed_from_the_list(proposed: Company, sign_in: SignIn) -> None:
    with proposed.scope():
        draft = Goal.objects.get(title="Fifty orders")
    sign_in(proposed.users["manager"]).post(
        "/w/acme/goals/propose/", {"goal": [draft.pk, "x"], "query": "period=2025"}
    )
    with proposed.scope():
        assert Goal.objects.get(pk=draft.pk).state == State.PROPOSED


def test_a_milestone_is_reached_with_evidence(proposed: Company, sign_in: SignIn) -> None:
    with proposed.scope():
        goals = Goals(proposed)
        goal = goals.make(metric=None, title="Portfolio of the quarter", target=None, **THIS)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY)
    ann = sign_in(proposed.users["assistant"])
    address = f"/w/acme/goals/{goal.pk}/evidence/"
    assert ann.post(address, {"text": " "}).status_code == 400
    assert ann.post(address, {"file": SimpleUploadedFile("a.pdf", b"MZ a program")}).status_code == 400
    large = PDF + b"x" * 4 * 1024 * 1024  # more than other forms may carry
    ann.post(address, {"text": "Signed", "file": SimpleUploadedFile("a.pdf", large), "done": "yes"})
    with proposed.scope():
        shown = GoalEvidence.objects.get()
        assert Goal.objects.get(pk=goal.pk).done_on is not None and shown.text == "Signed"
    file = ann.get(f"/w/acme/goals/evidence/{shown.pk}/")
    assert b"".join(file.streaming_content) == large and "attachment" in file["Content-Disposition"]
    with proposed.scope():
        viewer = Goals(proposed).viewer("rival")
    assert viewer and sign_in(proposed.users["rival"]).get(f"/w/acme/goals/evidence/{shown.pk}/").status_code == 404


def test_hr_sets_a_lock_date_and_sees_what_is_not_agreed(proposed: Company, sign_in: SignIn) -> None:
    hr = sign_in(proposed.users["hr"])
    page = hr.get("/w/acme/goals/lock/")
    assert len(page.context["page"]) == 3
    assert hr.post("/w/acme/goals/lock/", {"lock_on": "yesterday"}).status_code == 400
    assert hr.post("/w/acme/goals/lock/", {"lock_on": "2999-01-01"}).status_code == 302
    lock = hr.get("/w/acme/goals/lock/").context["standing"].lock
    assert lock.lock_on == date(2999, 1, 1)
    hr.post(f"/w/acme/goals/lock/{lock.pk}/remove/")
    assert hr.get("/w/acme/goals/lock/").context["standing"].lock is None
    told = hr.post("/w/acme/goals/lock/remind/", follow=True).content.decode()
    assert "2 people were reminded" in told


def test_the_list_as_a_file_has_the_same_goals(proposed: Company, sign_in: SignIn) -> None:
    sign_in(proposed.users["manager"]).post("/w/acme/goals/export/?whose=")
    with proposed.scope():
        job = Job.objects.get(kind="goals.export")
    jobs.run(partial(tenant_scope, proposed.tenant.pk), job.pk)
    with proposed.scope():
        result = Job.objects.get(pk=job.pk).result
        rows = list(csv.reader(StringIO(default_storage.open(result["file"]).read().decode("utf-8-sig"))))
    assert sorted(row[3] for row in rows[1:]) == ["Fifty orders", "Sales of the quarter"]


def test_ids_and_versions_of_thousands_of_digits_are_none(proposed: Company, sign_in: SignIn) -> None:
    client, pk = sign_in(proposed.users["manager"]), the_goal(proposed).pk
    long = "9" * 5000
    act = f"/w/acme/goals/{pk}/act/"
    assert client.post(act, {"action": "accept", "version": long}).status_code < 500
    assert client.post(act, {"action": "decide", "request": long}).status_code == 404
    assert client.post("/w/acme/goals/propose/", {"goal": [long]}).status_code == 302


def test_figures_of_a_unit_are_for_who_leads_it(proposed: Company, sign_in: SignIn) -> None:
    with proposed.scope():
        goals = Goals(proposed)
        units = {
            name: goals.make(by="hr", level="unit", employee_id=None, unit_id=proposed.units[name].pk, **THIS)
            for name in ("north", "south")
        }
        for goal in units.values():
            propose(goal.pk, viewer=goals.viewer("hr"), today=TODAY)
    manager = sign_in(proposed.users["manager"])
    rows = {row["goal"].pk: row["standing"] for row in manager.get("/w/acme/goals/?whose=").context["rows"]}
    assert rows[units["north"].pk] is not None and rows[units["south"].pk] is None
    assert manager.get(f"/w/acme/goals/{units['south'].pk}/").status_code == 200  # the target is everybody's to see
    assert manager.get(f"/w/acme/goals/{units['south'].pk}/progress/").status_code == 404
    assert sign_in(proposed.users["executive"]).get(f"/w/acme/goals/{units['south'].pk}/progress/").status_code == 200


def test_a_goal_that_reaches_into_locked_months_says_so(company: Company, sign_in: SignIn) -> None:
    before = NOW.next(-1)
    with company.scope():
        goals = Goals(company)
        goal = goals.make(first_day=before.start, last_day=before.end)
        address = f"/w/acme/goals/{goal.pk}/"
    client = sign_in(company.users["manager"])
    assert "late change" not in client.get(address).content.decode()
    with company.scope():
        month = before.months()[0]
        lock_period(month, today=TODAY, user_id=None, job_id=None, slug="acme")
    assert "late change" in client.get(address).content.decode()
    with company.scope():
        assert late_months(before) == [formats.period(month)]


@pytest.mark.parametrize("action", ["propose", "withdraw"])
def test_a_page_from_before_a_counter_offer_does_not_pass_over_it(
    proposed: Company, sign_in: SignIn, action: str
) -> None:
    goal, manager = the_goal(proposed), sign_in(proposed.users["manager"])
    shown = goal.version - (action == "propose")  # as a draft, before it was proposed
    with proposed.scope():
        counter(
            goal.pk, Decimal(400_000), "Too high", viewer=Goals(proposed).viewer("assistant"), today=TODAY,
            version=goal.version,
        )  # fmt: skip
    url = f"/w/acme/goals/{goal.pk}/act/"
    assert manager.post(url, {"action": action, "version": shown}).status_code == 409
    assert manager.post(url, {"action": action}).status_code == 409
    with proposed.scope():
        goal.refresh_from_db()
        assert (goal.state, goal.proposed_target) == (State.COUNTERED, 400_000)


def test_an_old_list_of_drafts_does_not_pass_over_a_counter_offer(proposed: Company, sign_in: SignIn) -> None:
    goal, manager = the_goal(proposed), sign_in(proposed.users["manager"])
    with proposed.scope():
        counter(
            goal.pk, Decimal(400_000), "Too high", viewer=Goals(proposed).viewer("assistant"), today=TODAY,
            version=goal.version,
        )  # fmt: skip
    page = manager.post("/w/acme/goals/propose/", {"goal": [goal.pk]}, follow=True)
    assert "This goal has moved on" in page.content.decode()
    with proposed.scope():
        assert Goal.objects.get(pk=goal.pk).state == State.COUNTERED


def test_a_goal_above_that_is_a_draft_is_not_named_to_who_does_not_see_it(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        goals = Goals(company)
        north = {"level": "unit", "employee_id": None, "unit_id": company.units["north"].pk}
        draft = goals.make(by="hr", title="Not told yet", **north, **THIS)
        goal = goals.make(parent_id=draft.pk, **THIS)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY)
    pages = {
        role: sign_in(company.users[role]).get(f"/w/acme/goals/{goal.pk}/").content.decode()
        for role in ("assistant", "manager")
    }
    assert "Not told yet" in pages["manager"] and "Not told yet" not in pages["assistant"]


def test_a_second_click_of_the_same_page_is_no_mistake(proposed: Company, sign_in: SignIn) -> None:
    goal, ann, manager = the_goal(proposed), *(sign_in(proposed.users[it]) for it in ("assistant", "manager"))
    url, offer = f"/w/acme/goals/{goal.pk}/act/", {"target": "400000", "reason": "Too high"}
    for client, step, version in [
        (manager, {"action": "propose"}, goal.version - 1),
        (ann, {"action": "counter", **offer}, goal.version),
        (manager, {"action": "accept"}, goal.version + 1),
    ]:
        answers = [client.post(url, {**step, "version": version}).status_code for _click in range(2)]
        assert answers == [302, 302], step
    with proposed.scope():
        kinds = list(goal.steps.order_by("id").values_list("kind", flat=True))
        assert kinds == ["proposed", "countered", "agreed"]
    # Nobody else is told that they signed.
    assert (
        sign_in(proposed.users["hr"]).post(url, {"action": "accept", "version": goal.version + 2}).status_code == 409
    )
