"""Invitations: one link, one address, once; and nobody gives what they don't have."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.people.models import Invitation, Membership, User
from perfmgmt.people.roles import Role
from perfmgmt.people.services import vouch_for
from tests.factories import Company

pytestmark = pytest.mark.django_db
PASSWORD = "Correct-horse-7-battery"
SignIn = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def _without_a_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = ""


def send(client: Client, email: str = "lin@example.com", *, query: str = "", **data: Any) -> Any:
    return client.post(f"/w/acme/members/invite/{query}", {"email": email, "language": "zh-hans", **data})


def link(company: Company, email: str = "lin@example.com") -> str:
    """The path in the newest mail to an address."""
    with company.scope():
        text = WorkspaceMail.objects.filter(recipient=email).latest("pk").text
    found = re.search(r"http://testserver(/invitation/\S+)", text)
    assert found, text
    return found[1]


def roles_of(company: Company, email: str) -> list[str] | None:
    with company.scope():
        found = Membership.objects.filter(user__email=email).first()
        return None if found is None else found.roles


def test_an_invited_person_sets_a_password_and_is_in(company: Company, sign_in: SignIn) -> None:
    assert send(sign_in(company.users["owner"]), roles=["auditor"]).status_code == 302
    path, guest = link(company), Client()
    page = guest.get(path)
    assert page.status_code == 200
    assert roles_of(company, "lin@example.com") is None  # looking changes nothing: mail scanners look
    answer = guest.post(path, {"name": "林岚", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/w/acme/")
    assert guest.get("/w/acme/").status_code == 200
    assert roles_of(company, "lin@example.com") == ["auditor"]
    assert EmailAddress.objects.get(email="lin@example.com").verified
    assert guest.cookies["sessionid"]["httponly"]


def test_the_mail_is_in_the_invited_language_and_names_who_invites(company: Company, sign_in: SignIn) -> None:
    send(sign_in(company.users["owner"]), roles=["hr"])
    with company.scope():
        mail = WorkspaceMail.objects.latest("pk")
    assert "Owner" in mail.subject
    assert "Acme" in mail.subject
    assert "邀请" in mail.subject
    assert "接受邀请" in mail.html


def test_a_link_works_once(company: Company, sign_in: SignIn) -> None:
    send(sign_in(company.users["owner"]), roles=["hr"])
    path = link(company)
    Client().post(path, {"name": "Lin", "password": PASSWORD})
    again = Client().post(path, {"name": "Thief", "password": "Another-horse-8-battery"})
    assert again.status_code == 410
    user = User.objects.get(email="lin@example.com")
    assert user.check_password(PASSWORD)
    assert user.name == "Lin"


@pytest.mark.parametrize("what", ["revoked", "expired", "sent again"])
def test_a_link_that_is_void_says_so_and_lets_nobody_in(company: Company, sign_in: SignIn, what: str) -> None:
    owner = sign_in(company.users["owner"])
    send(owner, roles=["hr"])
    path = link(company)
    with company.scope():
        pk = Invitation.objects.get().pk
    if what == "revoked":
        owner.post(f"/w/acme/invitations/{pk}/revoke/")
    elif what == "expired":
        with company.scope():
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        assert owner.post(f"/w/acme/invitations/{pk}/again/").status_code == 302
        assert link(company) != path
    assert Client().get(path).status_code == (404 if what == "sent again" else 410)
    assert Client().post(path, {"name": "Lin", "password": PASSWORD}).status_code in (404, 410)
    assert roles_of(company, "lin@example.com") is None


def test_an_unknown_link_an_unknown_workspace_and_anothers_look_the_same(
    company: Company, other_company: Company, sign_in: SignIn
) -> None:
    send(sign_in(company.users["owner"]), roles=["hr"])
    token = link(company).rstrip("/").rpartition("/")[2]
    for path in ("/invitation/acme/wrong/", "/invitation/nowhere/wrong/", f"/invitation/globex/{token}/"):
        assert Client().get(path).status_code == 404, path


def test_the_link_is_kept_as_a_hash_only(company: Company, sign_in: SignIn) -> None:
    send(sign_in(company.users["owner"]), roles=["hr"])
    token = link(company).rstrip("/").rpartition("/")[2]
    with company.scope():
        assert Invitation.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_who_has_an_account_signs_in_and_joins_with_it(
    company: Company, other_company: Company, sign_in: SignIn
) -> None:
    user = other_company.users["hr"]
    vouch_for(user)
    send(sign_in(company.users["owner"]), user.email, roles=["executive"])
    path = link(company, user.email)
    guest = Client()
    assert "/accounts/login/?next=/invitation/" in guest.get(path).content.decode()
    assert guest.post(path, {"name": "Thief", "password": PASSWORD}).status_code == 200
    assert not User.objects.get(pk=user.pk).check_password(PASSWORD)
    stranger = sign_in(other_company.users["owner"])
    assert stranger.post(path).status_code == 200
    assert roles_of(company, user.email) is None
    joined = sign_in(user).post(path)
    assert (joined.status_code, joined["Location"]) == (302, "/w/acme/")
    assert roles_of(company, user.email) == ["executive"]
    assert roles_of(company, other_company.users["owner"].email) is None


def test_an_account_that_a_stranger_made_with_the_address_is_taken_over_by_the_mailbox(
    company: Company, sign_in: SignIn
) -> None:
    squatter = User.objects.create_user("lin@example.com", PASSWORD, name="Squatter")
    EmailAddress.objects.create(user=squatter, email="lin@example.com", verified=False, primary=True)
    Authenticator.objects.create(user=squatter, type="totp", data={"secret": "x"})
    inside = sign_in(squatter)
    send(sign_in(company.users["owner"]), roles=["hr"])
    Client().post(link(company), {"name": "Lin", "password": "Another-horse-8-battery"})
    squatter.refresh_from_db()
    assert squatter.check_password("Another-horse-8-battery")
    assert not Authenticator.objects.filter(user=squatter).exists()
    assert inside.get("/account/").status_code == 302  # the stranger's session is over


def test_a_weak_password_is_refused(company: Company, sign_in: SignIn) -> None:
    send(sign_in(company.users["owner"]), roles=["hr"])
    page = Client().post(link(company), {"name": "Lin", "password": "password"})
    assert page.status_code == 200
    assert not User.objects.filter(email="lin@example.com").exists()


def test_an_employee_is_invited_from_the_directory_and_is_an_assistant(company: Company, sign_in: SignIn) -> None:
    bob = company.people["bob"].pk
    hr = sign_in(company.users["hr"])
    assert f"employee={bob}" in hr.get("/w/acme/members/invite/?q=bob").content.decode()
    assert send(hr, "bob@home.example", query=f"?employee={bob}").status_code == 302
    guest = Client()
    guest.post(link(company, "bob@home.example"), {"name": "Bob", "password": PASSWORD})
    with company.scope():
        member = Membership.objects.get(user__email="bob@home.example")
    assert (member.employee_id, member.roles) == (bob, [])
    assert guest.get("/w/acme/").status_code == 200
    assert guest.get("/w/acme/members/").status_code == 403


def test_an_address_of_nobody_needs_a_role(company: Company, sign_in: SignIn) -> None:
    assert send(sign_in(company.users["hr"])).status_code == 200
    with company.scope():
        assert not Invitation.objects.exists()


def test_hr_gives_no_role_that_may_do_more(company: Company, sign_in: SignIn) -> None:
    hr = sign_in(company.users["hr"])
    assert 'value="owner"' not in hr.get("/w/acme/members/invite/").content.decode()
    assert send(hr, roles=["owner"]).status_code == 200  # no choice of the form
    with company.scope():
        assert not Invitation.objects.exists()
    send(sign_in(company.users["owner"]), roles=["owner"])
    with company.scope():
        pk = Invitation.objects.get().pk
    for action in ("again", "revoke"):
        assert hr.post(f"/w/acme/invitations/{pk}/{action}/").status_code == 403


def test_hr_does_not_see_the_link_of_an_owners_invitation(company: Company, sign_in: SignIn) -> None:
    send(sign_in(company.users["owner"]), roles=["owner"])
    path = link(company)
    with company.scope():
        pk = WorkspaceMail.objects.get().pk
    for role, shown in (("owner", True), ("hr", False), ("auditor", False)):
        page = sign_in(company.users[role]).get(f"/w/acme/mail/{pk}/").content.decode()
        assert (path in page) is shown, role


def test_with_a_mail_server_the_link_is_shown_to_nobody(company: Company, sign_in: SignIn, settings: Any) -> None:
    owner = sign_in(company.users["owner"])
    settings.EMAIL_HOST = "mail.example.com"
    send(owner, roles=["hr"])
    path = link(company)
    with company.scope():
        pk = WorkspaceMail.objects.get().pk
    assert path not in owner.get(f"/w/acme/mail/{pk}/").content.decode()


@pytest.mark.parametrize("email", ["hr@acme.example", "HR@ACME.example", "ann@acme.example"])
def test_who_is_in_is_not_invited(company: Company, sign_in: SignIn, email: str) -> None:
    assert send(sign_in(company.users["owner"]), email, roles=["hr"]).status_code == 200
    with company.scope():
        assert not Invitation.objects.exists()


def test_an_address_is_invited_once_and_again_when_that_has_expired(company: Company, sign_in: SignIn) -> None:
    owner = sign_in(company.users["owner"])
    assert [send(owner, roles=["hr"]).status_code for _ in range(2)] == [302, 200]
    with company.scope():
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send(owner, "LIN@example.com", roles=["auditor"]).status_code == 302
    with company.scope():
        assert Invitation.objects.filter(revoked_at=None).get().roles == [Role.AUDITOR]


def test_guessing_links_is_limited(company: Company) -> None:
    client = Client()
    answers = {client.get(f"/invitation/acme/guess{n}/").status_code for n in range(32)}
    assert answers == {404, 429}


def test_inviting_is_limited(company: Company, sign_in: SignIn) -> None:
    owner = sign_in(company.users["owner"])
    answers = [send(owner, f"n{n}@example.com", roles=["hr"]).status_code for n in range(61)]
    assert (answers[:60], answers[60]) == ([302] * 60, 429)
