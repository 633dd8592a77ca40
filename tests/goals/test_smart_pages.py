"""The form of a goal: sentences fill it, the check comes with it, what is wrong stands at its field."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from goals.models import Goal, State
from perfmgmt.metrics.models import Metric
from perfmgmt.people.services import add_employee, assign
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company, today_here
from tests.goals.test_smart_sentence import FIELD

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = today_here()
NEXT = Period.containing(Grain.QUARTER, TODAY).next()
NEW, CHECK = "/w/acme/goals/new/", "/w/acme/goals/smart/"
FIELDS: dict[str, Any] = {
    "title": "Sales of the quarter", "read_from": "Sales of the quarter", "level": "person", "employee": "AC004",
    "metric": "sales_amount", "form": "absolute", "target": "540000", "period": NEXT.label,
    "baseline_kind": "previous", "counting": "whole", "action": "save",
}  # fmt: skip


@pytest.fixture
def manager(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["manager"])


@pytest.fixture
def hr(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["hr"])


def errors(client: Client, **changes: Any) -> dict[str, list[str]]:
    page = client.post(NEW, FIELDS | changes)
    assert page.status_code == 400
    return {name: [str(it) for it in found] for name, found in page.context["form"].errors.items()}


def marks(client: Client, **changes: Any) -> dict[str, str]:
    page = client.post(CHECK, FIELDS | changes)
    assert page.status_code == 200
    return {row["letter"].letter: str(row["letter"].mark) for row in page.context["letters"]}


def the_goal(company: Company) -> Goal:
    with company.scope():
        return Goal.objects.select_related("metric", "employee", "unit", "parent").get()


def test_a_goal_is_saved_as_a_draft(company: Company, manager: Client) -> None:
    answer = manager.post(NEW, FIELDS)
    goal = the_goal(company)
    assert answer["Location"] == f"/w/acme/goals/{goal.pk}/"
    assert (goal.state, goal.target, goal.first_day, goal.last_day) == (State.DRAFT, 540_000, NEXT.start, NEXT.end)
    assert goal.employee is not None and goal.employee.name == "李安"


def test_a_sentence_alone_fills_the_form_without_scripts(company: Company, manager: Client) -> None:
    sentence = f"{NEXT.fiscal_year}年第{NEXT.number}季度完成 50 单"
    blank = {"title": sentence, "level": "person", "employee": "AC004", "form": "absolute", "period": NEXT.label,
             "action": "save"}  # fmt: skip
    page = manager.post(NEW, blank)
    assert page.status_code == 200  # shown first, nothing is saved yet
    with company.scope():
        assert not Goal.objects.exists()
    form = page.context["form"]
    assert (form["metric"].value(), form["target"].value(), form["period"].value()) == ("orders", "50", NEXT.label)
    answer = manager.post(NEW, {name: form[name].value() or "" for name in form.fields} | {"action": "save"})
    assert answer.status_code == 302
    goal = the_goal(company)
    assert goal.metric is not None
    assert (goal.metric.code, goal.target, goal.title) == ("orders", 50, sentence)


@pytest.mark.parametrize(("sentence", "wanted"), FIELD, ids=[text for text, _wanted in FIELD])
def test_each_example_goal_of_the_field_is_entered_and_kept(
    sentence: str, wanted: dict[str, Any], company: Company, manager: Client
) -> None:
    blank = {"title": sentence, "level": "person", "employee": "AC004", "form": "absolute", "period": NEXT.label}
    form = manager.post(NEW, blank | {"action": "save"}).context["form"]
    filled = {name: form[name].value() or "" for name in form.fields}
    growth = wanted["growth"]
    assert manager.post(NEW, filled | {"baseline": "2" if growth else "", "action": "save"}).status_code == 302
    goal = the_goal(company)
    assert goal.metric is not None and goal.title == sentence
    target = 2 * (1 + growth / 100) if growth else wanted["target"]
    assert (goal.metric.code, goal.form, goal.direction) == (wanted["metric"], wanted["form"], wanted["direction"])
    assert (goal.target, goal.growth, goal.band_low, goal.band_high) == (
        target, growth, wanted["band_low"], wanted["band_high"],
    )  # fmt: skip
    assert wanted["grain"] in (goal.grain, None)


def test_the_form_is_shown_with_its_letters_before_anything_is_typed(manager: Client) -> None:
    page = manager.get(NEW)
    assert page.status_code == 200
    assert not page.context["form"].errors
    assert [row["letter"].letter for row in page.context["letters"]] == list("SMART")
    assert "field-error" not in page.content.decode()


def test_an_address_fills_in_what_a_link_says(company: Company, manager: Client) -> None:
    page = manager.get(f"{NEW}?employee=AC004&metric=orders&period={NEXT.label}&title=Fifty")
    form = page.context["form"]
    assert (form["employee"].value(), form["metric"].value(), form["period"].value()) == (
        "AC004",
        "orders",
        NEXT.label,
    )
    assert manager.get(f"{NEW}?period=nonsense").status_code == 200


def test_the_panel_says_what_is_understood_and_fills_the_fields(manager: Client) -> None:
    page = manager.post(CHECK, FIELDS | {"title": "每月新增 10 个潜在客户", "metric": "", "target": ""})
    form = page.context["form"]
    assert (form["metric"].value(), form["target"].value()) == ("prospects_added", "10")
    text = page.content.decode()
    assert 'id="goal-fields" hx-swap-oob="innerHTML"' in text
    same = manager.post(CHECK, FIELDS)
    assert 'id="goal-fields"' not in same.content.decode()


def test_mending_a_word_keeps_what_was_chosen_by_hand(manager: Client) -> None:
    typed = FIELDS | {"title": "每月完成 50 单!", "read_from": "每月完成 50 单", "metric": "orders", "target": "60"}
    page = manager.post(CHECK, typed)
    assert page.context["form"]["target"].value() == "60"
    page = manager.post(CHECK, typed | {"title": "每月完成 70 单"})
    assert page.context["form"]["target"].value() == "70"


def test_vague_words_fail_only_without_metric_and_number(manager: Client) -> None:
    assert marks(manager, title="提高销售额", read_from="提高销售额", metric="", target="")["S"] == "fail"
    assert marks(manager, title="三个月内把销售额提高 15%", read_from="", metric="", target="")["S"] == "pass"
    assert marks(manager, title="提高销售额", read_from="提高销售额")["S"] == "pass"


def test_growth_is_worked_out_from_the_figures(company: Company, manager: Client) -> None:
    before = NEXT.next(-1)
    with company.scope():
        company.fact("ann", "sales_amount", before.start, 100_000)
        company.drain()
    grows = {"form": "percent", "growth": "15", "target": ""}
    page = manager.post(CHECK, FIELDS | grows)
    assert page.context["panel"].target == 115_000
    assert b"data-worked-out" in page.content
    assert manager.post(NEW, FIELDS | grows).status_code == 302
    goal = the_goal(company)
    assert (goal.target, goal.baseline, goal.growth, goal.baseline_kind) == (115_000, 100_000, 15, "previous")


def test_growth_without_a_figure_asks_for_the_baseline(company: Company, manager: Client) -> None:
    grows = {"form": "percent", "growth": "15", "target": ""}
    assert marks(manager, **grows)["M"] == "fail"
    assert "baseline" in errors(manager, **grows)
    assert manager.post(NEW, FIELDS | grows | {"baseline": "20万"}).status_code == 302
    goal = the_goal(company)
    assert (goal.target, goal.baseline_kind) == (230_000, "typed")


def test_a_ratio_is_typed_in_percent_and_zero_errors_is_a_band(company: Company, manager: Client) -> None:
    assert manager.post(NEW, FIELDS | {"metric": "win_rate", "target": "35"}).status_code == 302
    zero = {"metric": "data_entry_errors", "form": "band", "band_low": "0", "band_high": "0", "target": ""}
    assert manager.post(NEW, FIELDS | zero).status_code == 302
    with company.scope():
        assert Goal.objects.get(metric__code="win_rate").target == Decimal("0.35")
        band = Goal.objects.get(metric__code="data_entry_errors")
        assert (band.band_low, band.band_high, band.direction, band.target) == (0, 0, "band", None)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("target", {"target": "many"}), ("target", {"target": "-5"}), ("target", {"target": "1e30"}),
        ("growth", {"form": "percent", "target": ""}),
        ("growth", {"form": "percent", "growth": "-200", "baseline": "10", "target": ""}),
        ("band_low", {"form": "band", "target": ""}),
        ("band_high", {"form": "band", "band_low": "3", "band_high": "2", "target": ""}),
        ("title", {"title": " "}), ("weight", {"weight": "101"}), ("weight", {"weight": "-1"}),
        ("period", {"period": "2026-13"}), ("period", {"period": ""}),
        ("last_day", {"period": "own"}),
        ("last_day", {"period": "own", "first_day": str(NEXT.end), "last_day": str(NEXT.start)}),
        ("first_day", {"period": "own", "first_day": "2026-02-31", "last_day": str(NEXT.start)}),
        ("employee", {"employee": ""}), ("employee", {"employee": "nobody"}),
        ("employee", {"employee": "AC006"}),  # somebody else's people
        ("employee", {"employee": "AC002"}),  # the manager's own goal
        ("metric", {"metric": "no_such"}), ("parent", {"parent": "999999"}), ("level", {"level": "galaxy"}),
        ("level", {"level": "company"}), ("unit", {"level": "unit", "unit": ""}),
        ("unit", {"level": "unit", "unit": "7"}),
        ("member_0", {"level": "team", "member_0": "AC004", "share_0": "70", "member_1": "AC005", "share_1": "40"}),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(
    field: str, changes: dict[str, Any], company: Company, manager: Client
) -> None:
    if changes.get("level") == "team":
        changes = changes | {"unit": company.units["north"].pk}
    found = errors(manager, **changes)
    assert field in found, found
    with company.scope():
        assert not Goal.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_errors_and_letters_are_in_the_readers_language(language: str, manager: Client) -> None:
    manager.cookies["django_language"] = language
    text = manager.post(NEW, FIELDS | {"target": "-5"}, headers={"accept-language": language}).content.decode()
    word = "A target can't be negative." if language == "en" else "目标值不能为负"
    assert word.replace("'", "&#x27;") in text or word in text


def test_an_archived_metric_is_not_offered_and_named_where_a_goal_has_it(company: Company, manager: Client) -> None:
    manager.post(NEW, FIELDS)
    goal = the_goal(company)
    with company.scope():
        Metric.objects.filter(code="sales_amount").update(archived_at=timezone.now())
    assert "metric" in errors(manager)
    page = manager.post(f"/w/acme/goals/{goal.pk}/edit/", FIELDS | {"version": goal.version})
    assert page.status_code == 400 and "metric" in page.context["form"].errors


def test_somebody_who_has_left_gets_no_goal(company: Company, manager: Client) -> None:
    with company.scope():
        gone = add_employee("AC099", "Gone Girl", left_on=TODAY - timedelta(days=40))
        assign(gone, unit=company.units["north"], valid_from=TODAY - timedelta(days=90),
               valid_to=TODAY - timedelta(days=40), manager=company.people["manager"])  # fmt: skip
    assert "employee" in errors(manager, employee="AC099")
