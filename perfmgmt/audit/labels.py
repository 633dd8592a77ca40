"""What tables and fields are called in the trail: a word here, else the model's own `verbose_name`.

A test walks every audited field: each has a word in both languages.
"""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.history import event_models, tracked

KINDS: dict[str, str | Promise] = {
    "api.ApiToken": _("API token"),
    "goals.MonthlyTarget": _("Target"),
    "metrics.ExchangeRate": _("Exchange rate"),
    "metrics.ImportProfile": _("Import profile"),
    "metrics.Metric": _("Metric"),
    "metrics.Source": _("Source"),
    "people.Absence": _("Absence"),
    "people.Duty": _("Duty"),
    "people.Assignment": _("Assignment"),
    "people.Employee": _("Person"),
    "people.Invitation": _("Invitation"),
    "people.Membership": _("Access"),
    "people.Position": _("Position"),
    "people.StandIn": _("Stand-in"),
    "people.Unit": pgettext_lazy("org", "Unit"),
    "tenants.CalendarDay": _("Calendar day"),
    "tenants.WorkspaceProfile": _("Workspace"),
    "tenants.WorkspaceRules": _("Rules of the workspace"),
    "worklog.DutyTime": _("Time by duty"),
    "worklog.EnterableMetric": _("Metric entered by hand"),
    "worklog.Proof": _("Proof"),
    "worklog.WorkEntry": _("Entry of the work log"),
}
OPERATIONS: dict[str, str | Promise] = {
    "insert": _("Added"),
    "update": _("Changed"),
    "delete": _("Deleted"),
}
FIELDS: dict[str, str | Promise] = {
    "accepted_at": _("Accepted at"),
    "added_at": _("Added at"),
    "aggregation": _("Aggregation"),
    "archived_at": _("Archived on"),
    "band_high": _("Band to"),
    "band_low": _("Band from"),
    "band_tolerance": _("Tolerance of the band"),
    "base": _("Base metric"),
    "choices": _("Choices"),
    "code": _("Code"),
    "counts_when": _("Counts when"),
    "created_at": _("Created at"),
    "created_by": _("Created by"),
    "currency": _("Currency"),
    "customer_rule": _("Customer rule"),
    "customer_rule_months": _("Months of the customer rule"),
    "day": _("Day"),
    "decided_at": _("Decided at"),
    "decided_by": _("Decided by"),
    "denominator": _("Denominator"),
    "description_en": _("English description"),
    "description_zh": _("Chinese description"),
    "dimension": _("Dimension"),
    "direction": _("Direction"),
    "distinct_attribute": _("Counted attribute"),
    "duty": _("Duty"),
    "email": _("Email"),
    "employee": _("Person"),
    "entry": _("Entry"),
    "expires_at": _("Expires at"),
    "file_name": _("File name"),
    "filters": _("Filters"),
    "fiscal_start_month": _("First month of the fiscal year"),
    "full_time_share": _("Full-time share"),
    "growth_baseline": _("Baseline of growth"),
    "growth_form": _("Form of growth"),
    "header": _("Header"),
    "hired_on": _("Hire date"),
    "hours": _("Hours"),
    "is_stock": _("Stock figure"),
    "kind": _("Kind"),
    "language": _("Language"),
    "left_on": _("Leave date"),
    "manager": _("Manager"),
    "mapping": _("Mapping"),
    "metric": _("Metric"),
    "month": _("Month"),
    "name": _("Name"),
    "name_en": _("English name"),
    "name_zh": _("Chinese name"),
    "number": _("Employee number"),
    "numerator": _("Numerator"),
    "parent": _("Belongs to"),
    "phone": _("Phone"),
    "position": _("Position"),
    "prefix": _("Prefix"),
    "rate": _("Rate"),
    "revision": _("Revision"),
    "revoked_at": _("Revoked at"),
    "roles": _("Roles"),
    "sales_role_type": _("Sales role type"),
    "scopes": _("Scopes"),
    "sent_at": _("Sent at"),
    "size": _("Size"),
    "stand_in": _("Stand-in"),
    "state": _("State"),
    "submitted_at": _("Submitted at"),
    "target_metric": _("Metric of the target"),
    "tax_basis": _("Tax basis"),
    "time_zone": _("Time zone"),
    "unit": pgettext_lazy("org", "Unit"),
    "unit_of_measure": _("Unit of measure"),
    "updated_at": _("Updated at"),
    "updated_by": _("Updated by"),
    "user": _("User"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "value": _("Value"),
    "version": _("Version"),
}
# The same field name, another meaning.
FIELDS_OF: dict[tuple[str, str], str | Promise] = {
    ("metrics.Metric", "position"): _("Place in the list"),
    ("goals.MonthlyTarget", "value"): _("Target"),
}


def kinds() -> list[str]:
    """Return the labels of all tables with a trail, such as people.Employee."""
    return [tracked(model)._meta.label for model in event_models()]


def kind(label: str) -> str:
    """Return what a table's rows are called, such as "Person" for people.Employee."""
    return str(KINDS.get(label) or apps.get_model(label)._meta.verbose_name)


def field(label: str, name: str) -> str:
    """Return what a field is called in the language that is active."""
    own = FIELDS_OF.get((label, name)) or FIELDS.get(name)
    return capfirst(str(own or apps.get_model(label)._meta.get_field(name).verbose_name))
