"""What a file may hold: how each kind is called, understood, shown first, and started."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.permissions import MANAGE_CUSTOMERS
from perfmgmt.metrics.imports import contacts, facts, people, preview
from perfmgmt.metrics.imports.columns import ContactsColumns, FactsColumns, PeopleColumns
from perfmgmt.metrics.imports.contacts_mapping import contacts_mapping
from perfmgmt.metrics.imports.line_fields import known_metrics
from perfmgmt.metrics.imports.mapping import Json, facts_mapping
from perfmgmt.metrics.imports.people_mapping import people_mapping
from perfmgmt.metrics.imports.suggestions import (
    Choices,
    Inspection,
    suggest_contacts,
    suggest_facts,
    suggest_people,
)
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.people.permissions import IMPORT_PEOPLE, Permission


@dataclass(frozen=True)
class ImportKind:
    """One kind of file. `code` is that of its job.

    `understand` checks a mapping (raises BadMapping), `form` makes one from chosen columns, `suggest(inspection, file
    name)` fills that form in, `preview(inspection, mapping, today=)` returns the first rows and what is refused.
    `name` is a part of the names of its templates. `stays` says why an import can't be undone; "" where it can.
    """

    code: str
    name: str
    label: str | Promise
    word: str | Promise
    first_rows: str | Promise
    permission: Permission
    understand: Callable[[Json], Any]
    form: type[Any]
    suggest: Callable[[Inspection, str], Choices]
    preview: Callable[..., Any]
    stays: str | Promise = ""


KINDS: dict[str, ImportKind] = {
    kind.code: kind
    for kind in (
        ImportKind(
            people.KIND, "people", _("People and their units"), _("People"), _("The first rows as people"),
            IMPORT_PEOPLE, people_mapping, PeopleColumns, lambda found, _name: suggest_people(found), preview.people,
            _("An import of people can't be undone: other data build on it. Correct the file and import it again."),
        ),
        ImportKind(
            contacts.KIND, "contacts", _("Customers and their contacts"), _("Contacts"),
            _("The first rows as contacts"), MANAGE_CUSTOMERS, contacts_mapping, ContactsColumns,
            lambda found, _name: suggest_contacts(found), preview.contacts,
            _("An import of contacts can't be undone: consents are kept for good. Correct the file and import it "
              "again."),
        ),
        ImportKind(
            facts.KIND, "facts", _("Facts: sales, orders, tasks, ..."), _("Facts"), _("The first rows as facts"),
            IMPORT_FACTS, facts_mapping, FactsColumns,
            lambda found, name: suggest_facts(found, name, known_metrics()), preview.facts,
        ),
    )
}  # fmt: skip
