"""Both languages are complete, and the tool that says so can be trusted."""

import pytest
from babel.messages.catalog import Catalog

from tools import messages


def test_translations_are_complete() -> None:
    assert messages.problems() == []


def test_templates_are_read_with_context_and_plural(tmp_path: object) -> None:
    known = messages.keys(messages.extracted())
    assert ("filter", "Apply") in known
    assert (None, ("%(first)s–%(last)s of %(all)s row", "%(first)s–%(last)s of %(all)s rows")) in known


@pytest.mark.parametrize(
    ("text", "translation", "problem"),
    [
        ("One", "", "missing"),
        ("%(n)s rows", "行", "placeholders differ"),
        ("{name} left", "{nane}走了", "placeholders differ"),
        ("Yes, no", "是,否", "half-width punctuation"),
        ("Gone", "没了", "obsolete"),
        ("New", None, "not extracted"),
    ],
)
def test_check_finds(monkeypatch: pytest.MonkeyPatch, text: str, translation: str | None, problem: str) -> None:
    code, stored = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    if problem != "obsolete":
        code.add(text, locations=[("a.py", 0)])
    if translation is not None:
        stored.add(text, translation)
    monkeypatch.setattr(messages, "extracted", lambda: code)
    monkeypatch.setattr(messages, "load", lambda: stored)
    found = messages.problems()
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_fuzzy_message_is_not_a_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    code, stored = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    code.add("One")
    stored.add("One", "一", flags=["fuzzy"])
    monkeypatch.setattr(messages, "extracted", lambda: code)
    monkeypatch.setattr(messages, "load", lambda: stored)
    assert messages.problems() == ["fuzzy: 'One'"]


def test_full_width_leaves_numbers_and_placeholders_alone() -> None:
    assert messages.full_width("共 4,238 行,时间 12:30") == "共 4,238 行\uff0c时间 12:30"
