"""Cycles close by themselves: announced first, by the workspace's clock, once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from perfmgmt.notify.models import Notification
from reviews.cycles import ending, services
from reviews.cycles.rules import last_day, to_announce
from reviews.models import CycleStatistic, Participant, ReviewCycle
from tests.factories import Company
from tests.reviews.cycle_factories import launched, today, viewer, workspace

pytestmark = pytest.mark.django_db
# A Wednesday at 10 in Shanghai.
WEDNESDAY = datetime(2025, 4, 16, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def due(company: Company, *, until: date, after: int | None = 3) -> ReviewCycle:
    cycle = launched(company)
    ReviewCycle.objects.filter(pk=cycle.pk).update(answer_until=until, closes_after=after)
    return cycle


def run(company: Company, at: datetime) -> str:
    ending.end_due(workspace(company), at)
    return ReviewCycle.objects.get().state


def told(company: Company, kind: str, name: str) -> list[dict[str, Any]]:
    rows = Notification.objects.filter(kind=kind, user=company.users[name])
    return list(rows.values_list("params", flat=True))


def test_it_is_announced_two_days_before_and_closes_after_the_day(acme: Company) -> None:
    due(acme, until=date(2025, 4, 15))  # and three days: until Friday the 18th
    assert run(acme, WEDNESDAY - DAY) == "open" and ReviewCycle.objects.get().closes_on is None
    for _again in range(2):
        assert run(acme, WEDNESDAY) == "open"
    assert ReviewCycle.objects.get().closes_on == date(2025, 4, 18)
    for name in ("assistant", "hr"):
        assert [one["until_day"] for one in told(acme, "cycles.closing", name)] == ["2025-04-18"]
    assert run(acme, datetime(2025, 4, 18, 15, 59, tzinfo=UTC)) == "open"  # 23:59 in Shanghai
    for _again in range(2):
        assert run(acme, datetime(2025, 4, 18, 16, 1, tzinfo=UTC)) == "closed"  # Saturday, one minute after midnight
    assert len(told(acme, "cycles.closed", "hr")) == 1 and not told(acme, "cycles.closed", "assistant")
    assert not Notification.objects.filter(kind="cycles.closing", read_at=None).exists()


def test_what_was_not_announced_is_not_closed(acme: Company) -> None:
    due(acme, until=date(2025, 3, 1))  # nothing ran for weeks
    assert run(acme, WEDNESDAY + timedelta(hours=10)) == "open"  # in the evening nobody is written to
    assert run(acme, WEDNESDAY) == "open" and ReviewCycle.objects.get().closes_on == date(2025, 4, 17)
    assert run(acme, WEDNESDAY + DAY) == "open"
    assert run(acme, WEDNESDAY + 2 * DAY) == "closed"


def test_more_time_for_anybody_moves_the_day(acme: Company) -> None:
    due(acme, until=date(2025, 4, 15))
    run(acme, WEDNESDAY)
    Participant.objects.filter(employee=acme.people["ann"]).update(answer_until=date(2025, 4, 21))
    assert run(acme, WEDNESDAY + 5 * DAY) == "open"
    assert run(acme, WEDNESDAY + 6 * DAY) == "open"
    assert ReviewCycle.objects.get().closes_on == date(2025, 4, 24)
    Participant.objects.update(dropped_at=WEDNESDAY)
    assert run(acme, WEDNESDAY + 9 * DAY) == "closed"


def test_a_cycle_may_be_closed_by_hand_only(acme: Company) -> None:
    due(acme, until=date(2025, 3, 1), after=None)
    for at in (WEDNESDAY, WEDNESDAY + 3 * DAY):
        assert run(acme, at) == "open"
    assert not Notification.objects.filter(kind="cycles.closing").exists()


def test_opened_again_it_is_announced_again(acme: Company) -> None:
    cycle = due(acme, until=date(2025, 4, 15))
    run(acme, WEDNESDAY)
    assert run(acme, WEDNESDAY + 3 * DAY) == "closed"
    services.reopen(cycle.pk, today() + DAY, viewer=viewer(acme, "hr"), workspace=workspace(acme))
    assert ReviewCycle.objects.get().closes_on is None
    assert run(acme, WEDNESDAY + 4 * DAY) == "open"


def test_days() -> None:
    first = date(2025, 4, 15)
    assert last_day(first, None, None) is None and last_day(None, first, 3) is None
    assert last_day(first, first - DAY, 0) == first and last_day(first, first + DAY, 2) == first + 3 * DAY
    assert to_announce(first, None, first - 3 * DAY) is None
    assert to_announce(first, first, first) is None
    assert to_announce(first, first - DAY, first - 2 * DAY) == first


def test_the_board_says_when_and_hides_opening_again_with_the_reason(
    company: Company, sign_in: Callable[[Any], Client]
) -> None:
    with company.scope():
        cycle = due(company, until=date(2099, 4, 15))
    hr = sign_in(company.users["hr"])
    address = f"/w/acme/cycles/{cycle.pk}/"
    assert "Closes by itself after" in hr.get(address).content.decode()
    with company.scope():
        ReviewCycle.objects.update(state="closed")
    page = hr.get(address).content.decode()
    assert "Take answers again" in page and "Figures of this cycle" not in page
    with company.scope():
        CycleStatistic.objects.create(cycle_id=cycle.pk, made_at=WEDNESDAY)
    page = hr.get(address).content.decode()
    assert "Take answers again" not in page and "Figures of this cycle were worked out" in page
