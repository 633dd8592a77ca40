"""First half of importing facts: every row checked, what it gives laid down in a temporary table.

Works column by column on chunks of the file; memory does not grow with the file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import compress
from typing import Any, Protocol

from django.db import connection
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.mapping import (
    BadMapping,
    Condition,
    FactsMapping,
    FactSpec,
    Text,
    require_columns,
)
from perfmgmt.metrics.imports.parsing import (
    DATE_FORMATS,
    Parser,
    date_parser,
    fold,
    lookup_parser,
    number_parser,
    text_parser,
)
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.reasons import Reason, Refusal, shorten
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.metrics.imports.supporters import Credit, Supporters
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.metrics.selectors import metrics_that_take_facts
from perfmgmt.people.models import Employee
from perfmgmt.tenants.scope import current_tenant_id

STAGED = "staged_fact"
SKIPPED = "staged_skip"
# Columns that a mapping may leave out; they are empty then.
OPTIONAL = ("currency", *ATTRIBUTES)
WIDTH = {"customer": 200, "product": 200}
MOST_EXTERNAL_ID = 120
# From so many people on that a batch names, everybody is read instead, where that is not many more.
MANY = 1_000


# Columns that only files with supporters need.
CREDIT = "line smallint DEFAULT 0, credit_role text DEFAULT 'owner', credit_share numeric(5, 4) DEFAULT 1"


def create_tables(*, with_supporters: bool = False, is_batch: bool = False) -> None:
    """Create the empty temporary tables of this transaction.

    A batch comes again and again over one connection: its tables stay, emptied at every commit. To make and drop them
    each time would take a tenth of the batch's time and leave dead rows in the catalog.
    """
    optional = ", ".join(f"{name} text NOT NULL DEFAULT ''" for name in OPTIONAL)
    if with_supporters:
        optional = f"{optional}, {CREDIT}"
    begin = "" if is_batch else f"DROP TABLE IF EXISTS {STAGED}, {SKIPPED};"
    create, end = ("IF NOT EXISTS", "DELETE ROWS") if is_batch else ("", "DROP")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {begin}
            CREATE TEMP TABLE {create} {STAGED} (row_no int, metric_id bigint, employee_id bigint, day date,
                value numeric(20, 4), original_value numeric(20, 4), external_id text, {optional}) ON COMMIT {end};
            CREATE TEMP TABLE {create} {SKIPPED} (external_id text STORAGE PLAIN) ON COMMIT {end};
            {f"DELETE FROM {STAGED}; DELETE FROM {SKIPPED}" if is_batch else ""}
            """
        )


def people_by(key: str) -> dict[str, int | None]:
    """Return folded number, name or email -> employee id; None where several people share it."""
    table: dict[str, int | None] = {}
    for pk, text in Employee.objects.values_list("pk", key):
        if text:
            folded = fold(text)
            table[folded] = None if folded in table else pk
    return table


@dataclass(frozen=True)
class Named:
    """Who is named in a few rows: `exact` texts -> employee id, other spellings in `table` as `people_by` has it."""

    exact: dict[str, int]
    table: dict[str, int | None]


def people_named(key: str, texts: Iterable[str]) -> Named:
    """Return those who are named exactly so; only when somebody is not found that way, everybody is read."""
    if key not in ("number", "name", "email"):
        raise ValueError(f"people are not found by {key!r}")
    wanted = {text for text in texts if "\x00" not in text}
    rows = _everybody(key, most=4 * len(wanted)) if len(wanted) > MANY else None
    if rows is None:
        with connection.cursor() as cursor:
            # One array instead of thousands of parameters.
            cursor.execute(
                f"SELECT {key}, id FROM people_employee WHERE tenant_id = %s AND {key} = ANY(%s)",
                [current_tenant_id(), list(wanted - {""})],
            )
            rows = cursor.fetchall()
    rows = [row for row in rows if row[0] in wanted]
    exact = dict(rows)
    if len(exact) < len(rows):  # a name that two people have
        return Named({}, people_by(key))
    return Named(exact, {} if exact.keys() == wanted else people_by(key))


def _everybody(key: str, *, most: int) -> list[tuple[str, int]] | None:
    """Return (text, employee id) of everybody who has one, or None for more than `most` people.

    Reading a table of which every fourth row is wanted takes half the time of looking each of them up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, id FROM people_employee WHERE tenant_id = %s AND {key} <> '' LIMIT %s",
            [current_tenant_id(), most + 1],
        )
        rows = cursor.fetchall()
    return rows if len(rows) <= most else None


class Rows(Protocol):
    """Where rows come from: a file, or the body of a request."""

    @property
    def size(self) -> int:
        """How much there is, in the unit of `bytes_read`."""

    def bytes_read(self) -> int:
        """Return how much has been read."""

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows."""


@dataclass
class _Fact:
    """A fact spec with its parsers."""

    spec: FactSpec
    metric_id: str
    constant: str
    supported_id: str = ""


class _DayTexts(dict[date | None, str]):
    """Each day as text; a refused row has none."""

    def __missing__(self, day: date | None) -> str:
        self[day] = text = "" if day is None else day.isoformat()
        return text


