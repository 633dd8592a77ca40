"""Planning a cycle: each step is a draft, two windows do not overwrite each other, a copy moves on by one period."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reviews.cycles import drafting
from reviews.models import ReviewCycle
from tests.factories import Company
from tests.reviews.cycle_factories import draft, launched, questionnaire, today, viewer, workspace

SignIn = Callable[[Any], Client]


@pytest.fixture
def hr(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["hr"])


def at(name: str, cycle: ReviewCycle) -> str:
    return reverse(name, args=["acme", cycle.pk])


def test_hr_plans_a_cycle_step_by_step_and_launches_it(company: Company, hr: Client) -> None:
    with company.scope():
        form = questionnaire()
    made = hr.post(reverse("new_cycle", args=["acme"]), follow=True)
    assert made.status_code == 200 and b"step-form" in made.content
    with company.scope():
        cycle = ReviewCycle.objects.get()
        north = company.units["north"].pk
    answers: list[tuple[str, dict[str, Any]]] = [
        ("cycle_who", {"units": [north], "add_people": "AC006", "add_without": "Bob Bell"}),
        ("cycle_period", {"name": "First quarter", "period": f"{today().year}-Q1"}),
        ("cycle_forms", {"questionnaires": [form.pk]}),
        ("cycle_groups", {"most_per_rater": 8, "self-used": "on", "self-weight": "0", "manager-used": "on",
                          "manager-weight": "70", "peers-used": "on", "peers-weight": "30", "peers-minimum": "3",
                          "peers-merges": "on", "peers-least": "3", "peers-most": "6"}),
        ("cycle_dates", {"nominate_until": today(), "answer_until": today() + timedelta(days=9), "nudges": "on"}),
        ("cycle_visibility", {"shows_comments": "on", "grade-A": "20", "grade-B": "80"}),
    ]  # fmt: skip
    for version, (name, data) in enumerate(answers, 1):
        answered = hr.post(at(name, cycle), {**data, "version": version})
        assert answered.status_code == 302, (name, answered.content[-3000:])
    with company.scope():
        cycle.refresh_from_db()
        people = company.people
        assert cycle.audience == {"units": [north], "people": [people["cid"].pk], "without": [people["bob"].pk]}
        assert (cycle.name, cycle.most_per_rater, cycle.guideline) == ("First quarter", 8, {"A": "20", "B": "80"})
        assert {row.group: int(row.weight) for row in cycle.groups.all()} == {"self": 0, "manager": 70, "peers": 30}
        assert not cycle.shows_groups and cycle.shows_comments
    checked = hr.get(at("cycle_check", cycle))
    assert "Ready, with warnings" in checked.content.decode()
    hr.post(at("launch_cycle", cycle), {"version": cycle.version})
    again = hr.post(at("launch_cycle", cycle), {"version": cycle.version})
    assert again.status_code == 302
    assert "is being launched" in hr.get(at("cycle", cycle)).content.decode()


def test_the_second_window_is_told_and_keeps_what_was_typed(company: Company, hr: Client) -> None:
    with company.scope():
        cycle = draft(company)
    period = {"period": "2025-Q1", "version": cycle.version}
    hr.post(at("cycle_period", cycle), {**period, "name": "First window"})
    refused = hr.post(at("cycle_period", cycle), {**period, "name": "Second window"})
    assert refused.status_code == 400
    assert "changed in another window" in refused.content.decode() and "Second window" in refused.content.decode()
    # Sent once more, it is refused once more: the page still carries the old version.
    assert f'name="version" value="{cycle.version}"' in refused.content.decode()
    with company.scope():
        assert ReviewCycle.objects.get().name == "First window"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("cycle_who", {"add_people": "Nobody Known"}, "Nobody Known"),
        ("cycle_groups", {"most_per_rater": 5, "peers-used": "on", "peers-minimum": "2"}, "At least 3"),
        (
            "cycle_groups",
            {"most_per_rater": 5, "peers-used": "on", "peers-least": "7", "peers-most": "6"},
            "more than",
        ),
        ("cycle_groups", {"most_per_rater": 5, "self-used": "on", "self-weight": "101"}, "100"),
        ("cycle_dates", {"answer_until": "soon"}, "valid date"),
        ("cycle_period", {"name": "", "period": "2025-Q1"}, "required"),
    ],
)
def test_what_does_not_fit_is_said_where_it_was_typed(
    company: Company, hr: Client, name: str, data: dict[str, Any], text: str
) -> None:
    with company.scope():
        cycle = draft(company)
    refused = hr.post(at(name, cycle), {**data, "version": cycle.version})
    assert refused.status_code == 400 and text in refused.content.decode()


def test_a_launched_cycle_is_not_planned_any_more(company: Company, hr: Client) -> None:
    with company.scope():
        cycle = launched(company)
    for name in ("cycle_who", "cycle_check", "cycle_groups"):
        assert hr.get(at(name, cycle))["Location"] == at("cycle", cycle)
    hr.post(at("cycle_period", cycle), {"name": "Other", "period": "2025-Q1", "version": cycle.version})
    hr.post(at("discard_cycle", cycle))
    with company.scope():
        assert ReviewCycle.objects.get().name == "Q1 2025"


def test_everybody_with_one_problem_is_left_out_at_once(company: Company, hr: Client) -> None:
    with company.scope():
        cycle = draft(company)
    hr.post(at("leave_out_people", cycle), {"code": "no_manager", "version": cycle.version})
    with company.scope():
        cycle.refresh_from_db()
        assert cycle.audience == {"people": [], "without": [company.people["boss"].pk]}


def test_the_count_follows_the_choice(company: Company, hr: Client) -> None:
    with company.scope():
        cycle = draft(company)
        north = company.units["north"].pk
    shown = hr.get(at("cycle_count", cycle), {"units": [north]}).content.decode()
    assert "3 people" in shown and "Bob Bell" in shown and "Cid Cole" not in shown


def test_another_workspaces_cycle_is_not_found(company: Company, other_company: Company, hr: Client) -> None:
    with other_company.scope():
        theirs, asked = draft(other_company), questionnaire("theirs")
    for name in ("cycle", "cycle_who", "cycle_check"):
        assert hr.get(at(name, theirs)).status_code == 404
    for name in ("launch_cycle", "copy_cycle", "discard_cycle", "close_cycle", "leave_out_people"):
        assert hr.post(at(name, theirs)).status_code == 404
    with company.scope():
        cycle = draft(company)
        saved = drafting.save_forms(cycle.pk, [asked.pk], version=cycle.version, viewer=viewer(company, "hr"))
        assert not saved.forms.exists()


def test_a_copy_moves_on_by_one_period(acme: Company) -> None:
    old = launched(acme, audience={"types": ["hunter"], "people": [acme.people["ann"].pk]}, guideline={"A": "100"},
                   answer_until=date(2099, 4, 20), nominate_until=None, release_on=date(2099, 4, 30))  # fmt: skip
    made = drafting.copy(old.pk, viewer=viewer(acme, "hr"), workspace=workspace(acme))
    assert (made.state, made.start, made.end) == ("draft", date(2025, 4, 1), date(2025, 6, 30))
    assert made.answer_until == date(2099, 4, 20) + (date(2025, 6, 30) - date(2025, 3, 31))
    assert made.audience == old.audience and made.guideline == old.guideline and made.copied_from == old
    assert list(made.groups.values_list("group", "weight")) == list(old.groups.values_list("group", "weight"))
    assert made.forms.count() == 1
    again = drafting.copy(old.pk, viewer=viewer(acme, "hr"), workspace=workspace(acme))
    assert again.name != made.name


def test_a_draft_can_be_discarded(acme: Company) -> None:
    cycle = draft(acme)
    drafting.discard(cycle.pk, viewer=viewer(acme, "hr"))
    assert not ReviewCycle.objects.exists()


def test_a_new_draft_proposes_days_and_a_period_that_no_cycle_is_about(company: Company) -> None:
    with company.scope():
        first = drafting.create(viewer=viewer(company, "hr"), workspace=workspace(company))
        assert first.nominate_until is not None
        assert first.nominate_until < first.answer_until < first.release_on
        assert first.end < today() < first.answer_until
        ReviewCycle.objects.filter(pk=first.pk).update(state="open")
        second = drafting.create(viewer=viewer(company, "hr"), workspace=workspace(company))
        assert second.start > first.end
        assert second.end >= today()
        assert second.end < second.nominate_until


def test_a_name_that_nobody_chose_follows_the_period(company: Company, hr: Client) -> None:
    with company.scope():
        cycle = drafting.create(viewer=viewer(company, "hr"), workspace=workspace(company))
    year = cycle.start.year - 1

    def save(name: str, period: str) -> str:
        with company.scope():
            cycle.refresh_from_db()
        sent = {"name": name, "period": period, "version": cycle.version}
        assert hr.post(at("cycle_period", cycle), sent).status_code == 302
        with company.scope():
            cycle.refresh_from_db()
        return cycle.name

    assert save(cycle.name, f"{year}-Q4") == f"Review Q4 {year}"
    assert save("Ours", f"{year}-Q4") == "Ours"
    assert save("Ours", f"{year + 1}-Q1") == "Ours"
