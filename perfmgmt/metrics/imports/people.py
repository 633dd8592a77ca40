"""Importing people (T3): units, employees and their assignments, in the job's one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.imports import runs
from perfmgmt.metrics.imports.mapping import Text, require_columns
from perfmgmt.metrics.imports.parsing import (
    DATE_FORMATS,
    Parser,
    date_parser,
    fold,
    number_parser,
    text_parser,
)
from perfmgmt.metrics.imports.people_mapping import PeopleMapping, people_mapping
from perfmgmt.metrics.imports.people_store import Person, save
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.reasons import Reason, Refusal
from perfmgmt.metrics.imports.sources import SourceFile
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.people.models import SalesRoleType
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

KIND = "people.import"
PARSED = ("number", "name", "email", "phone", "position", "hired_on", "left_on", "sales_role_type",
          "full_time_share", "valid_from")  # fmt: skip


def run(context: JobContext) -> dict[str, Any]:
    """Import the uploaded file of the job (params: file, mapping, language); return the summary as JSON values.

    With `dry` in the params everything is done and undone again, so that the counts are exact and nothing stays.
    """
    with override(context.params.get("language", "en")):
        mapping = people_mapping(context.params["mapping"])
        today = workspace_of(Tenant.objects.get(pk=current_tenant_id())).today()
        path = Path(default_storage.path(context.params["file"]))
        file, summary = runs.open_file(path, mapping, context), runs.summary(context)
        with transaction.atomic():
            import_file(file, mapping, today, context, summary)
            transaction.set_rollback(runs.is_dry(context))
        return runs.result(context, file, summary)


def import_file(file: SourceFile, mapping: PeopleMapping, today: date, context: JobContext, summary: Summary) -> None:
    """Import one file in the open transaction. Raises DomainError for a file or mapping that can't be used."""
    wait_lock(Lock.PEOPLE, current_tenant_id())
    reader = PeopleReader(mapping, summary, today)
    people: list[Person] = []
    for chunk in file.chunks():
        if not people:
            require_columns(mapping.columns(), list(chunk.columns))
        people += reader.people(chunk)
        context.report("reading", file.bytes_read(), file.size, rows=summary.rows)
    context.report("publishing")
    save(people, summary, today, create_managers=bool(mapping.manager and mapping.manager.create))


@dataclass
class PeopleReader:
    """Turns the rows of a file into people, refusing those that can't be used."""

    mapping: PeopleMapping
    summary: Summary
    today: date
    parsers: dict[str, Parser] = field(init=False)

    def __post_init__(self) -> None:
        formats = self.mapping.date_formats or DATE_FORMATS
        ahead = self.today + timedelta(days=3660)

        def optional_day(text: str) -> Any:
            return date_parser(formats, latest=ahead).parse(text) if text.strip() else ""

        def share(text: str) -> Any:
            if not text.strip():
                return "1"
            value = Decimal(number_parser().parse(text)).quantize(Decimal("0.001"))
            if not 0 < value <= 1:
                raise Refusal("not_full_time_share")
            return str(value)

        self.parsers = {
            "number": text_parser({}, 40),
            "name": Parser(lambda text: _required(text_parser({}, 120).parse(text))),
            "email": Parser(_email),
            "phone": text_parser({}, 40),
            "manager": text_parser({}, 120),
            "position": text_parser({}, 120),
            "hired_on": Parser(optional_day),
            "left_on": Parser(optional_day),
            "sales_role_type": Parser(_role_type),
            "full_time_share": Parser(share),
            "valid_from": Parser(optional_day),
            "unit": Parser(lambda text: _required(text_parser({}, 120).parse(text))),
        }

    def people(self, chunk: Chunk) -> Iterator[Person]:
        """Yield the people of the rows that can be used."""
        self.summary.rows += chunk.size
        for at in range(chunk.size):
            row = chunk.first_row + at
            if at in chunk.ragged:
                self.summary.refuse(row, Reason.of("ragged", found=chunk.ragged[at], wanted=len(chunk.columns)))
                continue
            if not all(c.holds(chunk.columns[c.column][at]) for c in self.mapping.conditions) or not any(
                column[at].strip() for column in chunk.columns.values()
            ):
                self.summary.skipped += 1
                continue
            try:
                yield self._person(chunk, at, row)
            except Refusal as refusal:
                self.summary.refuse(row, refusal.reason())

    def _text(self, chunk: Chunk, text: Text, at: int) -> str:
        if not text.column:
            return text.constant
        raw = chunk.columns[text.column][at].strip() if text.column in chunk.columns else ""
        return text.translate.get(raw, raw)

    def _column_of(self, part: str) -> str:
        """Return what a reader knows a part by: the name of its column."""
        if part == "manager" and self.mapping.manager is not None:
            return self.mapping.manager.column
        text = self.mapping.unit[-1] if part == "unit" else self.mapping.texts.get(part, Text())
        return text.column or part

    def _parsed(self, part: str, raw: str) -> Any:
        value = self.parsers[part][raw]
        if value is None:
            reason = self.parsers[part].reason(raw, self._column_of(part))
            raise Refusal(reason.key, reason)
        return value

    def _person(self, chunk: Chunk, at: int, row: int) -> Person:
        values: dict[str, Any] = {
            part: self._parsed(part, self._text(chunk, self.mapping.texts.get(part, Text()), at)) for part in PARSED
        }
        person = Person(
            row=row,
            unit=tuple(self._parsed("unit", self._text(chunk, level, at)) for level in self.mapping.unit),
            **{**values, **{part: values[part] or None for part in ("hired_on", "left_on", "valid_from")}},
        )
        if person.left_on and person.hired_on and person.left_on < person.hired_on:
            raise Refusal("leaves_before_hired")
        manager = self.mapping.manager
        if manager is not None and manager.column in chunk.columns:
            person.manager_by = manager.by
            person.manager = self._parsed("manager", chunk.columns[manager.column][at])
            if manager.create and person.manager:
                person.manager_unit = tuple(
                    self._parsed("unit", self._text(chunk, level, at)) for level in manager.unit
                )
                person.manager_position = self._parsed("position", self._text(chunk, manager.position, at))
        if person.manager and fold(person.manager) in (fold(person.name), fold(person.number)):
            raise Refusal("own_manager")
        return person


def _required(text: str) -> str:
    if not text:
        raise Refusal("missing_text")
    return text


def _email(text: str) -> str:
    address = text.strip().lower()
    if address:
        try:
            validate_email(address)
            if len(address) > 254:
                raise ValidationError("too long")
        except ValidationError as error:
            raise Refusal("not_an_email") from error
    return address


_ROLE_TYPES = {fold(str(name)): value for value in SalesRoleType.values for name in (value,)}
_ROLE_TYPES |= {"开拓型": "hunter", "维护型": "farmer", "支持型": "support"}


def _role_type(text: str) -> str:
    if not text.strip():
        return ""
    if fold(text) not in _ROLE_TYPES:
        raise Refusal("not_a_role_type")
    return _ROLE_TYPES[fold(text)]
