"""Reminders: in the workspace's hours, once a week, not for who is away or has sent; who is missing is told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from goals.check_ins import notices
from goals.check_ins.reminders import remind
from goals.models import CheckIn, CheckInMail, GoalRules, MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.notify import notifications
from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.people.models import Absence, StandIn
from perfmgmt.people.viewer import Workspace, workspace_of
from tests.factories import Company

WEEK = date(2025, 3, 10)
# The workspace is in Shanghai: 01:00 UTC is nine o'clock.
FRIDAY_EIGHT, FRIDAY_NINE = datetime(2025, 3, 14, 0, 59, tzinfo=UTC), datetime(2025, 3, 14, 1, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2025, 3, 17, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _scope(company: Company) -> Iterator[None]:
    with company.scope():
        for person in ("ann", "bob", "cid"):
            MonthlyTarget.objects.create(
                metric=Metric.objects.get(code="orders"), employee=company.people[person], month=date(2025, 3, 1),
                value=9,
            )  # fmt: skip
        yield


@pytest.fixture
def workspace(company: Company) -> Workspace:
    return workspace_of(company.tenant)


def mails() -> list[tuple[str, str]]:
    return sorted(WorkspaceMail.objects.values_list("recipient", "kind"))


def test_once_from_the_hour_on(company: Company, workspace: Workspace, settings: Any) -> None:
    settings.SITE_URL = "https://perf.example"
    assert remind(workspace, FRIDAY_EIGHT) == 0
    assert remind(workspace, FRIDAY_NINE) == 1  # bob and cid have no sign-in
    assert remind(workspace, datetime(2025, 3, 14, 7, tzinfo=UTC)) == 0
    assert mails() == [("assistant@acme.example", "check_ins.reminder")]
    assert "https://perf.example/w/acme/check-in/?week=2025-W11" in WorkspaceMail.objects.get().text
    told = notifications.of(company.users["assistant"].pk)
    assert [each.kind for each in told] == [notices.REMINDER]


@pytest.mark.parametrize("why", ["sent", "away", "muted", "no target"])
def test_who_needs_none_gets_none(company: Company, workspace: Workspace, why: str) -> None:
    ann = company.people["ann"]
    if why == "sent":
        CheckIn.objects.create(employee=ann, week=WEEK, state="sent", sent_at=FRIDAY_EIGHT)
    elif why == "away":
        Absence.objects.create(employee=ann, kind="sick", first_day=date(2025, 3, 14), last_day=date(2025, 3, 14))
    elif why == "muted":
        company.users["assistant"].muted = [notices.REMINDER]
        company.users["assistant"].save()
    else:
        MonthlyTarget.objects.all().delete()
    remind(workspace, FRIDAY_NINE)
    assert mails() == []
    assert not notifications.of(company.users["assistant"].pk).exists()


def test_the_workspace_chooses_the_day(workspace: Workspace) -> None:
    GoalRules.objects.create(check_in_day=4, check_in_hour=15)
    assert remind(workspace, FRIDAY_NINE) == 0
    assert (
        remind(workspace, datetime(2025, 3, 14, 7, tzinfo=UTC)) == 1
    )  # for the manager: those of Thursday are missing
    assert mails() == [("manager@acme.example", "check_ins.missing")]
    CheckInMail.objects.all().delete()
    assert remind(workspace, datetime(2025, 3, 13, 6, 59, tzinfo=UTC)) == 0
    assert remind(workspace, datetime(2025, 3, 13, 7, tzinfo=UTC)) == 1


def test_managers_are_told_who_is_missing(company: Company, workspace: Workspace) -> None:
    CheckIn.objects.create(employee=company.people["ann"], week=WEEK, state="sent", sent_at=FRIDAY_NINE)
    assert remind(workspace, MONDAY_NINE) == 1  # cid's manager has no sign-in
    assert remind(workspace, MONDAY_NINE) == 0
    (mail,) = WorkspaceMail.objects.all()
    assert (mail.recipient, mail.kind) == ("manager@acme.example", "check_ins.missing")
    assert "Bob Bell" in mail.text
    assert "李安" not in mail.text


def test_who_stands_in_is_told_instead(company: Company, workspace: Workspace) -> None:
    manager, monday = company.people["manager"], date(2025, 3, 17)
    Absence.objects.create(employee=manager, kind="annual", first_day=monday, last_day=monday)
    StandIn.objects.create(employee=manager, stand_in=company.people["ann"], first_day=monday, last_day=monday)
    assert remind(workspace, MONDAY_NINE) == 1
    (mail,) = WorkspaceMail.objects.all()
    assert mail.recipient == "assistant@acme.example"
    assert "Bob Bell" in mail.text


def test_who_was_away_all_week_is_not_missing(company: Company, workspace: Workspace) -> None:
    for person in ("ann", "bob"):
        Absence.objects.create(
            employee=company.people[person], kind="annual", first_day=WEEK, last_day=date(2025, 3, 14)
        )
    assert remind(workspace, MONDAY_NINE) == 0
