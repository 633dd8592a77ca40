"""Score deductions: by whom, for whom, for which periods; taken back, told, visible to the person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perfmgmt.notify.models import Notification
from perfmgmt.people.records.services import name_stand_in
from perfmgmt.people.viewer import Viewer, viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import _subscribers, subscribe
from reviews.deductions import services
from reviews.deductions.rules import BadDeduction, check
from reviews.deductions.selectors import of_person, read
from reviews.deductions.services import DeductionDraft
from reviews.models import ScoreDeduction
from tests.factories import Company
from tests.reviews.factories import open_cycle
from tests.reviews.scorecard_factories import add_result, scorecard

SignIn = Callable[[Any], Any]
Q1 = Period(Grain.QUARTER, date(2025, 1, 1))
TODAY = date(2025, 4, 10)
BASE = "/w/acme/deductions/"


def viewer(company: Company, role: str) -> Viewer:
    found = viewer_in(company.users[role].pk, TODAY)
    assert found is not None
    return found


def draft(company: Company, name: str = "ann", **changes: Any) -> DeductionDraft:
    found = DeductionDraft(company.people[name], Q1, Decimal("2.5"), "Files late", date(2025, 3, 1))
    return replace(found, **changes)


def add(company: Company, role: str = "manager", name: str = "ann", **changes: Any) -> ScoreDeduction:
    return services.add_deduction(draft(company, name, **changes), viewer=viewer(company, role), today=TODAY)


@pytest.mark.parametrize(
    ("points", "day", "start", "code"),
    [
        ("0", "2025-03-01", "2025-01-01", "points"),
        ("-1", "2025-03-01", "2025-01-01", "points"),
        ("100.0001", "2025-03-01", "2025-01-01", "points"),
        ("1.00001", "2025-03-01", "2025-01-01", "points"),
        ("5", "2025-04-01", "2025-01-01", "later"),
        ("5", "2025-04-11", "2025-04-01", "later"),
        ("5", "2025-04-10", "2025-07-01", "future"),
    ],
)  # fmt: skip
def test_what_cant_be_is_refused(points: str, day: str, start: str, code: str) -> None:
    period = Period(Grain.QUARTER, date.fromisoformat(start))
    with pytest.raises(BadDeduction) as error:
        check(Decimal(points), date.fromisoformat(day), period.start, period.end, TODAY)
    assert error.value.code == code


def test_what_is_found_late_counts_in_a_period_that_is_open() -> None:
    check(Decimal(100), date(2024, 11, 1), Q1.start, Q1.end, TODAY)
    check(Decimal("0.0001"), Q1.end, Q1.start, Q1.end, TODAY)
    check(Decimal(1), TODAY, date(2025, 4, 1), date(2025, 6, 30), TODAY)
    check(Decimal(1), TODAY, TODAY, date(2025, 6, 30), TODAY)


def test_a_manager_takes_points_off_below_and_hr_off_everybody(acme: Company) -> None:
    assert add(acme).points == Decimal("2.5")
    add(acme, "hr", "cid")
    add(acme, "owner", "manager")
    for role, name, error in (
        ("manager", "cid", NotFound),
        ("manager", "manager", NotAllowed),
        ("assistant", "bob", NotAllowed),
        ("assistant", "ann", NotAllowed),
        ("auditor", "ann", NotAllowed),
        ("executive", "ann", NotAllowed),
    ):
        with pytest.raises(error):
            add(acme, role, name)
    assert ScoreDeduction.objects.count() == 3


def test_whoever_stands_in_never_takes_points_off_themselves(acme: Company) -> None:
    name_stand_in(acme.people["manager"], stand_in=acme.people["ann"], first_day=TODAY, last_day=TODAY)
    assert add(acme, "assistant", "bob").employee == acme.people["bob"]
    with pytest.raises(NotAllowed):
        add(acme, "assistant", "ann")


def test_a_reason_is_needed_and_the_person_is_told(acme: Company) -> None:
    with pytest.raises(DomainError, match="Say why"):
        add(acme, reason="  ")
    row = add(acme)
    told = Notification.objects.get(user=acme.users["assistant"])
    assert (told.kind, told.params["reason"], told.params["points"]) == ("scores.deducted", "Files late", "2.5")
    with pytest.raises(DomainError, match="Say why"):
        services.withdraw_deduction(row.pk, " ", viewer=viewer(acme, "hr"), today=TODAY)
    services.withdraw_deduction(row.pk, "A mistake", viewer=viewer(acme, "hr"), today=TODAY)
    row.refresh_from_db()
    assert row.withdrawn_at is not None and row.withdrawn_reason == "A mistake"
    before = row.withdrawn_at
    services.withdraw_deduction(row.pk, "Again", viewer=viewer(acme, "hr"), today=TODAY)
    row.refresh_from_db()
    assert row.withdrawn_at == before and row.withdrawn_reason == "A mistake"


def test_taking_back_has_the_same_reach(acme: Company) -> None:
    theirs, own = add(acme, "hr", "cid"), add(acme, "hr", "manager")
    for row, error in ((theirs, NotFound), (own, NotAllowed)):
        with pytest.raises(error):
            services.withdraw_deduction(row.pk, "No", viewer=viewer(acme, "manager"), today=TODAY)
    with pytest.raises(NotFound):
        services.withdraw_deduction(2**40, "No", viewer=viewer(acme, "hr"), today=TODAY)


def test_a_released_result_is_frozen(acme: Company) -> None:
    row = add(acme)
    add_result(open_cycle(acme, "ann"), "ann", scorecard().versions.get())
    with pytest.raises(DomainError, match="is released"):
        add(acme)
    with pytest.raises(DomainError, match="is released"):
        services.withdraw_deduction(row.pk, "Late", viewer=viewer(acme, "hr"), today=TODAY)
    # Another person, another period, another length of it.
    add(acme, name="bob")
    add(acme, period=Period(Grain.MONTH, date(2025, 1, 1)), happened_on=date(2025, 1, 5))


def test_who_counts_scores_is_told(acme: Company) -> None:
    told: list[dict[str, Any]] = []

    def listen(**payload: Any) -> None:
        told.append(payload)

    subscribe(services.CHANGED, listen)
    try:
        row = add(acme)
        services.withdraw_deduction(row.pk, "No", viewer=viewer(acme, "hr"), today=TODAY)
    finally:
        _subscribers[services.CHANGED].remove(listen)
    assert told == [{"employee_id": acme.people["ann"].pk, "grain": 4, "start": Q1.start}] * 2


def test_ones_own_deductions_of_a_period(acme: Company) -> None:
    add(acme)
    add(acme, period=Period(Grain.MONTH, date(2025, 1, 1)), happened_on=date(2025, 1, 5))
    add(acme, name="bob")
    month = Period(Grain.MONTH, date(2025, 1, 1))
    found = of_person(acme.people["ann"].pk, [Q1, month])
    assert [len(found[period]) for period in (Q1, month)] == [1, 1]


# Pages


def test_the_list_the_form_and_taking_back(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    with company.scope():
        today = workspace_of(company.tenant).today()
        period = Period.containing(Grain.QUARTER, today)
        ann = company.people["ann"].number
    assert "No points were taken off" in client.get(BASE).content.decode()
    data = {"employee": ann, "period": period.label, "points": "3", "happened_on": str(today), "reason": "Late twice"}
    assert client.post(f"{BASE}new/", data).status_code == 302
    text = client.get(BASE).content.decode()
    assert "Late twice" in text and "Take back" in text
    with company.scope():
        row = ScoreDeduction.objects.get()
    assert "Late twice" in client.get(f"{BASE}{row.pk}/withdraw/").content.decode()
    assert client.post(f"{BASE}{row.pk}/withdraw/", {"reason": ""}).status_code == 400
    assert client.post(f"{BASE}{row.pk}/withdraw/", {"reason": "Was not so"}).status_code == 302
    assert "Was not so" in client.get(f"{BASE}?state=withdrawn&q=late&period={period.label}").content.decode()
    assert "No deduction matches" in client.get(f"{BASE}?state=standing").content.decode()
    for sort in ("name", "-points", "day", "-period", "nonsense"):
        assert client.get(f"{BASE}?sort={sort}&period=nonsense").status_code == 200


def test_the_form_says_what_is_wrong(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    with company.scope():
        today = workspace_of(company.tenant).today()
        label = Period.containing(Grain.QUARTER, today).label
        numbers = {name: person.number for name, person in company.people.items()}
    good = {"employee": numbers["ann"], "period": label, "points": "3", "happened_on": str(today), "reason": "x"}
    for change, says in (
        ({"employee": numbers["cid"]}, "of the people below you only"),
        ({"employee": numbers["manager"]}, "of the people below you only"),
        ({"points": "0"}, "Between 0 and 100 points"),
        ({"points": "101"}, "less than or equal to 100"),
        ({"happened_on": str(today + timedelta(1))}, "after today"),
        ({"period": "2019-Q1"}, "Select a valid choice"),
        ({"reason": ""}, "required"),
    ):
        response = client.post(f"{BASE}new/", good | change)
        assert response.status_code == 400 and says in response.content.decode(), change
    with company.scope():
        assert not ScoreDeduction.objects.exists()


def test_assistants_and_other_teams_see_nothing(company: Company, other_company: Company, sign_in: SignIn) -> None:
    with company.scope():
        mine, theirs = add(company), add(company, "hr", "cid")
    with other_company.scope():
        foreign = add(other_company)
    manager = sign_in(company.users["manager"])
    assert manager.get(f"{BASE}{mine.pk}/withdraw/").status_code == 200
    for row in (theirs, foreign):
        assert manager.get(f"{BASE}{row.pk}/withdraw/").status_code == 404
        assert manager.post(f"{BASE}{row.pk}/withdraw/", {"reason": "x"}).status_code == 404
    assert "cid" not in manager.get(f"{BASE}?q=Cid").content.decode()
    assert sign_in(company.users["assistant"]).get(BASE).status_code == 403
    assert sign_in(company.users["auditor"]).get(f"{BASE}new/").status_code == 403


def test_nonsense_in_the_address_is_no_filter(acme: Company) -> None:
    wanted = read({"q": "\0", "period": "2025-W03", "state": "x", "sort": "y"}, workspace=workspace_of(acme.tenant))
    assert not wanted.is_filtered and wanted.sort == ""
