"""The first rows of a file as they would come in, by the same code that imports them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from perfmgmt.metrics.imports.contacts import ContactsReader
from perfmgmt.metrics.imports.contacts_mapping import ContactsMapping
from perfmgmt.metrics.imports.contacts_store import ContactRow
from perfmgmt.metrics.imports.mapping import FactsMapping, require_columns
from perfmgmt.metrics.imports.people import PeopleReader
from perfmgmt.metrics.imports.people_mapping import PeopleMapping
from perfmgmt.metrics.imports.people_store import Person
from perfmgmt.metrics.imports.publishing import refuse_doubled
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.staging import STAGED, Stager, create_tables
from perfmgmt.metrics.imports.suggestions import Inspection
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Employee

MOST_FACTS = 40


@dataclass(frozen=True)
class FactLine:
    """One fact of the preview."""

    row: int
    person: str
    metric: Metric
    day: date
    value: Any
    currency: str
    external_id: str
    customer: str
    product: str
    share: Any = None


def _chunk(inspection: Inspection) -> Chunk:
    columns: dict[str, list[str]] = inspection["sample"]
    return Chunk(inspection["first_row"], columns, len(next(iter(columns.values()))), {})


def facts(inspection: Inspection, mapping: FactsMapping, *, today: date) -> tuple[list[FactLine], Summary]:
    """Return the facts of the first rows, and the summary with what of them is refused.

    Raises BadMapping where the mapping does not fit the file. Uses temporary tables of the open transaction.
    """
    require_columns(mapping.columns(), inspection["header"])
    create_tables(with_supporters=bool(mapping.supporters))
    summary = Summary()
    Stager(mapping, summary, today=today).stage(_chunk(inspection))
    refuse_doubled(summary)
    share = "CASE WHEN credit_role = 'supporter' THEN credit_share END" if mapping.supporters else "NULL::numeric"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_no, employee_id, metric_id, day, value, currency, external_id, customer, product, {share} "
            f"FROM {STAGED} ORDER BY row_no, {'line,' if mapping.supporters else ''} metric_id LIMIT {MOST_FACTS}"
        )
        rows = cursor.fetchall()
    people = dict(Employee.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "name"))
    metrics = Metric.objects.in_bulk({row[2] for row in rows})
    return [FactLine(row[0], people[row[1]], metrics[row[2]], *row[3:]) for row in rows], summary


def people(inspection: Inspection, mapping: PeopleMapping, *, today: date) -> tuple[list[Person], Summary]:
    """Return the people of the first rows, and the summary with what of them is refused; raises BadMapping."""
    require_columns(mapping.columns(), inspection["header"])
    summary = Summary()
    return list(PeopleReader(mapping, summary, today).people(_chunk(inspection))), summary


def contacts(inspection: Inspection, mapping: ContactsMapping, *, today: date) -> tuple[list[ContactRow], Summary]:
    """Return the contacts of the first rows, and the summary with what of them is refused; raises BadMapping."""
    require_columns(mapping.columns(), inspection["header"])
    summary = Summary()
    return list(ContactsReader(mapping, summary).rows(_chunk(inspection))), summary
