"""Reminders: who still has something open, in their hours, never twice a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from perfmgmt.notify.models import Notification, WorkspaceMail
from perfmgmt.people.models import Absence
from perfmgmt.tenants.errors import Conflict, NotAllowed
from reviews.cycles import nudging
from reviews.models import Nudge, Participant, Rater, ReviewCycle
from tests.factories import Company
from tests.reviews.cycle_factories import launched, today, viewer, workspace

# A Wednesday and a Saturday at 10 in Shanghai.
WEDNESDAY, SATURDAY = datetime(2025, 4, 16, 2, tzinfo=UTC), datetime(2025, 4, 19, 2, tzinfo=UTC)


def reminded() -> set[str]:
    return set(WorkspaceMail.objects.filter(kind="cycles.reminder").values_list("recipient", flat=True))


def test_everybody_with_something_open_is_reminded_once_a_day(acme: Company) -> None:
    cycle, hr, space = launched(acme), viewer(acme, "hr"), workspace(acme)
    Rater.objects.filter(employee=acme.people["ann"]).update(state="done")
    first = nudging.nudge_all(cycle.pk, viewer=hr, workspace=space)
    assert reminded() == {"manager@acme.example"} and first.told == 1
    assert first.passed == 4  # the others have no sign-in
    assert nudging.nudge_all(cycle.pk, viewer=hr, workspace=space).told == 0
    person = Participant.objects.get(employee=acme.people["bob"])
    assert nudging.nudge_about(person.pk, viewer=hr, workspace=space).told == 0
    assert Nudge.objects.count() == 1 == WorkspaceMail.objects.filter(kind="cycles.reminder").count()
    assert Notification.objects.get(kind="cycles.reminder").params["count"] == 3


def test_who_is_away_today_is_not_reminded(acme: Company) -> None:
    cycle = launched(acme)
    Absence.objects.create(employee=acme.people["manager"], kind="annual", first_day=today(), last_day=today())
    nudging.nudge_all(cycle.pk, viewer=viewer(acme, "hr"), workspace=workspace(acme))
    assert reminded() == {"assistant@acme.example"}


def test_only_hr_reminds_and_only_while_a_cycle_is_open(acme: Company) -> None:
    cycle, space = launched(acme), workspace(acme)
    with pytest.raises(NotAllowed):
        nudging.nudge_all(cycle.pk, viewer=viewer(acme, "manager"), workspace=space)
    ReviewCycle.objects.update(state="closed")
    with pytest.raises(Conflict):
        nudging.nudge_all(cycle.pk, viewer=viewer(acme, "hr"), workspace=space)


def test_reminders_by_themselves_keep_the_recipients_hours(acme: Company) -> None:
    launched(acme)
    ReviewCycle.objects.update(answer_until=WEDNESDAY.date() + timedelta(days=3))
    space = workspace(acme)
    assert nudging.remind_all(space, WEDNESDAY - timedelta(hours=3)) == 0  # 7 in the morning
    assert nudging.remind_all(space, WEDNESDAY + timedelta(hours=10)) == 0  # 8 in the evening
    assert nudging.remind_all(space, SATURDAY) == 0
    assert nudging.remind_all(space, WEDNESDAY) == 2
    assert nudging.remind_all(space, WEDNESDAY) == 0
    ReviewCycle.objects.update(nudges=False)
    Nudge.objects.all().delete()
    assert nudging.remind_all(space, WEDNESDAY) == 0


@pytest.mark.parametrize(
    ("left", "due"),
    [(8, False), (7, True), (6, False), (3, True), (2, False), (1, True), (0, True), (-1, True), (-7, True),
     (-8, False)],
)  # fmt: skip
def test_days_on_which_reminders_go_out(acme: Company, left: int, due: bool) -> None:
    day = date(2025, 4, 16)
    assert nudging.is_due(day + timedelta(days=left), day, workspace(acme)) is due


def test_a_reminder_of_a_weekend_goes_out_on_the_next_working_day(acme: Company) -> None:
    # Three days before Wednesday 16 April is a Sunday: Monday, two days before, makes up for it.
    assert nudging.is_due(date(2025, 4, 16), date(2025, 4, 14), workspace(acme))
