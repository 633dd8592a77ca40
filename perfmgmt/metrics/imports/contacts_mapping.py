"""The mapping file of contacts: which column means what."""

from dataclasses import dataclass

from perfmgmt.metrics.imports.mapping import Condition, Json, MappingReader, Text

CONTACT_TEXTS = (
    "company", "external_id", "customer_type", "region", "name", "email", "phone", "title", "language", "time_zone",
    "consent", "consent_source", "owner",
)  # fmt: skip
# One of them tells a contact from others; the company's two may stand for a company without a contact.
NAMING = ("name", "email", "phone", "company", "external_id")


@dataclass(frozen=True)
class ContactsMapping:
    """How a file becomes contacts and their companies: one text per field."""

    texts: dict[str, Text]
    optional: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def columns(self) -> set[str]:
        """Return every column the mapping can't do without."""
        named = {text.column for part, text in self.texts.items() if part not in self.optional}
        return (named | {condition.column for condition in self.conditions}) - {""}


def contacts_mapping(mapping: Json) -> ContactsMapping:
    """Check a mapping for contacts and return it; raise BadMapping with the part that is wrong."""
    allowed = {*CONTACT_TEXTS, "optional", "conditions", "encoding", "delimiter", "sheet"}
    reader = MappingReader(mapping, allowed, "contacts")
    if not any(part in mapping for part in NAMING):
        raise reader.fail("name")
    return ContactsMapping(
        texts={part: reader.text(mapping[part], part) for part in CONTACT_TEXTS if part in mapping},
        optional=frozenset(reader.names("optional")),
        conditions=reader.conditions(mapping.get("conditions", []), "conditions"),
        encoding=reader.encoding(),
        delimiter=reader.delimiter(),
        sheet=reader.string("sheet", ""),
    )
