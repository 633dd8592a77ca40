"""Reading JSON as it was written: numbers keep their digits, and what no text can hold is refused here."""

import hashlib
import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer


class Number(str):
    """A JSON number as it was written; turning it into a float would change amounts."""

    __slots__ = ()


class StrictJson(BaseParser):
    """Parses `application/json`; raises ParseError for anything that is none."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the document; every number in it is a `Number`."""
        raw: bytes = stream.read()
        if parser_context:
            parser_context["view"].body_hash = hashlib.sha256(raw).hexdigest()
        try:
            parsed = json.loads(
                raw.decode("utf-8"), parse_float=Number, parse_int=Number, parse_constant=_refuse_constant
            )
            if b"\\ud" in raw or b"\\uD" in raw:  # half a character can be written in JSON, but is no text
                json.dumps(parsed, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON in UTF-8.")) from error
        return parsed


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
