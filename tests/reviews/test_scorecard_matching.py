"""Which scorecard counts for whom: by the place of a person in the period, the narrowest first."""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.people.models import Assignment, Position
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import workspace_of
from reviews.models import Scorecard, VersionState
from reviews.scorecards.matching import scorecard_for
from tests.factories import Company
from tests.reviews.scorecard_factories import published, scorecard

QUARTER, FIRST = 4, date(2025, 1, 1)


def version(card: Scorecard) -> int:
    return int(card.versions.order_by("-number").values_list("pk", flat=True)[0])


def place(company: Company, name: str, **fields: object) -> None:
    Assignment.objects.filter(employee=company.people[name]).update(**fields)


def of(company: Company, name: str, grain: int = QUARTER, start: date = FIRST) -> int | None:
    person = company.people[name].pk
    return scorecard_for([person], grain, start).get(person)


def test_the_narrowest_scorecard_counts(acme: Company) -> None:
    position = Position.objects.create(name="Assistant")
    cards = {
        "all": scorecard("All"),
        "type": scorecard("Hunters", sales_role_type="hunter"),
        "position": scorecard("Assistants", position=position),
        "both": scorecard("Hunting assistants", position=position, sales_role_type="hunter"),
    }
    for name, fields, wanted in (
        ("ann", {"position": position, "sales_role_type": "hunter"}, "both"),
        ("bob", {"position": position, "sales_role_type": "farmer"}, "position"),
        ("cid", {"sales_role_type": "hunter"}, "type"),
        ("manager", {}, "all"),
    ):
        place(acme, name, **fields)
        assert of(acme, name) == version(cards[wanted]), name
    assert scorecard_for(None, QUARTER, FIRST).keys() == {person.pk for person in acme.people.values()}


def test_a_rhythm_of_its_own_and_nobody_without_a_scorecard(acme: Company) -> None:
    scorecard("Months", rhythm=3)
    assert of(acme, "ann") is None
    assert of(acme, "ann", grain=3) is not None
    assert scorecard_for([], 3, FIRST) == {}


def test_the_newest_version_published_for_the_period_counts(acme: Company) -> None:
    card = scorecard("All")
    first = version(card)
    second = published(card, date(2025, 4, 1), 2)
    draft = published(card, FIRST, 3)
    type(draft).objects.filter(pk=draft.pk).update(state=VersionState.DRAFT, published_at=None)
    assert of(acme, "ann") == first
    assert of(acme, "ann", start=date(2025, 4, 1)) == second.pk
    assert of(acme, "ann", start=date(2024, 10, 1)) is None


def test_the_place_on_the_last_day_decides_and_leavers_keep_their_last(acme: Company) -> None:
    card, hunters = scorecard("All"), scorecard("Hunters", sales_role_type="hunter")
    assign(acme.people["ann"], unit=acme.units["south"], valid_from=date(2025, 3, 31), sales_role_type="hunter")
    place(acme, "bob", valid_to=date(2025, 2, 1), sales_role_type="hunter")
    place(acme, "cid", valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    assert of(acme, "ann") == of(acme, "bob") == version(hunters)
    assert of(acme, "cid") is None
    assert of(acme, "bob", start=date(2025, 4, 1)) is None
    assert of(acme, "manager") == version(card)


def test_of_a_period_to_come_today_decides(acme: Company) -> None:
    card, hunters = scorecard("All"), scorecard("Hunters", sales_role_type="hunter")
    today = workspace_of(acme.tenant).today()
    assign(acme.people["ann"], unit=acme.units["north"], valid_from=today + timedelta(1), sales_role_type="hunter")
    assert of(acme, "ann", start=date(today.year + 2, 1, 1)) == version(card) != version(hunters)
    new = add_employee("N1", "New")
    assign(new, unit=acme.units["north"], valid_from=today + timedelta(5))
    assert scorecard_for([new.pk], QUARTER, date(today.year + 2, 1, 1)) == {}


def test_an_archived_scorecard_explains_periods_that_were_over(acme: Company) -> None:
    old = scorecard("Old")
    Scorecard.objects.filter(pk=old.pk).update(archived_at=timezone.now())
    today = workspace_of(acme.tenant).today()
    assert of(acme, "ann") == version(old)
    assert of(acme, "ann", grain=5, start=date(today.year, 1, 1)) is None
    new = scorecard("New", valid_from=date(2025, 4, 1))
    assert of(acme, "ann") == version(old)
    assert of(acme, "ann", start=date(2025, 4, 1)) == version(new)


def test_one_query_for_everybody_and_nobody_of_another_company(company: Company, other_company: Company) -> None:
    with company.scope():
        scorecard("All")
        workspace = workspace_of(company.tenant)
        with CaptureQueriesContext(connection) as queries:
            found = scorecard_for(None, QUARTER, FIRST, workspace=workspace)
        assert len(queries) == 1 and len(found) == 6
        assert scorecard_for([other_company.people["ann"].pk], QUARTER, FIRST) == {}
