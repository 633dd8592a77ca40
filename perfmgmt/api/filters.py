"""Filters of lists. None has a queryset of its own: those are made per request, inside the scope."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, IsoDateTimeFilter, NumberFilter
from drf_spectacular.utils import extend_schema_field

from perfmgmt.metrics.models import Fact, Metric, Source
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.selectors import directory
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.errors import NotFound

LARGEST = 2**63 - 1
MOST_TEXT = 200


class _IdFilter(NumberFilter):
    field_class = forms.IntegerField


def by_text(help_text: str | Promise, most: int = MOST_TEXT, **options: Any) -> CharFilter:
    """Return a filter by a text."""
    schema = {"type": "string", "minLength": 1, "maxLength": most, "description": help_text}
    made: CharFilter = extend_schema_field(schema)(
        CharFilter(help_text=help_text, max_length=most, strip=False, **options)
    )
    return made


def by_id(help_text: str | Promise, **options: Any) -> NumberFilter:
    """Return a filter by an id."""
    schema = {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST, "description": help_text}
    made: NumberFilter = extend_schema_field(schema)(
        _IdFilter(help_text=help_text, min_value=0, max_value=LARGEST, **options)
    )
    return made


def by_day(help_text: str | Promise, **options: Any) -> DateFilter:
    """Return a filter by a day, written 2026-03-31."""
    made: DateFilter = extend_schema_field({"type": "string", "format": "date", "description": help_text})(
        DateFilter(help_text=help_text, input_formats=["%Y-%m-%d"], **options)
    )
    return made


class _MomentFilter(IsoDateTimeFilter):
    """Compares in UTC: PostgreSQL takes no offset of 16 hours and more, and such texts are times all the same."""

    def filter(self, qs: Any, value: datetime | None) -> Any:
        if value is not None:
            year = min(max(value.year, 1900), 2999)  # nothing is older or newer
            value = value.astimezone(UTC) if year == value.year else datetime(year, 1, 1, tzinfo=UTC)
        return super().filter(qs, value)


def by_moment(help_text: str | Promise, **options: Any) -> IsoDateTimeFilter:
    """Return a filter by a time, written 2026-03-31T08:00:00Z."""
    return _MomentFilter(help_text=help_text, **options)


def by_choice(help_text: str | Promise, *values: str, **options: Any) -> ChoiceFilter:
    """Return a filter by one of a few words."""
    schema = {"type": "string", "enum": list(values), "description": help_text}
    made: ChoiceFilter = extend_schema_field(schema)(
        ChoiceFilter(help_text=help_text, choices=[(value, value) for value in values], **options)
    )
    return made


class ApiFilters(FilterSet):
    """What the view's caller knows is at hand as `self.workspace`."""

    @property
    def workspace(self) -> Workspace:
        """The workspace that is asked."""
        workspace: Workspace = self.request.parser_context["view"].caller.workspace
        return workspace

    def as_is(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Leave the rows alone: the view reads this parameter itself."""
        return queryset


def unit_or_missing(unit_id: int) -> int:
    """Return the id of a unit of the workspace; raise NotFound."""
    if not Unit.objects.filter(pk=unit_id).exists():
        raise NotFound(_("There is no unit {unit}."), unit=unit_id)
    return unit_id


class PeopleFilters(ApiFilters):
    """Who: by name, number, unit, or a day on which they were employed."""

    q = by_text(_("Name, pinyin or number"), 100, method="search")
    number = by_text(_("Employee number"), 40, field_name="number")
    unit = by_id(_("Id of a unit: people who are in it or below it today"), method="in_unit")
    employed_on = by_day(_("People with an assignment on this day"), method="employed")
    updated_since = by_moment(
        _("People who, or whose assignments, changed at this time or later"),
        field_name="updated_at",
        lookup_expr="gte",
    )
    sort = by_choice(
        _("Order; “updated” brings what was changed last at the end"), "id", "name", "updated", method="as_is"
    )

    def search(self, queryset: QuerySet[Employee], name: str, value: str) -> QuerySet[Employee]:
        """Find as the directory's page finds; addresses are not searched."""
        found = directory(search=value, on=self.workspace.today()).order_by()
        return queryset.filter(pk__in=found.values("pk"))

    def in_unit(self, queryset: QuerySet[Employee], name: str, value: Any) -> QuerySet[Employee]:
        """Those in a unit's tree today."""
        unit_id = unit_or_missing(int(value))
        found = directory(unit_id=unit_id, on=self.workspace.today()).order_by()
        return queryset.filter(pk__in=found.values("pk"))

    def employed(self, queryset: QuerySet[Employee], name: str, value: Any) -> QuerySet[Employee]:
        """Those with an assignment on a day."""
        return queryset.filter(assignments__valid_from__lte=value, assignments__valid_to__gte=value)


class MetricFilters(ApiFilters):
    """Which metrics."""

    aggregation = by_choice(
        _("How facts become one figure"), "sum", "count", "distinct", "mean", "last", "ratio",
        field_name="aggregation",
    )  # fmt: skip
    archived = by_choice(
        _("Archived metrics: “true” only those, “false” none of them"), "true", "false", method="only"
    )

    def only(self, queryset: QuerySet[Metric], name: str, value: str) -> QuerySet[Metric]:
        """Archived ones, or the others."""
        return queryset.filter(archived_at__isnull=value == "false")


class FactFilters(ApiFilters):
    """Which facts."""

    metric = by_text(_("Code of a metric; of a ratio: the facts of both its metrics"), 60, method="of_metric")
    employee = by_id(_("Id of a person"), field_name="employee_id")
    source = by_text(_("Code of a source"), 40, method="of_source")
    external_id = by_text(_("The source's own id"), 120, field_name="external_id")
    first_day = by_day(_("From this day on"), field_name="day", lookup_expr="gte")
    last_day = by_day(_("Up to and including this day"), field_name="day", lookup_expr="lte")

    def of_metric(self, queryset: QuerySet[Fact], name: str, value: str) -> QuerySet[Fact]:
        """Facts behind a metric; raises NotFound for a code that does not exist."""
        return queryset.filter(metric_id__in=[part.pk for part in metric_by_code(value).parts()])

    def of_source(self, queryset: QuerySet[Fact], name: str, value: str) -> QuerySet[Fact]:
        """Facts of a source; raises NotFound for a code that does not exist."""
        source = Source.objects.filter(code=value).first()
        if source is None:
            raise NotFound(_("There is no source “{source}”."), source=value)
        return queryset.filter(source_id=source.pk)


class RollupFilters(ApiFilters):
    """Which figures; the view reads them."""

    metric = by_text(_("Code of a metric"), 60, method="as_is", required=True)
    grain = by_choice(
        _("Length of the periods"), "day", "week", "month", "quarter", "year", method="as_is", required=True
    )
    by = by_choice(_("Whose figures; people's if left out"), "employee", "unit", method="as_is")
    owner = by_id(
        _("Id of a person, or of a unit when asked by unit (0: days without an assignment)"), method="as_is"
    )
    first_day = by_day(_("Periods that begin on this day or later"), method="as_is")
    last_day = by_day(_("Periods that begin on this day or earlier"), method="as_is")
