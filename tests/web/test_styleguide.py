"""The style guide shows every component and every tag, so that nobody builds one twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from perfmgmt.web.statuses import STATUSES
from perfmgmt.web.templatetags import ui

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Hidden fields, addresses and words: they show nothing by themselves, or are listed under "Formats".
WITHOUT_LOOK = {"keep_query", "url_with", "first_character", "metric_value", "day", "period", "money", "money_short"}
COMPONENTS = sorted(path.name for path in (TEMPLATES / "components").glob("*.html") if path.stem not in WITHOUT_LOOK)


@pytest.fixture
def shown(client: Client, db: None) -> set[str]:
    """The templates of which the style guide is made."""
    ui._remembered.cache_clear()
    response = client.get("/styleguide/", {"sort": "name"})
    assert response.status_code == 200
    return {template.name for template in response.templates}


def test_every_component_is_on_the_style_guide(shown: set[str]) -> None:
    assert len(COMPONENTS) > 20
    assert [name for name in COMPONENTS if f"components/{name}" not in shown] == []


def test_every_tag_is_used_on_the_style_guide(shown: set[str]) -> None:
    text = "".join(path.read_text("utf-8") for name in shown if (path := Path(f"{TEMPLATES}/{name}")).is_file())
    used = set(re.findall(r"{%\s*(\w+)", text)) | set(re.findall(r"\|\s*(\w+)", text))
    known = {*ui.register.tags, *ui.register.filters}
    assert known - used - WITHOUT_LOOK == set()


def test_every_state_of_a_job_is_on_the_style_guide(client: Client, db: None) -> None:
    page = client.get("/styleguide/", headers={"accept-language": "en"}).content.decode()
    for word in (
        "Waiting for a worker",
        "about 4 minutes left",
        "A worker stopped; attempt 2 of 5",
        "Start again",
        "It was started again",
        "be started again here",
        "Cancelled. Nothing was changed.",
        "stopping",
    ):
        assert word in page, word
    for status in STATUSES.values():
        assert str(status.word) in page
