"""The judge is judged: each kind of fault, planted in a page, is found; a sound page passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.harness import Look, check_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser
URL = "http://planted.test/"
PAGE = """<!doctype html><html lang="zh-hans"><head><title>样例</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><main><h1>样例</h1>{}</main></body></html>"""


def plant(page: Page, fault: str, status: int = 200) -> None:
    def answer(route: Route) -> None:
        headers = {
            "Content-Security-Policy": "default-src 'self'; img-src data:",
            "Content-Type": "text/html; charset=utf-8",
        }
        route.fulfill(status=status, headers=headers, body=PAGE.format(fault))

    page.route("**/*", answer)


def test_a_sound_page_passes(page: Page) -> None:
    plant(page, "<p>一切正常</p>")
    check_page(page, URL, Look("zh-hans", 390))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ('<p style="color:red">红</p>', "policy: style-src"),
        ("<script>1</script>", "policy: script-src"),
        ("<pre>" + "长" * 200 + "</pre>", "scrolls sideways"),
        ("<input>", "axe critical: label"),
        ("<p>This sentence was not translated.</p>", "not translated"),
        ("<p>Save</p>", "not translated"),
    ],
)
def test_a_fault_is_found(page: Page, fault: str, found: str) -> None:
    plant(page, fault)
    with pytest.raises(AssertionError, match=found):
        check_page(page, URL, Look("zh-hans", 390), msgids={"Save"})


def test_a_wrong_status_is_found(page: Page) -> None:
    plant(page, "", status=500)
    with pytest.raises(AssertionError, match="status 500"):
        check_page(page, URL, Look("zh-hans", 390))


def test_a_wrong_language_is_found(page: Page) -> None:
    plant(page, "<p>一切正常</p>")
    with pytest.raises(AssertionError, match="lang=zh-hans"):
        check_page(page, URL, Look("en", 390))
