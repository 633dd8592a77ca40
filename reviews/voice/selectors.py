"""Reads of the tally: answers by month, and by assistant, unit, customer type and product."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection

from perfmgmt.tenants.models import WorkspaceRules
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import Survey, SurveyQuestion, SurveyVersionState, TallyBy
from reviews.voice.access import Scope, Span
from reviews.voice.rules import next_month
from reviews.voice.wanted import Wanted

#: The breakdowns of the page, in its order.
DIMENSIONS: tuple[str, ...] = (TallyBy.EMPLOYEE, TallyBy.UNIT, TallyBy.CUSTOMER_TYPE, TallyBy.PRODUCT)
Part = int | str
ONE = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """How many answers to a question said the same, in a month or in a part of a dimension (else blank)."""

    key: str
    kind: str
    said: str
    n: int
    month: date | None = None
    employee: int = 0
    unit: int = 0
    customer_type: str = ""
    product: str = ""

    def part(self, by: str) -> Part:
        """Return which part of a dimension it belongs to."""
        found: Part = getattr(self, "customer_type" if by == TallyBy.CUSTOMER_TYPE else by)
        return found


def minimum() -> int:
    """Return below how many answers of customers nothing is shown."""
    return WorkspaceRules.objects.values_list("minimum_customers", flat=True).first() or int(
        WorkspaceRules._meta.get_field("minimum_customers").default
    )


def questions_of(survey: Survey) -> dict[str, SurveyQuestion]:
    """Return the questions that were ever asked, each as asked last; one query.

    One that any version asked without the customer's name is taken as such.
    """
    found: dict[str, SurveyQuestion] = {}
    rows = SurveyQuestion.objects.filter(version__survey=survey).exclude(version__state=SurveyVersionState.DRAFT)
    for one in rows.order_by("version__number", "place"):
        before = found.pop(one.key, None)
        one.identified = one.identified and (before is None or before.identified)
        found[one.key] = one
    return found


def by_month(survey_id: int, wanted: Wanted, scope: Scope) -> list[Row]:
    """Return the answers by month, of all months; one query."""
    return _tallied(survey_id, replace(wanted, first=None, last=None), scope, (), by_month=True)


def by_part(survey_id: int, wanted: Wanted, scope: Scope, by: str) -> list[Row]:
    """Return the answers of the months by a dimension, those by assistant by the unit as well; one query.

    Words have nothing to be broken down.
    """
    return _tallied(survey_id, wanted, scope, _COLUMNS[by])


def parts_by_month(survey_id: int, wanted: Wanted, scope: Scope, by: str) -> list[Row]:
    """Return the answers by month and by a dimension, of all months; one query."""
    return _tallied(survey_id, replace(wanted, first=None, last=None), scope, _COLUMNS[by], by_month=True)


def by_finishing(survey_id: int, purpose: str, *, words: bool = False) -> list[Row]:
    """Return all answers of a survey by the month (UTC) in which customers finished, words or others; one query."""
    sql = (
        "SELECT key, kind, said, n, day FROM reviews_surveytally "
        "WHERE tenant_id = %s AND survey_id = %s AND by = 'finished' AND purpose = %s AND (kind = 'text') = %s"
    )
    return [Row(*row) for row in _fetch(sql, [current_tenant_id(), survey_id, purpose, words])]


#: What rows by a dimension keep.
_COLUMNS: dict[str, tuple[str, ...]] = {
    TallyBy.EMPLOYEE: ("employee_id", "unit_id"), TallyBy.UNIT: ("unit_id",),
    TallyBy.CUSTOMER_TYPE: ("customer_type",), TallyBy.PRODUCT: ("product",),
}  # fmt: skip
_NAMES = {"employee_id": "employee", "unit_id": "unit", "customer_type": "customer_type", "product": "product"}
_MONTH = "date_trunc('month', t.day)::date"
_GIVEN = "t.tenant_id = %s AND t.survey_id = %s AND t.purpose = %s AND t.kind <> 'text'"
# The days of people in the viewer's line.
_IN_SPAN = (
    "EXISTS (SELECT FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS s(id, first, last)"
    " WHERE s.id = t.employee_id AND t.day BETWEEN s.first AND s.last)"
)


def _tallied(
    survey_id: int, wanted: Wanted, scope: Scope, columns: tuple[str, ...], *, by_month: bool = False
) -> list[Row]:
    """Return the answers by some columns, from the smallest sums that tell apart what is asked for.

    For a manager those by assistant and month, and days only where somebody came or went in a month.
    """
    filters = [(column, value) for column, value in _filters(wanted) if value is not None]
    source = _source({*columns, *(column for column, _value in filters)}, is_all=scope.is_all)
    where, given = _GIVEN, [current_tenant_id(), survey_id, wanted.purpose]
    for column, value in filters:
        where, given = f"{where} AND t.{column} = %s", [*given, value]
    for ends, day in ((">=", wanted.first), ("<=", wanted.last)):
        if day:
            where, given = f"{where} AND t.day {ends} %s", [*given, day]
    chosen = [f"t.{column}" for column in columns] + ([_MONTH] if by_month else [])
    said = ", ".join(("t.key", "t.kind", "t.said", *chosen))
    # Each kind of rows on its own: joined by OR, the spans would be gone through for every row.
    parts, all_given = [], []
    for who, spans in _whose(source, scope):
        parts.append(f"SELECT {said}, sum(t.n) FROM reviews_surveytally t WHERE {where} AND {who} GROUP BY {said}")
        all_given += [*given, *spans]
    names = ["key", "kind", "said", *(_NAMES[column] for column in columns), *(["month"] if by_month else []), "n"]
    return [Row(**dict(zip(names, row, strict=True))) for row in _fetch(" UNION ALL ".join(parts), all_given)]


def _source(needed: Collection[str], *, is_all: bool) -> str:
    """Return which rows of the tally tell these columns apart."""
    needed = {*needed, *(() if is_all else ("employee_id",))}
    if not needed:
        return TallyBy.ALL
    one = {"unit_id": TallyBy.UNIT, "customer_type": TallyBy.CUSTOMER_TYPE, "product": TallyBy.PRODUCT}
    if len(needed) == 1 and "employee_id" not in needed:
        return one[next(iter(needed))]
    return TallyBy.EMPLOYEE if needed <= {"employee_id", "unit_id"} else TallyBy.CELL


def _whose(source: str, scope: Scope) -> list[tuple[str, list[Any]]]:
    """Return the conditions for the rows within the viewer's scope, each with what it is given; no row has two."""
    if scope.is_all:
        return [("t.by = %s", [source])]
    if source == TallyBy.CELL:
        return [(f"t.by = %s AND {_IN_SPAN}", [source, *_columns(scope.spans)])]
    whole, broken = months_and_days(scope.spans)
    found = [(f"t.by = %s AND {_IN_SPAN}", [source, *_columns(whole)])]
    return [*found, (found[0][0], [TallyBy.CELL, *_columns(broken)])] if broken else found


