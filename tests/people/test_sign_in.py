"""Signing in and up: nobody guesses, nobody learns who is known, and a session is never handed over."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from perfmgmt.notify.models import AccountMail
from perfmgmt.people.access import THIRD_PARTY
from perfmgmt.people.models import User
from perfmgmt.people.services import vouch_for
from tests.factories import Company
from tests.people.walk import routes

pytestmark = pytest.mark.django_db
PASSWORD = "Correct-horse-7-battery"
NEW = "Another-horse-8-battery"


@pytest.fixture(autouse=True)
def _without_a_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = ""


@pytest.fixture
def lin(db: None) -> User:
    user = User.objects.create_user("lin@example.com", PASSWORD, name="Lin", language="zh-hans")
    vouch_for(user)
    return user


def enter(client: Client, password: str = PASSWORD, email: str = "lin@example.com") -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def code_of(user: User) -> str:
    secret = Authenticator.objects.get(user=user, type="totp").wrap().instance.data["secret"]
    from allauth.mfa.adapter import get_adapter

    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(get_adapter().decrypt(secret), counter))


def mail(to: str = "lin@example.com") -> AccountMail:
    return AccountMail.objects.filter(recipient=to).latest("pk")


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/accounts/\S+)", text)
    assert found, text
    return found[1]


# Sessions


def test_signing_in_gives_a_new_session_so_that_none_can_be_planted(lin: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["sessionid"] = session.session_key
    enter(client)
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()
    thief = Client()
    thief.cookies["sessionid"] = session.session_key
    assert thief.get("/account/").status_code == 302


def test_a_session_is_signed_out_from_another_device(lin: User) -> None:
    office, phone = (
        Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows) Chrome/120"),
        Client(HTTP_USER_AGENT="iPhone Safari"),
    )
    enter(office)
    enter(phone)
    page = office.get("/account/sessions/").content.decode()
    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    there = UserSession.objects.get(user_agent__contains="iPhone")
    assert office.post(f"/account/sessions/{there.pk}/end/").status_code == 302
    assert phone.get("/account/").status_code == 302
    assert office.get("/account/").status_code == 200


def test_everywhere_else_is_signed_out_at_once(lin: User) -> None:
    here, *others = clients = [Client() for _ in range(3)]
    for client in clients:
        enter(client)
    here.post("/account/sessions/end-others/")
    assert [client.get("/account/").status_code for client in (here, *others)] == [200, 302, 302]


def test_a_session_of_somebody_else_is_not_found(lin: User, company: Company) -> None:
    mine, theirs = Client(), Client()
    enter(mine)
    owner = company.users["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    vouch_for(owner)
    enter(theirs, email=owner.email)
    session = UserSession.objects.get(user=owner)
    assert mine.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert theirs.get("/account/").status_code == 200


def test_a_changed_password_signs_the_other_devices_out(lin: User) -> None:
    here, other = Client(), Client()
    enter(here)
    enter(other)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", data).status_code == 302
    assert here.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert "密码已更改" in mail().subject


# Guessing


def test_a_password_can_not_be_guessed_from_many_addresses(lin: User) -> None:
    for n in range(6):
        Client(REMOTE_ADDR=f"10.0.0.{n}").post("/accounts/login/", {"login": lin.email, "password": f"wrong-{n}"})
    late = Client(REMOTE_ADDR="10.0.1.1")
    assert enter(late).status_code == 200  # even the right one has to wait now
    assert late.get("/account/").status_code == 302


def test_one_address_can_not_try_many_accounts(db: None) -> None:
    client = Client()
    answers = [enter(client, "wrong-password", f"n{n}@example.com").status_code for n in range(31)]
    assert answers[-1] == 429
    assert "429" in client.post("/accounts/login/", {"login": "x@example.com", "password": "y"}).content.decode()


def test_a_forwarded_address_of_the_caller_s_own_making_does_not_help(lin: User) -> None:
    client = Client()
    for n in range(31):
        answer = client.post(
            "/accounts/login/", {"login": f"n{n}@example.com", "password": "x"}, HTTP_X_FORWARDED_FOR=f"1.2.3.{n}"
        )
    assert answer.status_code == 429


def test_the_second_step_can_not_be_guessed(lin: User) -> None:
    totp.TOTP.activate(lin, totp.generate_totp_secret())
    client = Client()
    assert enter(client)["Location"] == "/accounts/2fa/authenticate/"
    right = code_of(lin)
    wrong = [f"{n:06}" for n in range(7) if f"{n:06}" != right]
    for guess in wrong[:6]:
        client.post("/accounts/2fa/authenticate/", {"code": guess})
    assert client.post("/accounts/2fa/authenticate/", {"code": right}).status_code in (200, 302, 429)
    assert client.get("/account/").status_code == 302


# Second step


def test_after_the_password_the_second_step_is_needed_and_a_code_works_once(lin: User) -> None:
    totp.TOTP.activate(lin, totp.generate_totp_secret())
    client = Client()
    enter(client)
    assert client.get("/account/").status_code == 302
    code = code_of(lin)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/account/").status_code == 200
    again = Client()
    enter(again)
    again.post("/accounts/2fa/authenticate/", {"code": code})
    assert again.get("/account/").status_code == 302


def test_a_recovery_code_opens_once(lin: User) -> None:
    totp.TOTP.activate(lin, totp.generate_totp_secret())
    code = RecoveryCodes.activate(lin).get_unused_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        enter(client)
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert (first.get("/account/").status_code, second.get("/account/").status_code) == (200, 302)


def test_the_key_of_an_authenticator_app_is_encrypted(lin: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(lin, secret)
    assert secret not in str(Authenticator.objects.get(user=lin).data)


def test_a_second_step_is_added_only_after_the_password_was_given_again(lin: User, sign_in: Any) -> None:
    client = sign_in(lin)
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_passkeys_of_somebody_else_are_not_found(lin: User, company: Company) -> None:
    key = Authenticator.objects.create(
        user=company.users["owner"], type="webauthn", data={"name": "k", "credential": {}}
    )
    client = Client()
    enter(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for action in ("remove", "edit"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{action}/").status_code == 404


# Reset


def test_a_reset_mail_sets_a_password_once_and_ends_sessions(lin: User) -> None:
    inside = Client()
    enter(inside)
    client = Client()
    client.post("/accounts/password/reset/", {"email": lin.email})
    letter = mail()
    assert letter.language == "zh-hans"
    assert letter.secret in letter.text
    path = link_in(letter.text)
    form = client.get(path, follow=True)
    assert client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}).status_code == 302
    lin.refresh_from_db()
    assert lin.check_password(NEW)
    assert inside.get("/account/").status_code == 302
    used = Client().get(path, follow=True)
    assert 'name="password1"' not in used.content.decode()


def test_asking_for_a_reset_tells_nobody_who_is_known(lin: User) -> None:
    answers = []
    for email in (lin.email, "nobody@example.com"):
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append(
            (answer.status_code, answer.redirect_chain, re.sub(r"\b\w{64}\b", "", answer.content.decode()))
        )
    assert answers[0][:2] == answers[1][:2]
    assert AccountMail.objects.count() == 1  # and a stranger's mailbox gets nothing


def test_asking_for_resets_is_limited(lin: User) -> None:
    for _ in range(6):
        Client().post("/accounts/password/reset/", {"email": lin.email})
    assert AccountMail.objects.count() == 3


# Sign-up


def sign_up(client: Client, email: str = "new@example.com") -> Any:
    return client.post("/accounts/signup/", {"name": "New", "email": email, "password1": PASSWORD}, follow=True)


def test_who_signs_up_confirms_the_address_and_makes_a_workspace(db: None) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    sign_up(client)
    assert client.get("/account/").status_code == 302
    enter(client, email="new@example.com")
    assert client.get("/account/").status_code == 302  # not before the address is confirmed
    path = link_in(mail("new@example.com").text)
    assert not EmailAddress.objects.get(email="new@example.com").verified
    client.get(path)
    assert not EmailAddress.objects.get(email="new@example.com").verified  # a GET changes nothing
    client.post(path)
    enter(client, email="new@example.com")
    data = {"name": "Neu AG", "slug": "neu", "language": "en", "time_zone": "Europe/Berlin", "currency": "EUR",
            "fiscal_start_month": "4"}  # fmt: skip
    assert client.post("/workspaces/new/", data)["Location"] == "/w/neu/"
    page = client.get("/w/neu/about/").content.decode()
    for text in ("Neu AG", "EUR", "Europe/Berlin", "<dd>4</dd>"):
        assert text in page
    assert client.post("/workspaces/new/", data).status_code == 200  # the address is taken
    assert User.objects.get(email="new@example.com").language == "en"


def test_signing_up_tells_nobody_who_is_known(lin: User) -> None:
    seen = []
    for email in ("new@example.com", lin.email):
        answer = sign_up(Client(), email)
        seen.append((answer.status_code, answer.redirect_chain))
    assert seen[0] == seen[1]
    assert mail().kind == "account_already_exists"
    lin.refresh_from_db()
    assert lin.name == "Lin"


def test_sign_up_can_be_switched_off(lin: User, settings: Any) -> None:
    settings.SIGNUP_OPEN = False
    sign_up(Client())
    assert not User.objects.filter(email="new@example.com").exists()
    assert "/accounts/signup/" not in Client().get("/accounts/login/").content.decode()
    client = Client()
    enter(client)
    assert client.get("/workspaces/new/").status_code == 403
    assert client.post("/workspaces/new/", {"slug": "x"}).status_code == 403


def test_signing_up_and_making_workspaces_are_limited(lin: User) -> None:
    answers = [sign_up(Client(), f"n{n}@example.com").status_code for n in range(11)]
    assert (answers[9], answers[10]) == (200, 429)
    client = Client()
    enter(client)
    data = {"name": "X", "language": "en", "time_zone": "UTC", "currency": "EUR", "fiscal_start_month": "1"}
    made = [client.post("/workspaces/new/", {**data, "slug": f"x{n}"}).status_code for n in range(6)]
    assert (made[4], made[5]) == (302, 429)


@pytest.mark.parametrize("slug", ["A", "-a", "a b", "ä", "", "a" * 51, "a\n"])
def test_a_malformed_address_of_a_workspace_is_refused(lin: User, slug: str) -> None:
    client = Client()
    enter(client)
    data = {"name": "X", "slug": slug, "language": "en", "time_zone": "UTC", "currency": "EUR",
            "fiscal_start_month": "1"}  # fmt: skip
    answer = client.post("/workspaces/new/", data)
    assert answer.status_code == (302 if slug == "a\n" else 200)  # the form strips


# Account


def test_the_account_keeps_name_and_language_and_the_browser_follows(lin: User) -> None:
    client = Client()
    enter(client)
    assert client.cookies["django_language"].value == "zh-hans"
    answer = client.post("/account/", {"name": "Lin Lan", "language": "en"})
    assert answer.status_code == 302
    assert client.cookies["django_language"].value == "en"
    lin.refresh_from_db()
    assert (lin.name, lin.language) == ("Lin Lan", "en")
    client.post("/language/", {"language": "zh-hans", "next": "/account/"})
    lin.refresh_from_db()
    assert lin.language == "zh-hans"


def test_pages_of_libraries_that_need_a_sign_in_ask_for_it(db: None) -> None:
    client, wrong = Client(), []
    for route in routes():
        access = THIRD_PARTY.get(route.name)
        if access is None or access.kind != "signed in":
            continue
        path = "/" + route.pattern.replace("<int:pk>", "1")
        for answer in (client.get(path), client.post(path)):
            if answer.status_code != 302 or not answer["Location"].startswith("/accounts/login/"):
                wrong.append((path, answer.status_code))
    assert wrong == []


def test_an_operator_helps_who_lost_the_second_step(lin: User) -> None:
    totp.TOTP.activate(lin, totp.generate_totp_secret())
    call_command("reset_second_step", "LIN@example.com", verbosity=0)
    client = Client()
    enter(client)
    assert client.get("/account/").status_code == 200
    with pytest.raises(CommandError):
        call_command("reset_second_step", "nobody@example.com")
