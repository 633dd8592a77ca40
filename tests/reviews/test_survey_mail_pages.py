"""Pages of mail to customers: what nobody knows the fate of is decided, and the list of suppressed addresses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perfmgmt.notify import fates, services
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, SuppressedAddress, WorkspaceMail
from perfmgmt.notify.suppression import suppress
from reviews.mailing import writing
from reviews.models import SurveyInvitation
from tests.factories import Company
from tests.mailbox import Mailbox
from tests.reviews.mailing_factories import agreed, invited
from tests.reviews.survey_factories import published

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Any]
BASE = "/w/acme/mail/"


def lost(company: Company, count: int = 1) -> list[WorkspaceMail]:
    """Mails of surveys whose fate nobody knows."""
    with company.scope():
        version, mails = published(), []
        for number in range(count):
            one = invited(company, version, agreed(number), state="mailed")
            mail = services.queue_mail(Letter("How was it?", ["Tell us."]), to=f"buyer{number}@lakeside.example",
                                       kind=writing.KIND, language="en", at_most_once=True)  # fmt: skip
            WorkspaceMail.objects.filter(pk=mail.pk).update(state=MailState.UNKNOWN)
            SurveyInvitation.objects.filter(pk=one.pk).update(mail=mail)
            mails.append(mail)
    return mails


def states(company: Company) -> list[tuple[str, bool]]:
    with company.scope():
        return [(mail.state, mail.settled_at is not None) for mail in WorkspaceMail.objects.order_by("pk")]


def test_hr_sees_what_is_unknown_and_decides_for_each(company: Company, sign_in: SignIn, mailbox: Mailbox) -> None:
    first, second = lost(company, 2)
    client = sign_in(company.users["hr"])
    assert "Nobody knows whether 2 mails arrived" in client.get(BASE).content.decode()
    page = client.get(f"{BASE}{first.pk}/").content.decode()
    assert "Send again" in page and "Leave it" in page
    client.post(f"{BASE}{first.pk}/leave/")
    client.post(f"{BASE}{second.pk}/again/")
    assert states(company) == [("unknown", True), ("queued", False)]
    assert "Left as it is" in client.get(f"{BASE}{first.pk}/").content.decode()
    assert "Nobody knows" not in client.get(BASE).content.decode()
    assert client.post(f"{BASE}{first.pk}/leave/").status_code == 409
    assert client.post(f"{BASE}{2**40}/leave/").status_code == 404


def test_hr_decides_for_all_and_who_has_answered_gets_none(
    company: Company, sign_in: SignIn, mailbox: Mailbox
) -> None:
    mails = lost(company, 3)
    with company.scope():
        SurveyInvitation.objects.filter(mail=mails[0]).update(state="finished")
    client = sign_in(company.users["hr"])
    said = client.post(f"{BASE}undecided/again/", follow=True).content.decode()
    assert "2 mails are on their way again." in said and "1 was left" in said
    assert states(company) == [("unknown", True), ("queued", False), ("queued", False)]
    assert client.post(f"{BASE}{mails[0].pk}/again/").status_code == 409


def test_hr_leaves_all(company: Company, sign_in: SignIn, mailbox: Mailbox) -> None:
    lost(company, 2)
    client = sign_in(company.users["hr"])
    assert "2 mails are left as they are." in client.post(f"{BASE}undecided/leave/", follow=True).content.decode()
    assert states(company) == [("unknown", True)] * 2
    auditor = sign_in(company.users["auditor"])
    assert auditor.post(f"{BASE}undecided/leave/").status_code == 403


@pytest.mark.parametrize("change", ["withdrawn", "suppressed", "expired", "none"])
def test_a_mail_that_may_not_go_out_is_held_back(company: Company, mailbox: Mailbox, change: str) -> None:
    (mail,) = lost(company)
    with company.scope():
        one = SurveyInvitation.objects.get()
        if change == "withdrawn":
            one.contact.consent = "withdrawn"  # type: ignore[union-attr]
            one.contact.save()  # type: ignore[union-attr]
        elif change == "suppressed":
            suppress("buyer0@lakeside.example", reason="bounced")
        elif change == "expired":
            SurveyInvitation.objects.update(expires_at=one.chosen_at)
        assert fates.held_back([mail]) == (set() if change == "none" else {mail.pk})


def test_the_list_is_searched_by_the_whole_address_and_lifted_with_a_reason(
    company: Company, sign_in: SignIn
) -> None:
    client = sign_in(company.users["hr"])
    assert "No address is on the list" in client.get(f"{BASE}suppressed/").content.decode()
    added = client.post(f"{BASE}suppressed/add/", {"address": "Li@lakeside.example", "detail": "asked by phone"},
                        follow=True).content.decode()  # fmt: skip
    assert "The address gets no more surveys." in added and "l…@lakeside.example" in added
    assert "Li@lakeside" not in added
    again = client.post(f"{BASE}suppressed/add/", {"address": "li@lakeside.example"}, follow=True).content.decode()
    assert "The address was on the list." in again
    assert client.post(f"{BASE}suppressed/add/", {"address": "li"}).status_code == 400
    assert "l…@" in client.get(f"{BASE}suppressed/?q=LI@lakeside.example").content.decode()
    assert "No address matches" in client.get(f"{BASE}suppressed/?q=lo@lakeside.example").content.decode()
    assert "No address matches" in client.get(f"{BASE}suppressed/?reason=bounced").content.decode()
    for sort in ("at", "-at", "address", "-address", "nonsense"):
        assert client.get(f"{BASE}suppressed/?sort={sort}&q=lakeside").status_code == 200
    with company.scope():
        pk = SuppressedAddress.objects.get().pk
    assert sign_in(company.users["auditor"]).post(f"{BASE}suppressed/{pk}/lift/").status_code == 403
    client.post(f"{BASE}suppressed/{pk}/lift/", {"reason_of_change": "New mailbox"})
    assert client.post(f"{BASE}suppressed/{pk}/lift/").status_code == 404
    with company.scope(), connection.cursor() as cursor:
        assert not SuppressedAddress.objects.exists()
        cursor.execute("SELECT pgh_context::text FROM notify_suppressedaddressevent WHERE pgh_label LIKE '%delete%'")
        assert "New mailbox" in cursor.fetchone()[0]


def test_the_list_takes_the_same_queries_for_many(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    counts = []
    for number in range(2):
        with company.scope():
            for each in range(1 + number * 5):
                suppress(f"a{number}{each}@x.example", reason="bounced")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{BASE}suppressed/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_as_a_file(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        suppress("li@lakeside.example", reason="complained")
    response = sign_in(company.users["auditor"]).post(f"{BASE}suppressed/export/?reason=complained")
    assert response.status_code == 302 and "/jobs/" in response["Location"]


def test_records_are_checked_and_nothing_is_saved(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    assert "nothing is looked up or saved" in client.get(f"{BASE}advice/").content.decode()
    given = {"domain": "perf.example", "host": "smtp.gmail.com", "spf": "v=spf1 +all", "dkim": "", "dmarc": "<b>"}
    page = client.post(f"{BASE}advice/", given).content.decode()
    assert "allows every server" in page and "include:_spf.google.com" in page and "&lt;b&gt;" in page
    assert client.post(f"{BASE}advice/", {"domain": ""}).status_code == 400
    assert sign_in(company.users["assistant"]).get(f"{BASE}advice/").status_code == 403
