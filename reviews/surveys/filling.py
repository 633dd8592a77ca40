"""Putting into the texts of a survey what a customer is asked about. Pure but for the words' translations."""

import re

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext

from perfmgmt.web import formats
from reviews.surveys.content import Rated

#: What may stand in braces in a text, with what it becomes.
PLACEHOLDERS = {"person": _("the assistant"), "company": _("your company"), "item": _("the order, visit or ticket")}
_BRACES = re.compile(r"\{([^{}]*)\}")


def unknown_in(text: str) -> list[str]:
    """Return what stands in braces in a text and is nothing that can be filled in."""
    return [name for name in _BRACES.findall(text) if name not in PLACEHOLDERS]


def filled(text: str, values: dict[str, str]) -> str:
    """Return a text with its placeholders filled in, each once: a value with braces stays as it is."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def values_for(rated: Rated, company: str, language: str) -> dict[str, str]:
    """Return what the placeholders of a customer's texts become, in a language."""
    with override(language):
        return {
            "person": one_line(rated.person) or _t("our team"),
            "company": one_line(company),
            "item": item_word(rated) or _t("working with us"),
        }


def item_word(rated: Rated) -> str:
    """Return what is rated in the active language: "order SO-1"; "" for a relationship."""
    words = {
        "order": pgettext("rated", "order {number}"), "visit": pgettext("rated", "visit {number}"),
        "ticket": pgettext("rated", "request {number}"), "follow_up": pgettext("rated", "follow-up {number}"),
    }  # fmt: skip
    word = words.get(rated.kind, "")
    return word.replace("{number}", one_line(rated.number)).strip()


def rated_line(rated: Rated, company: str, language: str) -> str:
    """Return the line that says what is rated: company, order or visit, its day, who served."""
    with override(language):
        item = item_word(rated)
        parts = [one_line(company), item[:1].upper() + item[1:], formats.day(rated.day) if rated.day else "",
                 one_line(rated.person)]  # fmt: skip
        return " · ".join(part for part in parts if part)


def one_line(text: str) -> str:
    """Return a text without line breaks and other control characters."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
