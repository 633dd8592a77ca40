"""The list of scores and a person's score: what is shown, to whom, and what waits for the release."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import Participant, ReleaseBatch, ReviewResult, ScoreDeduction
from reviews.scores import exports
from tests.factories import Company
from tests.reviews.factories import Cycle, answer, open_cycle
from tests.reviews.scores_factories import FEBRUARY, Q1, QUARTER, make_card, month_targets, settle

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
LIST = "/w/acme/scores/?period=2025-Q1"


def plain(company: Company) -> None:
    """Ann reached 80 %, bob 120 %; cid has no target."""
    with company.scope():
        make_card((80, [{"metric": "sales_amount"}]), (20, [{"metric": "csat", "input": "actual", "weight": 100}]))
        for person, value in (("ann", 240), ("bob", 360)):
            month_targets(company, person, "sales_amount", 100)
            company.fact(person, "sales_amount", FEBRUARY, value)
        settle(company)


def reviewed(company: Company) -> Cycle:
    """Ann: half of her target, and all the best from her manager."""
    with company.scope():
        cycle = open_cycle(company, "ann")
        make_card((70, [{"metric": "sales_amount"}]), (30, [{"questionnaire": cycle.questionnaire}]))
        month_targets(company, "ann", "sales_amount", 100)
        company.fact("ann", "sales_amount", FEBRUARY, 150)
        answer(cycle, cycle.people["ann"].raters.get(group="manager"), 5, 5, 5)
        settle(company)
    return cycle


def address(company: Company, person: str) -> str:
    return f"/w/acme/people/{company.people[person].pk}/score/?period=2025-Q1"


def test_scores_with_grades_and_what_is_missing(company: Company, sign_in: SignIn) -> None:
    plain(company)

    page = sign_in(company.users["hr"]).get(f"{LIST}&sort=-score").content.decode()

    assert page.index("Bob Bell") < page.index("李安") < page.index("Cid Cole")
    assert "120.00" in page and "80.00" in page and "1 figure" in page and "2 figures" in page
    assert "People by grade" in page


def test_the_list_is_searched_and_filtered(company: Company, sign_in: SignIn) -> None:
    plain(company)
    hr = sign_in(company.users["hr"])

    found = hr.get(f"{LIST}&q=bell").content.decode()
    south = hr.get(f"{LIST}&unit={company.units['south'].pk}").content.decode()
    nobody = hr.get(f"{LIST}&grade=Z").content.decode()

    assert "Bob Bell" in found and "Cid Cole" not in found
    assert "Cid Cole" in south and "Bob Bell" not in south
    assert "Nobody found" in nobody


def test_a_manager_sees_their_people_only_and_an_assistant_nothing(company: Company, sign_in: SignIn) -> None:
    plain(company)
    manager = sign_in(company.users["manager"])

    page = manager.get(LIST).content.decode()

    assert "李安" in page and "Cid Cole" not in page
    assert manager.get(address(company, "ann")).status_code == 200
    assert manager.get(address(company, "cid")).status_code == 404
    assert sign_in(company.users["assistant"]).get(LIST).status_code == 403


def led_by_the_manager(company: Company) -> Cycle:
    """The manager and ann have figures and are in a cycle of the quarter."""
    with company.scope():
        make_card((100, [{"metric": "sales_amount"}]))
        for person, value in (("ann", 240), ("manager", 210)):
            month_targets(company, person, "sales_amount", 100)
            company.fact(person, "sales_amount", FEBRUARY, value)
        settle(company)
        return open_cycle(company, "ann", "manager")


def file_of(company: Company, client: Client) -> str:
    assert client.post("/w/acme/scores/export/?period=2025-Q1").status_code == 302
    with company.scope():
        job = Job.objects.filter(kind=exports.SCORES).latest("pk")
    jobs.run(lambda: tenant_scope(company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
        return default_storage.open(job.result["file"]).read().decode("utf-8-sig")


def test_nobody_sees_their_own_score_before_its_release(company: Company, sign_in: SignIn) -> None:
    role = "manager"
    cycle = led_by_the_manager(company)
    client = sign_in(company.users[role])

    for seen in (
        client.get(LIST).content.decode().split("<tbody>")[1],
        client.get(f"{LIST}&q={company.people[role].number}").content.decode().split("<main")[1],
        client.get(address(company, role)).content.decode(),
        file_of(company, client),
    ):
        assert "70.00" not in seen
    page = client.get(LIST).content.decode()
    assert "80.00" in page and "Your own score is not in this list before its release." in page
    assert "Your own score waits for its release" in client.get(address(company, role)).content.decode()
    assert "70.00" in sign_in(company.users["hr"]).get(LIST).content.decode()

    with company.scope():
        batch = ReleaseBatch.objects.create(cycle=cycle.row, number=1)
        ReviewResult.objects.create(batch=batch, participant=cycle.people[role])

    assert "70.00" in client.get(LIST).content.decode() and "70.00" in file_of(company, client)
    assert "70.00" in client.get(address(company, role)).content.decode()


def test_without_any_cycle_ones_own_score_is_not_shown_either(company: Company, sign_in: SignIn) -> None:
    led_by_the_manager(company)
    with company.scope():
        Participant.objects.all().delete()
    page = sign_in(company.users["manager"]).get(f"{LIST}&sort=-score").content.decode()
    # Neither the row nor the count of people by grade has it.
    assert "70.00" not in page and "80.00" in page


def test_how_a_score_came_about_with_a_way_to_the_facts(company: Company, sign_in: SignIn) -> None:
    plain(company)
    with company.scope():
        ScoreDeduction.objects.create(
            employee=company.people["ann"], grain=QUARTER, start=Q1, points=5, reason="Late <reports>", happened_on=Q1
        )

    page = sign_in(company.users["hr"]).get(address(company, "ann")).content.decode()

    assert "sales_amount" in page and "from=2025-01-01&amp;to=2025-03-31" in page
    assert "Left out: there is no figure" in page
    assert "Late &lt;reports&gt;" in page
    assert "Curve: 0% → 0, 100% → 100, 120% → 120" in page


def test_before_the_release_nothing_shows_the_answers(company: Company, sign_in: SignIn) -> None:
    reviewed(company)
    hr = sign_in(company.users["hr"])

    listed = hr.get(f"{LIST}&sort=-score&grade=D").content.decode()
    page = hr.get(address(company, "ann")).content.decode()

    assert "50.00" in listed and "without reviews" in listed and "65.00" not in listed
    assert "sort=score" not in listed and '<select class="form-select" name="grade"' not in listed
    assert "Results of reviews appear when they are released" in page
    assert "65.00" not in page and ">100.00<" not in page.split('class="trace"')[1]


def test_after_the_release_the_whole_score_stands_there(company: Company, sign_in: SignIn) -> None:
    cycle = reviewed(company)
    with company.scope():
        batch = ReleaseBatch.objects.create(cycle=cycle.row, number=1)
        ReviewResult.objects.create(batch=batch, participant=Participant.objects.get())
        cycle.row.state = "released"
        cycle.row.save()
    hr = sign_in(company.users["hr"])

    listed = hr.get(f"{LIST}&sort=-score").content.decode()
    page = hr.get(address(company, "ann")).content.decode()

    assert "65.00" in listed and "without reviews" not in listed
    assert "65.00" in page and "Manager" in page


def test_a_period_without_scores_says_what_to_do(company: Company, sign_in: SignIn) -> None:
    hr = sign_in(company.users["hr"])
    before = hr.get("/w/acme/scores/").content.decode()
    plain(company)
    after = hr.get("/w/acme/scores/?period=2019-Q1").content.decode()

    assert "Nobody is scored yet" in before
    assert "No scores in this period" in after
    assert "No score in this period" in hr.get(address(company, "ann").replace("2025", "2019")).content.decode()


def test_the_number_of_queries_does_not_grow(
    company: Company, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    reviewed(company)
    hr = sign_in(company.users["hr"])
    hr.get(LIST)
    with django_assert_max_num_queries(24):
        hr.get(LIST)


def test_the_export_hides_the_same(company: Company, sign_in: SignIn) -> None:
    reviewed(company)
    made = sign_in(company.users["hr"]).post("/w/acme/scores/export/?period=2025-Q1")
    assert made.status_code == 302
    with company.scope():
        job = Job.objects.get(kind=exports.SCORES)
    jobs.run(lambda: tenant_scope(company.tenant.pk), job.pk)

    with company.scope():
        job.refresh_from_db()
        text = default_storage.open(job.result["file"]).read().decode("utf-8-sig")
    assert "李安" in text and "50.0000" in text and "65" not in text and "not released yet" in text


def test_a_month_is_another_period(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        make_card((100, [{"metric": "sales_amount"}]), rhythm=3, valid_from=date(2025, 2, 1))
        month_targets(company, "ann", "sales_amount", 100, 2)
        company.fact("ann", "sales_amount", FEBRUARY, 70)
        settle(company)
    page = sign_in(company.users["hr"]).get("/w/acme/scores/?period=2025-02").content.decode()
    assert "70.00" in page
