"""The pages of rater statistics: for HR only, bands and pictures, adjusted beside raw, never a pair."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.people.services import add_employee
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import CycleState, CycleStatistic, RaterStatistic, ReviewCycle, Score
from reviews.statistics import selectors
from reviews.statistics.pictures import leniency_chart, reliability_bar, scatter
from reviews.statistics.rules import leniency_band
from tests.browser.statistics import statistics_samples
from tests.factories import Company

pytestmark = pytest.mark.django_db
Open = Callable[..., Any]


@pytest.fixture
def cycle(company: Company) -> ReviewCycle:
    with company.scope():
        return ReviewCycle.objects.get(pk=statistics_samples(company)["cycle_id"][0])


@pytest.fixture
def page(company: Company) -> Open:
    """Open a page as somebody of the cast."""

    def get(name: str, *args: int, role: str = "hr", query: str = "", method: str = "get") -> Any:
        client = Client()
        client.force_login(company.users[role])
        path = reverse(name, args=[company.tenant.slug, *args]) + (f"?{query}" if query else "")
        return getattr(client, method)(path, headers={"accept-language": "en"})

    return get


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def test_the_list_has_closed_cycles_only(page: Open, cycle: ReviewCycle, company: Company) -> None:
    assert "First quarter" in text(page("statistics"))
    with company.scope():
        ReviewCycle.objects.update(state=CycleState.OPEN)
    assert "First quarter" not in text(page("statistics"))
    assert page("cycle_statistics", cycle.pk).status_code == 404
    assert page("make_statistics", cycle.pk, method="post").status_code == 404


@pytest.mark.parametrize("role", ["executive", "manager", "assistant", "payroll", "auditor"])
def test_others_than_hr_and_owner_see_none_of_it(page: Open, cycle: ReviewCycle, company: Company, role: str) -> None:
    rater = company.people["ann"].pk
    for name, args in (("statistics", []), ("cycle_statistics", [cycle.pk]), ("rater_statistics", [cycle.pk, rater])):
        assert page(name, *args, role=role).status_code == 403


def test_a_cycle_shows_three_pictures_and_its_raters_by_band(page: Open, cycle: ReviewCycle) -> None:
    found = text(page("cycle_statistics", cycle.pk))
    assert "19 of 21 raters are typical, 1 severe, 1 lenient" in found
    assert "Reliability 0.41, 95% interval 0.24" in found
    assert "Of 3 people 1 see themselves higher than others do, 0 lower, 2 alike." in found
    # Who stands out comes first, and of nobody there is a number of leniency.
    assert found.index("李安") < found.index("Bob Bell") < found.index("Cid Cole")
    assert "14.2" not in found and "Hardly tells people apart" in found


def test_the_list_of_raters_is_filtered_searched_and_sorted(page: Open, cycle: ReviewCycle) -> None:
    def names(query: str) -> list[str]:
        found = text(page("cycle_statistics", cycle.pk, query=query))
        return sorted(name for name in ("李安", "Bob Bell", "Cid Cole") if name in found)

    assert names("band=severe") == ["Bob Bell"]
    assert names("band=flat") == ["李安"]
    assert names("band=few") == []
    assert names("q=cole") == ["Cid Cole"]
    assert len(names("band=nonsense&sort=nonsense")) == 3


def test_the_adjusted_score_stands_beside_the_raw_one_in_whole_points(
    page: Open, cycle: ReviewCycle, company: Company
) -> None:
    found = text(page("cycle_statistics", cycle.pk, query="show=people&sort=-change"))
    assert "78.40" in found and "74.1" not in found and "−4" in found
    with company.scope():
        Score.objects.update(adjusted=Decimal("104.5"))
    assert ">100<" in text(page("cycle_statistics", cycle.pk, query="show=people"))


def test_what_would_give_a_small_group_away_is_hidden(page: Open, cycle: ReviewCycle, company: Company) -> None:
    with company.scope():
        made = CycleStatistic.objects.get(cycle_id=cycle.pk)
        person = cycle.participants.get(employee=company.people["bob"])
        CycleStatistic.objects.filter(cycle_id=cycle.pk).update(figures={**made.figures, "held_back": [person.pk]})
    found = text(page("cycle_statistics", cycle.pk, query="show=people&q=bob"))
    assert "78.40" not in found and "Hidden so that a small group stays anonymous" in found


def test_a_rater_has_a_page_in_plain_words(page: Open, cycle: ReviewCycle, company: Company) -> None:
    found = text(page("rater_statistics", cycle.pk, company.people["ann"].pk))
    assert "Gives more than 10 points more than others gave to the same people." in found
    assert "14.2" not in found and "Bob Bell" not in found
    assert page("rater_statistics", cycle.pk, company.people["boss"].pk).status_code == 404


@pytest.mark.parametrize("query", ["", "show=people"])
def test_a_cycle_takes_as_many_queries_for_many_raters_as_for_few(
    cycle: ReviewCycle, company: Company, query: str
) -> None:
    client = Client()
    client.force_login(company.users["hr"])
    path = reverse("cycle_statistics", args=[company.tenant.slug, cycle.pk]) + f"?{query}"
    counts = []
    for number in ("A", "B"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        counts.append(len(captured))
        with company.scope():
            for at in range(20):
                person = add_employee(f"{number}{at}", f"More {at}")
                cycle.participants.create(employee=person)
                RaterStatistic.objects.create(
                    pk=(company.tenant.pk, cycle.pk, person.pk),
                    cycle_id=cycle.pk,
                    employee=person,
                    ratees=4,
                    leniency=1,
                )
    assert counts[0] == counts[1]


def test_it_can_be_computed_again_and_exported(
    page: Open, cycle: ReviewCycle, company: Company, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert page("make_statistics", cycle.pk, method="post").status_code == 302
    again = page("make_statistics", cycle.pk, method="post")
    assert again["Location"].endswith(reverse("cycle_statistics", args=[company.tenant.slug, cycle.pk]))
    page("export_statistics", cycle.pk, query="band=lenient", method="post")
    with company.scope():
        job = Job.objects.get(kind="reviews.statistics_export")
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
        assert job.result is not None, job.error
        lines = default_storage.open(job.result["file"]).read().decode("utf-8-sig").splitlines()
    assert lines == ["Employee number,Name,People rated,Leniency,Spread", "AC004,李安,6,Lenient,flat"]


def test_the_database_asks_for_bands_as_the_rules_do(acme: Company) -> None:
    cycle = ReviewCycle.objects.get(pk=statistics_samples(acme)["cycle_id"][0])
    for leniency in ("-10.0001", "-10", "0", "10", "10.0001"):
        for ratees in (2, 3):
            RaterStatistic.objects.update(leniency=Decimal(leniency), ratees=ratees)
            band = leniency_band(float(leniency), ratees) or "few"
            for asked in selectors.BANDS:
                found = selectors.raters(cycle, selectors.Wanted(band=asked)).count()
                assert found == (3 if asked == band else 0), (leniency, ratees, asked)


def test_pictures_of_nothing_are_none_and_the_ends_stay_inside() -> None:
    assert scatter({"gaps": []}) is None and reliability_bar({"reliability": None}) is None
    bar = reliability_bar({"reliability": {"icc": -0.2, "low": -0.5, "high": 1.0, "of_mean": 0.0, "raters": 2.0}})
    assert bar is not None and (bar.low, bar.at, bar.width) == ("10.0", "10.0", "380.0")
    found = scatter({"gaps": [[1, 100.0, 0.0, "higher"], [2, 99.0, 1.0, "higher"]]})
    assert found is not None and len(found.dots) == 1
    counts = [0] * 15 + [2]
    chart = leniency_chart({"leniency": {"from": list(range(-40, 40, 5)), "counts": counts, "typical": 0,
                                         "severe": 0, "lenient": 2}})  # fmt: skip
    assert chart.categories[-1] == "+35 to +40"