def _columns(spans: Iterable[Span]) -> list[Any]:
    """Return spans as three columns, as `unnest` takes them."""
    rows = list(spans)
    return [[row[at] for row in rows] for at in range(3)]


def months_and_days(spans: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """Return what spans hold of whole months (as spans), and the days of months that they hold only in part."""
    whole: list[Span] = []
    broken: list[Span] = []
    for who, first, last in spans:
        begin = first if first.day == 1 else next_month(first)
        end = last if (last + ONE).day == 1 else last.replace(day=1) - ONE
        edges = [(first, begin - ONE), (end + ONE, last)] if begin <= end else [(first, last)]
        whole += [(who, begin, end)] if begin <= end else []
        broken += [(who, *edge) for edge in edges if edge[0] <= edge[1]]
    return whole, broken


def parts_offered(survey_id: int, purpose: str, scope: Scope) -> dict[str, set[Part]]:
    """Return what the filters offer by dimension: people and units of the viewer, what all customers are and have."""
    base = [current_tenant_id(), survey_id, purpose]
    who, spans = "true", []
    if not scope.is_all:
        who, spans = (
            "EXISTS (SELECT FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS s(id, first, last)"
            f" WHERE s.id = t.employee_id AND {_MONTH} BETWEEN date_trunc('month', s.first) AND s.last)",
            _columns(scope.spans),
        )
    columns = "SELECT DISTINCT t.by, t.employee_id, t.unit_id, t.customer_type, t.product FROM reviews_surveytally t"
    sql = (
        f"{columns} WHERE {_GIVEN} AND t.by IN ('type', 'product') "
        f"UNION ALL {columns} WHERE {_GIVEN} AND t.by = 'employee' AND {who}"
    )
    found: dict[str, set[Part]] = {by: set() for by in DIMENSIONS}
    for by, employee, unit, of_type, product in _fetch(sql, [*base, *base, *spans]):
        for each, part in ((TallyBy.EMPLOYEE, employee), (TallyBy.UNIT, unit), (by, of_type or product)):
            found[each] |= {part} if part else set()
    return found


def newest(scope: Scope, least: int) -> int | None:
    """Return which survey was answered last within a viewer's scope, rather one with enough answers; one query."""
    source = TallyBy.ALL if scope.is_all else TallyBy.EMPLOYEE
    sums = []
    given: list[Any] = []
    for who, spans in _whose(source, scope):
        sums.append(
            f"SELECT survey_id, purpose, key, day, n FROM reviews_surveytally t WHERE t.tenant_id = %s AND {who}"
        )
        given += [current_tenant_id(), *spans]
    sql = (
        "SELECT survey_id FROM (SELECT t.survey_id, t.key, sum(t.n) AS n, max(t.day) AS day "
        f"FROM ({' UNION ALL '.join(sums)}) t "
        "JOIN reviews_survey s ON s.tenant_id = %s AND s.id = t.survey_id AND s.purpose = t.purpose "
        "GROUP BY t.survey_id, t.key) found "
        "GROUP BY survey_id ORDER BY max(n) >= %s DESC, max(day) DESC, survey_id DESC LIMIT 1"
    )
    rows = _fetch(sql, [*given, current_tenant_id(), least])
    return int(rows[0][0]) if rows else None


def _filters(wanted: Wanted) -> list[tuple[str, Part | None]]:
    return [
        ("unit_id", wanted.unit), ("employee_id", wanted.employee),
        ("customer_type", wanted.customer_type or None), ("product", wanted.product or None),
    ]  # fmt: skip


def _fetch(sql: str, given: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def counted(rows: Iterable[Row], part: Callable[[Row], Any]) -> Counter[Any]:
    """Return how many answers each part has."""
    found: Counter[Any] = Counter()
    for row in rows:
        found[part(row)] += row.n
    return found


def histogram(rows: Iterable[Row]) -> dict[int, int]:
    """Return how many answers each point of a scale has."""
    found: Counter[int] = Counter()
    for row in rows:
        found[int(row.said)] += row.n
    return dict(found)
