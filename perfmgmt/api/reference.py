"""The OpenAPI document, and the same put into an order that a page can show."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@lru_cache(maxsize=4)
def document(language: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document in a language. It is the same for everyone and changes with the code only."""
    with override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def sections(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations by tag: method, path, words, parameters, body and answers as rows of tables."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                groups.setdefault(operation["tags"][0], []).append(_operation(schema, path, method, operation))
    words = {
        "people": _t("People"), "metrics": _t("Metrics"), "facts": _t("Facts"), "rollups": _t("Figures"),
        "customers": _t("Customers"),
    }  # fmt: skip
    return [{"tag": tag, "title": words.get(tag, tag), "operations": found} for tag, found in groups.items()]


def _operation(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(value for status, value in operation["responses"].items() if status.startswith("2"))
    answer = good.get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "scope": operation["security"][0]["token"][0],
        "parameters": [
            {
                "name": each["name"],
                "place": each["in"],
                "type": _type(schema, each["schema"]),
                "required": each.get("required", False),
                "text": each.get("description", ""),
            }
            for each in operation.get("parameters", [])
        ],
        "body": list(_fields(schema, content.get("schema", {}))),
        "answer": list(_fields(schema, answer)),
        "statuses": [(status, each.get("description", "")) for status, each in operation["responses"].items()],
    }


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    for one in (part, *part.get("allOf", ()), *part.get("oneOf", ())):
        if "$ref" in one:
            found: dict[str, Any] = schema["components"]["schemas"][one["$ref"].rpartition("/")[2]]
            return found
    return part


def _type(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """Return a short name of a type, as a reader of JSON expects it."""
    found = _resolved(schema, part)
    if "enum" in found:
        return " | ".join(str(value) if value != "" else '""' for value in found["enum"])
    kind = found.get("type", "object")
    kind = " | ".join(kind) if isinstance(kind, list) else str(kind)
    bounds = f" {found['minimum']}–{found['maximum']}" if found.get("maximum", 2**31) < 2**31 else ""
    return f"{kind} ({found['format']})" if "format" in found and kind == "string" else f"{kind}{bounds}"


def _fields(schema: dict[str, Any], part: dict[str, Any], depth: int = 0, prefix: str = "") -> Any:
    """Yield the fields of an object as rows, those inside lists and objects below them."""
    found = _resolved(schema, part)
    if found.get("type") == "array":
        yield from _fields(schema, found["items"], depth, f"{prefix}[]." if prefix else "[].")
        return
    for name, value in found.get("properties", {}).items():
        inner = _resolved(schema, value)
        yield {
            "name": f"{prefix}{name}",
            "type": _type(schema, value),
            "required": name in found.get("required", ()),
            "text": value.get("description", inner.get("description", "") if "$ref" not in value else ""),
        }
        if depth < 3 and (inner.get("properties") or inner.get("type") == "array"):
            inner_prefix = f"{prefix}{name}" + ("" if inner.get("type") == "array" else ".")
            yield from _fields(schema, value, depth + 1, inner_prefix)
