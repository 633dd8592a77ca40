"""Pictures that a phone's camera reads an address from."""

import base64
import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage


def data_uri(text: str) -> str:
    """Return a text (1,000 characters at most) as a QR code: the address of an SVG that stands in itself.

    Black on nothing, with the quiet zone of four modules that cameras need; the page gives it white ground.
    """
    picture = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, error_correction=ERROR_CORRECT_M).save(picture)
    return "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode()
