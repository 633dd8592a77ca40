"""Reads of the audit trail: one list over all event tables, the newest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, overload
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from perfmgmt.audit.labels import OPERATIONS, kinds
from perfmgmt.audit.own import condition_of
from perfmgmt.people.models import Membership
from perfmgmt.tenants.history import AuditEvent, event_models, tracked
from perfmgmt.tenants.scope import current_tenant_id

# Further back than this the list is narrowed by its filters; the export goes further.
MOST = 5_000
# A text is looked for in every value of every row, so without a first day only in the last ones.
SEARCHED_DAYS = 92


@dataclass(frozen=True)
class Filter:
    """What the address asks for: a kind of row, an operation, who acted (a name or email), days, a text, one row."""

    kind: str = ""
    operation: str = ""
    who: str = ""
    first: date | None = None
    last: date | None = None
    text: str = ""
    row_id: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return self != Filter()


@dataclass(frozen=True)
class Entry:
    """One event: the row's values afterwards and before (one of them None when added or deleted)."""

    kind: str
    row_id: int
    operation: str
    at: datetime
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    context: dict[str, Any]
    key: tuple[datetime, int, int]  # where it stands in the list: time, number, table


def filter_of(query: QueryDict) -> Filter:
    """Read a filter from an address; what makes no sense there is left out."""
    kind, operation = query.get("kind", ""), query.get("operation", "")
    return Filter(
        kind=kind if kind in kinds() else "",
        operation=operation if operation in OPERATIONS else "",
        who=query.get("who", "")[:100].strip(),
        first=_day(query.get("from", "")),
        last=_day(query.get("to", "")),
        text=query.get("q", "")[:100].strip(),
        row_id=_number(query.get("row", "")),
    )


