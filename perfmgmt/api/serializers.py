"""What answers look like."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from perfmgmt.api.scopes import PEOPLE_CONTACT
from perfmgmt.metrics.models import Aggregation, Direction, UnitOfMeasure
from perfmgmt.metrics.models.facts import VALUE_DIGITS, VALUE_PLACES, CreditRole
from perfmgmt.people.models import FOREVER, SalesRoleType


class FaultSerializer(serializers.Serializer[Any]):
    """One fault: of a parameter, or of a place in the body."""

    parameter = serializers.CharField(required=False)
    pointer = serializers.CharField(required=False, help_text=_("JSON pointer into the body"))
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField(help_text=_("A name for this kind of problem"))
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text=_("Stable, for programs"))
    detail = serializers.CharField(required=False, help_text=_("What happened, in the language of Accept-Language"))
    errors = FaultSerializer(many=True, required=False)


class NamedSerializer(serializers.Serializer[Any]):
    """An id with its name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ManagerSerializer(NamedSerializer):
    """Who leads the person."""

    number = serializers.CharField()


class UnitSerializer(NamedSerializer):
    """An org unit and the one above it."""

    parent_id = serializers.IntegerField(allow_null=True)


class AssignmentSerializer(serializers.Serializer[Any]):
    """Where a person is from a day to a day."""

    valid_from = serializers.DateField()
    valid_to = serializers.SerializerMethodField(help_text=_("The last day; null while it has no end"))
    unit = NamedSerializer()
    position = NamedSerializer(allow_null=True)
    manager = ManagerSerializer(allow_null=True)
    sales_role_type = serializers.SerializerMethodField()
    full_time_share = serializers.DecimalField(max_digits=4, decimal_places=3)

    @extend_schema_field({"type": ["string", "null"], "format": "date"})
    def get_valid_to(self, assignment: Any) -> str | None:
        """The last day, if there is one."""
        return None if assignment.valid_to >= FOREVER else assignment.valid_to.isoformat()

    @extend_schema_field({"type": ["string", "null"], "enum": [*SalesRoleType.values, None]})
    def get_sales_role_type(self, assignment: Any) -> str | None:
        """What kind of selling it is, if that is said."""
        return assignment.sales_role_type or None


class PersonSerializer(serializers.Serializer[Any]):
    """A person of the company."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.CharField()
    hired_on = serializers.DateField(allow_null=True)
    left_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()
    email = serializers.CharField(required=False, help_text=_("Only with the scope people:contact"))
    phone = serializers.CharField(required=False, help_text=_("Only with the scope people:contact"))
    assignments = AssignmentSerializer(many=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave addresses out unless the token may have them."""
        found: dict[str, Any] = super().to_representation(instance)
        if not self.context["view"].caller.may(PEOPLE_CONTACT):
            del found["email"], found["phone"]
        return found


class MetricSerializer(serializers.Serializer[Any]):
    """A metric of the library."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    unit_of_measure = serializers.ChoiceField(choices=UnitOfMeasure.values)
    direction = serializers.ChoiceField(choices=Direction.values)
    aggregation = serializers.ChoiceField(choices=Aggregation.values)
    numerator = serializers.CharField(source="numerator.code", default=None, allow_null=True)
    denominator = serializers.CharField(source="denominator.code", default=None, allow_null=True)
    distinct_attribute = serializers.CharField()
    is_stock = serializers.BooleanField()
    archived = serializers.SerializerMethodField()

    def get_archived(self, metric: Any) -> bool:
        """Whether it is kept for its past only."""
        return metric.archived_at is not None


class FactSerializer(serializers.Serializer[Any]):
    """A fact."""

    id = serializers.IntegerField()
    source = serializers.CharField(source="source.code")
    external_id = serializers.CharField()
    metric = serializers.CharField(source="metric.code")
    employee = ManagerSerializer()
    day = serializers.DateField()
    value = serializers.DecimalField(max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES)
    original_value = serializers.DecimalField(
        max_digits=VALUE_DIGITS,
        decimal_places=VALUE_PLACES,
        allow_null=True,
        help_text=_("The amount in `currency`, when that is not the workspace's"),
    )
    currency = serializers.CharField()
    credit_role = serializers.ChoiceField(choices=CreditRole.values)
    credit_share = serializers.DecimalField(max_digits=5, decimal_places=4)
    customer = serializers.CharField()
    customer_type = serializers.CharField()
    product = serializers.CharField()
    series = serializers.CharField()
    region = serializers.CharField()
    channel = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class RollupSerializer(serializers.Serializer[Any]):
    """The figure of one person or unit in one period."""

    employee_id = serializers.IntegerField(allow_null=True)
    unit_id = serializers.IntegerField(allow_null=True)
    period = serializers.CharField(help_text=_("2026, 2026-Q1, 2026-03, 2026-W13 or 2026-03-31"))
    start = serializers.DateField()
    end = serializers.DateField()
    value = serializers.CharField(allow_null=True, help_text=_("A decimal number; null where there is no figure"))
    n = serializers.IntegerField(help_text=_("Number of facts behind it; of a ratio: behind its denominator"))


class BatchResultSerializer(serializers.Serializer[Any]):
    """What became of one row; rows are counted from 0."""

    index = serializers.IntegerField()
    external_id = serializers.CharField()
    result = serializers.ChoiceField(choices=["added", "changed", "unchanged", "refused"])
    code = serializers.CharField(required=False, help_text=_("Why it was refused, for programs"))
    reason = serializers.CharField(required=False, help_text=_("Why it was refused, for people"))


class BatchSummarySerializer(serializers.Serializer[Any]):
    """The results, counted."""

    rows = serializers.IntegerField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()


class BatchAnswerSerializer(serializers.Serializer[Any]):
    """The answer to a batch."""

    batch = serializers.IntegerField(help_text=_("Its number, by which it can be undone"))
    source = serializers.CharField()
    summary = BatchSummarySerializer()
    results = BatchResultSerializer(many=True)
