"""The settings: each section saves what is right, names what is wrong, and changes nothing for who may only look."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics import rates
from perfmgmt.metrics.models import EmployeeRollup, ExchangeRate, Fact, FactVersion
from perfmgmt.metrics.rollups.services import rebuild
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.grades import BadBands, check_bands, grade
from perfmgmt.tenants.models import CalendarDay, WorkspaceProfile, WorkspaceRules
from perfmgmt.tenants.selectors import workspace_rules
from perfmgmt.workspace import services
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
GENERAL = {"name": "Acme 上海", "language": "en", "time_zone": "Europe/Berlin", "currency": "CNY",
           "fiscal_start_month": "1"}  # fmt: skip


@pytest.fixture
def owner(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company.users["owner"])


def profile(company: Company) -> WorkspaceProfile:
    with company.scope():
        return WorkspaceProfile.objects.get()


def rules(company: Company) -> WorkspaceRules:
    with company.scope():
        return workspace_rules()


def test_general_settings_are_saved(company: Company, owner: Client) -> None:
    assert owner.post("/w/acme/settings/", GENERAL).status_code == 302
    saved = profile(company)
    assert (saved.name, saved.language, saved.time_zone) == ("Acme 上海", "en", "Europe/Berlin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("time_zone", "Mars/Base"),
        ("currency", "XXXX"),
        ("fiscal_start_month", "13"),
        ("language", "fr"),
    ],
)
def test_nonsense_is_named_and_nothing_is_saved(company: Company, owner: Client, field: str, value: str) -> None:
    response = owner.post("/w/acme/settings/", {**GENERAL, field: value})
    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert profile(company).name == "Acme"


def test_the_currency_stays_once_there_are_amounts(company: Company, owner: Client) -> None:
    assert owner.post("/w/acme/settings/", {**GENERAL, "currency": "EUR"}).status_code == 302
    assert profile(company).currency == "EUR"
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 10)
        with pytest.raises(Conflict):
            services.save_profile(currency="USD")
    owner.post("/w/acme/settings/", {**GENERAL, "currency": "USD"})
    assert profile(company).currency == "EUR"


def test_another_fiscal_year_is_a_job_that_recomputes_quarters_and_years(company: Company, owner: Client) -> None:
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 10)
        company.fact("ann", "sales_amount", date(2025, 4, 3), 5)
        company.drain()
    response = owner.post("/w/acme/settings/", {**GENERAL, "fiscal_start_month": "4"})
    with company.scope():
        job = Job.objects.get(kind="workspace.fiscal_year")
    assert response["Location"] == f"/w/acme/jobs/{job.pk}/"
    assert profile(company).fiscal_start_month == 1  # until the work is done
    jobs.run(company.scope, job.pk)
    assert profile(company).fiscal_start_month == 4
    with company.scope():
        years = EmployeeRollup.objects.filter(grain=int(Grain.YEAR)).order_by("start").values_list("start", "total")
        assert list(years) == [(date(2024, 4, 1), 10), (date(2025, 4, 1), 5)]
        assert rebuild(check=True).differing == 0
    assert "Recomputing" not in owner.get(f"/w/acme/jobs/{job.pk}/").text


def test_grade_bands_are_saved_in_order(company: Company, owner: Client) -> None:
    data = {"grade_1": "S", "from_1": "95", "grade_2": "A", "from_2": "80.5", "grade_3": "B", "from_3": "0"}
    assert owner.post("/w/acme/settings/grades/", data).status_code == 302
    assert rules(company).grade_bands == [
        {"grade": "S", "from": "95"}, {"grade": "A", "from": "80.5"}, {"grade": "B", "from": "0"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"grade_1": "A", "from_1": "80", "grade_2": "B", "from_2": "80"},
        {"grade_1": "A", "from_1": "80", "grade_2": "B", "from_2": "90"},
        {"grade_1": "A", "from_1": "80", "grade_2": "A", "from_2": "60"},
        {"grade_1": "A", "from_1": "80", "grade_2": "B"},
        {"from_1": "80"},
        {"grade_1": "A", "from_1": "-1"},
        {"grade_1": "A", "from_1": "NaN"},
    ],
    ids=str,
)
def test_bands_that_can_not_grade_are_refused(company: Company, owner: Client, data: dict[str, str]) -> None:
    assert owner.post("/w/acme/settings/grades/", data).status_code == 400
    assert rules(company).grade_bands[0] == {"grade": "A", "from": "90"}


def test_a_grade_follows_from_what_is_shown() -> None:
    bands = [("A", Decimal(90)), ("B", Decimal(80)), ("C", Decimal(70))]
    found = [grade(Decimal(text), bands) for text in ("90", "89.99", "89.995", "89.9949", "70", "12")]
    assert found == ["A", "B", "A", "B", "C", "C"]
    assert grade(Decimal("89.99495"), bands) == "A"  # 89.9950 is stored, 90.00 shown
    assert grade(None, bands) is None
    with pytest.raises(BadBands):
        check_bands([])


def test_anonymity_minimums_are_at_least_three(company: Company, owner: Client) -> None:
    names = ("peers", "reports", "internal_customers", "customers", "voices")
    good = {f"minimum_{name}": "4" for name in names}
    assert owner.post("/w/acme/settings/anonymity/", {**good, "minimum_peers": "2"}).status_code == 400
    assert owner.post("/w/acme/settings/anonymity/", good).status_code == 302
    assert rules(company).minimum_peers == 4
    with company.scope(), pytest.raises(IntegrityError), transaction.atomic():
        WorkspaceRules.objects.update(minimum_customers=2)


def test_survey_limits_need_an_open_window(company: Company, owner: Client) -> None:
    data = {"survey_days_between": "14", "surveys_per_year": "4", "survey_reminders": "0", "survey_from_hour": "10",
            "survey_to_hour": "10"}  # fmt: skip
    assert owner.post("/w/acme/settings/surveys/", data).status_code == 400
    assert owner.post("/w/acme/settings/surveys/", {**data, "survey_to_hour": "20"}).status_code == 302
    assert (rules(company).survey_days_between, rules(company).survey_to_hour) == (14, 20)


def test_who_may_only_look_changes_nothing(company: Company, sign_in: SignIn) -> None:
    auditor = sign_in(company.users["auditor"])
    for path in ("", "grades/", "anonymity/", "surveys/", "ranking/", "rates/"):
        assert auditor.get(f"/w/acme/settings/{path}").status_code == 200
        assert auditor.post(f"/w/acme/settings/{path}", GENERAL).status_code == 403
    assert (
        auditor.post(
            "/w/acme/calendar/", {"what": "day", "day": "2026-03-04", "works": "no", "name": "x"}
        ).status_code
        == 403
    )
    assert auditor.post("/w/acme/settings/rates/convert/", {"currency": "USD"}).status_code == 403
    assert profile(company).name == "Acme"


# The calendar


def test_a_day_of_ones_own_is_set_changed_and_taken_back(company: Company, owner: Client) -> None:
    day = {"what": "day", "day": "2026-03-04", "works": "no", "name": "Founders' day"}
    assert owner.post("/w/acme/calendar/?year=2026", day)["Location"] == "/w/acme/calendar/?year=2026"
    owner.post("/w/acme/calendar/?year=2026", {**day, "name": "司庆日"})
    with company.scope():
        assert list(CalendarDay.objects.values_list("day", "is_working", "name")) == [
            (date(2026, 3, 4), False, "司庆日")
        ]
    assert "司庆日" in owner.get("/w/acme/calendar/?year=2026&day=2026-03-04").text
    assert owner.post("/w/acme/calendar/", {"what": "clear", "day": "2026-03-04"}).status_code == 302
    assert owner.post("/w/acme/calendar/", {"what": "clear", "day": "2026-03-04"}).status_code == 404


@pytest.mark.parametrize(
    "data", [{"day": "not a day"}, {"day": "1800-01-01"}, {"name": ""}, {"works": "maybe"}], ids=str
)
def test_a_day_that_is_none_is_refused(company: Company, owner: Client, data: dict[str, str]) -> None:
    good = {"what": "day", "day": "2026-03-04", "works": "no", "name": "x"}
    assert owner.post("/w/acme/calendar/", {**good, **data}).status_code == 400
    with company.scope():
        assert not CalendarDay.objects.exists()


def test_country_and_weekend_are_the_workspaces(company: Company, owner: Client) -> None:
    assert (
        owner.post("/w/acme/calendar/", {"what": "public", "country": "AE", "weekend": ["5", "6"]}).status_code == 302
    )
    assert owner.post("/w/acme/calendar/", {"what": "public", "country": "XX", "weekend": []}).status_code == 400
    every = [str(n) for n in range(1, 8)]
    assert owner.post("/w/acme/calendar/", {"what": "public", "country": "CN", "weekend": every}).status_code == 400
    with company.scope():
        workspace = workspace_of(company.tenant)
        assert (workspace.country, workspace.weekend) == ("AE", frozenset({5, 6}))


def test_the_calendar_says_when_make_up_days_are_not_known_yet(owner: Client) -> None:
    assert owner.get("/w/acme/calendar/?year=2027").context["unannounced"]
    page = owner.get("/w/acme/calendar/?year=2026")
    assert not page.context["unannounced"]
    assert page.context["working_days"] == sum(month.working_days for month in page.context["months"])
    assert owner.get("/w/acme/calendar/?year=abc&day=nothing").status_code == 200


# Exchange rates


@pytest.fixture
def euros(company: Company) -> Company:
    """A fact of 10 EUR, converted at 8."""
    with company.scope():
        rates.save_rate(None, currency="EUR", valid_from=date(2025, 1, 1), value=Decimal(8))
        fact_id = company.fact("ann", "sales_amount", date(2025, 3, 3), 80)
        Fact.objects.filter(id=fact_id).update(currency="EUR", original_value=10)
        company.drain()
    return company


def test_a_corrected_rate_leaves_facts_alone_and_says_which_it_would_change(euros: Company, sign_in: SignIn) -> None:
    client = sign_in(euros.users["owner"])
    with euros.scope():
        rate = ExchangeRate.objects.get()
        assert rates.outdated() == []
    data = {"currency": "EUR", "valid_from": "2025-01-01", "rate": "8.5"}
    assert client.post("/w/acme/settings/rates/", data).status_code == 400  # it has one from that day
    assert client.post(f"/w/acme/settings/rates/?rate={rate.pk}", data).status_code == 302
    (found,) = client.get("/w/acme/settings/rates/").context["outdated"]
    assert (found.currency, found.facts, found.unrated) == ("EUR", 1, 0)
    with euros.scope():
        assert Fact.objects.get().value == 80


def test_converting_again_corrects_the_facts_and_keeps_what_they_said(euros: Company, sign_in: SignIn) -> None:
    client = sign_in(euros.users["owner"])
    with euros.scope():
        rates.save_rate(None, currency="EUR", valid_from=date(2025, 3, 1), value=Decimal("8.12345678"))
    assert client.post("/w/acme/settings/rates/convert/", {"currency": "USD"}).status_code == 404
    client.post("/w/acme/settings/rates/convert/", {"currency": "EUR"})
    with euros.scope():
        job = Job.objects.get(kind="rates.convert")
    jobs.run(euros.scope, job.pk)
    with euros.scope():
        assert Fact.objects.get().value == Decimal("81.2346")
        assert list(FactVersion.objects.values_list("value", "replaced_by_job_id")) == [(80, job.pk)]
        euros.drain()
        assert EmployeeRollup.objects.get(grain=int(Grain.MONTH)).total == Decimal("81.2346")
        assert rebuild(check=True).differing == 0
        assert rates.outdated() == []
        assert rates.convert_again("EUR", "CNY", job_id=job.pk) == 0


def test_a_fact_whose_rate_is_gone_is_named_and_left(euros: Company) -> None:
    with euros.scope():
        rates.save_rate(ExchangeRate.objects.get(), currency="EUR", valid_from=date(2026, 1, 1), value=Decimal(9))
        (found,) = rates.outdated(first=date(2025, 3, 1), last=date(2025, 3, 31))
        assert (found.facts, found.unrated) == (1, 1)
        assert rates.outdated(first=date(2025, 4, 1), last=date(2025, 4, 30)) == []
        assert rates.convert_again("EUR", "CNY", job_id=1) == 0


@pytest.mark.parametrize(
    "data", [{"rate": "0"}, {"rate": "-1"}, {"rate": "x"}, {"currency": "CNY"}, {"currency": "QQQ"}], ids=str
)
def test_a_rate_that_is_none_is_refused(company: Company, owner: Client, data: dict[str, str]) -> None:
    good = {"currency": "EUR", "valid_from": "2025-01-01", "rate": "8"}
    assert owner.post("/w/acme/settings/rates/", {**good, **data}).status_code == 400
    with company.scope():
        assert not ExchangeRate.objects.exists()
    assert owner.get("/w/acme/settings/rates/?rate=999").status_code == 404


@pytest.mark.parametrize(("language", "word"), [("en", "The rate"), ("zh-hans", "汇率")])
def test_a_rate_that_makes_an_amount_too_large_is_named_with_the_fact(
    euros: Company, sign_in: SignIn, language: str, word: str
) -> None:
    with euros.scope():
        fact = Fact.objects.get()
        before = fact.value
        Fact.objects.update(original_value=Decimal("9e14"))
        rates.save_rate(None, currency="EUR", valid_from=date(2025, 3, 1), value=Decimal(9000))
        job = jobs.start("rates.convert", {"currency": "EUR", "language": language}, user_id=None)
    jobs.run(euros.scope, job.pk)
    with euros.scope():
        job.refresh_from_db()
        assert (job.state, job.error_code) == ("failed", "converted_too_large")
        for part in (word, "9000", "EUR", fact.external_id, "2025"):
            assert part in job.error, job.error
        assert Fact.objects.get().value == before
        assert not FactVersion.objects.exists()
