"""The pictures of the README, from the demo company: UPDATE_SCREENSHOTS=1 writes them anew."""

from __future__ import annotations

import os
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.test import Client

from perfmgmt.people.models import User
from tests.browser import harness
from tests.servers import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.environ.get("UPDATE_SCREENSHOTS") != "1", reason="UPDATE_SCREENSHOTS=1 writes docs/images"),
]


def test_write_the_pictures_of_the_readme(chromium: Browser, base_url: str) -> None:
    call_command("demo", stdout=StringIO())
    client = Client()
    client.force_login(User.objects.get(email="manager@demo.example"))
    page, recorder = harness.new_page(chromium, harness.storage_state(base_url, client))
    page.set_viewport_size({"width": 1440, "height": 720})
    folder = ROOT / "docs" / "images"
    folder.mkdir(exist_ok=True)
    for lang, name in [("zh-hans", "home-zh"), ("en", "home-en")]:
        harness.set_language(page.context, base_url, lang)
        page.goto(f"{base_url}/w/demo/", wait_until="load")
        harness.wait_for_charts(page)
        page.screenshot(path=folder / f"{name}.png")
    page.context.close()
    assert recorder.take() == []
