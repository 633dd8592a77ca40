"""What a mail says, and how it looks: one layout for HTML and plain text, in the recipient's language."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import override

Words = str | Promise


@dataclass(frozen=True)
class Letter:
    """A mail before it is written: texts may be lazy translations.

    `action` is (word, address) of the one button, `details` are (word, value) pairs, `footnote` says why it came.
    """

    subject: Words
    paragraphs: list[Words]
    action: tuple[Words, str] | None = None
    details: list[tuple[Words, Words]] = field(default_factory=list)
    footnote: Words = ""


@dataclass(frozen=True)
class Written:
    """A letter in one language."""

    subject: str
    text: str
    html: str


def write(letter: Letter, language: str) -> Written:
    """Return the letter's subject, plain text and HTML (styles inlined) in a language."""
    with override(language):
        context = {"letter": letter, "language": language, "subject": one_line(letter.subject)}
        text = render_to_string("mail/letter.txt", context).strip() + "\n"
        html = render_to_string("mail/letter.html", context)
    return Written(context["subject"], text, _inliner().inline(html))  # type: ignore[arg-type]


def one_line(text: Words) -> str:
    """Return a text as a header takes it: no line breaks, 300 characters at most."""
    return " ".join(str(text).split())[:300]


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    css = Path(settings.BASE_DIR, "templates", "mail", "letter.css").read_text(encoding="utf-8")
    return css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False)