class Stager:
    """Checks the rows of one file and stages what they give."""

    def __init__(self, mapping: FactsMapping, summary: Summary, *, today: date, people: Named | None = None) -> None:
        self.mapping, self.summary = mapping, summary
        formats = mapping.date_formats or DATE_FORMATS
        self.days = date_parser(formats, latest=today)
        self.numbers = number_parser(mapping.decimal_mark)
        self.people = lookup_parser(people_by(mapping.employee_by) if people is None else people.table)
        if people is not None:
            self.people.update(people.exact)
        self.attributes = {
            name: text_parser(text.translate, WIDTH.get(name, 60)) for name, text in mapping.attributes.items()
        }
        self.named = set(mapping.attributes)
        if mapping.currency.column or mapping.currency.constant:
            self.named.add("currency")
        self.external_ids = text_parser({}, MOST_EXTERNAL_ID)
        self.currencies = Parser(lambda text: _currency(mapping.currency.translate.get(text.strip(), text.strip())))
        metrics = {metric.code: metric.pk for metric in metrics_that_take_facts()}
        self.metrics = Parser(lambda text: _metric(metrics, text.strip()))
        self.conditions: dict[Condition, dict[str, bool]] = {}
        self.day_texts = _DayTexts()
        self.facts = [self._fact(spec) for spec in mapping.facts]
        self.supporters = Supporters(mapping, {by: people_by(by) for by in {s.by for s in mapping.supporters}})

    def _fact(self, spec: FactSpec) -> _Fact:
        constant = str(number_parser()[spec.value.constant] or "")
        return _Fact(spec, self._metric_id(spec.metric.constant), constant, self._metric_id(spec.supported))

    def _metric_id(self, code: str) -> str:
        """Return the id of a metric that the mapping names; "" for none."""
        if not code:
            return ""
        found = self.metrics[code]
        if found is None:
            raise BadMapping(_("The workspace has no metric “{metric}” that takes facts."), metric=shorten(code))
        return str(found)

    def run(self, file: Rows, report: Callable[[int, int], None]) -> None:
        """Stage every row of the file; `report(bytes done, bytes in all)` after each chunk may stop the work."""
        first = True
        for chunk in file.chunks():
            if first:
                require_columns(self.mapping.columns(), list(chunk.columns))
                first = False
            self.stage(chunk)
            report(file.bytes_read(), file.size)

    def _column(self, chunk: Chunk, text: Text) -> list[str]:
        return chunk.columns[text.column] if text.column else [text.constant] * chunk.size

    def _mask(self, chunk: Chunk, conditions: tuple[Condition, ...]) -> list[bool]:
        """Return for each row whether all conditions hold."""
        mask = [True] * chunk.size
        for condition in conditions:
            known = self.conditions.setdefault(condition, {})
            column = chunk.columns[condition.column]
            for text in set(column) - known.keys():
                known[text] = condition.holds(text)
            mask = [before and known[text] for before, text in zip(mask, column, strict=True)]
            if len(known) > 100_000:
                known.clear()
        return mask

    def stage(self, chunk: Chunk) -> None:
        kept = self._mask(chunk, self.mapping.conditions)
        ids = chunk.columns[self.mapping.external_id]
        for at in [at for at, text in enumerate(ids) if not text or text.isspace()]:
            if not any(column[at].strip() for column in chunk.columns.values()):
                kept[at] = False  # a blank line
        refused: dict[int, str] = {
            at: Reason.of("ragged", found=n, wanted=len(chunk.columns)) for at, n in chunk.ragged.items()
        }
        base = {
            "employee": self._parse(chunk, self.mapping.employee, self.people, kept, refused),
            "external_id": self._parse(chunk, self.mapping.external_id, self.external_ids, kept, refused),
        }
        for name, parser in self.attributes.items():
            column = self._column(chunk, self.mapping.attributes[name])
            base[name] = self._check(chunk, column, parser, kept, refused, name)
        if "currency" in self.named:
            column = self._column(chunk, self.mapping.currency)
            base["currency"] = self._check(chunk, column, self.currencies, kept, refused, "currency")
        for at in [at for at, external_id in enumerate(base["external_id"]) if external_id == ""]:
            if kept[at]:
                refused.setdefault(at, Reason.of("no_id", column=shorten(self.mapping.external_id)))
        credit = self.supporters.of(chunk, base["employee"], kept, refused)
        given, gives = [], [False] * chunk.size
        for fact in self.facts:
            mask = kept
            if fact.spec.when:
                mask = [a and b for a, b in zip(kept, self._mask(chunk, fact.spec.when), strict=True)]
            gives = [already or here for already, here in zip(gives, mask, strict=True)]
            given.append((mask, *self._values(chunk, fact, mask, refused), fact.supported_id))
        self._count(chunk, gives, refused, base["employee"], credit)
        self._copy(chunk, base, given, refused, credit)
        self._copy_skipped(base["external_id"], gives, refused)

    def _parse(
        self, chunk: Chunk, column: str, parser: Parser, mask: list[bool], refused: dict[int, str]
    ) -> list[Any]:
        return self._check(chunk, chunk.columns[column], parser, mask, refused, column)

    def _check(
        self,
        chunk: Chunk,
        column: list[str],
        parser: Parser,
        mask: list[bool],
        refused: dict[int, str],
        name: str,
    ) -> list[Any]:
        """Parse a column; where the mask holds and the text can't be used, refuse the row."""
        values = parser.column(column)
        if None in values:
            for at, value in enumerate(values):
                if value is None and mask[at] and at not in refused:
                    refused[at] = parser.reason(column[at], shorten(name))
        return values

    def _values(
        self, chunk: Chunk, fact: _Fact, mask: list[bool], refused: dict[int, str]
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Return the metric ids, days and values of one fact spec, row by row."""
        spec = fact.spec
        days = self._parse(chunk, spec.day, self.days, mask, refused)
        if spec.value.days_between:
            first, last = (self._parse(chunk, name, self.days, mask, refused) for name in spec.value.days_between)
            values: list[Any] = [(b - a).days if a and b else 0 for a, b in zip(first, last, strict=True)]
            for at, value in enumerate(values):
                if value < 0 and mask[at]:
                    refused.setdefault(
                        at,
                        Reason.of(
                            "days_reversed",
                            first=shorten(spec.value.days_between[0]),
                            last=shorten(spec.value.days_between[1]),
                        ),
                    )
        elif spec.value.column:
            values = self._parse(chunk, spec.value.column, self.numbers, mask, refused)
        else:
            values = [fact.constant] * chunk.size
        if fact.metric_id:
            return [fact.metric_id] * chunk.size, days, values
        column = self._column(chunk, spec.metric)
        translated = [spec.metric.translate.get(text.strip(), text) for text in column]
        return self._check(chunk, translated, self.metrics, mask, refused, "metric"), days, values

    def _count(
        self, chunk: Chunk, gives: list[bool], refused: dict[int, str], owners: list[int | None], credit: Credit
    ) -> None:
        self.summary.rows += chunk.size
        self.summary.skipped += sum(1 for at, here in enumerate(gives) if not here and at not in refused)
        for at in sorted(refused):
            named = {owners[at], *(line.who[at] for line in credit.lines)} - {None, ""}
            self.summary.refuse(chunk.first_row + at, refused[at], sorted(int(person) for person in named if person))

    def _copy(
        self, chunk: Chunk, base: dict[str, list[Any]], given: list[Any], refused: dict[int, str], credit: Credit
    ) -> None:
        """COPY the facts of the rows that passed, column by column."""
        names = [name for name in OPTIONAL if name in self.named]
        rows = list(map(str, range(chunk.first_row, chunk.first_row + chunk.size)))
        employees = list(map(str, base["employee"]))
        texts = [self._escaped(base[name]) for name in ("external_id", *names)]
        if credit.owner:
            names.append("credit_share")
            texts.append(credit.owner)
        columns = ", ".join(["row_no, metric_id, employee_id, day, value, external_id", *names])
        target = f"{STAGED} ({columns})"
        for mask, metrics, days, values, supported in given:
            days_as_text = [self.day_texts[day] for day in days]
            fields: Iterable[tuple[str, ...]] = zip(
                rows, metrics, employees, days_as_text, map(str, values), *texts, strict=True
            )
            if refused or not all(mask):
                fields = compress(fields, [here and at not in refused for at, here in enumerate(mask)])
            _copy_lines(target, "\n".join(map("\t".join, fields)))
            if supported and credit.lines:
                good = [here and at not in refused for at, here in enumerate(mask)]
                parts = credit.parts(good, values)
                lines = (
                    "\t".join([rows[at], supported, who, days_as_text[at], value, *(text[at] for text in texts[:-1]),
                               share, str(line), "supporter"])
                    for at, line, who, share, value in parts
                )  # fmt: skip
                _copy_lines(f"{STAGED} ({columns}, line, credit_role)", "\n".join(lines))

    def _copy_skipped(self, external_ids: list[Any], gives: list[bool], refused: dict[int, str]) -> None:
        """Remember the ids of rows that give nothing: what they gave before is to be taken back."""
        if all(gives):
            return
        ids = [
            text
            for at, text in enumerate(self._escaped(external_ids))
            if not gives[at] and text and at not in refused
        ]
        _copy_lines(f"{SKIPPED} (external_id)", "\n".join(ids))

    @staticmethod
    def _escaped(values: list[Any]) -> list[str]:
        """Return texts for COPY; control characters were refused before, so only backslashes matter."""
        if None not in values and "\\" not in "".join(values):
            return values
        return ["" if value is None else value.replace("\\", "\\\\") for value in values]


def _copy_lines(target: str, lines: str) -> None:
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", BytesIO(lines.encode()), 1 << 20)


def _metric(metrics: dict[str, int], code: str) -> str:
    if code not in metrics:
        raise Refusal("unknown_metric")
    return str(metrics[code])


def _currency(text: str) -> str:
    code = text.upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Refusal("not_a_currency")
    return code


__all__ = ["SKIPPED", "STAGED", "Stager", "create_tables", "people_by", "people_named", "shorten"]
