"""Small JSON bodies: checked by a serializer, each fault with a pointer to its place."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from rest_framework import serializers

from perfmgmt.api.parsing import Number
from perfmgmt.api.problems import InvalidBody


def body_schema(serializer: type[serializers.Serializer[Any]], **properties: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a body: exactly these properties; those that the serializer requires."""
    fields = serializer().fields
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
        "minProperties": 1,
    }


def read_body(body: Any, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return the fields that a body gives, checked. Raises InvalidBody with a pointer to each fault."""
    if not isinstance(body, dict) or not body:
        raise InvalidBody([("", "invalid", _t("The body must be a JSON object with at least one field."))])
    read = serializer(data=body)
    faults = [
        *((f"/{name}"[:80], "unknown", _t("There is no such field.")) for name in body if name not in read.fields),
        *((f"/{name}", "invalid", _t("This must be a text.")) for name, v in body.items()
          if name in read.fields and (not isinstance(v, str) or isinstance(v, Number))),
    ]  # fmt: skip
    if faults:
        raise InvalidBody(faults)
    if not read.is_valid():
        raise InvalidBody(list(_faults(read.errors)))
    return dict(read.validated_data)


def _faults(errors: Any) -> Iterator[tuple[str, str, str]]:
    for name, details in errors.items():
        for detail in details:
            yield f"/{name}", str(detail.code), str(detail)
