"""The user guides: alike in both languages, in the words of the screen, with the pictures that the browser makes."""

import json
import re

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from perfmgmt.people.roles import Role
from perfmgmt.web import navigation
from tests.browser.pictures import LANGUAGES, PICTURES
from tests.servers import ROOT

GUIDES = ROOT / "docs" / "guide"
NAMES = ["assistant", "hr", "index", "manager", "others", "owner"]
#: Which guides a role reads.
READS = {
    Role.OWNER: ("owner", "hr"),
    Role.HR: ("hr", "owner"),
    Role.MANAGER: ("manager",),
    Role.ASSISTANT: ("assistant",),
    Role.EXECUTIVE: ("others",),
    Role.PAYROLL: ("others",),
    Role.AUDITOR: ("others",),
}


def read(lang: str, name: str) -> str:
    """A guide's text."""
    return (GUIDES / lang / f"{name}.md").read_text(encoding="utf-8")


def bold(text: str) -> set[str]:
    """What a guide says stands on the screen."""
    return set(re.findall(r"\*\*(.+?)\*\*", re.sub(r"\s+", " ", text)))


def on_screen(lang: str) -> set[str]:
    """Every text of the product in a language, names of the metric library included."""
    with (ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = [message.id if lang == "en" else message.string for message in messages]
    library = json.loads((ROOT / "perfmgmt" / "metrics" / "library.json").read_text(encoding="utf-8"))
    metrics = {entry["name_en" if lang == "en" else "name_zh"] for entry in library}
    return metrics | {part for text in texts for part in ([text] if isinstance(text, str) else text)}


def test_both_languages_have_the_same_guides() -> None:
    for lang in LANGUAGES:
        assert sorted(path.stem for path in (GUIDES / lang).iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_has_the_same_headings_and_pictures_in_both_languages(name: str) -> None:
    texts = {lang: read(lang, name) for lang in LANGUAGES}
    levels = [re.findall(r"^#+", text, re.MULTILINE) for text in texts.values()]
    steps = [len(re.findall(r"^(?:\d+\.|-|\|) ", text, re.MULTILINE)) for text in texts.values()]
    assert levels[0] == levels[1]
    assert steps[0] == steps[1]
    shown = [re.findall(r"!\[.+\]\((.+)\)", text) for text in texts.values()]
    assert [re.sub(r"\ben\b", "zh", link) for link in shown[0]] == shown[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_guides_show_every_picture_that_the_browser_makes_and_no_other(lang: str) -> None:
    links = [link for name in NAMES for link in re.findall(r"!\[.+\]\((.+)\)", read(lang, name))]
    shown = [(GUIDES / lang / link).resolve() for link in links]
    assert sorted(shown) == sorted(picture.file(lang) for picture in PICTURES)
    assert all(path.stat().st_size < 150_000 for path in shown)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_bold_words_stand_on_the_screen(lang: str, name: str) -> None:
    words = bold(read(lang, name)) - {"bold", "粗体"}
    assert len(words) > 5
    assert words - on_screen(lang) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_a_role_finds_every_page_of_its_navigation_in_its_guides(lang: str, role: Role) -> None:
    told = bold("".join(read(lang, name) for name in ("index", *READS[role])))
    with translation.override(LANGUAGES[lang]):
        pages = {
            str(item.label) for item in navigation.registered()
            if item.permission is None or role in item.permission.roles
        }  # fmt: skip
    # The guides speak of a home without naming its link.
    assert pages - told - {"Home", "首页"} == set()
