"""The tally as a whole, from answers and invitations: made anew, or compared with what was kept by differences."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from perfmgmt.tenants.scope import current_tenant_id
from reviews.voice.tally import COLUMNS

LEVEL = "survey tally"
# Each finished answer as a cell, then the cells' margins; the same as `tally._rows` does for one answer.
_MAKE = """
    DROP TABLE IF EXISTS made_tally;
    CREATE TEMP TABLE made_tally ON COMMIT DROP AS
    WITH cells AS (
        SELECT i.survey_id, i.purpose, s.key, s.kind, i.day, coalesce(i.employee_id, 0) AS employee_id,
            coalesce(a.unit_id, 0) AS unit_id, i.customer_type, i.product,
            CASE WHEN s.kind = 'text' THEN '' ELSE coalesce(s.number::text, s.text) END AS said,
            date_trunc('month', i.finished_at AT TIME ZONE 'UTC')::date AS finished, count(*)::int AS n
        FROM reviews_surveyinvitation i
        JOIN reviews_surveyanswer s ON s.tenant_id = i.tenant_id AND s.invitation_id = i.id
        LEFT JOIN people_assignment a ON a.tenant_id = i.tenant_id AND a.employee_id = i.employee_id
            AND a.valid_from <= i.day AND a.valid_to >= i.day
        WHERE i.tenant_id = %(tenant)s AND i.state = 'finished'
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    SELECT c.survey_id, m.by, c.purpose, c.key, c.kind, m.day, m.employee_id, m.unit_id, m.customer_type, m.product,
        c.said, sum(c.n)::int AS n
    FROM cells c CROSS JOIN LATERAL (VALUES
        ('cell', c.day, c.employee_id, c.unit_id, c.customer_type, c.product),
        ('all', date_trunc('month', c.day)::date, 0, 0, '', ''),
        ('employee', date_trunc('month', c.day)::date, c.employee_id, c.unit_id, '', ''),
        ('product', date_trunc('month', c.day)::date, 0, 0, '', c.product),
        ('type', date_trunc('month', c.day)::date, 0, 0, c.customer_type, ''),
        ('unit', date_trunc('month', c.day)::date, 0, c.unit_id, '', ''),
        ('finished', c.finished, 0, 0, '', '')
    ) AS m(by, day, employee_id, unit_id, customer_type, product)
    WHERE m.day IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""
_SAME = " AND ".join(f"t.{each} = f.{each}" for each in COLUMNS.split(", "))
_COUNT = f"""
    SELECT (SELECT count(*) FROM made_tally),
        (SELECT count(*) FROM made_tally f
            FULL JOIN (SELECT * FROM reviews_surveytally WHERE tenant_id = %(tenant)s) t ON {_SAME}
         WHERE f.n IS DISTINCT FROM t.n)
"""
_GONE = f"""
    DELETE FROM reviews_surveytally t
    WHERE t.tenant_id = %(tenant)s AND NOT EXISTS (SELECT FROM made_tally f WHERE {_SAME})
"""
_STORE = f"""
    INSERT INTO reviews_surveytally AS t (tenant_id, {COLUMNS}, n)
    SELECT %(tenant)s, {COLUMNS}, n FROM made_tally
    ON CONFLICT (tenant_id, {COLUMNS}) DO UPDATE SET n = excluded.n WHERE t.n <> excluded.n
"""


def rebuild(*, check: bool = False) -> tuple[int, int]:
    """Make the tally what the answers say, or only compare; return how many rows there are and how many differed.

    One transaction. While it is made nobody's answer is counted: they wait for the table.
    """
    given = {"tenant": current_tenant_id()}
    with connection.cursor() as cursor:
        if not check:
            cursor.execute("LOCK TABLE reviews_surveytally IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_MAKE, given)
        cursor.execute("ANALYZE made_tally")
        cursor.execute(_COUNT, given)
        rows, differing = cursor.fetchone()
        if differing and not check:
            cursor.execute(_GONE, given)
            cursor.execute(_STORE, given)
    return rows, differing


def on_rebuilt(*, open_scope: Callable[[], AbstractContextManager[Any]], outcome: Any) -> None:
    """`rebuild` counts the answers anew, too."""
    with open_scope():
        outcome.rows[LEVEL], outcome.differences[LEVEL] = rebuild()


def on_rebuild_checked(*, outcome: Any) -> None:
    """`rebuild --check` compares the tally, too."""
    outcome.rows[LEVEL], outcome.differences[LEVEL] = rebuild(check=True)