class Trail:
    """The events that a filter lets through, as a sequence for a paginator; `own` is the reader's employee id.

    What is about the reader and not for them (`own.register`) is not among them.
    """

    def __init__(self, wanted: Filter, time_zone: str, *, own: int | None = None) -> None:
        self.wanted, self.zone, self.own = wanted, ZoneInfo(time_zone), own
        self.users = _users(wanted.who) if wanted.who else None
        self.since = wanted.first
        if wanted.text and self.since is None and wanted.row_id is None:
            last = wanted.last or timezone.localdate(timezone=self.zone)
            self.since = max(last, date.min + timedelta(days=SEARCHED_DAYS)) - timedelta(days=SEARCHED_DAYS)
        self.models = [model for model in event_models() if wanted.kind in ("", tracked(model)._meta.label)]

    @property
    def leaves_out(self) -> bool:
        """Whether there may be entries about the reader that are not theirs to read."""
        return self.own is not None and any(condition_of(tracked(model)._meta.label) for model in self.models)

    def __len__(self) -> int:
        return min(self.count(MOST), MOST)

    def count(self, most: int) -> int:
        """Return how many events there are, counting no further than one beyond `most`."""
        parts = " UNION ALL ".join(f"(SELECT 1 FROM {self._from(model)} LIMIT {most + 1})" for model in self.models)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({parts}) e", self._params())
            return int(cursor.fetchone()[0])

    @overload
    def __getitem__(self, wanted: slice) -> list[Entry]: ...

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...

    def __getitem__(self, wanted: slice | int) -> list[Entry] | Entry:
        if isinstance(wanted, int):
            return self.read(wanted, 1)[0]
        return self.read(wanted.start or 0, (wanted.stop or MOST) - (wanted.start or 0))

    def chunks(self, size: int) -> Iterator[list[Entry]]:
        """Yield all events from the newest on, some at a time, each time from where the last ones ended."""
        found = self.read(0, size)
        while found:
            yield found
            found = self.read(0, size, behind=found[-1])

    def read(self, offset: int, limit: int, behind: Entry | None = None) -> list[Entry]:
        """Return events from the newest on, or those behind one, each with the row's state before it."""
        newest = " UNION ALL ".join(
            f"(SELECT {number} AS source, t.pgh_id, t.pgh_created_at FROM {self._from(model)} "
            f"{self._behind(number, behind)} ORDER BY t.pgh_created_at DESC, t.pgh_id DESC LIMIT {offset + limit})"
            for number, model in enumerate(self.models)
        )
        rows = " UNION ALL ".join(
            f"SELECT p.source, p.pgh_id, t.pgh_created_at, t.pgh_obj_id, t.pgh_label, t.pgh_context, "
            f"to_jsonb(t) AS now, (SELECT to_jsonb(b) FROM {model._meta.db_table} b WHERE b.tenant_id = t.tenant_id "
            f"AND b.pgh_obj_id = t.pgh_obj_id AND b.pgh_id < t.pgh_id ORDER BY b.pgh_id DESC LIMIT 1) AS earlier "
            f"FROM page p JOIN {model._meta.db_table} t ON t.tenant_id = %(tenant)s AND t.pgh_id = p.pgh_id "
            f"WHERE p.source = {number}"
            for number, model in enumerate(self.models)
        )
        sql = (
            f"WITH page AS MATERIALIZED (SELECT * FROM ({newest}) n "
            f"ORDER BY pgh_created_at DESC, pgh_id DESC, source OFFSET {int(offset)} LIMIT {int(limit)}) "
            f"SELECT source, pgh_id, pgh_obj_id, pgh_label, pgh_created_at, pgh_context, now, earlier "
            f"FROM ({rows}) r ORDER BY pgh_created_at DESC, pgh_id DESC, source"
        )
        with connection.cursor() as cursor:
            at, number = behind.key[:2] if behind else (None, None)
            cursor.execute(sql, {**self._params(), "behind_at": at, "behind_id": number})
            return [self._entry(*row) for row in cursor.fetchall()]

    @staticmethod
    def _behind(source: int, behind: Entry | None) -> str:
        """Return the condition for what comes after an event in the list, as the index can answer it."""
        if behind is None:
            return ""
        later = "<=" if source > behind.key[2] else "<"
        return f"AND (t.pgh_created_at, t.pgh_id) {later} (%(behind_at)s, %(behind_id)s)"

    def _entry(
        self, source: int, pgh_id: int, row_id: int, label: str, at: datetime, context: Any, now: Any, earlier: Any
    ) -> Entry:
        model = self.models[source]
        after = None if label == "delete" else _values(model, now)
        before = _values(model, now if label == "delete" else earlier) if label != "insert" else None
        key = (at, pgh_id, source)
        return Entry(tracked(model)._meta.label, row_id, label, at, before, after, _plain(context) or {}, key)

    def _from(self, model: type[AuditEvent]) -> str:
        """Return table and conditions of one event table; every value is a parameter."""
        wanted = self.wanted
        conditions = ["t.tenant_id = %(tenant)s"]
        if self.own is not None and (about := condition_of(tracked(model)._meta.label)):
            conditions.append(f"NOT coalesce({about}, false)")
        if wanted.operation:
            conditions.append("t.pgh_label = %(operation)s")
        if self.since:
            conditions.append("t.pgh_created_at >= %(first)s")
        if wanted.last:
            conditions.append("t.pgh_created_at < %(last)s")
        if self.users is not None:
            conditions.append("t.pgh_context ->> 'user' = ANY(%(users)s)")
        if wanted.row_id is not None:
            conditions.append("t.pgh_obj_id = %(row)s")
        if wanted.text:
            conditions.append("to_jsonb(t)::text ILIKE %(text)s")
        return f"{model._meta.db_table} t WHERE {' AND '.join(conditions)}"

    def _params(self) -> dict[str, Any]:
        wanted = self.wanted
        escaped = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {
            "tenant": current_tenant_id(),
            "operation": wanted.operation,
            "first": self.since and datetime.combine(self.since, time.min, self.zone),
            "last": wanted.last and datetime.combine(wanted.last + timedelta(days=1), time.min, self.zone),
            "users": self.users,
            "row": wanted.row_id,
            "own": self.own,
            "text": f"%{escaped}%",
        }


def _users(who: str) -> list[str]:
    """Return the ids, as text, of the members whose name or address contains `who`."""
    named = Q(employee__name__icontains=who) | Q(user__name__icontains=who) | Q(user__email__icontains=who)
    return [str(user) for user in Membership.objects.filter(named).values_list("user_id", flat=True)]


def _plain(value: Any) -> Any:
    """JSON of a raw cursor comes as text."""
    return json.loads(value) if isinstance(value, str) else value


def _values(model: type[AuditEvent], row: Any) -> dict[str, Any] | None:
    """Return a row's own values by field name, without what the trail adds."""
    if row is None:
        return None
    columns = _plain(row)
    return {
        field.name: columns.get(field.column)
        for field in model._meta.fields
        if not field.name.startswith("pgh_") and field.name not in ("id", "tenant")
    }


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None  # as periods; the day after the last one doesn't exist
