"""The search behind the palette: what one may open only, in a fixed number of queries, not too often."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perfmgmt.jobs.models import Job
from perfmgmt.people.services import add_employee
from reviews.models import Questionnaire, Rater, ReviewCycle, Scorecard
from tests.factories import Company
from tests.reviews.factories import open_cycle

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def find(client: Client, text: str, *, part: bool = True, language: str = "en") -> str:
    response = client.get(
        "/w/acme/search/", {"q": text, **({"part": "1"} if part else {})}, headers={"accept-language": language}
    )
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("text", ["李安", "lian", "la", "li an", "AC004"])
def test_people_are_found_by_name_pinyin_initials_and_number(company: Company, sign_in: SignIn, text: str) -> None:
    found = find(sign_in(company.users["manager"]), text)
    assert f"/w/acme/people/{company.people['ann'].pk}/" in found


def test_people_outside_ones_reach_are_not_found(company: Company, sign_in: SignIn) -> None:
    cid = f"/w/acme/people/{company.people['cid'].pk}/"
    assert cid in find(sign_in(company.users["owner"]), "Cid")
    for role in ("manager", "assistant", "executive", "payroll"):
        assert cid not in find(sign_in(company.users[role]), "Cid"), role


def test_pages_are_those_one_may_open_in_either_language_and_by_pinyin(company: Company, sign_in: SignIn) -> None:
    owner, assistant = sign_in(company.users["owner"]), sign_in(company.users["assistant"])
    for text in ("period close", "期间关账", "qijian", "qjgz"):
        assert "/w/acme/periods/" in find(owner, text), text
        assert "/w/acme/periods/" not in find(assistant, text), text
    assert "/w/acme/periods/" in find(owner, "")
    assert find(owner, "") != find(assistant, "")


def test_metrics_are_found_by_both_names_and_the_code(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    for text in ("销售额", "sales amount", "sales_amount"):
        assert ">sales_amount<" in find(client, text), text


def test_jobs_are_those_one_may_see(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        job = Job.objects.create(
            kind="facts.import", params={"file_name": "pipeline.csv"}, created_by=company.users["hr"]
        )
    for text in ("pipeline", "import of facts", f"#{job.pk}"):
        assert f"/w/acme/jobs/{job.pk}/" in find(sign_in(company.users["hr"]), text), text
    assert f"/w/acme/jobs/{job.pk}/" not in find(sign_in(company.users["assistant"]), "pipeline")


def test_another_workspace_is_not_searched(company: Company, sign_in: SignIn) -> None:
    other = Company.create("globex")
    with other.scope():
        add_employee("G999", "Zed Zebra")
    assert "Zebra" not in find(sign_in(company.users["owner"]), "Zed")


def test_what_is_typed_is_text_and_nothing_else(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["owner"])
    for text in ("<script>alert(1)</script>", "%", "_", "'; DROP TABLE", "{name}", "\\", "x" * 5000, "٣", "#999999"):
        page = find(client, text, part=False)
        assert "<script>alert" not in page
    assert "Nothing was found" in find(client, "zzzzzz", part=False)
    assert find(client, "%") == find(client, "zzzzzz")


def test_a_search_costs_the_same_queries_whatever_is_found(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])

    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as found:
            find(client, text)
        return len([q for q in found.captured_queries if "SAVEPOINT" not in q["sql"]])

    queries("a")
    assert queries("a") == queries("zzzzzz") <= 18  # two at most for each of the sources that ask
    assert queries("") <= 6


def test_too_many_searches_are_refused(company: Company, sign_in: SignIn, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**django_settings.ACCOUNT_RATE_LIMITS, "search": "2/m/user"}
    client = sign_in(company.users["owner"])
    codes = [client.get("/w/acme/search/?q=a&part=1").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert sign_in(company.users["hr"]).get("/w/acme/search/?q=a").status_code == 200


def test_the_shell_offers_search_and_bell_without_scripts(company: Company, sign_in: SignIn) -> None:
    page = sign_in(company.users["assistant"]).get("/w/acme/about/").content.decode()
    assert 'href="/w/acme/search/"' in page
    assert 'href="/w/acme/notifications/"' in page
    assert 'action="/w/acme/search/"' in page


def test_cycles_scorecards_and_ones_own_reviews_are_found(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        open_cycle(company)
        scorecard = Scorecard.objects.create(name_zh="现场销售", name_en="Field sellers")
        draft = ReviewCycle.objects.create(
            name="Q1 2025 draft", grain=4, start=date(2025, 1, 1), end=date(2025, 3, 31)
        )
        mine = Rater.objects.get(employee=company.people["manager"], participant__employee=company.people["ann"])
        questionnaire = Questionnaire.objects.get()
    manager, hr, payroll = (sign_in(company.users[role]) for role in ("manager", "hr", "payroll"))

    assert "Q1 2025" in find(manager, "q1 20") and f"/cycles/{draft.pk}/" not in find(manager, "Q1 2025")
    assert f"/cycles/{draft.pk}/" in find(hr, "Q1 2025")
    for client in (manager, hr):
        assert f"/scorecards/{scorecard.pk}/" in find(client, "Field sell") and "/scorecards/" in find(client, "现场")
    assert f"/questionnaires/{questionnaire.pk}/" in find(hr, "Attitude")
    assert f"/questionnaires/{questionnaire.pk}/" not in find(manager, "Attitude")
    assert f"/reviews/{mine.pk}/" in find(manager, "li an") and f"/reviews/{mine.pk}/" not in find(hr, "李安")
    for text in ("Q1 2025", "Field", "李安", "Attitude"):
        found = find(payroll, text)
        assert "/cycles/" not in found and "/scorecards/" not in found and "/reviews/" not in found
