"""Mail to customers: its headers, how fast it goes, what a refusal means, and never twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from perfmgmt.notify import services, suppression
from perfmgmt.notify.letters import Letter, Written
from perfmgmt.notify.models import MailState, SuppressedAddress, WorkspaceMail
from perfmgmt.notify.reserving import RESERVED, Batch, reserve
from perfmgmt.notify.sending import send_due
from perfmgmt.tenants.errors import DomainError
from tests.factories import Company
from tests.mailbox import Mailbox

pytestmark = pytest.mark.django_db
LETTER = Letter("How was it?", ["Tell us."])
LINK = "https://perf.example.com/s/1/tok/unsubscribe/"


def queue(company: Company, letter: Letter | Written = LETTER, **options: Any) -> WorkspaceMail:
    """A mail to a customer, in the outbox."""
    values = {"to": "li@example.com", "kind": "surveys.invitation", "language": "en", "at_most_once": True,
              "unsubscribe": LINK, **options}  # fmt: skip
    with company.scope():
        return services.queue_mail(letter, **values)


def fresh(company: Company, mail: WorkspaceMail) -> WorkspaceMail:
    with company.scope():
        return WorkspaceMail.objects.get(pk=mail.pk)


def suppressed(company: Company) -> list[tuple[str, str]]:
    with company.scope():
        return list(SuppressedAddress.objects.order_by("pk").values_list("hint", "reason"))


def test_it_can_be_unsubscribed_with_one_click_and_the_address_is_forgotten(
    company: Company, mailbox: Mailbox
) -> None:
    mail = queue(company)
    send_due(WorkspaceMail, company.scope)
    (message,) = mailbox.messages
    assert message["List-Unsubscribe"] == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (fresh(company, mail).state, fresh(company, mail).unsubscribe) == (MailState.SENT, "")


def test_mail_that_somebody_waits_for_has_no_such_headers(company: Company, mailbox: Mailbox) -> None:
    queue(company, unsubscribe="")
    send_due(WorkspaceMail, company.scope)
    assert mailbox.messages[0]["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "subject", ["订单 SO-1 满意吗？🎉", "Grüße\r\nBcc: all@example.com", "word 词 " * 40 + "🙂" * 20]
)
def test_a_subject_is_one_header_whatever_is_in_it(company: Company, mailbox: Mailbox, subject: str) -> None:
    queue(company, Written(subject, "Text", "<p>Text</p>"))
    send_due(WorkspaceMail, company.scope)
    (message,) = mailbox.messages
    assert message["Subject"].strip() == " ".join(subject.split())[:300]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "broken", [{"recipient": "a@example.com\nBcc: b@example.com"}, {"reply_to": "x@y.z\r\nBcc: b@example.com"},
               {"unsubscribe": "https://x\nBcc: b@example.com"}],
)  # fmt: skip
def test_a_line_break_in_a_header_fails_that_mail_and_the_others_go_out(
    company: Company, mailbox: Mailbox, broken: dict[str, str]
) -> None:
    bad, good = queue(company), queue(company)
    with company.scope():
        WorkspaceMail.objects.filter(pk=bad.pk).update(**broken)
    send_due(WorkspaceMail, company.scope)
    assert [message["Bcc"] for message in mailbox.messages[:1]] == [None]
    assert fresh(company, good).state == MailState.SENT
    assert fresh(company, bad).state == MailState.FAILED


def test_a_customer_whose_server_says_there_is_no_such_mailbox_is_asked_no_more(
    company: Company, mailbox: Mailbox
) -> None:
    mailbox.refused = {"gone@example.com", "ann@acme.example"}
    queue(company, to="Gone@example.com".lower())
    queue(company, to="ann@acme.example", unsubscribe="")  # somebody who works here waits for it
    send_due(WorkspaceMail, company.scope)
    assert suppressed(company) == [("g…@example.com", "refused")]
    with company.scope():
        found = suppression.suppressed_addresses(["GONE@example.com", "other@example.com"])
    assert found == {"GONE@example.com"}


def test_the_list_of_one_workspace_is_not_anothers(company: Company, other_company: Company) -> None:
    with company.scope():
        assert suppression.suppress("li@example.com", reason="by_hand", detail="Li@example.com asked us") is True
        assert suppression.suppress("LI@example.com", reason="bounced") is False
        row = SuppressedAddress.objects.get()
        assert (row.reason, row.detail) == ("by_hand", "… asked us")
    with other_company.scope():
        assert suppression.suppressed_addresses(["li@example.com"]) == set()
        suppression.lift(row.pk)
    with company.scope():
        suppression.lift(row.pk)
        assert not suppression.suppressed_addresses(["li@example.com"])
        with pytest.raises(DomainError):
            suppression.suppress("nobody", reason="by_hand")


@pytest.mark.parametrize(
    ("code", "words", "gone"),
    [
        (550, "no such mailbox", True), (550, "5.1.1 unknown user", True), (553, "5.1.3 bad address", True),
        (550, "5.2.1 mailbox disabled", True), (550, "5.7.1 message refused", False), (552, "5.2.2 full", False),
        (550, "blocked: suspected spam", False), (550, "relay denied", False), (451, "4.1.1 later", False),
        (450, "try later", False), (554, "no such user", False), (550, "5.1.10 recipient not found", True),
    ],
)  # fmt: skip
def test_only_a_missing_mailbox_is_the_addresss_own_fault(code: int, words: str, gone: bool) -> None:
    assert suppression.is_address_gone(code, words) is gone


@pytest.mark.parametrize(("once", "state"), [(True, MailState.UNKNOWN), (False, MailState.QUEUED)])
def test_a_connection_that_breaks_while_the_server_has_the_text(
    company: Company, mailbox: Mailbox, settings: Any, once: bool, state: str
) -> None:
    settings.EMAIL_TIMEOUT = 2

    async def cut(server: Any, session: Any, envelope: Any) -> str:
        mailbox.messages.append(envelope)
        server.transport.abort()
        return "250 OK"

    mailbox.handle_DATA = cut  # type: ignore[method-assign]
    mail = queue(company, at_most_once=once)
    send_due(WorkspaceMail, company.scope)
    assert fresh(company, mail).state == state
    assert len(mailbox.messages) == 1


def test_a_batch_goes_over_one_connection(company: Company, mailbox: Mailbox) -> None:
    sessions: list[int] = []

    async def greeted(server: Any, session: Any, envelope: Any, name: str, responses: list[str]) -> list[str]:
        session.host_name = name
        sessions.append(id(session))
        return responses

    mailbox.handle_EHLO = greeted  # type: ignore[attr-defined]
    mailbox.refused = {"c1@shop.example"}
    for number in range(4):
        queue(company, to=f"c{number}@shop.example")
    send_due(WorkspaceMail, company.scope)
    assert (len(mailbox.messages), len(sessions)) == (3, 1)


@pytest.mark.parametrize("polite", [True, False])
def test_a_server_that_ends_a_connection_after_two_mails_still_gets_all(
    company: Company, mailbox: Mailbox, polite: bool
) -> None:
    async def enough(server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if server.seen == 2:
            if polite:
                server.transport.write(b"421 enough for one connection\r\n")
            server.transport.close()
        server.seen += 1
        envelope.mail_from = address
        return "250 OK"

    async def greeted(server: Any, session: Any, envelope: Any, name: str, responses: list[str]) -> list[str]:
        session.host_name, server.seen = name, 0
        return responses

    mailbox.handle_EHLO, mailbox.handle_MAIL = greeted, enough  # type: ignore[attr-defined]
    mails = [queue(company, to=f"c{number}@shop.example") for number in range(5)]
    send_due(WorkspaceMail, company.scope)
    assert len(mailbox.messages) == 5
    assert {(fresh(company, mail).state, fresh(company, mail).attempts) for mail in mails} == {(MailState.SENT, 1)}


@pytest.mark.parametrize("once", [True, False])
def test_a_server_that_is_not_there_has_nothing(
    company: Company, mailbox: Mailbox, settings: Any, once: bool
) -> None:
    settings.EMAIL_PORT = 1
    mail = queue(company, at_most_once=once)
    send_due(WorkspaceMail, company.scope)
    assert fresh(company, mail).state == MailState.QUEUED


def test_while_one_worker_sends_a_full_batch_another_is_called_for_the_next(
    company: Company, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfmgmt.notify.reserving.BATCH", 3)
    mails = [queue(company, to=f"c{number}@shop.example") for number in range(4)]
    sent_when_called: list[int] = []

    def another() -> None:
        sent_when_called.append(len(mailbox.messages))
        assert send_due(WorkspaceMail, company.scope, more=another) is False  # one mail: no full batch

    assert send_due(WorkspaceMail, company.scope, more=another) is True
    assert sent_when_called == [1]
    assert sorted(message["To"] for message in mailbox.messages) == [f"c{n}@shop.example" for n in range(4)]
    assert {fresh(company, mail).state for mail in mails} == {MailState.SENT}


def test_a_server_that_cannot_be_reached_calls_no_other_worker(
    company: Company, mailbox: Mailbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfmgmt.notify.reserving.BATCH", 2)
    settings.EMAIL_PORT = 1
    for number in range(3):
        queue(company, to=f"c{number}@shop.example")
    called: list[bool] = []
    assert send_due(WorkspaceMail, company.scope, more=lambda: called.append(True)) is False
    assert called == []


def test_one_domain_gets_so_many_a_minute_and_says_what_waits(
    company: Company, other_company: Company, mailbox: Mailbox, settings: Any
) -> None:
    settings.MAIL_PER_DOMAIN_PER_MINUTE = 2
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC),
                             tick=False) as clock:  # fmt: skip
        many = [queue(company, to=f"c{number}@Slow.example") for number in range(5)]
        other = queue(company, to="x@fast.example")
        queue(other_company, to="y@slow.example")
        send_due(WorkspaceMail, company.scope)
        send_due(WorkspaceMail, other_company.scope)
        assert [message["To"] for message in mailbox.messages] == [
            "c0@Slow.example",
            "c1@Slow.example",
            "x@fast.example",
        ]
        assert fresh(company, other).state == MailState.SENT
        waits = [fresh(company, mail) for mail in many[2:]]
        assert all(mail.waits_for_its_turn for mail in waits)
        assert [mail.due_at.minute for mail in waits] == [1, 1, 2]
        clock.shift(timedelta(seconds=40))
        send_due(WorkspaceMail, company.scope)
        assert len(mailbox.messages) == 5
        clock.shift(timedelta(minutes=1))
        send_due(WorkspaceMail, company.scope)
        send_due(WorkspaceMail, other_company.scope)
        assert len(mailbox.messages) == 7


def reserved(company: Company) -> Batch:
    """What a worker that begins now takes for itself."""
    with company.scope():
        return reserve(WorkspaceMail, end=lambda mail, state: None)


def test_a_batch_is_one_workers_until_it_ends_or_the_worker_is_long_gone(company: Company, mailbox: Mailbox) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False) as clock:
        mails = [queue(company) for _number in range(3)]
        batch = reserved(company)
        with company.scope():
            assert [mail.pk for mail in batch.left] == [mail.pk for mail in mails]
        assert not reserved(company).left
        clock.shift(RESERVED + timedelta(seconds=1))
        with company.scope():
            begun = batch.mark_next()
            assert batch.is_ours(begun)
        again = reserved(company)  # by another worker: what was not begun
        with company.scope():
            assert [mail.pk for mail in again.left] == [mail.pk for mail in mails[1:]]
            assert batch.mark_next() is None, "the first worker passes over what is another's now"
            assert again.mark_next().pk == mails[1].pk


def test_a_mail_that_is_stopped_while_it_is_reserved_does_not_go_out(company: Company, mailbox: Mailbox) -> None:
    mails = [queue(company) for _number in range(3)]
    batch = reserved(company)
    with company.scope():
        first = batch.mark_next()
        WorkspaceMail.objects.filter(pk__in=[first.pk, mails[1].pk]).update(state=MailState.FAILED)
        assert batch.is_ours(first) is False, "it was marked, and is stopped"
        assert batch.mark_next().pk == mails[2].pk


def test_what_a_missing_server_held_up_is_due_again_at_once(
    company: Company, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_PORT, port = 1, settings.EMAIL_PORT
    mails = [queue(company) for _number in range(3)]
    assert send_due(WorkspaceMail, company.scope) is False
    settings.EMAIL_PORT = port
    send_due(WorkspaceMail, company.scope)
    assert mailbox.ids == [mail.message_id for mail in mails[1:]], "only the first has lost an attempt"
