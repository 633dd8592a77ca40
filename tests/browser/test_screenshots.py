"""The pictures of README and guides, from the demo company: UPDATE_SCREENSHOTS=1 writes them anew."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client

from analytics.demo.company import SLUG
from goals.models import Goal
from perfmgmt.metrics.models import ImportDraft
from perfmgmt.people.models import User
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.worklog.models import WorkEntry
from reviews.models import CalibrationSession, CycleState, ReviewCycle
from tests.browser import harness
from tests.browser.pictures import DESK, LANGUAGES, PICTURES, Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.environ.get("UPDATE_SCREENSHOTS") != "1", reason="UPDATE_SCREENSHOTS=1 writes docs/images"),
]
#: The file of the demo company with rows that can't be used, and the number of the assistant.
REFUSED, ASSISTANT = "CRM补录.csv", "D004"


@dataclass
class Studio:
    """The demo company, open for pictures."""

    chromium: Browser
    url: str

    @contextmanager
    def opened(self, who: str, path: str, lang: str, size: tuple[int, int]) -> Iterator[Page]:
        """Yield a page as somebody sees it, when everything on it is there; fail if the browser complains."""
        client = Client()
        client.force_login(User.objects.get(email=f"{who}@demo.example"))
        page, recorder = harness.new_page(self.chromium, harness.storage_state(self.url, client))
        page.set_viewport_size({"width": size[0], "height": size[1]})
        harness.set_language(page.context, self.url, LANGUAGES[lang])
        page.goto(f"{self.url}/w/{SLUG}/{path}", wait_until="networkidle")
        harness.wait_for_charts(page)
        yield page
        complaints = recorder.take()
        page.context.close()
        assert complaints == []


@pytest.fixture
def studio(chromium: Browser, base_url: str) -> Studio:
    """With a target that the manager has changed, for the audit trail."""
    call_command("demo", stdout=StringIO())
    studio = Studio(chromium, base_url)
    with studio.opened("manager", "targets/?metric=orders", "zh", DESK) as page:
        row = page.locator("tr", has_text="赵敏")  # whose goal of this metric is not agreed yet
        row.locator(".num-input").fill("19")
        page.locator("[name=reason_of_change]").fill("接手两家新客户")
        page.locator(".card-actions [type=submit]").click()
        row.locator(".num-input[value='19']").wait_for()
    return studio


def ids() -> dict[str, Any]:
    """What the paths of pictures may name."""
    with tenant_scope(Tenant.objects.get(slug=SLUG).pk):
        return {
            "draft": ImportDraft.objects.get(file_name=REFUSED).pk,
            "day": WorkEntry.objects.filter(employee__number=ASSISTANT).latest("day").day,
            "goal": Goal.objects.filter(employee__number=ASSISTANT, metric__code="sales_amount").latest("id").pk,
            "cycle": ReviewCycle.objects.filter(state=CycleState.OPEN).latest("id").pk,
            "calibration": CalibrationSession.objects.latest("id").pk,
        }


def take(studio: Studio, picture: Picture, lang: str, known: dict[str, Any]) -> None:
    """Take a picture in a language."""
    with studio.opened(picture.who, picture.path.format(**known), lang, picture.size) as page:
        if picture.press:
            page.locator(picture.press).first.click()
        if picture.search:
            page.keyboard.press("Control+k")
            with page.expect_response(lambda response: f"q={picture.search}" in response.url):
                page.locator("dialog[data-palette] input").fill(picture.search)
            page.locator("[data-palette-list]:not([aria-busy]) [aria-selected=true]").wait_for()
        picture.file(lang).parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture.file(lang), animations="disabled", caret="hide")


def test_write_the_pictures(studio: Studio) -> None:
    known = ids()
    for lang in LANGUAGES:
        for picture in PICTURES:
            take(studio, picture, lang, known)
