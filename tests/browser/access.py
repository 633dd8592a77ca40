"""What the pages of sign-in and access show in the browser's world."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.tokens import default_token_generator
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from perfmgmt.notify.letters import Letter
from perfmgmt.notify.models import MailState, WorkspaceMail
from perfmgmt.notify.services import queue_account_mail, queue_mail
from perfmgmt.people.invitations import invite
from perfmgmt.people.models import User
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Viewer

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories import Company


def passkey_data() -> dict[str, Any]:
    """What the database keeps of a passkey, as a real device would have registered it."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(Aaguid(bytes(16)), b"p" * 16, key)
    device = AttestationObject.create("none", AuthenticatorData.create(bytes(32), 0x45, 0, made), {})
    client = CollectedClientData.create("webauthn.create", b"c" * 32, "http://localhost")
    answer = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(device)}
    credential = {
        "type": "public-key",
        "id": websafe_encode(b"p" * 16),
        "rawId": websafe_encode(b"p" * 16),
        "response": {**answer, "transports": ["internal"]},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return {"name": "办公室电脑", "credential": credential}


def confirm(client: Client, user: User) -> None:
    """Let a signed-in client count as one that has just given the password again."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() + 86400, "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def access_samples(company: Company) -> dict[str, list[Any]]:
    """Fill the company's pages of access; return samples of the arguments of their URLs. Needs the scope."""
    owner = company.users["owner"]
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    passkey = Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=passkey_data())
    viewer = Viewer(owner.pk, owner.name, owner.email, None, frozenset(Role))
    tokens: list[str] = []

    def link_of(token: str) -> str:
        tokens.append(token)
        return f"http://127.0.0.1:8000/invitation/acme/{token}/"

    shown = [
        invite(email="lin@example.com", roles=[Role.HR, Role.AUDITOR], viewer=viewer, link_of=link_of),
        invite(email="cid@acme.example", employee=company.people["cid"], viewer=viewer, link_of=link_of),
    ]
    mails = [WorkspaceMail.objects.earliest("pk").pk]
    for state, error in ((MailState.FAILED, "550 no such mailbox"), (MailState.SENT, "")):
        mail = queue_mail(
            Letter("绩效提醒", ["请查看本月目标。"]), to="a@example.com", kind="other", language="zh-hans"
        )
        WorkspaceMail.objects.filter(pk=mail.pk).update(state=state, error=error, attempts=1)
        mails.append(mail.pk)
    letter = Letter("设置新密码", ["链接见下。"], action=("设置", "http://127.0.0.1:8000/x/"))
    account_mail = queue_account_mail(letter, to="lin@example.com", kind="reset", language="zh-hans")
    waiting = EmailAddress.objects.create(
        user=User.objects.create_user("waiting@example.com"), email="waiting@example.com"
    )
    return {
        "member_id": [company.membership("hr").pk],
        "invitation_id": [row.pk for row in shown],
        "mail_id": mails,
        "account_mail_id": [account_mail.pk],
        "workspace": [company.tenant.slug],
        "token": [tokens[0], tokens[1]],
        "session_id": [1],
        "pk": [passkey.pk],
        "key": [EmailConfirmationHMAC(waiting).key, default_token_generator.make_token(owner)],
        "uidb36": ["1"],
    }
