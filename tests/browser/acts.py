"""What people do in a browser, for tests of whole ways through the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from perfmgmt.people.models import User
from perfmgmt.people.services import vouch_for
from tests.browser.harness import set_language

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

PASSWORD = "Correct-horse-7-battery"
DONE = 60_000


def give_password(email: str) -> None:
    """Let somebody sign in with PASSWORD."""
    user = User.objects.get(email=email)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    vouch_for(user)


def sign_in(page: Page, url: str, email: str, lang: str = "zh-hans", *, password: str = PASSWORD) -> None:
    """Fill in the sign-in form and send it with the Enter key."""
    set_language(page.context, url, lang)
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("load")


def leave(page: Page) -> None:
    """Forget the sign-in. Nothing of the page may still be loading: its answer would bring cookies back."""
    page.goto("about:blank")
    page.context.clear_cookies()


def choose_upload(page: Page, url: str, kind: str, file: Path, mapping: Path | None = None) -> Locator:
    """Open the Import page and choose the files; return the button that uploads them."""
    page.goto(url)
    page.check(f"input[name=kind][value='{kind}']")
    page.set_input_files("input[name=file]", file)
    if mapping is not None:
        page.locator("details.more summary").click()
        page.set_input_files("input[name=mapping]", mapping)
    return page.locator("main form[enctype] button[type=submit]")


def wait_until_done(page: Page, word: str = "已完成") -> None:
    """Until the open job page shows the end of the work, without being reloaded."""
    expect(page.locator("#job-state .pill").first).to_contain_text(word, timeout=DONE)


def import_checked(page: Page) -> None:
    """Wait for the check of an uploaded file and import it."""
    page.get_by_role("button", name="立即导入").click(timeout=DONE)
    expect(page.get_by_role("heading", name="结果")).to_be_visible(timeout=DONE)
    wait_until_done(page)


def results(page: Page) -> list[str]:
    """The numbers of a finished import: rows, added, changed, unchanged, skipped, refused."""
    return page.locator("#job-state dl.facts-list dd").all_inner_texts()


def headline(page: Page, label: str) -> Locator:
    """One of the figures on top of a home."""
    return page.locator("article.kpi").filter(has=page.get_by_role("heading", name=label, exact=True))


def row(page: Page, name: str) -> Locator:
    """The row of a table that is about somebody or something."""
    return page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True)).first
