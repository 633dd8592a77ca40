"""Facts by batches (F4): the rows of a request go the way of an imported file, in the request's one transaction.

The same checks, the same reasons, the same comparison with what the source gave before (`metrics.imports`); only the
answer differs: it tells what became of each row.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import LockNotAvailable

from perfmgmt.api.access import Caller
from perfmgmt.api.models import MOST_KEY, BatchAnswer
from perfmgmt.api.parsing import Number
from perfmgmt.api.problems import Busy, InvalidBody
from perfmgmt.api.refreshing import refresh_later
from perfmgmt.metrics import own_sources
from perfmgmt.metrics.batches import NEXT_ID
from perfmgmt.metrics.imports.mapping import FactsMapping, FactSpec, Text, Value
from perfmgmt.metrics.imports.publishing import Publisher
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.reasons import Reason, code_of, kept, said, shorten
from perfmgmt.metrics.imports.staging import STAGED, Stager, create_tables, people_named
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.metrics.models import FactsBatch, Source
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.scope import current_tenant_id

MOST_ROWS = 5_000
KEY_PATTERN = r"^[!-~]+$"
SOURCE_PATTERN = r"^[A-Za-z0-9_-]+$"
MOST_SOURCE = 40
REFUSED = "refused"
REQUIRED = ("external_id", "metric", "employee", "date", "value")
OPTIONAL = ("currency", *ATTRIBUTES)
EMPLOYEE_BY = ("number", "email", "name")
# How long a batch waits for an import that is being saved.
WAIT = "10s"
MATCHES = "staged_match"
# Refused rows that the page of a batch lists; the answer to the program has all of them.
MOST_LISTED = 200


class MissingKey(DomainError):
    """Without a key a repeated request could not be told from a new one."""

    code = "idempotency_key_missing"
    message = _("Send a header Idempotency-Key: 1 to 100 visible characters that you make for this batch.")


class InProgress(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_key_in_use"
    message = _("A batch with this key is being worked on. Ask again in a moment.")
    retry_after = 1


class KeyReused(DomainError):
    """A key stands for one body."""

    code = "idempotency_key_reused"
    status = 422
    message = _("This key was used with another body. Make a new key for a new batch.")


def key_of(header: str | None) -> str:
    """Return the Idempotency-Key of a request; raise MissingKey."""
    if header is None or len(header) > MOST_KEY or not re.fullmatch(r"[!-~]+", header):
        raise MissingKey
    return header


def answer_once(
    caller: Caller, key: str, request_hash: str, work: Callable[[], dict[str, Any]]
) -> tuple[bytes, bool]:
    """Return what `work` answers as JSON, and whether it was given before: then nothing is done again.

    Raises InProgress, KeyReused, and what `work` raises. Work that raises leaves nothing
    behind, so its key may be used again with a better body.
    """
    if not try_lock(Lock.API_BATCH, zlib.crc32(f"{caller.token_id}:{key}".encode())):
        raise InProgress
    known = BatchAnswer.objects.filter(token_id=caller.token_id, key=key).first()
    if known is not None:
        if known.request_hash != request_hash:
            raise KeyReused
        return zlib.decompress(known.answer), True
    answer = json.dumps(work(), ensure_ascii=False, separators=(",", ":")).encode()
    BatchAnswer.objects.create(
        token_id=caller.token_id, key=key, request_hash=request_hash, answer=zlib.compress(answer, 1)
    )
    return answer, False


@dataclass(frozen=True)
class Batch:
    """A request whose shape is right: one list of texts per column."""

    source: str
    employee_by: str
    columns: dict[str, list[str]]
    size: int

    # What `Stager.run` reads: one chunk, there at once. Rows are counted from 0, as in a JSON pointer.

    def chunks(self) -> Iterator[Chunk]:
        """Yield all rows."""
        yield Chunk(0, self.columns, self.size, {})

    def bytes_read(self) -> int:
        """Return how far it has been read, in rows."""
        return self.size

    def mapping(self) -> FactsMapping:
        """Return what an import of a file with these columns would be told."""
        named = {name: Text(column=name) for name in OPTIONAL if name in self.columns}
        currency = named.pop("currency", Text())
        spec = FactSpec(Text(column="metric"), "date", Value(column="value"))
        return FactsMapping(
            self.source, "external_id", "employee", self.employee_by, (spec,), attributes=named, currency=currency
        )


def take(caller: Caller, body: Any) -> dict[str, Any]:
    """Check and keep the rows of a body in the open transaction; return the answer.

    Raises InvalidBody, Busy.
    """
    batch = read_batch(body)
    summary = Summary()
    create_tables(is_batch=True)
    people = people_named(batch.employee_by, batch.columns["employee"])
    Stager(batch.mapping(), summary, today=caller.workspace.today(), people=people).run(batch, lambda *_done: None)
    source, _created = Source.objects.get_or_create(code=batch.source, defaults={"name": batch.source})
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {MATCHES}; SET LOCAL lock_timeout = '{WAIT}'; {NEXT_ID}")
        batch_id = int(cursor.fetchone()[0])
    try:
        Publisher(source.pk, batch_id, [], caller.workspace.currency, summary, refresh=False).run()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Busy(_("An import is being saved. Try again in a moment.")) from error
        raise
    if summary.added:
        refresh_later(current_tenant_id())
    answer = {"batch": batch_id, **_answer(batch, summary)}
    refusals = [
        {"external_id": shorten(batch.columns["external_id"][int(error["row"])])} | error
        for error in sorted(summary.errors, key=lambda error: int(error["row"]))[:MOST_LISTED]
    ]
    _record(batch_id, caller, answer, refusals)
    return answer


def _record(batch_id: int, caller: Caller, answer: dict[str, Any], refusals: list[dict[str, Any]]) -> None:
    """Keep what became of a batch, for whoever looks at it later or undoes it."""
    counts = {name: answer["summary"][name] for name in ("added", "changed", "unchanged", "refused")}
    FactsBatch.objects.create(
        id=batch_id, token_id=caller.token_id, token_name=caller.name, source=answer["source"], refusals=refusals,
        **counts,
    )  # fmt: skip


def read_batch(body: Any) -> Batch:
    """Return the batch in a body; raise InvalidBody with a pointer to each fault of its shape."""
    faults = list(_envelope_faults(body))
    if faults:
        raise InvalidBody(faults)
    rows = body["rows"]
    columns = _columns(rows)
    if columns is None:
        raise InvalidBody(list(_row_faults(rows)))
    return Batch(body["source"], body.get("employee_by", "number"), columns, len(rows))


def _envelope_faults(body: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(body, dict):
        yield "", "not_an_object", _t("The body must be a JSON object.")
        return
    for name in sorted(set(body) - {"source", "employee_by", "rows"}):
        yield f"/{_escape(name)}", "unknown", _t("There is no such part.")
    source = body.get("source")
    if type(source) is not str or len(source) > MOST_SOURCE or not re.fullmatch(r"[A-Za-z0-9_-]+", source):
        yield "/source", "invalid", _t("Name the source with 1 to 40 letters, digits, hyphens and underscores.")
    elif own_sources.is_reserved(source):
        yield "/source", "reserved", _t("Facts of this name are written by the product itself. Choose another.")
    if "employee_by" in body and body["employee_by"] not in EMPLOYEE_BY:
        yield "/employee_by", "invalid", _t("Give one of: {values}.").format(values=", ".join(EMPLOYEE_BY))
    rows = body.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        yield "/rows", "invalid", _t("Give a list of 1 to {most} rows.").format(most=MOST_ROWS)


def _columns(rows: list[Any]) -> dict[str, list[str]] | None:
    """Return the rows column by column, None if one of them has a wrong shape: thousands are looked at at once."""
    if set(map(type, rows)) != {dict}:
        return None
    shapes = set(map(tuple, rows))
    present = set().union(*shapes)
    if not present <= {*REQUIRED, *OPTIONAL} or any(not shape.issuperset(REQUIRED) for shape in map(set, shapes)):
        return None
    if len(shapes) == 1:
        columns = dict(zip(*shapes, map(list, zip(*map(dict.values, rows), strict=True)), strict=True))
    else:
        columns = {name: [row.get(name) for row in rows] for name in sorted(present)}
    for name, values in columns.items():
        types = set(map(type, values))
        if not types <= ({str, Number} if name == "value" else {str} if name in REQUIRED else {str, type(None)}):
            return None
        if type(None) in types:
            columns[name] = [value or "" for value in values]
    return columns


def _row_faults(rows: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the shape of each row."""
    for index, row in enumerate(rows):
        if type(row) is not dict:
            yield f"/rows/{index}", "not_an_object", _t("A row must be a JSON object.")
            continue
        for name in sorted(row.keys() - {*REQUIRED, *OPTIONAL}):
            yield f"/rows/{index}/{_escape(name)}", "unknown", _t("There is no such part.")
        for name in REQUIRED:
            if name not in row:
                yield f"/rows/{index}/{name}", "missing", _t("This part is missing.")
            elif type(row[name]) is not str and not (name == "value" and type(row[name]) is Number):
                yield f"/rows/{index}/{name}", "invalid", _t("This must be a text.")
        for name in OPTIONAL:
            if row.get(name) is not None and type(row[name]) is not str:
                yield f"/rows/{index}/{name}", "invalid", _t("This must be a text.")


