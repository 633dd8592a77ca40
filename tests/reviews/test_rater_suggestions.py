"""Who is suggested as a rater, and with which words."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from perfmgmt.people.services import add_employee, assign
from reviews.models import Participant
from reviews.raters import words
from reviews.raters.circle import Circle
from reviews.raters.rules import Link, Tie
from reviews.raters.suggestions import links_of, suggested
from tests.factories import START, Company
from tests.reviews.rater_factories import Choice, choosing, share_customers, share_deal

pytestmark = pytest.mark.django_db


def circle_of(choice: Choice, participant: Participant | None = None) -> tuple[Circle, Participant]:
    whom = participant or choice.ann
    return Circle(choice.row, [whom], workspace=choice.workspace), whom


def test_suggestions_come_from_work_done_together(acme: Company) -> None:
    choice = choosing(acme)
    share_customers(choice, "s1", 12)
    share_deal(choice, "s2", "ann", "D-1")
    circle, ann = circle_of(choice)
    found = suggested(circle, ann)
    assert found[choice.people["s1"].pk] == [Link(Tie.CUSTOMERS, 12)]
    assert found[choice.people["s2"].pk] == [Link(Tie.SUPPORTED, 1)]
    assert found[choice.people["p1"].pk] == [Link(Tie.TEAM)]
    assert next(iter(found)) == choice.people["s1"].pk  # the closest stands first
    # Neither herself, nor who leads her, nor those with whom she shares nothing.
    for name in ("ann", "manager", "boss", "cid", "rival"):
        assert choice.people[name].pk not in found, name


def test_work_of_other_periods_does_not_count(acme: Company) -> None:
    choice = choosing(acme)
    share_customers(choice, "s1", 3, day=date(2025, 4, 2))
    circle, ann = circle_of(choice)
    assert choice.people["s1"].pk not in links_of(circle, ann)


def test_who_supported_ones_deals_is_a_deal_shared(acme: Company) -> None:
    choice = choosing(acme)
    share_deal(choice, "ann", "s2", "D-9")
    circle, ann = circle_of(choice)
    assert links_of(circle, ann, [choice.people["s2"].pk]) == {choice.people["s2"].pk: [Link(Tie.DEALS, 1)]}


def test_direct_reports_of_the_period_are_suggested(acme: Company) -> None:
    choice = choosing(acme)
    lead = choice.join("rival", led_by="boss")
    circle, rival = circle_of(choice, lead)
    found = suggested(circle, rival)
    assert Link(Tie.REPORT) in found[choice.people["s1"].pk]
    assert circle.available(rival, "direct_reports") == 3  # cid, s1, s2


def test_nobody_with_a_full_load_is_suggested(acme: Company) -> None:
    from tests.reviews.factories import add_rater

    choice = choosing(acme, most=1)
    add_rater(choice.cycle, "cid", choice.people["p1"], "peers")
    choice.row.refresh_from_db()
    circle, ann = circle_of(choice)
    found = suggested(circle, ann)
    assert choice.people["p1"].pk not in found
    assert choice.people["p2"].pk in found


def test_ties_in_words() -> None:
    with override("en"):
        assert words.links([Link(Tie.CUSTOMERS, 12), Link(Tie.TEAM)]) == "12 shared customers · same manager"
        assert words.links([]) == "No work in common found"


def test_suggestions_take_the_same_queries_whatever_the_size(acme: Company) -> None:
    choice = choosing(acme)
    share_customers(choice, "s1", 3)

    def count() -> int:
        circle, ann = circle_of(choice)
        with CaptureQueriesContext(connection) as queries:
            suggested(circle, ann)
        return len(queries)

    before: Any = count()
    for n in range(10):
        person = add_employee(f"X{n}", f"More {n}")
        assign(person, unit=acme.units["north"], manager=acme.people["manager"], valid_from=START)
    assert count() == before
