"""The mapping file: which column means what. Read, checked against the file's header, and named in errors.

docs/imports.md describes the format; docs/examples/ holds ready ones.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics import own_sources
from perfmgmt.metrics.imports.parsing import number_parser
from perfmgmt.metrics.imports.reader import DELIMITERS, NAMED_ENCODINGS
from perfmgmt.metrics.imports.reasons import shorten
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.tenants.errors import DomainError

Json = dict[str, Any]
MOST_SUPPORTERS = 9


class BadMapping(DomainError):
    """The mapping itself is wrong, or does not fit the file."""

    code = "bad_mapping"


def parse_json(text: str) -> Json:
    """Return the mapping in a JSON text; raise BadMapping when it is none."""
    if "\x00" in text or "\\u0000" in text:
        raise BadMapping(_("The mapping is not valid JSON: {detail}"), detail="\\u0000")
    try:
        mapping = json.loads(text, parse_constant=_no_number)
        json.dumps(mapping, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadMapping(_("The mapping is not valid JSON: {detail}"), detail=error) from error
    if not isinstance(mapping, dict):
        raise BadMapping(_("The mapping must be a JSON object."))
    return mapping


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


@dataclass(frozen=True)
class Condition:
    """A row counts when the column's text is one of `values` (or, with `filled`, is or is not empty)."""

    column: str
    values: frozenset[str] | None = None
    filled: bool = True

    def holds(self, text: str) -> bool:
        """Return whether a text meets the condition."""
        stripped = text.strip()
        return bool(stripped) is self.filled if self.values is None else stripped in self.values


@dataclass(frozen=True)
class Text:
    """A text from a column, translated, or the same for every row."""

    column: str = ""
    constant: str = ""
    translate: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """A number: from a column, constant, or the days between two columns."""

    column: str = ""
    constant: str = ""
    days_between: tuple[str, str] | None = None


@dataclass(frozen=True)
class Supporter:
    """Somebody who helped: a column and how it names people, and which share of the credit is theirs."""

    column: str
    by: str
    share: Text


@dataclass(frozen=True)
class FactSpec:
    """One fact that a row gives: the metric (by code, or by a column of codes), its day and its value.

    `supported` is the metric that the supporters of the row get their part of the value in; "" gives them nothing.
    """

    metric: Text
    day: str
    value: Value
    when: tuple[Condition, ...] = ()
    supported: str = ""


@dataclass(frozen=True)
class FactsMapping:
    """How a file becomes facts."""

    source: str
    external_id: str
    employee: str
    employee_by: str
    facts: tuple[FactSpec, ...]
    attributes: dict[str, Text] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    currency: Text = field(default_factory=Text)
    date_formats: tuple[str, ...] = ()
    decimal_mark: str = "."
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    supporters: tuple[Supporter, ...] = ()
    owner_share: Text = field(default_factory=Text)

    def columns(self) -> set[str]:
        """Return every column the mapping names."""
        named = {self.external_id, self.employee, self.currency.column, self.owner_share.column}
        named |= {name for supporter in self.supporters for name in (supporter.column, supporter.share.column)}
        named |= {text.column for text in self.attributes.values()}
        named |= {condition.column for condition in self.conditions}
        for fact in self.facts:
            named |= {fact.day, fact.metric.column, fact.value.column, *(fact.value.days_between or ())}
            named |= {condition.column for condition in fact.when}
        return named - {""}


DEFAULT_FACTS: Json = {
    "kind": "facts",
    "source": "file",
    "external_id": "external_id",
    "employee": {"column": "employee", "by": "number"},
    "facts": [{"metric": {"column": "metric"}, "day": "date", "value": {"column": "value"}}],
}


def require_columns(named: set[str], header: list[str]) -> None:
    """Raise BadMapping naming the first column that the file lacks."""
    missing = sorted(named - set(header))
    if missing:
        raise BadMapping(
            _("The file has no column “{column}”. It has: {columns}. Change the mapping or the file."),
            column=shorten(missing[0]),
            columns=shorten(", ".join(header[:20]), 400),
        )


