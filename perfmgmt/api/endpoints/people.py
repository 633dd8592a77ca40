"""People, their assignments, and the units."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema

from perfmgmt.api.filters import PeopleFilters
from perfmgmt.api.lists import DetailView, ListView
from perfmgmt.api.scopes import PEOPLE_READ
from perfmgmt.api.serializers import PersonSerializer, UnitSerializer
from perfmgmt.people.models import Assignment, Employee, Unit


def _people() -> QuerySet[Employee]:
    """People with all their assignments, oldest first: two queries for a page."""
    assignments = Assignment.objects.select_related("unit", "position", "manager").order_by("valid_from")
    return Employee.objects.prefetch_related(Prefetch("assignments", queryset=assignments))


@extend_schema(summary=_("List people"), tags=["people"])
class PeopleView(ListView):
    """Who works here, with every assignment."""

    scope = PEOPLE_READ
    model = Employee
    serializer_class = PersonSerializer
    filterset_class = PeopleFilters
    orders = {"id": ("id",), "name": ("name_key", "id"), "updated": ("updated_at", "id")}

    def rows(self) -> QuerySet[Any]:
        return _people()


@extend_schema(summary=_("Read one person"), tags=["people"])
class PersonView(DetailView):
    """One person by id."""

    scope = PEOPLE_READ
    model = Employee
    serializer_class = PersonSerializer
    key = ("employee_id", "pk")

    def rows(self) -> QuerySet[Any]:
        return _people()


@extend_schema(summary=_("List units"), tags=["people"])
class UnitsView(ListView):
    """The tree of org units as it is today."""

    scope = PEOPLE_READ
    model = Unit
    serializer_class = UnitSerializer
    filter_backends: ClassVar[list[Any]] = []

    def rows(self) -> QuerySet[Any]:
        return Unit.objects.all()
