"""Icons as inline SVG: no request, the colour of the text, hidden from screen readers unless named."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BOUNDS = re.compile(r'<path\s+stroke="none"\s+d="M0 0h24v24H0z"\s+fill="none"\s*/?>(?:</path>)?')
_SVG = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
_NAME = re.compile(r"^[a-z0-9-]+$")


class MissingIcon(ImproperlyConfigured):
    """A template names an icon that `static/vendor/icons` does not have."""


def render_icon(name: str, size: int = 18, label: str = "") -> SafeString:
    """The `<svg>` of a Tabler outline icon; with a label an image to screen readers, else decoration."""
    body = _body(name)
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true" focusable="false"'
    return mark_safe(  # noqa: S308 - the body is our own file, the label is escaped
        f'<svg class="icon" width="{int(size)}" height="{int(size)}" viewBox="0 0 24 24" fill="none" '
        f'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {role}>'
        f"{body}</svg>"
    )


@lru_cache(maxsize=512)
def _body(name: str) -> str:
    path = _path(name)
    if path is None:
        # In production a missing picture must not take the page down; everywhere else it is a mistake.
        if getattr(settings, "UI_STRICT", settings.DEBUG):
            raise MissingIcon(f"static/vendor/icons/{name}.svg is missing: `make setup` copies the icons in use")
        return ""
    found = _SVG.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise MissingIcon(f"static/vendor/icons/{name}.svg is not an SVG")
    return re.sub(r"\s*\n\s*", "", _BOUNDS.sub("", found["body"])).strip()


def _path(name: str) -> Path | None:
    if not _NAME.match(name):
        return None
    found = finders.find(f"vendor/icons/{name}.svg")
    if isinstance(found, str):
        return Path(found)
    collected = Path(settings.STATIC_ROOT or "") / "vendor" / "icons" / f"{name}.svg"
    return collected if settings.STATIC_ROOT and collected.is_file() else None
