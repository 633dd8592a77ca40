"""What people are told: by which acts, one's own only, counted with every page, read, and forgotten after a while."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from goals.services import set_targets
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import Metric
from perfmgmt.notify import notifications
from perfmgmt.notify.models import Notification
from perfmgmt.notify.tasks import forget_notifications
from perfmgmt.people.records.services import name_stand_in
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.calendar import Period
from perfmgmt.worklog import services as worklog
from perfmgmt.worklog.models import WorkEntry
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def today() -> date:
    return timezone.localdate(timezone=timezone.get_fixed_timezone(8 * 60))


def viewer(company: Company, role: str, today: date) -> Viewer:
    found = viewer_in(company.users[role].pk, today)
    assert found is not None
    return found


def told(company: Company, role: str) -> list[tuple[str, dict[str, Any]]]:
    found = notifications.of(company.users[role].pk).order_by("pk")
    return list(found.values_list("kind", "params"))


def entry(company: Company, today: date) -> WorkEntry:
    return worklog.save_entry(
        None, viewer=viewer(company, "assistant", today), today=today, metric=Metric.objects.get(code="peer_help"),
        day=today, value=Decimal(1), token=uuid4(),
    )  # fmt: skip


def test_entries_that_wait_are_one_line_for_the_manager(company: Company, today: date) -> None:
    with company.scope():
        for _ in range(3):
            worklog.submit([entry(company, today).pk], viewer=viewer(company, "assistant", today), today=today)
        ((kind, values),) = told(company, "manager")
        assert (kind, values["n"]) == ("worklog.waiting", 3)
        assert told(company, "owner") == told(company, "assistant") == []


def test_who_stands_in_for_the_manager_is_told_as_well(company: Company, today: date) -> None:
    with company.scope():
        name_stand_in(company.people["manager"], stand_in=company.people["ann"], first_day=today, last_day=today)
        assert [kind for kind, _values in told(company, "assistant")] == ["people.stand_in"]
        worklog.submit([entry(company, today).pk], viewer=viewer(company, "assistant", today), today=today)
        # Nobody decides about their own entries, so ann is not told of them.
        assert [kind for kind, _values in told(company, "assistant")] == ["people.stand_in"]


def test_a_decision_is_told_to_its_person(company: Company, today: date) -> None:
    with company.scope():
        ids = [entry(company, today).pk for _ in range(2)]
        worklog.submit(ids, viewer=viewer(company, "assistant", today), today=today)
        boss = viewer(company, "manager", today)
        worklog.approve(ids[:1], viewer=boss, today=today)
        worklog.send_back(ids[1:], viewer=boss, today=today, comment="Attach the order")
        assert [kind for kind, _values in told(company, "assistant")] == ["worklog.approved", "worklog.returned"]
        assert told(company, "assistant")[1][1] == {"n": 1, "comment": "Attach the order"}


def test_what_waited_and_is_decided_or_taken_back_asks_for_nothing_any_more(company: Company, today: date) -> None:
    def unread() -> int:
        return notifications.of(company.users["manager"].pk).filter(kind="worklog.waiting", read_at=None).count()

    with company.scope():
        ids = [entry(company, today).pk for _ in range(2)]
        own, boss = viewer(company, "assistant", today), viewer(company, "manager", today)
        worklog.submit(ids, viewer=own, today=today)
        worklog.approve(ids[:1], viewer=boss, today=today)
        assert unread() == 1  # the other one still waits
        worklog.withdraw(ids[1], viewer=own)
        assert unread() == 0


def test_nothing_is_told_of_what_was_rolled_back(company: Company, today: date) -> None:
    with company.scope():
        saved = entry(company, today)
        with pytest.raises(RuntimeError), transaction.atomic():
            worklog.submit([saved.pk], viewer=viewer(company, "assistant", today), today=today)
            raise RuntimeError
        assert Notification.objects.count() == 0


def test_a_target_of_now_is_told_and_one_of_the_past_is_not(company: Company, today: date) -> None:
    with company.scope():
        metric, boss = Metric.objects.get(code="sales_amount"), viewer(company, "manager", today)
        month = today.replace(day=1)
        for each in (month, (month - timedelta(days=1)).replace(day=1)):
            set_targets(metric, each, {company.people["ann"].pk: Decimal(5)}, viewer=boss, today=today)
        ((kind, values),) = told(company, "assistant")
        assert (kind, values["month"]) == ("goals.target_changed", [month.year, month.month])


def test_a_locked_period_is_told_to_who_sees_to_periods(company: Company) -> None:
    with company.scope():
        lock_period(Period.parse("2025-02"), today=date(2025, 5, 1), user_id=company.users["owner"].pk, job_id=None,
                    slug="acme")  # fmt: skip
        for role in ("hr", "auditor", "payroll"):
            assert told(company, role) == [("periods.locked", {"period": "2025-02"})], role
        assert told(company, "owner") == told(company, "assistant") == told(company, "executive") == []


def tell(company: Company, role: str, name: str = "Cy", count: int = 1) -> None:
    with company.scope():
        for _ in range(count):
            notifications.tell("invitation.accepted", user_ids=[company.users[role].pk], path="members/", name=name)


def test_the_number_at_the_bell_adds_no_query(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["owner"])
    client.get("/w/acme/about/")

    def queries() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as found:
            page = client.get("/w/acme/about/", headers=ENGLISH).content.decode()
        assert not [q["sql"] for q in found.captured_queries if q["sql"].startswith('SELECT "notify_notification')]
        return len(found.captured_queries), page

    before, page = queries()
    assert "none unread" in page
    tell(company, "owner", count=120)
    tell(company, "hr")
    after, page = queries()
    assert after == before
    assert "Notifications, 120 unread" in page
    assert "99+" in page


def test_unread_ones_have_an_index_of_their_own(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'notification_unread'")
        assert cursor.fetchone()[0].endswith("(tenant_id, user_id) WHERE (read_at IS NULL)")


def test_a_notification_leads_to_its_page_and_counts_as_read(company: Company, sign_in: SignIn) -> None:
    tell(company, "owner", "Cy")
    client = sign_in(company.users["owner"])
    page = client.get("/w/acme/notifications/panel/", headers=ENGLISH).content.decode()
    assert "Cy has accepted your invitation." in page
    with company.scope():
        pk = Notification.objects.get().pk
    response = client.get(f"/w/acme/notifications/{pk}/")
    assert (response.status_code, response["Location"]) == (302, "/w/acme/members/")
    with company.scope():
        assert Notification.objects.get().read_at is not None


def test_one_or_all_are_marked_as_read_and_nobody_elses(company: Company, sign_in: SignIn) -> None:
    tell(company, "owner", count=3)
    tell(company, "hr")
    client = sign_in(company.users["owner"])
    with company.scope():
        mine, theirs = (notifications.of(company.users[role].pk)[0].pk for role in ("owner", "hr"))

    def unread() -> list[int]:
        with company.scope():
            found = Notification.objects.filter(read_at=None)
            return [found.filter(user=company.users[role]).count() for role in ("owner", "hr")]

    client.post("/w/acme/notifications/read/", {"id": theirs})
    assert unread() == [3, 1]
    client.post("/w/acme/notifications/read/", {"id": mine})
    assert unread() == [2, 1]
    client.post("/w/acme/notifications/read/")
    assert unread() == [0, 1]
    assert client.post("/w/acme/notifications/read/", {"id": "1; DROP"}).status_code == 404
    assert client.get(f"/w/acme/notifications/{theirs}/").status_code == 404


def test_the_page_shows_the_unread_or_all_and_says_what_will_be_there(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["owner"])
    assert "Nothing yet" in client.get("/w/acme/notifications/", headers=ENGLISH).content.decode()
    tell(company, "owner", "Old")
    with company.scope():
        notifications.mark_read(company.users["owner"].pk)
    tell(company, "owner", "Fresh")
    everything = client.get("/w/acme/notifications/", headers=ENGLISH).content.decode()
    unread = client.get("/w/acme/notifications/?show=unread", headers=ENGLISH).content.decode()
    assert "Old has accepted" in everything
    assert "Fresh has accepted" in everything
    assert "Old has accepted" not in unread
    assert "您" in client.get("/w/acme/notifications/", headers={"accept-language": "zh-hans"}).content.decode()


def test_after_ninety_days_they_are_forgotten(company: Company) -> None:
    tell(company, "owner", count=2)
    other = Company.create("globex")
    tell(other, "owner")
    old = timezone.now() - timedelta(days=91)
    with company.scope():
        first = Notification.objects.earliest("pk")
        Notification.objects.filter(pk=first.pk).update(created_at=old)
    with other.scope():
        Notification.objects.update(created_at=old)
    forget_notifications(company.tenant.pk)
    with company.scope():
        assert list(Notification.objects.exclude(pk=first.pk)) == list(Notification.objects.all())
    with other.scope():
        assert Notification.objects.count() == 1


VALUES: dict[str, Any] = {"n": 2, "name": "Cy", "comment": "x", "work": "facts.export", "file": "a.csv",
    "period": "2025-02",
    "month": [2025, 2], "name_zh": "销售额", "name_en": "Sales", "first_day": "2025-01-01",
    "last_day": "2025-01-02", "what": "asked", "who": "Cy", "title": "Sales",
    "week": "2025-W02", "day": "2025-01-02", "text": "Call", "by": "Cy", "late": 1,
    "cycle": "Q1", "count": 2, "until_day": "2025-01-02", "manager": "Mo", "reason": "x", "left": 2,
    "rater": "Cy", "ratee": "Di", "state": "disagreed", "points": "2",
    "score": 1, "due_day": "2025-01-02", "old": 1, "new": 5,
    "zh": "产品", "en": "Product", "start_day": "2025-01-02", "clock": "09:00", "place": "A1"}  # fmt: skip


def test_every_kind_has_a_sentence_in_both_languages(company: Company) -> None:
    from django.utils.translation import override

    assert len(notifications.registered()) >= 9
    for kind in notifications.registered():
        with override("en"):
            english = notifications.sentence(kind, VALUES)
        with override("zh-hans"):
            assert notifications.sentence(kind, VALUES) != english, kind.code


def test_the_page_shows_every_kind(company: Company, sign_in: SignIn) -> None:
    """Days come to a sentence as the reader writes them, not as they are kept."""
    kinds = notifications.registered()
    with company.scope():
        for kind in kinds:
            notifications.tell(kind.code, user_ids=[company.users["owner"].pk], path="", **VALUES)
    client = sign_in(company.users["owner"])
    for page in range(1, 1 + -(-len(kinds) // 10)):
        assert client.get(f"/w/acme/notifications/?page={page}", headers=ENGLISH).status_code == 200
