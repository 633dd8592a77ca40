"""A real Chromium over the application with the test database."""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import sync_playwright

from tests.browser import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

# Playwright's event loop lives in the test's thread; Django would take the test's own queries for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session; each page has a context of its own."""
    with sync_playwright() as playwright:
        browser = harness.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A signed-out page that records what the browser complains about."""
    made, _recorder = harness.new_page(chromium)
    yield made
    made.context.close()


@pytest.fixture(scope="session")
def msgids() -> set[str]:
    """Messages that must not be seen in English on a Chinese page."""
    return harness.catalogue_msgids()


@pytest.fixture
def base_url(committed: Any) -> Iterator[str]:
    """The application's address; what a test has committed is what it serves."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(get_wsgi_application())
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
