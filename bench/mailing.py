"""Case `surveys.mail`: 10,000 survey mails, from invitations that are due to a mail server that took them.

Ours is the product's worker as `make run` starts it (two processes): contacts, consent, suppression and send window
looked at, links made, mails laid out and written into the outbox, each marked, handed to the server and noted, every
commit durable; from the first task to the last mail that is marked sent. The base is a bare `smtplib` loop over one
connection that sends the same bytes to the same server (aiosmtpd in a process of its own, which throws away what it
is given), half before and half after ours. There is no limit for a domain here: that would only make ours wait.
"""

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from bench.data import World
from bench.report import Report, say
from bench.servers import ROOT, admin_cursor, checkpoint, environment, using

CASE = "surveys.mail"
GOAL, MAILS, DOMAINS = 2.5, 10_000, 400


def run(world: World, report: Report, mails: int = MAILS) -> None:
    """Let the worker write and send all, and send the same in a bare loop."""
    from django.test import override_settings

    say(f"{CASE}: {mails:,} mails")
    with using(world.database), _sink() as port:
        settings = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "MAIL_PER_DOMAIN_PER_MINUTE": 0,
                    "SITE_URL": "https://bench.example"}  # fmt: skip
        with override_settings(**settings):
            _furnish(world, mails)
            copies = _copies(world, mails)
        half = mails // 2
        base = _loop(copies[:half], port)
        with _worker(world, settings):
            ours = _work(world, mails)
        base += _loop(copies[half:], port)
    report.add(CASE, goal=GOAL, ours=ours, base=base, mails=mails)


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    """A mail server that keeps nothing; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command)
    try:
        _wait(lambda: _answers(port), lambda: "no mail server", 30)
        yield port
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _furnish(world: World, mails: int) -> None:
    """Make a published survey, and customers who agreed and are to be asked now, at any hour."""
    from django.utils import timezone

    from perfmgmt.customers.models import Contact, Customer
    from perfmgmt.people.models import Employee
    from perfmgmt.tenants.models import WorkspaceProfile, WorkspaceRules
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.models import Survey, SurveyInvitation
    from reviews.surveys import services
    from reviews.surveys.content import content_of, stamp
    from reviews.surveys.pack import install_pack

    now = timezone.now()
    with tenant_scope(world.tenant_id):
        WorkspaceRules.objects.update_or_create(defaults={"survey_from_hour": 0, "survey_to_hour": 24})
        WorkspaceProfile.objects.update(country="", weekend=[])
        install_pack()
        survey = Survey.objects.order_by("pk")[0]
        version = survey.versions.get()
        services.publish(version.pk, seen=stamp(content_of(version)), user_id=None)
        version.refresh_from_db()
        customer = Customer.objects.create(external_id="B-1", name="Bench customer", name_key="bench customer")
        contacts = Contact.objects.bulk_create(
            [
                Contact(
                    customer=customer, name=f"Buyer {n}", name_key=f"buyer {n}", language=("zh", "en")[n % 2],
                    email=f"buyer{n}@shop{n % DOMAINS}.example", consent="given",
                )
                for n in range(mails)
            ],
            batch_size=2000,
        )  # fmt: skip
        served = list(Employee.objects.order_by("pk").values_list("pk", flat=True)[:200])
        SurveyInvitation.objects.bulk_create(
            [
                SurveyInvitation(
                    survey=survey, version=version, origin="trigger", contact=who, after="order", number=f"SO-{n}",
                    employee_id=served[n % len(served)], customer="Bench customer", day=now.date(),
                    purpose="scored", language=who.language, chosen_at=now, send_at=now,
                    expires_at=now + timedelta(days=30),
                )
                for n, who in enumerate(contacts)
            ],
            batch_size=2000,
        )  # fmt: skip


def _copies(world: World, mails: int) -> list[tuple[str, str, bytes]]:
    """Return every mail as the server will get it (who sends, to whom, the text); what was written is undone."""
    from django.conf import settings
    from django.db import transaction

    from perfmgmt.notify.models import WorkspaceMail
    from perfmgmt.notify.sending import message_of
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.mailing import writing

    with tenant_scope(world.tenant_id):
        desk = writing.Desk()
        while writing.write_batch(desk):
            pass
        rows = WorkspaceMail.objects.order_by("pk")
        found = [
            (settings.DEFAULT_FROM_EMAIL, mail.recipient, message_of(mail).message().as_bytes(linesep="\r\n"))
            for mail in rows.iterator()
        ]
        transaction.set_rollback(True)
    assert len(found) == mails, f"{len(found)} of {mails} were written"
    return found


def _loop(copies: list[tuple[str, str, bytes]], port: int) -> float:
    """Hand mails over one after the other; return the seconds."""
    checkpoint()
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as client:
        for sender, recipient, data in copies:
            client.sendmail(sender, [recipient], data)
    return time.perf_counter() - start


@contextlib.contextmanager
def _worker(world: World, settings: dict[str, object]) -> Iterator[None]:
    """The worker for short work, as `make run` starts it, on the case's database; ready when the body begins."""
    command = [sys.executable, "-m", "celery", "-A", "perfmgmt", "worker", "--loglevel", "info", "--purge",
               "-Q", "mail,rollups,default", "--concurrency", "2", "-n", "mails@%h",
               "--without-gossip", "--without-mingle"]  # fmt: skip
    base = Path(os.environ["PERFMGMT_VAR"])
    values = {name: str(value) for name, value in settings.items()}
    env = {**os.environ, **environment(base, world.database), "LOG_LEVEL": "INFO", **values}
    with tempfile.NamedTemporaryFile() as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(lambda: b" ready." in Path(log.name).read_bytes(), lambda: Path(log.name).read_text()[-2000:], 60)
            yield
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def _work(world: World, mails: int) -> float:
    """Give the worker its task and wait for the last mail; return the seconds."""
    from reviews.mailing.tasks import write_surveys_of

    checkpoint()
    with admin_cursor(world.database) as cursor:

        def sent() -> int:
            cursor.execute("SELECT count(*) FROM notify_workspacemail WHERE state = 'sent'")
            return int(cursor.fetchone()[0])

        start = time.perf_counter()
        write_surveys_of.apply_async(args=[world.tenant_id])
        _wait(lambda: sent() == mails, lambda: f"{sent()} of {mails} were sent", 1800)
    return time.perf_counter() - start


def _wait(done: Callable[[], bool], said: Callable[[], str], seconds: float) -> None:
    """Look again and again; raise TimeoutError with what is `said` when it takes too long."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(said())
        time.sleep(0.05)
