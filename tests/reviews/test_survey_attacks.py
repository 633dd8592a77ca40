"""Hostile and unlucky customers, colleagues and servers, at the pages and outbox of surveys."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from perfmgmt.customers import erasing
from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.models import Contact
from perfmgmt.notify import sending
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.services import queue_mail
from perfmgmt.tenants.scope import tenant_scope
from reviews.answering import feed
from reviews.answering.services import NotOpen
from reviews.followups import services
from reviews.followups.services import Closing
from reviews.mailing import writing
from reviews.models import FollowUp, Remark, SurveyAnswer, SurveyInvitation, VoiceTheme
from reviews.voice import themes
from reviews.voice.rebuilding import rebuild
from tests.factories import Company, today_here
from tests.mailbox import Mailbox
from tests.reviews.answering_factories import ALL, ask, form
from tests.reviews.followup_factories import disowned, low, said, viewer
from tests.reviews.mailing_factories import agreed, invited
from tests.reviews.survey_factories import published

SignIn = Callable[[Any], Client]
ENGLISH = {"accept-language": "en"}


def elsewhere(company: Company, work: Callable[[], Any]) -> Thread:
    """Start work in a connection and scope of its own."""

    def run() -> None:
        try:
            with tenant_scope(company.tenant.pk):
                work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_a_follow_up_masks_the_words_for_who_may_not_know_the_contact(company: Company, sign_in: SignIn) -> None:
    asked, pk = low(company)
    said(asked, correcting=True, satisfaction=1, comment="Call Kim at 13800138000")
    address = f"/w/acme/surveys/follow-ups/{pk}/"
    manager = sign_in(company.users["manager"]).get(address).content.decode()
    assert "Call ***" in manager and "13800138000" not in manager
    assert "Call Kim at 13800138000" in sign_in(company.users["hr"]).get(address).content.decode()


def test_ids_beyond_every_table_are_not_found(company: Company, sign_in: SignIn) -> None:
    owner, huge = sign_in(company.users["owner"]), 10**30
    for path in (
        f"{huge}/results/", f"{huge}/words/", f"{huge}/follow-ups/", f"follow-ups/{huge}/",
        f"follow-ups/{huge}/close/", f"follow-ups/{huge}/hand-over/", f"remarks/{huge}/", f"remarks/{huge}/edit/",
        f"themes/{huge}/", f"remarks/new/?contact={10**17}", f"remarks/proofs/{huge}/",
    ):  # fmt: skip
        assert owner.get(f"/w/acme/surveys/{path}").status_code == 404, path
    for path in (f"{huge}/results/export/", f"{huge}/words/export/", f"words/{huge}/theme/",
                 f"follow-ups/{huge}/begin/", f"remarks/{huge}/decide/", f"remarks/{huge}/withdraw/"):  # fmt: skip
        assert owner.post(f"/w/acme/surveys/{path}", {"theme": "1:1"}).status_code == 404, path


def test_who_withdraws_while_a_slow_server_refuses_for_now_gets_no_second_attempt(
    company: Company, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, pk = low(company)
    with company.scope():
        closing = Closing("solved", "Called.", True, "Your answer", "All done.")
        services.close(pk, closing, viewer=viewer(company, "hr"), today=today_here())
        contact = asked.now().contact_id or 0

    def slow(mail: Any, _server: Any) -> bool:
        note_consent(contact, state="withdrawn", source="Phone", at=timezone.now())
        sending._attempt_failed(mail, "451 later", final=False)
        return True

    monkeypatch.setattr(sending, "_send", slow)
    sending.send_due(WorkspaceMail, company.scope)
    monkeypatch.undo()
    with company.scope():
        WorkspaceMail.objects.filter(kind="surveys.follow_up").update(due_at=timezone.now())
    sending.send_due(WorkspaceMail, company.scope)
    with company.scope():
        mail = WorkspaceMail.objects.get(kind="surveys.follow_up")
        assert (mail.state, mail.attempts) == (MailState.FAILED, 1)


def test_who_is_erased_in_the_middle_of_answering_leaves_no_words(committed: None) -> None:
    company = Company.create("acme")
    asked = ask(company)
    contact = asked.now().contact_id or 0
    stored, go_on = Event(), Event()

    def answer() -> None:
        said(asked, satisfaction=5, comment="Ask Kim")
        stored.set()
        go_on.wait(30)

    def erase() -> None:
        Contact.objects.select_for_update().get(pk=contact)
        erasing.erased(contact)

    first = elsewhere(company, answer)
    assert stored.wait(30)
    second = elsewhere(company, erase)
    second.join(1)
    go_on.set()
    first.join(30)
    second.join(30)
    with company.scope():
        assert asked.now().contact_id is None and asked.answers() == {"satisfaction": 5}
        assert not SurveyAnswer.objects.filter(kind="text").exists()
        assert rebuild(check=True)[1] == 0


def test_two_clicks_on_the_ready_themes_add_them_once(committed: None) -> None:
    company = Company.create("acme")
    added, go_on = Event(), Event()

    def one() -> None:
        themes.install_ready()
        added.set()
        go_on.wait(30)

    first = elsewhere(company, one)
    assert added.wait(30)
    second = elsewhere(company, themes.install_ready)
    second.join(1)
    go_on.set()
    first.join(30)
    second.join(30)
    with company.scope():
        assert VoiceTheme.objects.count() == len(themes.READY)


def test_an_erased_customers_mail_goes_also_from_an_address_of_before(company: Company) -> None:
    asked = ask(company)
    with company.scope():
        contact = asked.now().contact
        assert contact is not None
        old = contact.email
        mail = queue_mail(Letter("How was it?", ["Kim"]), to=old, kind="surveys.invitation", language="en")
        SurveyInvitation.objects.update(mail=mail)
        Contact.objects.filter(pk=contact.pk).update(email="")
        erasing.erased(contact.pk)
        mail.refresh_from_db()
        assert (mail.recipient, mail.text, mail.html) == ("", "", "")


def test_nobody_confirms_a_remark_that_was_changed_since_they_read_it(company: Company, sign_in: SignIn) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    form = {
        "kind": "complaint", "employee": company.people["ann"].number, "day": today_here().isoformat(),
        "channel": "phone", "customer_name": "Lakeside", "text": "A bit late.",
    }  # fmt: skip
    address = manager.post("/w/acme/surveys/remarks/new/", form)["Location"]
    for text in ("Never came.", "Never came, and rude."):
        read = hr.get(address).content.decode()
        seen = read.partition('name="seen" value="')[2].partition('"')[0]
        assert manager.post(f"{address}edit/", form | {"text": text}).status_code == 302
        stale = hr.post(f"{address}decide/", {"decision": "confirm", "seen": seen})
        assert stale.status_code == 409
    seen = hr.get(address).content.decode().partition('name="seen" value="')[2].partition('"')[0]
    assert hr.post(f"{address}decide/", {"decision": "confirm", "seen": seen}).status_code == 302
    with company.scope():
        assert Remark.objects.get().state == "confirmed"


def test_a_broker_that_is_down_loses_no_low_score(committed: None, settings: Any, monkeypatch: Any) -> None:
    company = Company.create("acme")
    asked = ask(company)

    def down(*_args: Any, **_options: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr("celery.app.task.Task.apply_async", down)
    for _again in range(2):
        data = form(*ALL, satisfaction=1, comment="Too slow")
        assert Client().post(asked.path, data).status_code in (302, 303)
    with company.scope():
        assert FollowUp.objects.filter(invitation=asked.pk).count() == 1 and rebuild(check=True)[1] == 0
    assert len(asked.facts()) == 1


def test_customers_who_correct_disown_and_are_erased_at_once_leave_a_true_tally(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        version = published()
    several = [ask(company, version) for _each in range(4)]
    for one in several:
        said(one, satisfaction=1, comment="slow")
    start = Barrier(12)

    def work(asked: Any, what: str) -> None:
        start.wait(30)
        for score in (5, 2, 1, 4):
            try:
                if what == "correct":
                    said(asked, correcting=True, satisfaction=score, comment=f"now {score}")
                elif what == "disown" and score == 1 and asked.pk % 2:
                    disowned(asked)
                elif what == "erase" and score == 2 and not asked.pk % 3:
                    with company.scope():
                        contact = asked.now().contact_id
                        if contact:
                            Contact.objects.select_for_update().get(pk=contact)
                            erasing.erased(contact)
            except NotOpen:
                pass
            except DatabaseError as error:
                failed.append(repr(error))

    failed: list[str] = []
    threads = []
    for one in several:
        for what in ("correct", "disown", "erase"):

            def run(one: Any = one, what: str = what) -> None:
                try:
                    work(one, what)
                finally:
                    connection.close()

            threads.append(Thread(target=run))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    with company.scope():
        assert feed.catch_up()
        assert rebuild(check=True)[1] == 0
        assert not SurveyAnswer.objects.filter(kind="text", invitation__contact=None).exists()
        gone = set(SurveyAnswer.objects.values_list("invitation_id", flat=True))
        for one in several:
            assert (one.pk in gone) == (one.now().state == "finished")
            assert len(one.facts()) == (one.now().state == "finished")


def test_who_writes_mail_and_who_erases_do_not_wait_for_each_other(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        who = agreed()
        invited(company, published(), who)
    held, written = Event(), Event()
    failed: list[str] = []

    def erase() -> None:
        Contact.objects.select_for_update().get(pk=who.pk)
        held.set()
        written.wait(1)
        erasing.erased(who.pk)

    first = elsewhere(company, erase)
    assert held.wait(30)

    def write() -> None:
        try:
            writing.write_batch(writing.Desk())
        except DatabaseError as error:
            failed.append(repr(error))
        written.set()

    second = elsewhere(company, write)
    second.join(30)
    first.join(30)
    assert not failed
    with company.scope():
        assert SurveyInvitation.objects.get().state == "cancelled"
