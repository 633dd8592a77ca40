"""Writing a plan: thousands of goals, their months and their history in a few statements.

The rows go by COPY into a temporary table and from there, in the transaction of the job, into the tables with their
policies and audit triggers. What is there already stays (the unique constraint `goal_once_per_person`), so that
running it twice makes nothing twice. What is compared with goals is `NOT IN`: PostgreSQL hashes it, where it would
run through all goals of the transaction, of which it has no statistics yet, once for each row of a join.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import connection

from goals.bulk.planning import Plan, Planned
from goals.models import Form, State
from goals.news import tell_targets_changed
from perfmgmt.metrics.models import Direction
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id

STAGED, MADE = "goals_bulk", "goals_bulk_made"
_STAGE = f"""
    DROP TABLE IF EXISTS {STAGED}, {MADE};
    CREATE TEMP TABLE {STAGED} (place int, employee_id bigint, metric_id bigint, parent_id bigint, title text,
        direction text, form text, counting text, target numeric, growth numeric, baseline numeric,
        baseline_kind text, band_low numeric, band_high numeric, band_tolerance numeric, weight numeric,
        months numeric[]) ON COMMIT DROP;
    CREATE TEMP TABLE {MADE} (id bigint, employee_id bigint, metric_id bigint, target numeric) ON COMMIT DROP
"""
_GOALS = f"""
    WITH made AS (
        INSERT INTO goals_goal (tenant_id, level, employee_id, owner_id, parent_id, metric_id, title, note, grain,
            first_day, last_day, direction, form, counting, target, growth, baseline, baseline_kind, band_low,
            band_high, band_tolerance, weight, state, version, smart_fails, smart_reason, created_by_id, created_at,
            updated_at)
        SELECT %(tenant)s, 'person', s.employee_id, s.employee_id, s.parent_id, s.metric_id, s.title, '', %(grain)s,
            %(first)s, %(last)s, s.direction, s.form, s.counting, s.target, s.growth, s.baseline, s.baseline_kind,
            s.band_low, s.band_high, s.band_tolerance, s.weight, %(state)s, 1, '', '', %(user)s, now(), now()
        FROM {STAGED} s
        WHERE s.metric_id IS NOT NULL OR (s.employee_id, s.title) NOT IN (
            SELECT g.employee_id, g.title FROM goals_goal g WHERE g.tenant_id = %(tenant)s AND g.level = 'person'
                AND g.metric_id IS NULL AND g.first_day = %(first)s AND g.last_day = %(last)s
                AND g.state <> 'cancelled')
        ORDER BY s.place
        ON CONFLICT DO NOTHING
        RETURNING id, employee_id, metric_id, target)
    INSERT INTO {MADE} SELECT * FROM made
"""
_STEPS = f"""
    INSERT INTO goals_goalstep (tenant_id, goal_id, kind, version, by_user_id, by_name, before, after, reason, at)
    SELECT %(tenant)s, id, 'proposed', 1, %(user)s, %(name)s, NULL, target, '', now() FROM {MADE} ORDER BY id
