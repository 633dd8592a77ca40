"""The lists of this app and of people as files, made by jobs with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx
from perfmgmt.metrics.drill import drill
from perfmgmt.metrics.permissions import SEE_FACTS
from perfmgmt.people import directory
from perfmgmt.people.models import Employee, Position
from perfmgmt.people.permissions import EDIT_PEOPLE, SEE_PEOPLE

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
    """Write the directory as it is filtered and sorted (params: query, language, format csv or xlsx)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_PEOPLE)
        today = workspace.today()
        choices = directory.options()
        sees_accounts = viewer.may(EDIT_PEOPLE)
        wanted = directory.read(
            context.params.get("query", {}), choices, sees_accounts=sees_accounts, sees_gaps=viewer.sees_everybody
        )
        found = directory.find(wanted, on=today, choices=choices, by_address=viewer.sees_everybody)
        words = dict(directory.STATUSES)
        header = [_t("Employee number"), _t("Name"), _t("Unit"), _t("Position"), _t("Manager"), _t("Status")]
        # The page shows no addresses; only who may see everybody's data gets them in bulk.
        header += [_t("Hire date"), _t("Email"), _t("Phone")] if viewer.sees_everybody else []
        rows = (
            _person(row, str(words[directory.status_of(row, today)]), viewer.sees_everybody)
            for row in directory.rows_of(found, sort=wanted.sort, on=today).iterator(chunk_size=CHUNK)
        )
        write = write_xlsx if context.params.get("format") == "xlsx" else write_csv
        name = f"people-{today}.{'xlsx' if write is write_xlsx else 'csv'}"
        return write(context, name, header, rows, total=found.count())


def _person(row: dict[str, Any], status: str, whole: bool) -> list[Any]:
    position = Position(name=row["now__position__name"] or "", name_en=row["now__position__name_en"] or "")
    cells = [row["number"], row["name"], row["now__unit__name"] or "", str(position), row["now__manager__name"] or ""]
    hired = row["hired_on"].isoformat() if row["hired_on"] else ""
    return [*cells, status, *([hired, row["email"], row["phone"]] if whole else [])]
