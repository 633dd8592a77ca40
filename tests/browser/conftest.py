"""A real Chromium over the application with the test database."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from django.test.utils import override_settings
from playwright.sync_api import sync_playwright

from tests.browser import harness
from tests.browser.access import confirm
from tests.browser.world import World, build
from tests.conftest import empty_database

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
def page(chromium: Browser, base_url: str) -> Iterator[Page]:
    """A signed-out page that records what the browser complains about; closed before what it looks at is."""
    made, _recorder = harness.new_page(chromium)
    yield made
    made.context.close()


@pytest.fixture(scope="session")
def msgids() -> set[str]:
    """Messages that must not be seen in English on a Chinese page."""
    return harness.catalogue_msgids()


@cache
def _application() -> Any:
    """The application with static files as production serves them: looked up once, and kept by the browser."""
    with override_settings(WHITENOISE_AUTOREFRESH=False, WHITENOISE_MAX_AGE=3600):
        return get_wsgi_application()


class Counted:
    """The application, with the number of requests it is at: parts of a page are asked for behind the test's back."""

    def __init__(self) -> None:
        self.application, self.busy, self.changed = _application(), 0, Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self._count(1)
        try:
            return self.application(environ, start_response)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self.changed:
            self.busy += more
            self.changed.notify_all()

    def wait(self) -> None:
        """Return once no request is being answered."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.busy == 0, timeout=60)


@contextmanager
def serving() -> Iterator[str]:
    """The application on a port of its own, at the address that is yielded."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    application = Counted()
    server.set_app(application)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        application.wait()
        server.server_close()


@pytest.fixture
def base_url(committed: Any) -> Iterator[str]:
    """The application's address; what a test has committed is what it serves."""
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The two workspaces of `world.py`, committed once for a module that only reads them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("files"))
        try:
            yield build()
        finally:
            empty_database()


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    """The address of an application that serves `world`."""
    with serving() as url:
        yield url


class Visitors:
    """One browser page for each person, so that scripts and styles are loaded once."""

    def __init__(self, browser: Browser, world: World, url: str) -> None:
        self.browser, self.world, self.url = browser, world, url
        self.pages: dict[str, Page] = {}

    def client(self, role: str) -> Client:
        """Django's own client, signed in as a role ("" for nobody)."""
        client = Client()
        if role:
            client.force_login(self.world.company.users[role])
            confirm(client, self.world.company.users[role])
        return client

    def page(self, role: str) -> Page:
        """The browser's page of a role."""
        if role not in self.pages:
            state = harness.storage_state(self.url, self.client(role))
            self.pages[role], _recorder = harness.new_page(self.browser, state)
        return self.pages[role]

    def close(self) -> None:
        """Leave."""
        for page in self.pages.values():
            page.context.close()


@pytest.fixture(scope="module")
def visitors(chromium: Browser, world: World, site: str) -> Iterator[Visitors]:
    """Everybody of the cast in a browser."""
    found = Visitors(chromium, world, site)
    yield found
    found.close()
