"""Behind the form of a goal: the goals above, weights, members, proposing, whose goals one may make, chances."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goals.models import Goal, State
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from tests.factories import Company
from tests.goals.conftest import Goals
from tests.goals.test_smart_pages import CHECK, FIELDS, NEW, NEXT, TODAY, errors, marks, the_goal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


@pytest.fixture
def manager(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["manager"])


@pytest.fixture
def hr(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["hr"])


def test_the_goal_above_is_chosen_from_those_that_fit(company: Company, manager: Client, hr: Client) -> None:
    wide = {"level": "company", "employee": "", "target": "9000000"}
    assert hr.post(NEW, FIELDS | wide | {"action": "propose"}).status_code == 302
    above = the_goal(company)
    for other in ("south", "north"):
        unit = {"level": "unit", "employee": "", "unit": company.units[other].pk, "title": other}
        assert hr.post(NEW, FIELDS | unit).status_code == 302
    page = manager.post(CHECK, FIELDS)
    words = [word for _pk, word in page.context["panel"].parents]
    assert [word.partition(" · ")[2] for word in words] == ["Sales of the quarter", "north"]
    with company.scope():
        south_id = Goal.objects.get(title="south").pk
    assert "parent" in errors(manager, parent=south_id)
    assert marks(manager, parent=above.pk)["R"] == "pass" and marks(manager)["R"] == "warn"
    assert manager.post(NEW, FIELDS | {"parent": above.pk}).status_code == 302
    with company.scope():
        assert Goal.objects.get(level="person").parent_id == above.pk


def test_a_goal_is_not_put_above_itself(company: Company, hr: Client) -> None:
    wide = {"level": "company", "employee": "", "target": "9000000"}
    hr.post(NEW, FIELDS | wide)
    top = the_goal(company)
    hr.post(NEW, FIELDS | wide | {"metric": "orders", "parent": top.pk})
    with company.scope():
        child = Goal.objects.get(metric__code="orders")
    page = hr.post(f"/w/acme/goals/{top.pk}/edit/", FIELDS | {"parent": child.pk, "version": top.version})
    assert page.status_code == 400 and "parent" in page.context["form"].errors


def test_weights_beyond_the_whole_are_said(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS | {"weight": "70"})
    page = manager.post(CHECK, FIELDS | {"metric": "orders", "weight": "40"})
    assert (page.context["panel"].weights, page.context["panel"].is_overweight) == (110, True)
    page = manager.post(NEW, FIELDS | {"metric": "orders", "weight": "40"}, follow=True)
    assert any("110" in str(it) for it in page.context["messages"])
    with company.scope():
        goal = Goal.objects.get(metric__code="orders")
    page = manager.post(CHECK, FIELDS | {"metric": "orders", "weight": "30", "goal": goal.pk})
    assert (page.context["panel"].weights, page.context["panel"].is_overweight) == (100, False)


def test_a_team_goal_has_members_and_an_owner(company: Company, manager: Client) -> None:
    team = {"level": "team", "employee": "", "unit": company.units["north"].pk, "owner": "AC002",
            "member_0": "AC004", "share_0": "60", "member_1": "AC005", "share_1": "40"}  # fmt: skip
    assert manager.post(NEW, FIELDS | team).status_code == 302
    goal = the_goal(company)
    with company.scope():
        assert sorted(goal.members.values_list("share", flat=True)) == [40, 60]
        assert goal.owner is not None and goal.owner.number == "AC002"
    page = manager.get(f"/w/acme/goals/{goal.pk}/edit/")
    assert page.context["form"]["member_0"].value().endswith("(AC004)")
    assert page.context["form"]["owner"].value().endswith("(AC002)")


def test_a_goal_that_fails_a_letter_is_proposed_with_a_reason_only(company: Company, manager: Client) -> None:
    over = NEXT.next(-2)
    late = {"period": "own", "first_day": str(over.start), "last_day": str(over.end), "action": "propose"}
    found = errors(manager, **late)
    assert "smart_reason" in found
    with company.scope():
        assert not Goal.objects.exists()
    assert manager.post(NEW, FIELDS | late | {"action": "save"}).status_code == 302  # a draft always works
    goal = the_goal(company)
    edit = f"/w/acme/goals/{goal.pk}/edit/"
    answer = manager.post(edit, FIELDS | late | {"version": goal.version, "smart_reason": "Agreed by word in July"})
    assert answer.status_code == 302
    goal = the_goal(company)
    assert (goal.state, goal.smart_fails, goal.smart_reason) == (State.PROPOSED, "T", "Agreed by word in July")


def test_saving_and_proposing_is_one_step(company: Company, manager: Client) -> None:
    assert manager.post(NEW, FIELDS | {"action": "propose"}).status_code == 302
    assert the_goal(company).state == State.PROPOSED


def test_a_goal_that_somebody_else_changed_meanwhile_is_not_overwritten(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS)
    goal = the_goal(company)
    edit = f"/w/acme/goals/{goal.pk}/edit/"
    assert manager.post(edit, FIELDS | {"version": goal.version, "target": "1"}).status_code == 302
    page = manager.post(edit, FIELDS | {"version": goal.version, "target": "2"})
    assert page.status_code == 400 and page.context["form"].non_field_errors()
    assert manager.post(edit, FIELDS | {"target": "3"}).status_code == 400  # and not around the version either
    assert the_goal(company).target == 1


def test_the_same_goal_twice_is_refused(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS)
    assert "__all__" in errors(manager)


def test_the_form_of_a_goal_that_is_there_shows_it_as_it_was_typed(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS | {"metric": "win_rate", "target": "35%", "weight": "20"})
    goal = the_goal(company)
    form = manager.get(f"/w/acme/goals/{goal.pk}/edit/").context["form"]
    assert (form["target"].value(), form["weight"].value(), form["period"].value()) == ("35%", "20", NEXT.label)
    assert "employee" not in form.fields


def test_whose_goals_somebody_may_not_make_they_do_not_find(
    company: Company, sign_in: SignIn, manager: Client
) -> None:
    manager.post(NEW, FIELDS)
    goal = the_goal(company)
    with company.scope():
        Goals(company).viewer("rival")
    rival = sign_in(company.users["rival"])
    assert rival.get(f"/w/acme/goals/{goal.pk}/edit/").status_code == 404
    assert rival.post(CHECK, FIELDS | {"goal": goal.pk}).status_code == 404
    assistant = sign_in(company.users["assistant"])
    assert assistant.get(NEW).status_code == assistant.post(CHECK, FIELDS).status_code == 403


def test_no_figures_of_people_out_of_reach_are_shown(company: Company, manager: Client) -> None:
    with company.scope():
        company.fact("cid", "sales_amount", NEXT.next(-1).start, 77_777)
        company.drain()
    page = manager.post(CHECK, FIELDS | {"employee": "AC006", "form": "percent", "growth": "15", "target": ""})
    assert page.status_code == 200 and "77,777" not in page.content.decode()


def test_a_goal_that_is_agreed_is_not_edited_here(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS)
    goal = the_goal(company)
    with company.scope():
        Goal.objects.update(state=State.AGREED)
    assert manager.get(f"/w/acme/goals/{goal.pk}/edit/")["Location"] == f"/w/acme/goals/{goal.pk}/"


def test_the_check_takes_a_fixed_number_of_queries(company: Company, manager: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert manager.post(CHECK, FIELDS | {"form": "percent", "growth": "15", "target": ""}).status_code == 200
        return len(caught)

    first = queries()
    for code in ("orders", "win_rate", "csat"):
        assert manager.post(NEW, FIELDS | {"metric": code, "target": "20"}).status_code == 302
    assert queries() == first <= 34


def test_a_unit_s_goal_is_judged_by_the_forecasts_of_its_people(company: Company, manager: Client) -> None:
    with company.scope():
        metric = Metric.objects.get(code="sales_amount")
        for name in ("ann", "bob"):
            who = company.people[name]
            ForecastBasis.objects.create(
                metric=metric, employee=who, grain=4, transform="identity", basis="own", months=12, history=[],
                step=0, through=TODAY,
            )  # fmt: skip
            Forecast.objects.create(
                metric=metric, employee=who, grain=4, start=NEXT.start, point=1000, low=872, high=1128, mu=1000,
                sigma=100, season=1, market=1, days=1,
            )  # fmt: skip
        unit = {"level": "unit", "unit": company.units["north"].pk, "employee": ""}
    seen = {target: manager.post(CHECK, FIELDS | unit | {"target": target}) for target in ("2000", "9000", "500")}
    letters = {
        target: next(row["letter"] for row in page.context["letters"] if row["letter"].letter == "A")
        for target, page in seen.items()
    }
    assert {target: str(letter.mark) for target, letter in letters.items()} == {
        "2000": "pass", "9000": "fail", "500": "warn"
    }  # fmt: skip
    assert (letters["2000"].params["percent"], letters["2000"].params["people"]) == ("50", "2")
    assert seen["2000"].context["expected"]["point"] == 2000
    assert seen["9000"].context["panel"].fails == "A"


def test_a_unit_without_forecasts_says_so(company: Company, manager: Client) -> None:
    page = manager.post(CHECK, FIELDS | {"level": "unit", "unit": company.units["north"].pk, "employee": ""})
    letter = next(row["letter"] for row in page.context["letters"] if row["letter"].letter == "A")
    assert (str(letter.mark), str(letter.reason)) == ("warn", "There is no forecast for several people.")


def test_a_sentence_longer_than_a_title_is_not_read(manager: Client) -> None:
    long = "一" + "亿" * 100_000
    assert manager.post(CHECK, FIELDS | {"title": long}).status_code == 200
    assert manager.post(CHECK, FIELDS | {"read_from": long}).status_code == 200
    assert manager.post(NEW, FIELDS | {"title": long}).status_code == 400


def test_a_member_who_is_named_twice_is_refused(company: Company, manager: Client) -> None:
    team = {"level": "team", "unit": company.units["north"].pk, "employee": ""}
    members = {"member_0": "AC004", "share_0": "60", "member_1": "AC004", "share_1": "30"}
    assert errors(manager, **team, **members)["member_1"] == ["李安 is named twice."]
