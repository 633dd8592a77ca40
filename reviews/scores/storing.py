"""Storing computed scores: COPY into a temporary table, then only what differs; or counting what would differ.

COPY into a table under row-level security is refused, so rows go through a temporary one and through the policies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.db import connection

from perfmgmt.tenants.scope import current_tenant_id
from reviews.scores.computing import Computed


@dataclass(frozen=True)
class _Table:
    """One derived table: its columns as they are staged (name, type, what is stored of it) and its key.

    `own` is the condition for the stored rows (t) that a computation is about, `kept` what an update leaves alone.
    """

    name: str
    level: str
    columns: tuple[tuple[str, str, str], ...]
    key: tuple[str, ...]
    own: str
    fixed: str = ""
    also: str = ""

    @property
    def stage(self) -> str:
        """The temporary table."""
        return f"s_{self.level.replace(' ', '_')}"


_UNIT = "f.{0} * 0.0001"


def _of(*columns: str) -> tuple[tuple[str, str, str], ...]:
    """Read columns as "name type", or "name units" for numbers in units."""
    found = []
    for column in columns:
        name, kind = column.split()
        stored = {"units": _UNIT.format(name), "units8": f"f.{name} * 0.00000001"}.get(kind, f"f.{name}")
        staged = {"units": "bigint", "units8": "numeric"}.get(kind, kind)
        found.append((name, staged, stored))
    return tuple(found)


_PERIOD = "t.grain = %(grain)s AND t.start = %(start)s AND t.employee_id = ANY(%(people)s)"
# The adjusted score is made in a batch per cycle; it goes with what it was made of.
_SCORES = _Table(
    "reviews_score", "scores",
    _of("employee_id bigint", "version_id bigint", "cycle_id bigint", "score units", "before units",
        "deduction units", "grade text", "review units"),
    ("employee_id",), _PERIOD, "grain, start",
    ", adjusted = CASE WHEN t.cycle_id = excluded.cycle_id AND excluded.review IS NOT NULL THEN t.adjusted END",
)  # fmt: skip
_PARTS = _Table(
    "reviews_scorepart", "score parts",
    _of("employee_id bigint", "part_id bigint", "raw numeric(38,4)", "target numeric(38,4)", "goal_id bigint",
        "x units8", "score units", "weight numeric(9,4)", "used units", "contribution units", "out text"),
    ("employee_id", "part_id"), _PERIOD, "grain, start",
)  # fmt: skip
_GROUPS = _Table(
    "reviews_groupscorerow", "groups",
    _of("cycle_id bigint", "participant_id bigint", "questionnaire_id bigint", '"group" text', "n integer",
        "weight units", "score units", "hidden boolean"),
    ("cycle_id", "participant_id", "questionnaire_id", '"group"'),
    # Those of all cycles of the period, so that rows of whoever was taken out go as well.
    "(t.cycle_id, t.participant_id) IN (SELECT p.cycle_id, p.id FROM reviews_participant p "
    "JOIN reviews_reviewcycle c ON c.tenant_id = p.tenant_id AND c.id = p.cycle_id "
    "WHERE p.tenant_id = %(tenant)s AND p.employee_id = ANY(%(people)s) AND c.grain = %(grain)s "
    "AND c.start = %(start)s)",
)  # fmt: skip
TABLES = (_SCORES, _PARTS, _GROUPS)


def store(computed: Computed) -> list[int]:
    """Make the stored rows equal to what was computed; return whose score rows changed."""
    changed: list[int] = []
    for table, rows in zip(TABLES, (computed.scores, computed.parts, computed.groups), strict=True):
        found = _replace(table, rows, _params(computed))
        changed += found if table is not _GROUPS else []
    return sorted(set(changed))


def compare(computed: Computed) -> dict[str, tuple[int, int]]:
    """Return by level how many rows were computed and how many differ from what is stored; change nothing."""
    found = {}
    for table, rows in zip(TABLES, (computed.scores, computed.parts, computed.groups), strict=True):
        found[table.level] = _compare(table, rows, _params(computed))
    return found


def _params(computed: Computed) -> dict[str, Any]:
    return {
        "tenant": current_tenant_id(), "grain": int(computed.period.grain), "start": computed.period.start,
        "people": list(computed.people),
    }  # fmt: skip


def _stage(cursor: Any, table: _Table, rows: Iterable[Sequence[Sequence[object]]]) -> None:
    staged = ", ".join(f"{name} {kind}" for name, kind, _stored in table.columns)
    cursor.execute(f"DROP TABLE IF EXISTS {table.stage}; CREATE TEMP TABLE {table.stage} ({staged}) ON COMMIT DROP")
    data = "".join(_lines(columns) for columns in rows)
    cursor.copy_expert(f"COPY {table.stage} FROM STDIN", BytesIO(data.encode()), 1 << 20)


def _lines(columns: Sequence[Sequence[object]]) -> str:
    """Return columns as COPY takes them."""
    if not columns[0]:
        return ""
    texts = [_cells(column) for column in columns]
    return "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n"


def _cells(column: Sequence[object]) -> list[str]:
    return ["\\N" if value is None else _text(value) if isinstance(value, str) else str(value) for value in column]


def _text(value: str) -> str:
    """The only text that may hold anything is a grade."""
    if value.isalnum():
        return value
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _replace(table: _Table, rows: list[list[Any]], params: dict[str, Any]) -> list[int]:
    """Delete what is gone, insert or update what differs; return the first key column of what was written."""
    names = [name for name, _kind, _stored in table.columns]
    values = [name for name in names if name not in table.key]
    fixed = f"{table.fixed}, " if table.fixed else ""
    fixed_values = "%(grain)s, %(start)s, " if table.fixed else ""
    same = " AND ".join(f"f.{name} = t.{name}" for name in table.key)
    stored = ", ".join(stored for _name, _kind, stored in table.columns)
    update = ", ".join(f"{name} = excluded.{name}" for name in values)
    fresh, now = (", ".join(f"{alias}.{name}" for name in values) for alias in ("excluded", "t"))
    with connection.cursor() as cursor:
        _stage(cursor, table, rows)
        cursor.execute(f"ANALYZE {table.stage}")
        cursor.execute(
            f"DELETE FROM {table.name} t WHERE t.tenant_id = %(tenant)s AND {table.own} "
            f"AND NOT EXISTS (SELECT FROM {table.stage} f WHERE {same}) RETURNING t.{table.key[0]}",
            params,
        )
        gone = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"INSERT INTO {table.name} AS t (tenant_id, {fixed}{', '.join(names)}) "
            f"SELECT %(tenant)s, {fixed_values}{stored} FROM {table.stage} f "
            f"ORDER BY {', '.join(f'f.{name}' for name in table.key)} "
            f"ON CONFLICT (tenant_id, {fixed}{', '.join(table.key)}) DO UPDATE SET {update}{table.also} "
            f"WHERE ({now}) IS DISTINCT FROM ({fresh}) RETURNING t.{table.key[0]}",
            params,
        )
        return gone + [row[0] for row in cursor.fetchall()]


def _compare(table: _Table, rows: list[list[Any]], params: dict[str, Any]) -> tuple[int, int]:
    names = [name for name, _kind, _stored in table.columns]
    columns = ", ".join(f"t.{name}" for name in names)
    casts = ", ".join(f"({stored})::numeric({_precision(name)}) AS {name}" if "*" in stored else f"{stored}"
                      for name, _kind, stored in table.columns)  # fmt: skip
    with connection.cursor() as cursor:
        _stage(cursor, table, rows)
        cursor.execute(f"SELECT count(*) FROM {table.stage}")
        count = int(cursor.fetchone()[0])
        cursor.execute(
            f"WITH fresh AS (SELECT {casts} FROM {table.stage} f), stored AS (SELECT {columns} FROM {table.name} t "
            f"WHERE t.tenant_id = %(tenant)s AND {table.own}) "
            "SELECT (SELECT count(*) FROM (TABLE fresh EXCEPT TABLE stored) a) "
            f"+ (SELECT count(*) FROM stored t WHERE NOT EXISTS (SELECT FROM fresh f WHERE "
            f"{' AND '.join(f'f.{name} = t.{name}' for name in table.key)}))",
            params,
        )
        return count, int(cursor.fetchone()[0])


def _precision(name: str) -> str:
    return "38,8" if name == "x" else "12,4"
