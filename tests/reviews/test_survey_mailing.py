"""Mails of surveys are written when and to whom they may be, once, with a link of their own each."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.models import Contact
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.sending import send_due
from perfmgmt.notify.suppression import suppress
from perfmgmt.tenants.models import CalendarDay, WorkspaceRules
from perfmgmt.tenants.workdays import WorkingCalendar
from reviews.mailing import stencils, writing
from reviews.mailing.stencils import Ask, Stencils, rated_of
from reviews.mailing.window import Window
from reviews.models import InvitationState, SurveyInvitation, SurveyLink, SurveySkip
from reviews.surveys import services
from reviews.surveys.content import Both, Occasion
from reviews.surveys.letters import letter
from tests.factories import Company
from tests.mailbox import Mailbox
from tests.reviews.mailing_factories import agreed, invited, write_all
from tests.reviews.survey_factories import published, ready

pytestmark = pytest.mark.django_db
# A Wednesday, 10 o'clock in Shanghai.
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
BASE = "https://perf.example"


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Any:
    """Wednesday morning, with a server that customers reach."""
    settings.SITE_URL, settings.EMAIL_HOST = BASE, "mail.example.com"
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_a_mail_has_a_link_of_its_own_of_which_only_the_hash_is_kept(acme: Company) -> None:
    one = invited(acme, published(), agreed())
    assert write_all() == 1
    one.refresh_from_db()
    mail = WorkspaceMail.objects.get(kind=writing.KIND)
    assert (one.state, one.mail_id, one.mailed_at) == (InvitationState.MAILED, mail.pk, NOW)
    (token,) = set(re.findall(r"/s/\w+/([\w-]{22})", mail.text + mail.html + mail.unsubscribe))
    assert SurveyLink.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert f"/{token}/?a=5" in mail.text and f"/{token}/?lang=zh-hans" in mail.text
    assert mail.unsubscribe.endswith(f"/{token}/unsubscribe/") and mail.unsubscribe.startswith(f"{BASE}/s/")
    assert (mail.recipient, mail.domain, mail.at_most_once) == ("buyer1@lakeside.example", "lakeside.example", True)
    assert token not in mail.hidden_text
    assert write_all() == 0


def test_after_sending_nothing_in_the_database_leads_to_the_answer(company: Company, mailbox: Mailbox) -> None:
    with company.scope():
        invited(company, published(), agreed())
        write_all()
        token = WorkspaceMail.objects.get().secret
    send_due(WorkspaceMail, company.scope)
    assert token in str(mailbox.messages[0]["List-Unsubscribe"])
    with company.scope():
        (row,) = WorkspaceMail.objects.values()
    assert token not in repr(row)


@pytest.mark.parametrize(
    ("why", "reason"),
    [("withdrawn", "withdrawn"), ("refused", "refused"), ("nobody_asked", "no_consent"), ("no_email", "no_email"),
     ("erased", "no_contact"), ("suppressed", "suppressed"), ("closed", "closed"), ("late", "too_old")],
)  # fmt: skip
def test_what_changed_meanwhile_calls_it_off_and_says_why(acme: Company, why: str, reason: str) -> None:
    who, version = agreed(), published()
    one = invited(acme, version, None if why == "erased" else who)
    if why in ("withdrawn", "refused"):
        note_consent(who.pk, state=why, source="Phone", at=NOW)
    elif why == "nobody_asked":
        Contact.objects.update(consent="")
    elif why == "no_email":
        Contact.objects.update(email="")
    elif why == "suppressed":
        suppress("BUYER1@lakeside.example", reason="bounced")
    elif why == "closed":
        services.set_state(version.survey_id, "closed")
    elif why == "late":
        SurveyInvitation.objects.update(expires_at=NOW)
    write_all()
    one.refresh_from_db()
    assert one.state == InvitationState.CANCELLED
    assert list(SurveySkip.objects.values_list("reason", "customer")) == [(reason, "Lakeside Foods")]
    assert not WorkspaceMail.objects.filter(kind=writing.KIND).exists()


@pytest.mark.parametrize(
    ("zone", "opens"),
    [("", None), ("Asia/Tokyo", None), ("Europe/Berlin", datetime(2026, 3, 4, 8, tzinfo=UTC)),
     ("America/New_York", datetime(2026, 3, 4, 14, tzinfo=UTC)), ("Pacific/Auckland", None),
     ("Nowhere/Land", None)],
)  # fmt: skip
def test_it_waits_for_the_customers_own_morning(acme: Company, zone: str, opens: datetime | None) -> None:
    who = agreed()
    Contact.objects.update(time_zone=zone)
    one = invited(acme, published(), who)
    write_all()
    one.refresh_from_db()
    assert (one.state, one.send_at) == (("chosen", opens) if opens else ("mailed", NOW))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 3, 6, 9, 59, tzinfo=UTC), datetime(2026, 3, 6, 9, 59, tzinfo=UTC)),  # Friday, 17:59
        (datetime(2026, 3, 6, 10, 0, tzinfo=UTC), datetime(2026, 3, 9, 1, 0, tzinfo=UTC)),  # 18:00: Monday
        (datetime(2026, 3, 9, 0, 0, tzinfo=UTC), datetime(2026, 3, 10, 1, 0, tzinfo=UTC)),  # a day off of its own
        (datetime(2026, 3, 28, 0, 0, tzinfo=UTC), datetime(2026, 3, 30, 1, 0, tzinfo=UTC)),
    ],
)
def test_evenings_weekends_and_days_off_are_no_time_for_mail(now: datetime, opens: datetime) -> None:
    own = {date(2026, 3, 9): (False, "Our day")} if now.day == 9 else {}
    window = Window(9, 18, WorkingCalendar("CN", own=own), "Asia/Shanghai")
    assert window.opening(now) == opens


def test_a_window_until_midnight_and_across_the_change_to_summer_time() -> None:
    window = Window(9, 24, WorkingCalendar(), "Europe/Berlin")
    assert window.opening(datetime(2026, 3, 27, 22, 59, tzinfo=UTC)) == datetime(2026, 3, 27, 22, 59, tzinfo=UTC)
    assert window.opening(datetime(2026, 3, 27, 23, 0, tzinfo=UTC)) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
    never = Window(9, 18, WorkingCalendar(weekend=frozenset(range(1, 8))), "Asia/Shanghai")
    assert never.opening(NOW) == NOW


def test_a_day_off_of_the_workspace_moves_it(acme: Company) -> None:
    CalendarDay.objects.create(day=date(2026, 3, 4), is_working=False, name="Anniversary")
    one = invited(acme, published(), agreed())
    write_all()
    one.refresh_from_db()
    assert one.send_at == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("after", "number", "person"),
    [
        ("order", "SO-1", "李安"),
        ("ticket", "", "<b>Bo</b> & 'Co'"),
        ("", "", ""),
        ("visit", "№ {person}", "𐂂 {item}"),
    ],
)
def test_a_stencil_says_what_the_letter_says(language: str, after: str, number: str, person: str) -> None:
    said = ready(subject=Both("{company}的{item}，{person}服务得怎样？", "{item} with {person}?"))
    occasion = Occasion("Acme <& Co>", "scored", rated_of(after, number, date(2026, 3, 3), person))
    ask, kept = Ask(7, said, language, occasion, 36), Stencils()
    first = Occasion("Acme <& Co>", "scored", rated_of(after, "x", date(2026, 3, 3), "y"))
    kept.write(Ask(7, said, language, first, 36), "first-token")
    found, wanted = kept.write(ask, "tok_en-1"), stencils._lay_out(ask, occasion, "tok_en-1")

    def plain(html: str) -> str:
        return html.replace("&#x27;", "'").replace("&quot;", '"').replace("&#39;", "'")

    assert found.text == wanted.text
    assert found.subject == wanted.subject
    assert plain(found.html) == plain(wanted.html)
    assert "/s/10/tok_en-1" in found.text


def test_many_mails_are_laid_out_once(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(stencils, "letter", lambda *args, **kwargs: made.append(args) or letter(*args, **kwargs))
    version = published()
    for number in range(1, 6):
        invited(acme, version, agreed(number), number=f"SO-{number}")
    assert write_all() == 5
    assert len(made) == 1
    texts = list(WorkspaceMail.objects.order_by("recipient").values_list("text", flat=True))
    assert [f"SO-{number}" in text for number, text in enumerate(texts, 1)] == [True] * 5


def test_a_reminder_goes_out_once_with_another_link(acme: Company, clock: Any) -> None:
    one = invited(acme, published(), agreed())
    write_all()
    WorkspaceMail.objects.update(state=MailState.SENT)
    clock.shift(timedelta(days=4))
    assert _reminded() == []
    clock.shift(timedelta(days=1))  # a Monday
    assert _reminded() == [("buyer1@lakeside.example", "Reminder:")]
    assert _reminded() == [("buyer1@lakeside.example", "Reminder:")]
    clock.shift(timedelta(days=7))
    assert len(_reminded()) == 1
    one.refresh_from_db()
    assert (one.reminders, one.state, one.links.count()) == (1, InvitationState.MAILED, 2)
    assert one.reminder_id != one.mail_id


def _reminded() -> list[tuple[str, str]]:
    desk, last = writing.Desk(), 0
    while last := writing.remind_batch(desk, last):
        continue
    found = WorkspaceMail.objects.filter(kind=writing.REMINDER).order_by("pk")
    return [(mail.recipient, mail.subject[:9]) for mail in found]


@pytest.mark.parametrize("why", ["started", "finished", "failed", "unknown", "bounced", "withdrawn", "none", "night"])
def test_who_began_or_got_no_mail_or_wants_none_is_not_reminded(acme: Company, clock: Any, why: str) -> None:
    who = agreed()
    invited(acme, published(), who)
    write_all()
    WorkspaceMail.objects.update(state=why if why in ("failed", "unknown") else MailState.SENT)
    clock.shift(timedelta(days=6))
    if why in ("started", "finished"):
        SurveyInvitation.objects.update(state=why)
    elif why == "bounced":
        WorkspaceMail.objects.update(bounced_at=NOW)
    elif why == "withdrawn":
        note_consent(who.pk, state="withdrawn", source="Phone", at=NOW)
    elif why == "none":
        WorkspaceRules.objects.update_or_create(defaults={"survey_reminders": 0})
    elif why == "night":
        clock.shift(timedelta(hours=12))
    assert _reminded() == []


def test_two_reminders_lie_days_apart(acme: Company, clock: Any) -> None:
    WorkspaceRules.objects.update_or_create(defaults={"survey_reminders": 2})
    invited(acme, published(), agreed())
    write_all()
    counts = []
    for _day in range(14):
        WorkspaceMail.objects.update(state=MailState.SENT)
        clock.shift(timedelta(days=1))
        counts.append(len(_reminded()))
    assert counts == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2]  # the tenth day is a Saturday


def test_in_production_without_an_address_nothing_is_written(acme: Company, settings: Any) -> None:
    settings.SITE_URL, settings.PRODUCTION = "", True
    one = invited(acme, published(), agreed())
    assert write_all() == 0
    one.refresh_from_db()
    assert one.state == InvitationState.CHOSEN


def test_withdrawn_consent_stops_what_waits(acme: Company) -> None:
    who = agreed()
    one = invited(acme, published(), who)
    write_all()
    note_consent(who.pk, state="withdrawn", source="Phone", at=NOW)
    one.refresh_from_db()
    mail = WorkspaceMail.objects.get()
    assert (one.state, mail.state, mail.text) == (InvitationState.CANCELLED, MailState.FAILED, "")


def test_a_merged_contact_is_asked_as_the_one_it_became(acme: Company) -> None:
    old, new = agreed(1), agreed(2)
    one = invited(acme, published(), old)
    Contact.objects.filter(pk=old.pk).update(merged_into=new, email="")
    write_all()
    one.refresh_from_db()
    assert one.state == InvitationState.MAILED
    assert WorkspaceMail.objects.get().recipient == "buyer2@lakeside.example"
