"""Pages by position: the next page begins after the last row of this one, whatever was added or removed meanwhile.

REST framework's CursorPagination counts rows that share the first sorted column, up to a thousand; a day of facts or
a bulk import of people has more. Here every order ends with a unique column and the whole tuple is compared.
"""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from perfmgmt.tenants.errors import NotFound

LIMIT, MOST = 50, 200
SALT = "perfmgmt.api.cursor"
PARAMETERS = frozenset({"limit", "cursor"})


class BadCursor(NotFound):
    """A cursor that we did not write, or for another order."""

    code = "invalid_cursor"
    message = _("This cursor leads nowhere. Take “next” of an answer as it is, or begin without a cursor.")


def limit_of(request: Any) -> int:
    """Return how many rows are asked for; raise ValidationError outside 1 to MOST."""
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST):
        raise ValidationError({"limit": [_("Give a number from 1 to %(most)s.") % {"most": MOST}]})
    return int(text)


def write_cursor(order: str, position: Sequence[Any]) -> str:
    """Return a signed cursor: where the last row stands in an order."""
    return signing.dumps([order, [str(value) for value in position]], salt=SALT, compress=False)


def read_cursor(request: Any, order: str) -> list[str] | None:
    """Return the position that the request begins after, None for the beginning; raise BadCursor."""
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        found_order, position = signing.loads(text, salt=SALT)
    except signing.BadSignature as error:
        raise BadCursor from error
    if found_order != order:
        raise BadCursor
    return [str(value) for value in position]


def after(columns: Sequence[str], position: Sequence[Any]) -> Q:
    """Return the condition "behind this position": (a, b) > (x, y), written with < and = only.

    Columns with a leading minus are sorted downwards.
    """
    found, same = Q(), Q()
    for column, value in zip(columns, position, strict=True):
        name = column.lstrip("-")
        found |= same & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        same &= Q(**{name: value})
    first = columns[0].lstrip("-")
    # Said once more by the first column alone, which an index can use.
    return Q(**{f"{first}__{'lte' if columns[0].startswith('-') else 'gte'}": position[0]}) & found


def next_link(request: Any, cursor: str) -> str:
    """Return the address of the next page."""
    query = request.query_params.copy()
    query["cursor"] = cursor
    return str(request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))


class KeysetPagination(BasePagination):
    """The view says how rows are sorted: `view.order()` returns (its name, its columns, the last one unique)."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Any, view: Any = None) -> list[Model]:
        """Return one page of rows, and remember whether there is another."""
        self.request, self.limit = request, limit_of(request)
        self.order, columns = view.order()
        position = read_cursor(request, self.order)
        if position is not None:
            queryset = queryset.filter(after(columns, position))
        rows = list(queryset.order_by(*columns)[: self.limit + 1])
        page = rows[: self.limit]
        self.next = ""
        if len(rows) > self.limit:
            last = [getattr(page[-1], column.lstrip("-")) for column in columns]
            self.next = write_cursor(self.order, last)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next one."""
        return Response({"next": next_link(self.request, self.next) if self.next else None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri"},
                "results": {**schema, "maxItems": MOST},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
        return [
            {"name": "limit", "in": "query", "schema": limit, "description": str(_("Rows per page"))},
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string", "minLength": 1},
                "description": str(_("Where the page begins: part of “next” of the page before")),
            },
        ]
