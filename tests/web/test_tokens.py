"""The design's colours keep WCAG AA contrast in both themes."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text(encoding="utf-8")
GROUNDS = ("bg", "surface", "surface-2")
TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "ink-2", "ink-3", "accent", "bad") for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in ("accent", "good", "warn", "bad", "info")),
    *(("ink", f"{tone}-soft") for tone in ("accent", "good", "warn", "bad", "info")),
    ("accent", "line-2"), ("ink-2", "line-2"),
    ("on-accent", "accent-fill"), ("on-accent", "accent-fill-hover"), ("on-avatar", "avatar"),
]  # fmt: skip
#: Not text: borders of controls, lines and bars of charts need 3:1.
SHAPE_PAIRS = [
    (name, "surface") for name in ("line-strong", "accent-fill", "chart-muted", *(f"chart-{n}" for n in range(1, 6)))
]


def colors(theme: str) -> dict[str, str]:
    block = re.search(rf'\[data-bs-theme="{theme}"\] {{\n  color-scheme(.*?)\n}}', CSS, re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_readable(theme: str, text: str, ground: str) -> None:
    palette = colors(theme)
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_stand_out(theme: str, shape: str, ground: str) -> None:
    palette = colors(theme)
    assert contrast(palette[shape], palette[ground]) >= 3


def test_both_themes_define_the_same_colours() -> None:
    assert colors("light").keys() == colors("dark").keys()
