"""From the invitation to the first sign-in with a second step, and a passkey, in a real browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.people.models import Invitation
from tests.browser.acts import PASSWORD, give_password, leave, row, sign_in
from tests.browser.harness import Look, check_page, set_language
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LOOKS = [("zh-hans", 1440, "light"), ("en", 390, "dark")]


@pytest.fixture
def acme(base_url: str, settings: Any) -> Company:
    settings.EMAIL_HOST = ""
    company = Company.create("acme")
    give_password("owner@acme.example")
    return company


def code_for(secret: str, steps: int = 0) -> str:
    """The code that an authenticator app shows, now or some half minutes later."""
    counter = int(time.time()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def look(page: Page, msgids: set[str], name: str, lang: str = "zh-hans") -> None:
    """Judge the page one is on, as every page is judged."""
    for each, width, theme in LOOKS:
        check_page(page, page.url, Look(each, width, theme), name=name, msgids=msgids)
    set_language(page.context, page.url, lang)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()


def invited(page: Page, base_url: str) -> str:
    """HR's owner invites somebody by address, reads the kept mail, and hands the link over."""
    sign_in(page, base_url, "owner@acme.example")
    page.goto(f"{base_url}/w/acme/members/")
    page.get_by_role("link", name="邀请", exact=True).first.click()
    page.fill("input[name=email]", "lin@example.com")
    page.check("input[value=hr]")
    page.get_by_role("button", name="发送邀请").click()
    expect(page.locator(".message-success")).to_contain_text("lin@example.com")
    expect(row(page, "lin@example.com")).to_contain_text("人")
    page.goto(f"{base_url}/w/acme/mail/")
    page.locator("tbody tr a").first.click()
    link = page.locator(".letter a").first.get_attribute("href")
    assert link
    leave(page)
    return link


def accept(page: Page, base_url: str, link: str, msgids: set[str]) -> None:
    """Lin opens the link, chooses a password, and is in."""
    set_language(page.context, base_url, "zh-hans")
    page.goto(link)
    look(page, msgids, "invitation-new")
    page.fill("input[name=name]", "林岚")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="接受邀请").click()
    expect(page).to_have_url(f"{base_url}/w/acme/")


def set_up_second_step(page: Page, msgids: set[str]) -> tuple[str, str]:
    """On the account page Lin sets up the second step; return its secret and a recovery code."""
    page.locator(".side .account-link").click()
    page.get_by_role("link", name="设置", exact=True).click()
    page.get_by_role("link", name=re.compile("设置.*身份验证器")).click()
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="继续").click()
    look(page, msgids, "totp-activate")
    secret = page.locator("#totp-secret").inner_text()
    page.fill("input[name=code]", "000000")
    page.get_by_role("button", name="开启").click()
    expect(page.locator(".field-error")).to_be_visible()
    assert page.locator("#totp-secret").inner_text() == secret
    page.fill("input[name=code]", code_for(secret))
    page.get_by_role("button", name="开启").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    return secret, page.locator("ol.codes li").first.inner_text()


def test_from_the_invitation_to_the_first_sign_in_with_a_second_step(
    page: Page, base_url: str, acme: Company, msgids: set[str]
) -> None:
    accept(page, base_url, invited(page, base_url), msgids)
    secret, recovery = set_up_second_step(page, msgids)

    # The next sign-in asks for it: the password alone does not open anything.
    leave(page)
    sign_in(page, base_url, "lin@example.com")
    assert page.url.endswith("/accounts/2fa/authenticate/")
    look(page, msgids, "second-step")
    page.goto(f"{base_url}/w/acme/")
    assert page.url.endswith("/accounts/2fa/authenticate/")
    page.fill("input[name=code]", recovery)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{base_url}/w/acme/")
    leave(page)
    sign_in(page, base_url, "lin@example.com")
    page.fill("input[name=code]", code_for(secret, steps=1 if time.time() % 30 > 27 else 0))
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_load_state("load")
    with acme.scope():
        assert Invitation.objects.get().accepted_at is not None
        assert WorkspaceMail.objects.count() == 1


def test_a_passkey_signs_in_without_a_password(page: Page, base_url: str, acme: Company) -> None:
    site = base_url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to an address
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    sign_in(page, site, "owner@acme.example")
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.fill("input[name=name]", "办公室笔记本")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("办公室笔记本")
    leave(page)
    set_language(page.context, site, "zh-hans")
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("button", name="使用通行密钥登录").click()
    expect(page).to_have_url(f"{site}/w/acme/")
    assert page.evaluate("window.__csp") == []


def test_sessions_are_signed_out_from_afar(page: Page, base_url: str, acme: Company, msgids: set[str]) -> None:
    sign_in(page, base_url, "owner@acme.example")
    assert page.context.browser
    phone = page.context.browser.new_context(user_agent="Mozilla/5.0 (iPhone) Safari/604").new_page()
    sign_in(phone, base_url, "owner@acme.example")
    page.goto(f"{base_url}/account/sessions/")
    look(page, msgids, "sessions")
    row(page, "Safari, iPhone").get_by_role("button").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    phone.goto(f"{base_url}/account/")
    assert "/accounts/login/" in phone.url
    phone.context.close()
