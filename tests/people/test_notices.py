"""The day a stand-in begins is told to both, once; and nobody is told what they muted."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from perfmgmt.notify import notifications
from perfmgmt.notify.models import Notification
from perfmgmt.people import notices
from perfmgmt.people.models import Membership, StandIn
from perfmgmt.people.tasks import tell_begun_stand_ins_of
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
ENGLISH = {"accept-language": "en"}
BEGIN = (notices.BEGINS, notices.BEGINS_FOR_ME)


@pytest.fixture
def today() -> date:
    return timezone.localdate(timezone=timezone.get_fixed_timezone(8 * 60))


def arrange(company: Company, first_day: date) -> StandIn:
    """The manager is away and ann decides."""
    boss = Membership.objects.get(user=company.users["manager"]).employee
    return StandIn.objects.create(
        employee=boss, stand_in=company.people["ann"], first_day=first_day, last_day=first_day + timedelta(days=4)
    )


def told(company: Company, role: str) -> list[str]:
    found = notifications.of(company.users[role].pk).filter(kind__in=BEGIN)
    return list(found.values_list("kind", flat=True))


def test_both_are_told_on_the_first_day_and_once(company: Company, sign_in: SignIn, today: date) -> None:
    with company.scope():
        arrange(company, today)
    for _ in range(3):
        tell_begun_stand_ins_of(company.tenant.pk)
    with company.scope():
        notifications.mark_read(company.users["assistant"].pk)
    tell_begun_stand_ins_of(company.tenant.pk)  # read is told as well
    with company.scope():
        assert told(company, "assistant") == [notices.BEGINS]
        assert told(company, "manager") == [notices.BEGINS_FOR_ME]
        assert told(company, "hr") == []
    page = sign_in(company.users["manager"]).get("/w/acme/notifications/", headers=ENGLISH).content.decode()
    assert "stands in for you, until" in page


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_is_told_on_another_day(company: Company, today: date, days: int) -> None:
    with company.scope():
        arrange(company, today + timedelta(days=days))
        assert notices.tell_begun(today=today) == 0
        assert not Notification.objects.filter(kind__in=BEGIN).exists()


def test_the_day_is_the_workspace_s_own(company: Company, monkeypatch: Any) -> None:
    with company.scope():
        arrange(company, date(2026, 3, 2))
    late = datetime(2026, 3, 1, 17, tzinfo=UTC)  # in Shanghai it is 1:00 of the 2nd
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    tell_begun_stand_ins_of(company.tenant.pk)
    with company.scope():
        assert told(company, "assistant") == [notices.BEGINS]


def test_another_workspace_is_not_told(company: Company, other_company: Company, today: date) -> None:
    with company.scope():
        arrange(company, today)
    tell_begun_stand_ins_of(other_company.tenant.pk)
    with company.scope():
        assert told(company, "assistant") == []


def choose(client: Client, *muted: str) -> None:
    every = {kind.code for kind in notifications.registered()}
    assert client.post("/account/notifications/", {"told": sorted(every - set(muted))}).status_code == 302


def chosen(client: Client) -> set[str]:
    """The kinds that are ticked on the page."""
    boxes = re.findall(r'<input[^>]* name="told"[^>]*>', client.get("/account/").content.decode())
    assert len(boxes) == len(notifications.registered())
    return {re.findall(r'value="([^"]+)"', box)[0] for box in boxes if " checked" in box}


def test_a_muted_kind_is_not_told_and_the_others_are(company: Company, sign_in: SignIn, today: date) -> None:
    client, every = sign_in(company.users["assistant"]), {kind.code for kind in notifications.registered()}
    assert chosen(client) == every
    choose(client, notices.BEGINS)
    assert chosen(client) == every - {notices.BEGINS}
    with company.scope():
        arrange(company, today)
        notices.tell_begun(today=today)
        assert told(company, "assistant") == []
        assert told(company, "manager") == [notices.BEGINS_FOR_ME]
        assert notifications.tell(notices.ACCEPTED, user_ids=[company.users["assistant"].pk], path="", name="Bo") == 1
    choose(client)
    with company.scope():
        notices.tell_begun(today=today)
        assert told(company, "assistant") == [notices.BEGINS]


def test_an_unknown_kind_and_a_stranger_are_refused(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    assert client.post("/account/notifications/", {"told": ["all.of.them"]}).status_code == 400
    assert client.get("/account/notifications/").status_code == 405
    company.users["assistant"].refresh_from_db()
    assert company.users["assistant"].muted == []
    assert Client().post("/account/notifications/", {})["Location"].startswith("/accounts/login/")


def test_every_kind_has_a_title_to_choose_it_by() -> None:
    assert [kind.code for kind in notifications.registered() if not kind.title] == []
