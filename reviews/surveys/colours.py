"""Whether a colour can be read (WCAG 2.2, 1.4.3). Pure: no Django, no database."""

import re

_HEX = re.compile(r"#[0-9a-f]{6}")
#: The least contrast of text of usual size.
LEAST = 4.5


def is_colour(text: str) -> bool:
    """Return whether a text is a colour as it is stored: "#rrggbb" in lower case."""
    return _HEX.fullmatch(text) is not None


def contrast(first: str, second: str = "#ffffff") -> float:
    """Return the contrast (1 to 21) of two colours, "#rrggbb" each; with white when one is given."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def is_readable(colour: str) -> bool:
    """Return whether white on a colour, and the colour on white, can be read."""
    return is_colour(colour) and contrast(colour) >= LEAST


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