def _escape(name: str) -> str:
    return name[:60].replace("~", "~0").replace("/", "~1")


def _answer(batch: Batch, summary: Summary) -> dict[str, Any]:
    """Return what became of each row: refused ones by their reason, the others by what was compared."""
    refused = {int(error["row"]): error for error in summary.errors}
    outcome = _outcomes(batch, summary)
    results: list[dict[str, Any]] = [
        {"index": index, "external_id": external_id, "result": result}
        for index, (external_id, result) in enumerate(zip(batch.columns["external_id"], outcome, strict=True))
    ]
    for index, result in enumerate(outcome) if REFUSED in outcome else ():
        if result == REFUSED:
            why = refused.get(index) or kept(Reason.of("empty"))
            results[index] |= {"code": code_of(why), "reason": said(why)}
    counted = {**dict.fromkeys(("added", "changed", "unchanged", REFUSED), 0), **Counter(outcome)}
    return {"source": batch.source, "summary": {"rows": batch.size, **counted}, "results": results}


def _outcomes(batch: Batch, summary: Summary) -> list[str]:
    """Return what became of each row, from the publisher's tables unless it is all the same."""
    for result in ("added", "unchanged"):
        if getattr(summary, result) == batch.size:
            return [result] * batch.size
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_regclass('pg_temp.{MATCHES}') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(
                "SELECT row_no, CASE WHEN fact_id IS NULL THEN 'added' WHEN differs THEN 'changed' "
                f"ELSE 'unchanged' END FROM {MATCHES}"
            )
        else:
            cursor.execute(f"SELECT row_no, 'added' FROM {STAGED}")
        found = dict(cursor.fetchall())
    return [found.get(index, REFUSED) for index in range(batch.size)]


