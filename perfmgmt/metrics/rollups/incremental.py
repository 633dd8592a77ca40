"""Recomputing only what is dirty, in one transaction with the removal of the keys.

From changed days upwards: a person's days, then their weeks, months, quarters and years; the units of those days,
deepest first, each from its own people and its child units; then the units' longer periods. The work depends on
the number of changed days and on the shape of the tree, not on the number of facts (docs/dataflow.md).
"""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from perfmgmt.metrics import statistics
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rollups.customers import follow_customers
from perfmgmt.metrics.rollups.sql import (
    COARSE,
    FINER,
    FROM_FINER,
    OF_CUSTOMERS,
    Buckets,
    Plan,
    params_of,
    plans_for,
    unit_plans,
)
from perfmgmt.people.models import Unit
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.scope import current_tenant_id

Key = tuple[int, int, date, date]


def recompute(keys: list[Key], fiscal_start_month: int) -> int:
    """Recompute the rollups of `keys` (metric id, employee id, first day, last day); return the changed days.

    What changed is announced as `metrics.rollups_changed`, with people's and units' days as such keys.
    """
    return Recompute(keys, fiscal_start_month).run()


class Recompute:
    """One run over a batch of keys; its temporary tables end with the transaction."""

    def __init__(self, keys: list[Key], fiscal_start_month: int) -> None:
        self.buckets = Buckets(fiscal_start_month)
        self.tenant_id = current_tenant_id()
        touched = {key[0] for key in keys}
        metrics = list(Metric.objects.filter(Q(pk__in=touched) | Q(base_id__in=touched)))
        self.base_of = {m.pk: m.base_id for m in metrics if m.base_id is not None and m.reads_facts}
        self.keys = keys + [(pk, *key[1:]) for pk, base in self.base_of.items() for key in keys if key[0] == base]
        self.plans, self.unit_plans = plans_for(metrics), unit_plans(metrics)
        self.params = params_of(self.plans)

    def execute(self, sql: str, **params: Any) -> int:
        """Run one statement with the workspace's id at hand; return the number of rows."""
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": self.tenant_id, **self.params, **params})
            return cursor.rowcount

    def run(self) -> int:
        """Recompute everything that follows from the keys; return the number of changed person-days."""
        if not self.plans:
            return 0
        self.execute("DROP TABLE IF EXISTS r_days, r_changed, r_units, r_tree, r_shape, r_later")
        self._collect_days()
        changed = self._compare_days()
        if not changed:
            return 0
        self._store_days()
        statistics.refresh("employees", changed=changed)
        for grain in COARSE:
            for plan in self.plans:
                self._store_employee_periods(plan, grain)
        self._units()
        self._announce()
        return changed

    def _announce(self) -> None:
        """Tell once per batch which days of whom changed: what stands on the figures is computed again."""
        publish(
            "metrics.rollups_changed",
            people=self._spans("employee_id", "r_changed"),
            units=self._spans("unit_id", "r_units"),
        )

    def _spans(self, owner: str, table: str) -> list[Key]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT metric_id, {owner}, min(day), max(day) FROM {table} GROUP BY 1, 2")
            return list(cursor.fetchall())

    def _collect_days(self) -> None:
        """Every day inside the keys that has facts or a stored row, and later days of customers who came sooner."""
        metrics, employees, first, last = (list(column) for column in zip(*self.keys, strict=True))
        rules = [plan for plan in self.plans if plan.rule]
        later = follow_customers(self.keys, rules, self.execute) if rules else False
        self.execute(
            f"""
            CREATE TEMP TABLE r_days ON COMMIT DROP AS
            WITH r AS (
                SELECT DISTINCT * FROM unnest(%(metrics)s::bigint[], %(bases)s::bigint[], %(employees)s::bigint[],
                                              %(first)s::date[], %(last)s::date[])
                    AS r(metric_id, base_id, employee_id, first_day, last_day))
            SELECT r.metric_id, r.employee_id, d.day
            FROM r CROSS JOIN LATERAL (
                SELECT f.day FROM metrics_fact f
                WHERE f.tenant_id = %(tenant)s AND f.metric_id = r.base_id AND f.employee_id = r.employee_id
                  AND f.day BETWEEN r.first_day AND r.last_day
                UNION
                SELECT e.start FROM metrics_employeerollup e
                WHERE e.tenant_id = %(tenant)s AND e.metric_id = r.metric_id AND e.grain = 1
                  AND e.employee_id = r.employee_id AND e.start BETWEEN r.first_day AND r.last_day) d
            GROUP BY 1, 2, 3
            {"UNION SELECT metric_id, employee_id, day FROM r_later" if later else ""}
            """,
            metrics=metrics,
            bases=[self.base_of.get(metric, metric) for metric in metrics],
            employees=employees,
            first=first,
            last=last,
        )
        self._analyze("r_days")

    def _analyze(self, table: str) -> None:
        """Tell the planner the size of a large temporary table; for small batches its guess is good enough."""
        if len(self.keys) > 50:
            self.execute(f"ANALYZE {table}")

    def _compare_days(self) -> int:
        """Keep the days whose figure or unit differs from what is stored; `n` is NULL where nothing is left.

        Where longer periods are computed from facts again, an equal figure proves nothing (one customer for another):
        all days are kept.
        """
        nesting = all(plan.nests for plan in self.plans)
        anyway = "" if nesting else "OR (g.anyway AND coalesce(g.n, o.n) IS NOT NULL)"
        fresh = " UNION ALL ".join(
            f"""
            SELECT k.metric_id, k.employee_id, k.day, CASE WHEN x.n > 0 THEN x.total END AS total,
                   nullif(x.n, 0) AS n{"" if nesting else f", {not plan.nests} AS anyway"}
            FROM r_days k CROSS JOIN LATERAL (
                SELECT {plan.from_facts("k.metric_id")} AS total, count(*) AS n FROM metrics_fact f
                WHERE f.tenant_id = %(tenant)s AND {plan.facts("k.metric_id")}
                  AND f.employee_id = k.employee_id AND f.day = k.day) x
            WHERE k.metric_id = ANY(%(plan_{index})s)
            """
            for index, plan in enumerate(self.plans)
        )
        changed = self.execute(
            f"""
            CREATE TEMP TABLE r_changed ON COMMIT DROP AS
            SELECT g.metric_id, g.employee_id, g.day, coalesce(a.unit_id, 0) AS unit_id,
                   o.unit_id AS old_unit_id, g.total, g.n
            FROM ({fresh}) g
            LEFT JOIN LATERAL (
                SELECT unit_id FROM people_assignment
                WHERE tenant_id = %(tenant)s AND employee_id = g.employee_id
                  AND g.day BETWEEN valid_from AND valid_to LIMIT 1) a ON true
            LEFT JOIN LATERAL (
                SELECT unit_id, total, n FROM metrics_employeerollup
                WHERE tenant_id = %(tenant)s AND metric_id = g.metric_id AND grain = 1
                  AND employee_id = g.employee_id AND start = g.day LIMIT 1) o ON true
            WHERE (g.total, g.n) IS DISTINCT FROM (o.total, o.n)
               OR (g.n IS NOT NULL AND coalesce(a.unit_id, 0) IS DISTINCT FROM o.unit_id) {anyway}
            """,
            **{f"plan_{index}": list(plan.metric_ids) for index, plan in enumerate(self.plans)},
        )
        self._analyze("r_changed")
        return changed

    def _store_days(self) -> None:
        self.execute(
            """
            DELETE FROM metrics_employeerollup e USING r_changed c
            WHERE c.n IS NULL AND e.tenant_id = %(tenant)s AND e.metric_id = c.metric_id AND e.grain = 1
              AND e.employee_id = c.employee_id AND e.start = c.day
            """
        )
        self.execute(
            """
            INSERT INTO metrics_employeerollup
                (tenant_id, metric_id, grain, employee_id, start, unit_id, total, n)
            SELECT %(tenant)s, metric_id, 1, employee_id, day, unit_id, total, n
            FROM r_changed WHERE n IS NOT NULL
            ON CONFLICT (tenant_id, metric_id, grain, employee_id, start)
            DO UPDATE SET unit_id = excluded.unit_id, total = excluded.total, n = excluded.n
            """
        )

    def _store_employee_periods(self, plan: Plan, grain: Grain) -> None:
        """Replace the periods of `grain` that hold a changed day."""
        end = self.buckets.end(grain, "k.start")
        if plan.nests:
            figure = f"""
                SELECT {FROM_FINER[plan.kind]} AS total, sum(s.n) AS n FROM metrics_employeerollup s
                WHERE s.tenant_id = %(tenant)s AND s.metric_id = k.metric_id AND s.grain = {int(FINER[grain])}
                  AND s.employee_id = k.employee_id AND s.start >= k.start AND s.start < {end}"""
        else:
            facts = f"""metrics_fact f
                WHERE f.tenant_id = %(tenant)s AND {plan.facts("k.metric_id")} AND f.employee_id = k.employee_id
                  AND f.day >= {self._since(plan, grain)} AND f.day < {end}"""
            figure = _figure_of_facts(plan, grain, facts)
        self._replace(
            table="metrics_employeerollup",
            owner="employee_id",
            grain=grain,
            keys=self._periods(plan, grain, "employee_id", "r_changed"),
            figure=figure,
            metrics=list(plan.metric_ids),
        )

    def _periods(self, plan: Plan, grain: Grain, owner: str, changed: str) -> str:
        """The periods of `grain` that hold a changed day; if figures look back, the ones after them, too."""
        start = self.buckets.start(grain, "day")
        own = (
            f"SELECT DISTINCT metric_id, {owner}, {start} AS start FROM {changed} WHERE metric_id = ANY(%(metrics)s)"
        )
        if not plan.looks_back or grain is Grain.DAY:
            return own
        return f"{own} UNION SELECT metric_id, {owner}, {self.buckets.end(grain, 'start')} FROM ({own}) o"

    def _since(self, plan: Plan, grain: Grain) -> str:
        """The first day whose facts a figure of the period at `k.start` depends on."""
        return self.buckets.before(grain, "k.start") if plan.looks_back and grain is not Grain.DAY else "k.start"

    def _replace(self, *, table: str, owner: str, grain: Grain, keys: str, figure: str, **params: Any) -> int:
        """Make the rows of `table` at the keys `k` equal to `figure`: delete, insert or update, in one statement.

        `figure` selects (total, n) for one key `k`. It is looked up key by key (LATERAL): the planner can't turn that
        into a join of everything with everything. Returns the number of rows written.
        """
        return self.execute(
            f"""
            WITH k AS ({keys}), fresh AS MATERIALIZED (
                SELECT k.metric_id, k.{owner}, k.start, x.total, x.n FROM k CROSS JOIN LATERAL ({figure}) x
            ), gone AS (
                DELETE FROM {table} t USING fresh g
                WHERE coalesce(g.n, 0) = 0 AND t.tenant_id = %(tenant)s AND t.metric_id = g.metric_id
                  AND t.grain = {int(grain)} AND t.{owner} = g.{owner} AND t.start = g.start)
            INSERT INTO {table} (tenant_id, metric_id, grain, {owner}, start, total, n)
            SELECT %(tenant)s, metric_id, {int(grain)}, {owner}, start, total, n FROM fresh WHERE n > 0
            ON CONFLICT (tenant_id, metric_id, grain, {owner}, start)
            DO UPDATE SET total = excluded.total, n = excluded.n
            WHERE ({table}.total, {table}.n) IS DISTINCT FROM (excluded.total, excluded.n)
            """,
            **params,
        )

    def _units(self) -> None:
        """Recompute the units of the changed days, before and after the change, and everything above them."""
        parents: dict[int, int | None] = dict(Unit.objects.values_list("pk", "parent_id"))
        parents[0] = None
        depths = {unit_id: len(_line(unit_id, parents)) - 1 for unit_id in parents}
        pairs = [(unit_id, ancestor) for unit_id in parents for ancestor in _line(unit_id, parents)]
        self.execute(
            """
            CREATE TEMP TABLE r_tree ON COMMIT DROP AS
            SELECT * FROM unnest(%(units)s::bigint[], %(ancestors)s::bigint[], %(unit_depths)s::int[],
                                 %(depths)s::int[]) AS t(descendant, ancestor, descendant_depth, depth)
            """,
            units=[unit_id for unit_id, _ in pairs],
            ancestors=[ancestor for _, ancestor in pairs],
            unit_depths=[depths[unit_id] for unit_id, _ in pairs],
            depths=[depths[ancestor] for _, ancestor in pairs],
        )
        self.execute(
            """
            CREATE TEMP TABLE r_shape ON COMMIT DROP AS
            SELECT ancestor AS unit_id, depth, array_agg(descendant) AS below,
                   array_agg(descendant) FILTER (WHERE descendant_depth = depth + 1) AS children
            FROM r_tree GROUP BY 1, 2
            """
        )
        self.execute(
            """
            CREATE TEMP TABLE r_units ON COMMIT DROP AS
            SELECT DISTINCT c.metric_id, t.ancestor AS unit_id, c.day, t.depth
            FROM (SELECT metric_id, day, unit_id FROM r_changed WHERE n IS NOT NULL
                  UNION SELECT metric_id, day, old_unit_id FROM r_changed WHERE old_unit_id IS NOT NULL) c
            JOIN r_tree t ON t.descendant = c.unit_id
            """
        )
        for table in ("r_shape", "r_units"):
            self._analyze(table)
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT depth FROM r_units ORDER BY depth DESC")
            levels = [depth for (depth,) in cursor.fetchall()]
        for plan in self.unit_plans:
            if plan.adds_up:
                for depth in levels:
                    stored = self._store_unit_days(plan, depth)
                    statistics.refresh("units", changed=stored)
                for grain in COARSE:
                    self._store_unit_periods(plan, grain)
            else:
                for grain in (Grain.DAY, *COARSE):
                    self._store_unit_periods_from_people(plan, grain)

    def _store_unit_days(self, plan: Plan, depth: int) -> int:
        """A unit's day: its own people's figures and its child units', which are deeper and so are done."""
        return self._replace(
            table="metrics_unitrollup",
            owner="unit_id",
            grain=Grain.DAY,
            keys="SELECT u.metric_id, u.unit_id, u.day AS start, h.children FROM r_units u "
            "JOIN r_shape h USING (unit_id) WHERE u.depth = %(depth)s AND u.metric_id = ANY(%(metrics)s)",
            figure="""
                SELECT sum(s.total) AS total, sum(s.n) AS n FROM (
                    SELECT e.total, e.n FROM metrics_employeerollup e
                    WHERE e.tenant_id = %(tenant)s AND e.metric_id = k.metric_id AND e.grain = 1
                      AND e.unit_id = k.unit_id AND e.start = k.start
                    UNION ALL
                    SELECT c.total, c.n FROM metrics_unitrollup c
                    WHERE c.tenant_id = %(tenant)s AND c.metric_id = k.metric_id AND c.grain = 1
                      AND c.unit_id = ANY(k.children) AND c.start = k.start) s""",
            depth=depth,
            metrics=list(plan.metric_ids),
        )

    def _unit_keys(self, plan: Plan, grain: Grain) -> str:
        return (
            f"SELECT u.*, h.below FROM ({self._periods(plan, grain, 'unit_id', 'r_units')}) u "
            "JOIN r_shape h USING (unit_id)"
        )

    def _store_unit_periods(self, plan: Plan, grain: Grain) -> None:
        self._replace(
            table="metrics_unitrollup",
            owner="unit_id",
            grain=grain,
            keys=self._unit_keys(plan, grain),
            figure=f"""
                SELECT sum(s.total) AS total, sum(s.n) AS n FROM metrics_unitrollup s
                WHERE s.tenant_id = %(tenant)s AND s.metric_id = k.metric_id AND s.grain = {int(FINER[grain])}
                  AND s.unit_id = k.unit_id
                  AND s.start >= k.start AND s.start < {self.buckets.end(grain, "k.start")}""",
            metrics=list(plan.metric_ids),
        )

    def _store_unit_periods_from_people(self, plan: Plan, grain: Grain) -> None:
        """Figures that neither add up over people nor over time: from the days of everybody below the unit."""
        days = f"""metrics_employeerollup s
            WHERE s.tenant_id = %(tenant)s AND s.metric_id = k.metric_id AND s.grain = 1
              AND s.unit_id = ANY(k.below) AND s.start >= {self._since(plan, grain)}
              AND s.start < {self.buckets.end(grain, "k.start")}"""
        if not plan.nests:
            facts = f"""(SELECT s.employee_id, s.start FROM {days}) d
                JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND {plan.facts("k.metric_id")}
                    AND f.employee_id = d.employee_id AND f.day = d.start"""
            figure = _figure_of_facts(plan, grain, facts)
        else:
            figure = f"""
                SELECT sum(total) AS total, sum(n) AS n FROM (
                    SELECT {FROM_FINER[plan.kind]} AS total, sum(s.n) AS n FROM {days} GROUP BY s.employee_id) p"""
        self._replace(
            table="metrics_unitrollup",
            owner="unit_id",
            grain=grain,
            keys=self._unit_keys(plan, grain),
            figure=figure,
            metrics=list(plan.metric_ids),
        )


def _figure_of_facts(plan: Plan, grain: Grain, facts: str) -> str:
    """Return the SELECT of (total, n) for the period at `k.start` from facts (`f`, with all conditions)."""
    if plan.kind not in OF_CUSTOMERS or grain is Grain.DAY:
        return f"SELECT {plan.from_facts()} AS total, count(*) AS n FROM {facts}"
    total, n = OF_CUSTOMERS[plan.kind]
    return f"""
        SELECT {total} AS total, {n} AS n FROM (
            SELECT count(DISTINCT f.day) FILTER (WHERE f.day >= k.start) AS days, bool_or(f.day < k.start) AS before
            FROM {facts} GROUP BY f.customer) c"""


def _line(unit_id: int, parents: dict[int, int | None]) -> list[int]:
    """Return a unit and everything above it, the unit first."""
    line = []
    here: int | None = unit_id
    while here is not None:
        line.append(here)
        here = parents[here]
    return line