class MappingReader:
    """Takes a mapping apart and names the place of the first fault."""

    def __init__(self, mapping: Json, allowed: set[str], kind: str) -> None:
        self.mapping = mapping
        if mapping.get("kind", kind) != kind:
            raise BadMapping(
                _("This mapping is for {found}, not for {wanted}."), found=shorten(str(mapping["kind"])), wanted=kind
            )
        unknown = sorted(set(mapping) - allowed - {"kind", "about"})
        if unknown:
            raise BadMapping(_("The mapping has an unknown part “{part}”."), part=shorten(unknown[0]))

    def fail(self, part: str) -> BadMapping:
        return BadMapping(_("The part “{part}” of the mapping is missing or wrong."), part=part)

    def string(self, part: str, default: str | None = None) -> str:
        value = self.mapping.get(part, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.fail(part)
        return value

    def text(self, value: Any, part: str) -> Text:
        if isinstance(value, str):
            return Text(constant=value)
        if not isinstance(value, dict) or not set(value) <= {"column", "const", "translate"}:
            raise self.fail(part)
        translate = value.get("translate", {})
        if not isinstance(translate, dict) or not all(isinstance(text, str) for text in translate.values()):
            raise self.fail(part)
        column, constant = value.get("column", ""), value.get("const", "")
        if not isinstance(column, str) or not isinstance(constant, str) or bool(column) == bool(constant):
            raise self.fail(part)
        return Text(column, constant, translate)

    def conditions(self, values: Any, part: str) -> tuple[Condition, ...]:
        if not isinstance(values, list):
            raise self.fail(part)
        found = []
        for value in values:
            if not isinstance(value, dict) or not _named(value.get("column")):
                raise self.fail(part)
            if set(value) == {"column", "in"} and isinstance(value["in"], list):
                found.append(Condition(value["column"], frozenset(str(text) for text in value["in"])))
            elif set(value) == {"column", "filled"} and isinstance(value["filled"], bool):
                found.append(Condition(value["column"], None, value["filled"]))
            else:
                raise self.fail(part)
        return tuple(found)

    def encoding(self) -> str:
        value = self.string("encoding", "")
        if value.lower() not in ("", *NAMED_ENCODINGS):
            raise BadMapping(
                _("The part “encoding” of the mapping says “{encoding}”. It can be one of {known}, or be left out."),
                encoding=shorten(value),
                known=", ".join(NAMED_ENCODINGS),
            )
        return value.lower()

    def delimiter(self) -> str:
        value = self.string("delimiter", "")
        if value not in ("", *DELIMITERS):
            raise self.fail("delimiter")
        return value

    def names(self, part: str) -> list[str]:
        value = self.mapping.get(part, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.fail(part)
        return value

    def formats(self) -> tuple[str, ...]:
        value = self.mapping.get("date_formats", [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.fail("date_formats")
        for pattern in value:
            try:
                datetime.strptime(datetime(2026, 12, 31, tzinfo=UTC).strftime(pattern), pattern)  # noqa: DTZ007
            except (ValueError, re.error) as error:
                raise self.fail("date_formats") from error
        return tuple(value)


def facts_mapping(mapping: Json) -> FactsMapping:
    """Check a mapping for facts and return it; raise BadMapping with the part that is wrong."""
    reader = MappingReader(
        mapping,
        {"source", "external_id", "employee", "facts", "attributes", "conditions", "currency", "date_formats",
         "decimal_mark", "encoding", "delimiter", "sheet", "supporters", "owner_share"},
        "facts",
    )  # fmt: skip
    employee = mapping.get("employee")
    if not isinstance(employee, dict) or employee.get("by") not in ("number", "name", "email"):
        raise reader.fail("employee")
    if not isinstance(employee.get("column"), str) or not employee["column"]:
        raise reader.fail("employee.column")
    attributes = mapping.get("attributes", {})
    if not isinstance(attributes, dict) or not set(attributes) <= set(ATTRIBUTES):
        raise reader.fail("attributes")
    specs = mapping.get("facts")
    if not isinstance(specs, list) or not specs:
        raise reader.fail("facts")
    source = str(mapping.get("source", ""))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", source) or own_sources.is_reserved(source):
        raise reader.fail("source")
    if mapping.get("decimal_mark", ".") not in (".", ","):
        raise reader.fail("decimal_mark")
    return FactsMapping(
        source=reader.string("source"),
        external_id=reader.string("external_id"),
        employee=employee["column"],
        employee_by=employee["by"],
        facts=tuple(_fact_spec(reader, spec, f"facts[{index}]") for index, spec in enumerate(specs)),
        attributes={name: reader.text(value, name) for name, value in attributes.items()},
        conditions=reader.conditions(mapping.get("conditions", []), "conditions"),
        currency=reader.text(mapping["currency"], "currency") if "currency" in mapping else Text(),
        date_formats=reader.formats(),
        decimal_mark=mapping.get("decimal_mark", "."),
        encoding=reader.encoding(),
        delimiter=reader.delimiter(),
        sheet=reader.string("sheet", ""),
        supporters=_supporters(reader, mapping.get("supporters", [])),
        owner_share=reader.text(mapping["owner_share"], "owner_share") if "owner_share" in mapping else Text(),
    )


def _supporters(reader: MappingReader, values: Any) -> tuple[Supporter, ...]:
    if not isinstance(values, list) or len(values) > MOST_SUPPORTERS:
        raise reader.fail("supporters")
    found = []
    for index, value in enumerate(values):
        part = f"supporters[{index}]"
        if not isinstance(value, dict) or set(value) != {"column", "by", "share"} or not _named(value["column"]):
            raise reader.fail(part)
        if value["by"] not in ("number", "name", "email"):
            raise reader.fail(f"{part}.by")
        found.append(Supporter(value["column"], value["by"], reader.text(value["share"], f"{part}.share")))
    return tuple(found)


def _named(value: Any) -> bool:
    """Return whether a value is the name of a column."""
    return isinstance(value, str) and bool(value)


def _fact_spec(reader: MappingReader, spec: Any, part: str) -> FactSpec:
    if not isinstance(spec, dict) or not set(spec) <= {"metric", "day", "value", "when", "supported"}:
        raise reader.fail(part)
    if not isinstance(spec.get("supported", ""), str):
        raise reader.fail(f"{part}.supported")
    value = spec.get("value")
    if not isinstance(value, dict) or len(value) != 1 or not _named(spec.get("day")):
        raise reader.fail(part)
    if "column" in value and _named(value["column"]):
        parsed = Value(column=str(value["column"]))
    elif "const" in value and number_parser()[str(value["const"])] is not None:
        parsed = Value(constant=str(value["const"]))
    elif isinstance(value.get("days_between"), list) and [_named(v) for v in value["days_between"]] == [True, True]:
        parsed = Value(days_between=(str(value["days_between"][0]), str(value["days_between"][1])))
    else:
        raise reader.fail(f"{part}.value")
    return FactSpec(
        metric=reader.text(spec.get("metric"), f"{part}.metric"),
        day=spec["day"],
        value=parsed,
        when=reader.conditions(spec.get("when", []), f"{part}.when"),
        supported=spec.get("supported", ""),
    )
