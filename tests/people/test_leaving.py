"""Leaving: what stays open is listed and handed over in one step; leavers read their own records for a while."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from goals.models import MonthlyTarget
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.leaving import selectors, services
from perfmgmt.people.leaving.services import Choice
from perfmgmt.people.lines import Circle
from perfmgmt.people.models import FOREVER, Absence, Employee, StandIn
from perfmgmt.people.records.services import name_stand_in, record_absence
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.errors import Conflict, DomainError
from tests.factories import START, Company, today_here

pytestmark = pytest.mark.django_db
LAST = date(2025, 3, 14)
DAY = timedelta(days=1)


@pytest.fixture
def busy(company: Company) -> Company:
    """Mia leads ann and bob, has targets in March and April, a waiting job, and stands in for rival."""
    with company.scope():
        metric, people = metric_by_code("orders"), company.people
        for month in (3, 4):
            MonthlyTarget.objects.create(
                metric=metric, employee=people["manager"], month=date(2025, month, 1), value=10
            )
        Job.objects.create(kind="people.export", created_by=company.users["manager"])
        name_stand_in(people["rival"], stand_in=people["manager"], first_day=LAST - DAY, last_day=LAST + 5 * DAY)
    return company


def found(company: Company, person: str = "manager") -> dict[str, set[str]]:
    items = selectors.open_of(company.people[person], LAST)
    return {kind.code: {item.key for item in those} for kind, those in items}


def record(
    company: Company, choices: dict[str, Choice], last_day: date = LAST, shown: date | None = None
) -> Employee:
    return services.record_leave(
        company.people["manager"].pk, last_day=last_day, shown=shown, choices=choices,
        by_user_id=company.users["hr"].pk,
    )  # fmt: skip


def all_to(company: Company, person: str) -> dict[str, Choice]:
    return {code: Choice(frozenset(keys), company.people[person]) for code, keys in found(company).items()}


def test_what_stays_open_is_listed_by_kind(busy: Company) -> None:
    with busy.scope():
        listed = found(busy)
        assert set(listed) == {"reports", "stand_ins", "targets", "jobs"}
        assert listed["reports"] == {str(busy.people[key].pk) for key in ("ann", "bob")}
        assert len(listed["targets"]) == 1  # March has begun before the last day
        assert found(busy, "cid") == {}


def test_everything_is_handed_over_in_one_step(busy: Company) -> None:
    with busy.scope():
        choices = all_to(busy, "rival")
        choices["stand_ins"] = Choice(choices["stand_ins"].keys, busy.people["boss"])
        choices["jobs"] = Choice(choices["jobs"].keys, busy.people["ann"])
        record(busy, choices)
        for key in ("ann", "bob"):
            spells = busy.people[key].assignments.order_by("valid_from")
            leaders = [(row.manager, row.valid_from, row.valid_to) for row in spells]
            assert leaders == [
                (busy.people["manager"], START, LAST), (busy.people["rival"], LAST + DAY, FOREVER)
            ]  # fmt: skip
        assert busy.people["manager"].assignments.get().valid_to == LAST
        duties = StandIn.objects.order_by("first_day").values_list("stand_in_id", "first_day", "last_day")
        assert list(duties) == [
            (busy.people["manager"].pk, LAST - DAY, LAST),
            (busy.people["boss"].pk, LAST + DAY, LAST + 5 * DAY),
        ]
        april = MonthlyTarget.objects.get(month=date(2025, 4, 1))
        assert (april.employee, april.value) == (busy.people["rival"], Decimal(10))
        assert Job.objects.get().created_by == busy.users["assistant"]
        assert found(busy) == {}


def test_what_is_dropped_is_gone_and_what_is_not_chosen_stays_listed(busy: Company) -> None:
    with busy.scope():
        listed = found(busy)
        dropped = {code: Choice(frozenset(listed[code]), drop=True) for code in ("targets", "jobs", "stand_ins")}
        record(busy, dropped)
        assert not MonthlyTarget.objects.filter(month=date(2025, 4, 1)).exists()
        assert Job.objects.get().state == "cancelled"
        assert StandIn.objects.get().last_day == LAST
        assert set(found(busy)) == {"reports"}
        (row,) = selectors.leavers(today=LAST)
        assert [(kind.code, number) for kind, number in row.open] == [("reports", 2)]
        reports = Choice(frozenset(found(busy)["reports"]), busy.people["rival"])
        done = services.hand_over(busy.people["manager"].pk, choices={"reports": reports}, by_user_id=1)
        assert done == 2
        assert selectors.leavers(today=LAST, only_open=True) == []


def test_targets_are_added_to_those_of_the_successor(busy: Company) -> None:
    with busy.scope():
        metric = metric_by_code("orders")
        MonthlyTarget.objects.create(metric=metric, employee=busy.people["ann"], month=date(2025, 4, 1), value=7)
        record(busy, {"targets": Choice(frozenset(found(busy)["targets"]), busy.people["ann"])})
        assert MonthlyTarget.objects.get(month=date(2025, 4, 1)).value == Decimal(17)


@pytest.mark.parametrize(
    ("code", "to", "error"),
    [("reports", "ann", Circle), ("reports", "manager", DomainError), ("jobs", "bob", DomainError)],
)
def test_a_handover_that_can_not_be_leaves_everything_as_it_was(
    busy: Company, code: str, to: str, error: type[DomainError]
) -> None:
    with busy.scope():
        choices = all_to(busy, "rival")
        choices[code] = Choice(choices[code].keys, busy.people[to])
        with pytest.raises(error):
            record(busy, {code: choices[code]})
        assert Employee.objects.get(pk=busy.people["manager"].pk).left_on is None
        assert busy.people["ann"].assignments.get().manager == busy.people["manager"]


def test_people_who_are_led_are_never_just_dropped(busy: Company) -> None:
    with busy.scope(), pytest.raises(DomainError):
        record(busy, {"reports": Choice(frozenset(found(busy)["reports"]), drop=True)})


def test_absences_are_cut_off_and_a_later_day_lengthens_the_assignment_again(busy: Company) -> None:
    with busy.scope():
        people = busy.people
        record_absence(people["manager"], kind="annual", first_day=LAST, last_day=LAST + DAY)
        record(busy, {})
        assert Absence.objects.get().last_day == LAST
        with pytest.raises(Conflict):  # the page showed no leave date
            record(busy, {}, LAST + DAY)
        record(busy, {}, LAST + DAY, shown=LAST)
        assert people["manager"].assignments.get().valid_to == LAST + DAY
        services.take_back(people["manager"].pk, shown=LAST + DAY)
        assert people["manager"].assignments.get().valid_to == FOREVER


def test_the_page_shows_what_stays_open_and_records_it(busy: Company, sign_in: Any) -> None:
    client: Client = sign_in(busy.users["hr"])
    address = f"/w/acme/people/{busy.people['manager'].pk}/leave/"
    page = client.get(f"{address}?last_day={LAST}").content.decode()
    assert "李安" in page
    with busy.scope():
        keys = " ".join(sorted(found(busy)["reports"]))
    form = {"last_day": LAST.isoformat(), "shown": "", "keys_reports": keys, "to_reports": "AC003"}
    assert client.post(address, {**form, "to_reports": "AC004"}).status_code == 400  # ann stands below
    assert client.post(address, form).status_code == 302
    with busy.scope():
        assert busy.people["bob"].assignments.latest("valid_from").manager == busy.people["rival"]
    assert "Mia Manager" in client.get("/w/acme/people/leavers/").content.decode()
    assert sign_in(busy.users["assistant"]).get("/w/acme/people/leavers/").status_code == 403


# What leavers may still do


@pytest.fixture
def gone(company: Company) -> Company:
    """Mia left yesterday; ann and bob still stand below her."""
    with company.scope():
        yesterday = today_here() - DAY
        Employee.objects.filter(pk=company.people["manager"].pk).update(left_on=yesterday)
        company.fact("manager", "sales_amount", yesterday, 111)
        company.fact("ann", "sales_amount", yesterday, 98765)
        company.drain()
    return company


def test_a_leaver_reads_their_own_records_and_nothing_else(gone: Company, sign_in: Any) -> None:
    client: Client = sign_in(gone.users["manager"])
    mine, ann = gone.people["manager"].pk, gone.people["ann"].pk
    for path in ("", "facts/", "targets/", "about/", f"people/{mine}/", f"people/{mine}/profile/"):
        page = client.get(f"/w/acme/{path}")
        assert page.status_code == 200, path
        assert "98,765" not in page.content.decode(), path
    for path, status in (("people/", 403), (f"people/{ann}/", 404), ("jobs/", 403), ("metrics/", 403),
                         (f"people/{mine}/stand-ins/add/", 403), ("facts/?who=team", 200)):  # fmt: skip
        page = client.get(f"/w/acme/{path}")
        assert page.status_code == status, path
        assert "98,765" not in page.content.decode(), path
    assert client.post("/w/acme/targets/", {f"target-{ann}": "5"}).status_code == 403
    assert client.post("/w/acme/facts/export/").status_code == 403


def test_the_time_for_reading_is_the_workspaces_and_ends(gone: Company, sign_in: Any) -> None:
    with gone.scope():
        left_on = Employee.objects.get(pk=gone.people["manager"].pk).left_on
        assert left_on is not None
        user_id = gone.users["manager"].pk
        leaver = viewer_in(user_id, left_on + 90 * DAY)
        assert leaver is not None
        assert leaver.left_until == left_on + 90 * DAY
        assert visible_employees(viewer=leaver, on=START) == [gone.people["manager"].pk]
        assert viewer_in(user_id, left_on + 91 * DAY) is None
    client: Client = sign_in(gone.users["hr"])
    assert client.post("/w/acme/people/leavers/access/", {"days": "0"}).status_code == 302
    assert client.post("/w/acme/people/leavers/access/", {"days": "99999"}).status_code == 302
    assert selectors_days(gone) == 0
    assert sign_in(gone.users["manager"]).get("/w/acme/").status_code == 404


def selectors_days(company: Company) -> int:
    with company.scope():
        return selectors.access_days()
