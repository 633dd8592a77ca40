"""The mapping file of people: which column means what."""

from dataclasses import dataclass, field
from typing import Any

from perfmgmt.metrics.imports.mapping import Condition, Json, MappingReader, Text

PERSON_TEXTS = (
    "number", "name", "email", "phone", "position", "hired_on", "left_on", "sales_role_type", "full_time_share",
    "valid_from",
)  # fmt: skip
DEFAULT_PEOPLE: Json = {
    "kind": "people",
    **{part: {"column": part} for part in PERSON_TEXTS},
    "unit": [{"column": "unit"}],
    "manager": {"column": "manager", "by": "number"},
    "optional": ["email", "phone", "position", "hired_on", "left_on", "sales_role_type", "full_time_share",
                 "valid_from", "manager"],
}  # fmt: skip


@dataclass(frozen=True)
class ManagerMapping:
    """Who leads the person: a column and how it names people. With `create` unknown ones become people, too."""

    column: str
    by: str
    create: bool = False
    position: Text = field(default_factory=Text)
    unit: tuple[Text, ...] = ()


@dataclass(frozen=True)
class PeopleMapping:
    """How a file becomes people: one text per field, the unit as a path from the top."""

    texts: dict[str, Text]
    unit: tuple[Text, ...]
    manager: ManagerMapping | None = None
    optional: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    date_formats: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def columns(self) -> set[str]:
        """Return every column the mapping can't do without."""
        named = {text.column for part, text in self.texts.items() if part not in self.optional}
        named |= {text.column for text in self.unit}
        if self.manager and "manager" not in self.optional:
            named |= {self.manager.column, *(text.column for text in self.manager.unit)}
        named |= {condition.column for condition in self.conditions}
        return named - {""}


def people_mapping(mapping: Json) -> PeopleMapping:
    """Check a mapping for people and return it; raise BadMapping with the part that is wrong."""
    reader = MappingReader(
        mapping,
        {
            *PERSON_TEXTS,
            "unit",
            "manager",
            "optional",
            "conditions",
            "date_formats",
            "encoding",
            "delimiter",
            "sheet",
        },
        "people",
    )
    unit, manager = mapping.get("unit"), mapping.get("manager")
    if "name" not in mapping:
        raise reader.fail("name")
    if not isinstance(unit, list) or not unit:
        raise reader.fail("unit")
    return PeopleMapping(
        texts={part: reader.text(mapping[part], part) for part in PERSON_TEXTS if part in mapping},
        unit=tuple(reader.text(level, f"unit[{index}]") for index, level in enumerate(unit)),
        manager=None if manager is None else _manager_mapping(reader, manager),
        optional=frozenset(reader.names("optional")),
        conditions=reader.conditions(mapping.get("conditions", []), "conditions"),
        date_formats=reader.formats(),
        encoding=reader.encoding(),
        delimiter=reader.delimiter(),
        sheet=reader.string("sheet", ""),
    )


def _manager_mapping(reader: MappingReader, value: Any) -> ManagerMapping:
    if not isinstance(value, dict) or not set(value) <= {"column", "by", "create"}:
        raise reader.fail("manager")
    create = value.get("create")
    if value.get("by") not in ("number", "name", "email") or not isinstance(value.get("column"), str):
        raise reader.fail("manager")
    if create is None:
        return ManagerMapping(value["column"], value["by"])
    if (
        value["by"] != "name"
        or not isinstance(create, dict)
        or not create.get("unit")
        or not isinstance(create["unit"], list)
    ):
        raise reader.fail("manager.create")
    return ManagerMapping(
        column=value["column"],
        by="name",
        create=True,
        position=reader.text(create["position"], "manager.create.position") if "position" in create else Text(),
        unit=tuple(reader.text(level, "manager.create.unit") for level in create["unit"]),
    )