"""
# Cells of goals that were made just now; months of agreed goals are left as they are, and a year that has stages of
# its own (quarters, months) leaves its cells to these, as `stages.spread` does. Always in the same order, so
# that two writers wait for each other and never in a circle.
_CELLS = f"""
    INSERT INTO goals_monthlytarget AS t (tenant_id, metric_id, employee_id, month, value, updated_at, updated_by_id)
    SELECT %(tenant)s, s.metric_id, s.employee_id, m.month, s.months[m.nr], now(), %(user)s
    FROM {MADE} JOIN {STAGED} s USING (employee_id, metric_id)
    CROSS JOIN unnest(%(months)s::date[]) WITH ORDINALITY AS m(month, nr)
    WHERE cardinality(s.months) > 0 AND (s.metric_id, s.employee_id, m.month) NOT IN (
            SELECT g.metric_id, g.employee_id, b.month FROM goals_goal g
            CROSS JOIN unnest(%(months)s::date[]) AS b(month)
            WHERE g.tenant_id = %(tenant)s AND g.level = 'person' AND g.metric_id IS NOT NULL AND g.grain <> 5
                AND g.state IN ('agreed', 'locked') AND b.month >= g.first_day AND b.month <= g.last_day)
        AND (%(grain)s <> 5 OR (s.metric_id, s.employee_id) NOT IN (
            SELECT g.metric_id, g.employee_id FROM goals_goal g
            WHERE g.tenant_id = %(tenant)s AND g.level = 'person' AND g.metric_id IS NOT NULL AND g.grain IN (3, 4)
                AND g.state NOT IN ('cancelled', 'draft') AND g.first_day <= %(last)s AND g.last_day >= %(first)s))
    ORDER BY s.metric_id, s.employee_id, m.month
    ON CONFLICT (tenant_id, metric_id, employee_id, month)
"""
_KEEP = "DO NOTHING"
_REPLACE = """DO UPDATE SET value = excluded.value, updated_at = now(), updated_by_id = excluded.updated_by_id
    WHERE t.value <> excluded.value"""


@dataclass(frozen=True)
class Written:
    """What was written: goals, cells, and how many goals each person got."""

    goals: int
    cells: int
    by_person: dict[int, int]


def write(plan: Plan, *, viewer: Viewer) -> Written:
    """Write the goals of a plan that have no problem, as drafts or proposed; drafts have no cells yet."""
    asked = plan.asked
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "grain": int(asked.period.grain), "first": asked.period.start,
        "last": asked.period.end, "state": State.PROPOSED if asked.proposes else State.DRAFT,
        "user": viewer.user_id, "name": viewer.display_name, "months": list[date](plan.months),
    }  # fmt: skip
    # Two plans that are written at once would both find a milestone missing: no constraint knows titles.
    wait_lock(Lock.ASSIGNING, current_tenant_id())
    with connection.cursor() as cursor:
        # Foreign keys that wait for the commit make a list that each audit trigger runs through again, in a time that
        # grows with the square of the rows. So they are checked at the end of each statement.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_STAGE)
        cursor.copy_expert(f"COPY {STAGED} FROM STDIN", StringIO("".join(_lines(plan.good))))
        cursor.execute(f"ANALYZE {STAGED}")
        cursor.execute(_GOALS, params)
        goals, cells = cursor.rowcount, 0
        if asked.proposes:
            cursor.execute(f"ANALYZE {MADE}")
            cursor.execute(_STEPS, params)
            cursor.execute(_CELLS + (_REPLACE if asked.replace else _KEEP), params)
            cells = cursor.rowcount
        cursor.execute(f"SELECT employee_id, count(*) FROM {MADE} GROUP BY 1")
        by_person = dict(cursor.fetchall())
    if asked.proposes:
        tell_targets_changed(by_person, asked.period.start, asked.period.end)
    return Written(goals, cells, by_person)


def _lines(rows: Iterable[Planned]) -> Iterator[str]:
    """Yield the rows as COPY takes them."""
    for place, row in enumerate(rows, 1):
        line = row.line
        low, high, tolerance = line.band or (None, None, None)
        direction = Direction.BAND if line.form == Form.BAND else line.metric.direction if line.metric else "higher"
        growth = line.value if line.form in (Form.PERCENT, Form.POINTS) else None
        kind = line.baseline_kind or ("previous" if growth is not None else "")
        months = "{" + ",".join(map(str, row.months)) + "}"
        values = (
            place, row.employee_id, line.metric.pk if line.metric else None, row.parent_id, line.title, direction,
            line.form, line.counting, row.target, growth, row.baseline, kind, low, high, tolerance, line.weight,
            months,
        )  # fmt: skip
        yield "\t".join(map(_cell, values)) + "\n"


def _cell(value: str | int | Decimal | None) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if isinstance(value, str) and not text.isalnum():
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text
