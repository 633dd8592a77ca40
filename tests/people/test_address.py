"""The address of a sign-in changes when its new mailbox says so, and tells nobody who else has an account."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from perfmgmt.notify.models import AccountMail
from perfmgmt.people.models import Employee, Membership, User
from perfmgmt.people.services import add_member, vouch_for
from tests.factories import Company
from tests.people.test_sign_in import PASSWORD, enter, link_in, mail

pytestmark = pytest.mark.django_db
OLD, NEW, PAGE = "lin@example.com", "lin.lan@example.org", "/account/address/"


@pytest.fixture(autouse=True)
def _without_a_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = ""


@pytest.fixture
def lin(db: None) -> User:
    user = User.objects.create_user(OLD, PASSWORD, name="Lin", language="en")
    vouch_for(user)
    return user


@pytest.fixture
def client(lin: User) -> Client:
    found = Client()
    enter(found)
    found.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return found


def ask(client: Client, email: str = NEW) -> Any:
    return client.post(PAGE, {"email": email, "action_add": "1"}, follow=True)


def confirm(client: Client, to: str = NEW) -> Any:
    return client.post(link_in(mail(to).text))


def address(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_the_address_changes_when_the_link_is_followed_and_the_old_one_is_told(client: Client, lin: User) -> None:
    page = ask(client).content.decode()
    assert NEW in page
    assert address(lin) == OLD
    client.get(link_in(mail(NEW).text))
    assert address(lin) == OLD  # looking at the page changes nothing
    assert confirm(client)["Location"] == "/account/"
    assert address(lin) == NEW
    told = mail(OLD)
    assert told.kind == "email_changed"
    assert OLD in told.text
    assert NEW in told.text
    assert list(EmailAddress.objects.filter(user=lin).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert Client().get("/account/").status_code == 302
    late, early = Client(), Client()
    enter(early, email=OLD)
    enter(late, email=NEW)
    assert (early.get("/account/").status_code, late.get("/account/").status_code) == (302, 200)


def test_the_password_is_asked_for_again(lin: User, sign_in: Any) -> None:
    client = sign_in(lin)  # a session that is not fresh
    for answer in (client.get(PAGE), client.post(PAGE, {"email": NEW, "action_add": "1"})):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not AccountMail.objects.exists()


def test_an_address_of_another_account_gives_the_same_page_and_no_link(client: Client, lin: User) -> None:
    other = User.objects.create_user("wang@example.com", PASSWORD)
    vouch_for(other)
    unproven = User.objects.create_user("zhou@example.com", PASSWORD)
    pages = []
    client.get(PAGE)  # what was said before is read
    for email in ("free@example.com", other.email, unproven.email):
        answer = ask(client, email)
        pages.append((answer.status_code, answer.redirect_chain, _plain(answer, email)))
    assert pages[0] == pages[1] == pages[2]
    for email in (other.email, unproven.email):
        assert (mail(email).kind, mail(email).secret) == ("address_taken", "")
        assert "/confirm-email/" not in mail(email).text


def _plain(answer: Any, email: str) -> str:
    return re.sub(r"\w{64}", "", answer.content.decode().replace(email, "ADDRESS"))


def test_an_address_that_got_an_account_meanwhile_stays_with_that_account(client: Client, lin: User) -> None:
    ask(client)
    other = User.objects.create_user(NEW, PASSWORD)
    answer = confirm(client)
    assert (answer.status_code, address(lin), address(other)) == (302, OLD, NEW)
    vouch_for(other)
    assert confirm(client).status_code in (200, 302)
    assert (address(lin), address(other)) == (OLD, NEW)


def test_a_second_wish_voids_the_link_of_the_first(client: Client, lin: User) -> None:
    ask(client, "first@example.org")
    ask(client, "second@example.org")
    assert confirm(client, "first@example.org").status_code == 200
    assert address(lin) == OLD
    confirm(client, "second@example.org")
    assert address(lin) == "second@example.org"


def test_a_link_works_once(client: Client, lin: User) -> None:
    ask(client)
    path = link_in(mail(NEW).text)
    client.post(path)
    ask(client, "third@example.org")
    assert "does not work any more" in client.post(path).content.decode()
    assert address(lin) == NEW


def test_an_expired_link_says_so_and_changes_nothing(client: Client, lin: User, monkeypatch: Any) -> None:
    ask(client)
    path, later = link_in(mail(NEW).text), timezone.now() + timedelta(days=4)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    for answer in (Client().get(path), Client().post(path)):
        assert "does not work any more" in answer.content.decode()
    assert address(lin) == OLD


def test_the_link_works_in_another_browser_and_lets_nobody_in(client: Client, lin: User) -> None:
    ask(client)
    phone = Client()
    assert confirm(phone)["Location"].startswith("/accounts/login/")
    assert phone.get("/account/").status_code == 302
    assert address(lin) == NEW
    assert NEW in client.get("/account/").content.decode()  # the first session goes on


def test_somebody_else_s_session_that_follows_the_link_keeps_its_own_address(client: Client, lin: User) -> None:
    other = User.objects.create_user("wang@example.com", PASSWORD)
    vouch_for(other)
    ask(client)
    stranger = Client()
    enter(stranger, email=other.email)
    confirm(stranger)
    assert (address(lin), address(other)) == (NEW, "wang@example.com")


def test_a_change_is_given_up_and_its_link_is_void(client: Client, lin: User) -> None:
    ask(client)
    assert NEW in client.get("/account/").content.decode()
    client.post(PAGE, {"email": NEW, "action_remove": "1"})
    assert NEW not in client.get("/account/").content.decode()
    confirm(Client())
    assert address(lin) == OLD


def test_nobody_gives_up_or_sends_what_is_not_theirs(client: Client, lin: User) -> None:
    other = User.objects.create_user("wang@example.com", PASSWORD)
    vouch_for(other)
    for action in ("action_remove", "action_send", "action_primary"):
        client.post(PAGE, {"email": other.email, action: "1"})
        client.post(PAGE, {"email": OLD, action: "1"})
    assert EmailAddress.objects.filter(verified=True).count() == 2
    assert (address(lin), address(other)) == (OLD, "wang@example.com")


def test_the_link_is_sent_again_but_not_in_a_row(client: Client, lin: User) -> None:
    ask(client)
    client.post(PAGE, {"email": NEW, "action_send": "1"})
    assert AccountMail.objects.filter(recipient=NEW).count() == 1
    cache.clear()
    client.post(PAGE, {"email": NEW, "action_send": "1"})
    assert AccountMail.objects.filter(recipient=NEW).count() == 2


def test_asking_is_limited(client: Client, lin: User) -> None:
    answers = [ask(client, f"n{n}@example.org").status_code for n in range(11)]
    assert answers[9] == 200
    assert answers[-1] == 429
    assert AccountMail.objects.count() == 10


def test_one_s_own_address_and_nonsense_are_refused_in_words(client: Client, lin: User) -> None:
    assert "your address already" in ask(client, OLD.upper()).content.decode()
    assert "is-invalid" in ask(client, "no address").content.decode()
    assert not AccountMail.objects.exists()


def test_the_company_keeps_its_employee_and_the_sign_in_stays_theirs(
    client: Client, lin: User, company: Company
) -> None:
    with company.scope():
        employee = company.people["ann"]
        Employee.objects.filter(pk=employee.pk).update(email=OLD)
        Membership.objects.filter(employee=employee).delete()
        add_member(lin, employee=employee)
    ask(client)
    confirm(client)
    with company.scope():
        assert Membership.objects.get(user=lin).employee_id == employee.pk
        assert Employee.objects.get(pk=employee.pk).email == OLD
    assert client.get(f"/w/{company.tenant.slug}/").status_code == 200
