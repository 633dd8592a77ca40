"""Bases of the addresses that read."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from perfmgmt.api.access import ApiView
from perfmgmt.api.pagination import PARAMETERS
from perfmgmt.tenants.errors import NotFound


class ListView(ApiView, generics.GenericAPIView):
    """A list: filtered, sorted, page by page. `rows` makes the queryset per request, inside the scope."""

    model: ClassVar[type[Model]]
    orders: ClassVar[dict[str, tuple[str, ...]]] = {"id": ("id",)}
    default_order: ClassVar[str] = "id"

    def rows(self) -> QuerySet[Any]:
        """Return the rows with everything that the answer shows."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows; none while the schema is written, outside any workspace."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.rows()

    def parameters(self) -> frozenset[str]:
        """Return the filters, and what every list takes."""
        filters = getattr(self, "filterset_class", None)
        return PARAMETERS | frozenset(filters.base_filters if filters else ())

    def order(self) -> tuple[str, tuple[str, ...]]:
        """Return the name and the columns of the order that is asked for."""
        name = self.request.query_params.get("sort", self.default_order)
        return name, self.orders[name]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with one page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class DetailView(ApiView, generics.GenericAPIView):
    """One row, by the argument of the address that `key` names."""

    pagination_class = None
    filter_backends: ClassVar[list[Any]] = []
    model: ClassVar[type[Model]]
    key: ClassVar[tuple[str, str]]

    def rows(self) -> QuerySet[Any]:
        """Return the rows among which it is looked for."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows; none while the schema is written."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.rows()

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with the row; raise NotFound, also for one of another workspace."""
        argument, column = self.key
        found = self.get_queryset().filter(**{column: kwargs[argument]}).first()
        if found is None:
            raise NotFound
        return Response(self.get_serializer(found).data)
