"""The lists of this app as CSV files, made by jobs with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.metrics.drill import drill
from perfmgmt.metrics.permissions import SEE_FACTS
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.permissions import SEE_PEOPLE
from perfmgmt.people.selectors import directory

FACTS, PEOPLE = "facts.export", "people.export"
CHUNK = 5000


def export_facts(context: JobContext) -> dict[str, Any]:
    """Write the facts behind a figure (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_FACTS)
        wanted = drill(context.params["query"], viewer=viewer, workspace=workspace)
        people = dict(Employee.objects.values_list("pk", "name"))
        numbers = dict(Employee.objects.values_list("pk", "number"))
        total = wanted.total()
        header = [_t("Day"), _t("Employee number"), _t("Name"), _t("Metric"), _t("Value"), _t("Customer"),
                  _t("Product"), _t("Source id")]  # fmt: skip
        codes = {part.pk: part.code for part in wanted.metric.sources()}
        facts = wanted.facts().values_list(
            "day", "employee_id", "metric_id", "value", "customer", "product", "external_id"
        )
        rows = (
            (day.isoformat(), numbers.get(who, ""), people.get(who, ""), codes[metric], value, customer,
             product, external_id)
            for day, who, metric, value, customer, product, external_id in facts.iterator(chunk_size=CHUNK)
        )  # fmt: skip
        name = f"facts-{wanted.metric.code}-{wanted.first}-{wanted.last}.csv"
        return write_csv(context, name, header, rows, total=total[1] if total else 0)


def export_people(context: JobContext) -> dict[str, Any]:
    """Write the directory (params: search, unit, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_PEOPLE)
        today = workspace.today()
        found = directory(
            search=context.params["search"],
            unit_id=context.params["unit"],
            on=today,
            by_address=viewer.sees_everybody,
        )
        places = {
            assignment.employee_id: assignment
            for assignment in Assignment.objects.select_related("unit", "position", "manager").filter(
                valid_from__lte=today, valid_to__gte=today
            )
        }
        header = [_t("Employee number"), _t("Name"), _t("Unit"), _t("Position"), _t("Manager"), _t("Email")]
        # The page shows no addresses; only who may see everybody's data gets them in bulk.
        rows = (
            (e.number, e.name, *_place(places.get(e.pk)), e.email if viewer.sees_everybody else "")
            for e in found.iterator(chunk_size=CHUNK)
        )
        return write_csv(context, f"people-{today}.csv", header, rows, total=found.count())


def _place(assignment: Assignment | None) -> tuple[str, str, str]:
    if assignment is None:
        return "", "", ""
    return str(assignment.unit), str(assignment.position or ""), str(assignment.manager or "")
