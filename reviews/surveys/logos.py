"""Logos of surveys: pictures of strangers are read with a bound and written anew, as small PNG files."""

import hashlib
import io
import struct
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image

from perfmgmt.tenants.errors import DomainError

FORMATS = ("PNG", "JPEG", "WEBP")
ACCEPT = "image/png,image/jpeg,image/webp"
MOST_BYTES, MOST_PIXELS = 2 * 1024 * 1024, 16_000_000
#: What is kept: at most this wide, high and heavy. The answer page must stay below 60 KB with it.
WIDE, HIGH, KEPT_BYTES = 360, 120, 24 * 1024


class BadLogo(DomainError):
    """A picture that is not taken."""

    code = "bad_logo"


def encoded(file: IO[bytes], size: int) -> bytes:
    """Return a picture as a small PNG without anything else that was in its file. `size` is in bytes.

    Raises BadLogo for what is no PNG, JPEG or WebP, is broken, or is too large.
    """
    if not 0 < size <= MOST_BYTES:
        raise BadLogo(_("The logo is empty or larger than {most} MB."), code="bad_size", most=MOST_BYTES >> 20)
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise BadLogo(_("The logo has too many pixels."), code="bad_size")
            found.load()
            picture = found.convert("RGBA")
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        struct.error,
        MemoryError,
        Image.DecompressionBombError,
    ) as no:
        raise BadLogo(_("The logo must be a PNG, JPEG or WebP picture.")) from no
    return _small(picture)


def _small(picture: Image.Image) -> bytes:
    """Return a picture as PNG within the bounds: scaled, then with fewer colours, then smaller again."""
    picture.thumbnail((WIDE, HIGH))
    while True:
        for shown in (picture, picture.quantize(128)):
            kept = io.BytesIO()
            shown.save(kept, "PNG", optimize=True)
            if kept.tell() <= KEPT_BYTES:
                return kept.getvalue()
        picture = picture.resize((max(picture.width * 3 // 4, 1), max(picture.height * 3 // 4, 1)))


def keep(data: bytes) -> str:
    """Store a picture that `encoded` returned; return its name. The same picture is stored once."""
    name = f"surveys/{hashlib.sha256(data).hexdigest()[:40]}.png"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(data))
    return name


def read(name: str) -> bytes | None:
    """Return a stored logo; None when there is none."""
    if not name or not default_storage.exists(name):
        return None
    with default_storage.open(name) as file:
        found: bytes = file.read()
    return found