def request_schema() -> dict[str, Any]:
    """Return the body's JSON schema."""
    about: dict[str, Any] = {
        "external_id": _("The source's own id; the same id again corrects the fact"),
        "metric": _("Code of a metric that takes facts"),
        "employee": _("The person, as “employee_by” says"),
        "date": _("The day, as 2026-03-31"),
        "value": _("An amount: a string with a point, or a number"),
        "currency": _("Of the amount, when it is not the workspace's"),
    }
    columns: dict[str, Any] = {name: {"type": "string", "description": about[name]} for name in REQUIRED}
    columns["value"]["type"] = ["string", "number"]
    for name in OPTIONAL:
        columns[name] = {"type": ["string", "null"], **({"description": about[name]} if name in about else {})}
    row = {
        "type": "object", "properties": columns, "required": list(REQUIRED), "additionalProperties": False,
    }  # fmt: skip
    return {
        "type": "object",
        "required": ["source", "rows"],
        "additionalProperties": False,
        "properties": {
            "source": {
                "type": "string", "pattern": SOURCE_PATTERN, "minLength": 1, "maxLength": MOST_SOURCE,
                "description": _("Where the rows come from; with “external_id” it names a fact"),
            },
            "employee_by": {
                "type": "string", "enum": list(EMPLOYEE_BY), "default": "number",
                "description": _("What “employee” holds"),
            },
            "rows": {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_ROWS},
        },
        "example": {
            "source": "crm",
            "rows": [
                {"external_id": "SO-1001", "metric": "sales_amount", "employee": "E0007", "date": "2026-03-31",
                 "value": "1280.50", "customer": "Lakeside Foods"},
            ],
        },
    }  # fmt: skip
