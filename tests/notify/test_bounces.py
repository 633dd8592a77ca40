"""Mail that comes back is matched to ours; its address is asked no more; huge and broken mails do no harm."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from perfmgmt.notify import bounces, mailbox, services, suppression, tasks
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, WorkspaceMail
from tests.factories import Company

pytestmark = pytest.mark.django_db
REPORT = """From: MAILER-DAEMON@mx.example
To: perf@example.com
Subject: Undelivered
Content-Type: multipart/report; report-type={kind}; boundary="b"
Message-ID: <x@mx.example>

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/{part}

{fields}
--b
Content-Type: message/rfc822

Message-ID: {message_id}
To: buyer@lakeside.example
Subject: How was it?

Hello
--b--
"""
FAILED = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; buyer@lakeside.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <buyer@lakeside.example>
 no such user
"""


def report(message_id: str, fields: str = FAILED, part: str = "delivery-status") -> bytes:
    return REPORT.format(message_id=message_id, fields=fields, part=part, kind=part).encode()


@pytest.fixture
def mail(company: Company) -> WorkspaceMail:
    """A survey that was sent to a customer."""
    with company.scope():
        made = services.queue_mail(Letter("How was it?", ["Tell us."]), to="buyer@lakeside.example",
                                   kind="surveys.invitation", language="en", at_most_once=True)  # fmt: skip
        WorkspaceMail.objects.update(state=MailState.SENT)
    return made


def state(company: Company) -> tuple[bool, str, set[str]]:
    with company.scope():
        one = WorkspaceMail.objects.get()
        return one.bounced_at is not None, one.bounce, suppression.suppressed_addresses([one.recipient])


def noted(found: bounces.Report | None) -> None:
    assert found is not None
    tasks.note_bounce.run(found.tenant_id, found.message_id, str(found.reason), found.is_gone, found.detail)


def test_a_missing_mailbox_is_noted_once_and_asked_no_more(company: Company, mail: WorkspaceMail) -> None:
    found = bounces.read(report(mail.message_id))
    noted(found)
    noted(found)
    assert state(company) == (True, "5.1.1 smtp; 550 5.1.1 <…> no such user", {"buyer@lakeside.example"})


@pytest.mark.parametrize(
    ("fields", "shown", "stopped"),
    [
        (FAILED.replace("5.1.1", "5.7.1").replace("no such user", "policy"), True, False),
        (FAILED.replace("5.1.1", "5.2.2").replace("no such user", "full"), True, False),
        (FAILED.replace("failed", "delayed").replace("5.1.1", "4.1.1"), False, False),
    ],
)
def test_other_failures_are_not_the_addresss_fault(
    company: Company, mail: WorkspaceMail, fields: str, shown: bool, stopped: bool
) -> None:
    found = bounces.read(report(mail.message_id, fields))
    if shown:
        noted(found)
    else:
        assert found is None
    assert (state(company)[0], bool(state(company)[2])) == (shown, stopped)


def test_a_complaint_stops_mail(company: Company, mail: WorkspaceMail) -> None:
    noted(bounces.read(report(mail.message_id, "Feedback-Type: abuse\nVersion: 1\n", "feedback-report")))
    assert state(company)[2] == {"buyer@lakeside.example"}
    assert bounces.read(report(mail.message_id, "Feedback-Type: not-spam\n", "feedback-report")) is None


def test_a_report_about_another_workspaces_mail_changes_nothing_here(
    company: Company, other_company: Company, mail: WorkspaceMail
) -> None:
    number, _dot, rest = mail.message_id.partition(".")
    forged = f"{number}.{other_company.tenant.pk}{rest[rest.index('@') :]}"
    noted(bounces.read(report(forged)))
    unknown = "<" + "0" * 32 + mail.message_id[33:]
    noted(bounces.read(report(unknown)))
    assert state(company) == (False, "", set())


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 1000, b"Content-Type: multipart/report; boundary=" + b"x" * 5000, b"A: b\n\nhello",
     b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 500, b"\xff\xfe" * 600_000,
     b"Subject: =?utf-8?b?////?=\n\n<" + b"0" * 32 + b".zzzzzzzzzzzz@x>"],
)  # fmt: skip
def test_broken_mail_is_no_report(data: bytes) -> None:
    assert bounces.read(data) is None


def test_a_reply_of_a_person_is_no_report(mail: WorkspaceMail) -> None:
    assert bounces.read(f"In-Reply-To: {mail.message_id}\n\nThanks, all fine.".encode()) is None


class Imap(socketserver.StreamRequestHandler):
    """As much of an IMAP server as is asked for."""

    mails: list[bytes]
    seen: set[int]

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, command, *rest = line.decode().strip().split(" ")
            words = " ".join([command, *rest]).upper()
            if "SEARCH" in words:
                new = " ".join(str(n) for n in range(1, len(self.mails) + 1) if n not in self.seen)
                self.wfile.write(f"* SEARCH {new}\r\n".encode())
            elif "FETCH" in words:
                data = self.mails[int(rest[1]) - 1][: bounces.MOST_BYTES]
                head = f"* {rest[1]} FETCH (UID {rest[1]} BODY[]<0> {{{len(data)}}}\r\n".encode()
                self.wfile.write(head + data + b")\r\n")
            elif "STORE" in words:
                self.seen.add(int(rest[1]))
            elif "CAPABILITY" in words:
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif "SELECT" in words:
                self.wfile.write(b"* 1 EXISTS\r\n")
            self.wfile.write(f"{tag} OK done\r\n".encode())
            if command.upper() == "LOGOUT":
                return


@pytest.fixture
def box(settings: Any) -> Iterator[type[Imap]]:
    """A running server with an empty mailbox that the settings name."""
    kind = type("Box", (Imap,), {"mails": [], "seen": set()})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.BOUNCE_IMAP_URL = f"imap://me%40example.com:p%2Fw@127.0.0.1:{server.server_address[1]}/INBOX"
        yield kind
        server.shutdown()


def test_each_new_mail_is_read_once(company: Company, mail: WorkspaceMail, box: type[Imap]) -> None:
    box.mails += [b"A: b\n\nspam", report(mail.message_id), b"x" * 1_000_000]
    found: list[bounces.Report] = []
    assert mailbox.poll(found.append) == 3
    assert [one.message_id for one in found] == [mail.message_id]
    assert mailbox.poll(found.append) == 0
    assert box.seen == {1, 2, 3}


def test_what_could_not_be_handed_on_stays_new(mail: WorkspaceMail, box: type[Imap]) -> None:
    box.mails.append(report(mail.message_id))

    def fails(_report: bounces.Report) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        mailbox.poll(fails)
    assert box.seen == set()


def test_a_mailbox_that_is_not_there_is_only_logged(settings: Any) -> None:
    settings.BOUNCE_IMAP_URL = "imap://a:b@127.0.0.1:1/INBOX"
    assert mailbox.poll(lambda report: None) == 0
    settings.BOUNCE_IMAP_URL = ""
    assert mailbox.poll(lambda report: None) == 0
