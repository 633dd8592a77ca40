"""House rules of every template."""

import re
from pathlib import Path

import pytest
from django.template import engines

from perfmgmt.web.icons import MissingIcon, render_icon
from perfmgmt.web.statuses import STATUSES

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", ALL)
def test_template(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    engines["django"].get_template(name)  # type: ignore[attr-defined]
    assert re.search(r"{#|{% comment %}", text[:400]), "begin with a comment that lists the variables"
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=[\"']", text), "the policy refuses inline styles and handlers"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "the policy refuses inline scripts"


def test_every_status_has_its_icon() -> None:
    for status in STATUSES.values():
        assert render_icon(status.icon).startswith("<svg")


def test_an_icon_is_decoration_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in render_icon("users")
    assert 'role="img" aria-label="&lt;People&gt;"' in render_icon("users", label="<People>")


def test_a_missing_icon_is_a_mistake(settings: object) -> None:
    settings.UI_STRICT = True  # type: ignore[attr-defined]
    with pytest.raises(MissingIcon):
        render_icon("no-such-icon")
