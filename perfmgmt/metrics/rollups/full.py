"""Computing rollups from all facts: to rebuild them, or to compare them with what is stored.

Level by level, each from the one below it as just computed (never as stored, so that a comparison proves the whole
chain). A level that is still empty is inserted at once; otherwise it is computed aside and only the differences
are written, which leaves readers undisturbed and no dead rows behind.

Speed (bench/README.md): rows are written in the order of the primary key, because millions of rows that arrive in
the order of a hash table touch every page of the index again and again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rollups.sql import (
    COARSE,
    FINER,
    FROM_FINER,
    OF_CUSTOMERS,
    Buckets,
    Plan,
    each_customer,
    params_of,
    plans_for,
    unit_plans,
)
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.scope import current_tenant_id

EMPLOYEE, UNIT = "employee", "unit"
TABLE = {EMPLOYEE: "metrics_employeerollup", UNIT: "metrics_unitrollup"}
OWNER = {EMPLOYEE: "employee_id", UNIT: "unit_id"}
# For this transaction only. Fresh rows have no statistics, so the planner takes millions for a few and would loop.
BULK = {"work_mem": "'128MB'", "enable_nestloop": "off"}
BY_KEY = "ORDER BY 1, 2, 3"
NO_ROWS = "SELECT 0 AS metric_id, 0 AS unit_id, current_date AS start, 0 AS total, 0 AS n WHERE false"


@dataclass
class Outcome:
    """How many rows of each level were computed, and how many differed from what was stored."""

    rows: dict[str, int] = field(default_factory=dict)
    differences: dict[str, int] = field(default_factory=dict)

    @property
    def differing(self) -> int:
        """Rows that differed, over all levels."""
        return sum(self.differences.values())


def rebuild(
    fiscal_start_month: int,
    *,
    metrics: list[Metric] | None = None,
    check: bool = False,
    step: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Recompute the rollups of `metrics` (default: all) in the open scope; with `check` only compare.

    `step(done, total)` is called after each level and may raise to stop the work, which then leaves no trace
    (one transaction). Returns the rows and differences per level, such as {"employee month": 0}.
    """
    chosen = list(Metric.objects.all()) if metrics is None else metrics
    facts_of = [metric for metric in chosen if metric.reads_facts]
    work = _Full(facts_of, Buckets(fiscal_start_month), check)
    work.left_over([metric.pk for metric in chosen if not metric.reads_facts])
    return work.run(step or (lambda done, total: None))


class _Full:
    def __init__(self, metrics: list[Metric], buckets: Buckets, check: bool) -> None:
        self.metric_ids = [metric.pk for metric in metrics]
        self.plans, self.unit_plans = plans_for(metrics), unit_plans(metrics)
        self.rules = [plan for plan in self.plans if plan.rule]
        self.buckets, self.check = buckets, check
        self.params = {
            "metrics": self.metric_ids,
            "bases": sorted({plan.base_id for plan in self.rules if plan.base_id is not None}),
            **params_of(self.plans),
        }
        self.tenant_id = current_tenant_id()
        self.outcome = Outcome()
        self.source: dict[tuple[str, Grain], str] = {}

    def execute(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": self.tenant_id, **self.params})
            return cursor.rowcount

    def left_over(self, metric_ids: list[int]) -> None:
        """Figures of metrics that read no facts (any more): count them, and unless comparing remove them."""
        if not metric_ids:
            return
        self.params["idle"] = metric_ids
        where = "WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(idle)s)"
        for who, table in TABLE.items():
            found = self._number(f"SELECT count(*) FROM {table} {where}")
            if found:
                name = f"{who} left over"
                self.outcome.rows[name], self.outcome.differences[name] = 0, found
                if not self.check:
                    self.execute(f"DELETE FROM {table} {where}")

    def run(self, step: Callable[[int, int], None]) -> Outcome:
        self._set(BULK)
        if self.rules:
            self._customer_days()
        levels: list[tuple[str, Grain, Callable[[Grain], str]]] = [(EMPLOYEE, Grain.DAY, self._employee_days)]
        levels += [(EMPLOYEE, grain, self._employee_periods) for grain in COARSE]
        levels += [(UNIT, Grain.DAY, self._unit_days)]
        levels += [(UNIT, grain, self._unit_periods) for grain in COARSE]
        for done, (who, grain, select) in enumerate(levels, 1):
            if self.metric_ids:
                if (who, grain) == (UNIT, Grain.DAY):
                    self._tree()
                # All facts are read: in the order of the table, never page by page in the order of an index.
                first = (who, grain) == (EMPLOYEE, Grain.DAY)
                self._set({"enable_indexscan": "off" if first else "DEFAULT"})
                self._level(who, grain, select(grain))
            step(done, len(levels))
        self._set(dict.fromkeys(BULK, "DEFAULT"))
        return self.outcome

    def _customer_days(self) -> None:
        """The days of the customers of metrics that are read by a rule, and for each day the one before it."""
        self.execute("DROP TABLE IF EXISTS full_customer, full_previous")
        self.execute(
            """
            CREATE TEMP TABLE full_customer ON COMMIT DROP AS
            SELECT metric_id, customer, day, employee_id FROM metrics_fact
            WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(bases)s) AND customer <> '' GROUP BY 1, 2, 3, 4
            """
        )
        self.execute(
            """
            CREATE TEMP TABLE full_previous ON COMMIT DROP AS
            SELECT metric_id, customer, day, lag(day) OVER (PARTITION BY metric_id, customer ORDER BY day) AS previous
            FROM (SELECT DISTINCT metric_id, customer, day FROM full_customer) d
            """
        )
        self.execute("ANALYZE full_customer; ANALYZE full_previous")
        columns = "metric_id, customer, day, employee_id"
        stored = (
            f"SELECT {columns} FROM metrics_customerday WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(bases)s)"
        )
        gone = f"({stored} EXCEPT TABLE full_customer)"
        come = f"(TABLE full_customer EXCEPT {stored})"
        self.outcome.rows["customer day"] = self._number("SELECT count(*) FROM full_customer")
        differing = self._number(f"SELECT count(*) FROM ({gone} UNION ALL {come}) d")
        self.outcome.differences["customer day"] = differing
        if differing and not self.check:
            self.execute(
                f"DELETE FROM metrics_customerday t USING {gone} g WHERE t.tenant_id = %(tenant)s "
                "AND t.metric_id = g.metric_id AND t.customer = g.customer AND t.day = g.day "
                "AND t.employee_id = g.employee_id"
            )
            self.execute(
                f"INSERT INTO metrics_customerday (tenant_id, {columns}) SELECT %(tenant)s, {columns} FROM {come} c"
            )

    def _set(self, settings: dict[str, str]) -> None:
        """Set options of the planner until the transaction ends; after an error it ends, and they with it."""
        self.execute("; ".join(f"SET LOCAL {name} TO {value}" for name, value in settings.items()))

    def _level(self, who: str, grain: Grain, select: str) -> None:
        """Compute one level and store or compare it."""
        columns = "metric_id, {}, start, {}total, n".format(
            OWNER[who], "unit_id, " if (who, grain) == (EMPLOYEE, Grain.DAY) else ""
        )
        name = f"{who} {grain.name.lower()}"
        stored = f"""(SELECT {columns} FROM {TABLE[who]} WHERE tenant_id = %(tenant)s AND grain = {int(grain)}
                      AND metric_id = ANY(%(metrics)s))"""
        if not self.check and not self._exists(f"SELECT 1 FROM {stored} s LIMIT 1"):
            self.outcome.rows[name] = self.outcome.differences[name] = self.execute(
                f"INSERT INTO {TABLE[who]} (tenant_id, grain, {columns}) "
                f"SELECT %(tenant)s, {int(grain)}, {columns} FROM ({select}) fresh"
            )
            self.source[who, grain] = stored
            return
        fresh = f"full_{who}_{grain.name.lower()}"
        self.execute(f"DROP TABLE IF EXISTS {fresh}")
        self.execute(f"CREATE TEMP TABLE {fresh} ON COMMIT DROP AS SELECT {columns} FROM ({select}) fresh")
        self.execute(f"ANALYZE {fresh}")
        self.source[who, grain] = fresh
        self.outcome.rows[name] = self._number(f"SELECT count(*) FROM {fresh}")
        self.outcome.differences[name] = self._compare(who, fresh, stored, columns, grain)

    def _compare(self, who: str, fresh: str, stored: str, columns: str, grain: Grain) -> int:
        """Return how many rows differ; unless checking, make the stored rows equal to the fresh ones."""
        keys = f"metric_id, {OWNER[who]}, start"
        values = [name for name in columns.split(", ") if name not in keys.split(", ")]
        f_values, s_values = (", ".join(f"{alias}.{name}" for name in values) for alias in "fs")
        if self.check:
            return self._number(
                f"SELECT count(*) FROM {fresh} f FULL JOIN {stored} s USING ({keys}) "
                f"WHERE ({f_values}) IS DISTINCT FROM ({s_values})"
            )
        same_key = " AND ".join(f"f.{key} = t.{key}" for key in keys.split(", "))
        gone = self.execute(
            f"DELETE FROM {TABLE[who]} t WHERE t.tenant_id = %(tenant)s AND t.grain = {int(grain)} "
            f"AND t.metric_id = ANY(%(metrics)s) AND NOT EXISTS (SELECT FROM {fresh} f WHERE {same_key})"
        )
        update = ", ".join(f"{name} = excluded.{name}" for name in values)
        fresh_columns = ", ".join(f"f.{name}" for name in columns.split(", "))
        return gone + self.execute(
            f"INSERT INTO {TABLE[who]} (tenant_id, grain, {columns}) "
            f"SELECT %(tenant)s, {int(grain)}, {fresh_columns} FROM {fresh} f "
            f"LEFT JOIN {stored} s USING ({keys}) WHERE ({f_values}) IS DISTINCT FROM ({s_values}) "
            f"ON CONFLICT (tenant_id, metric_id, grain, {OWNER[who]}, start) DO UPDATE SET {update}"
        )

    def _exists(self, sql: str) -> bool:
        """Look by the index: the rows written a moment ago would all be read in vain otherwise."""
        self._set({"enable_seqscan": "off"})
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": self.tenant_id, **self.params})
            found = cursor.fetchone() is not None
        self._set({"enable_seqscan": "DEFAULT"})
        return found

    def _number(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": self.tenant_id, **self.params})
            return int(cursor.fetchone()[0])

    def _of(self, plan: Plan, alias: str) -> str:
        """The condition for the plan's metrics; the ids are integers of ours."""
        return f"{alias}.metric_id IN ({', '.join(str(int(pk)) for pk in plan.metric_ids)})"

    def _facts(self, plan: Plan) -> str:
        """The condition for the plan's facts (f)."""
        return self._of(plan, "f") if plan.base_id is None else plan.facts("", previous="full_previous")

    @staticmethod
    def _metric(plan: Plan) -> str:
        """The metric that is computed from a fact (f)."""
        return "f.metric_id" if plan.base_id is None else f"{int(plan.metric_ids[0])}::bigint"

    def _employee_days(self, grain: Grain) -> str:
        days = " UNION ALL ".join(
            f"(SELECT {self._metric(plan)} AS metric_id, f.employee_id, f.day AS start, "
            f"{plan.from_facts()} AS total, count(*) AS n FROM metrics_fact f "
            f"WHERE f.tenant_id = %(tenant)s AND {self._facts(plan)} GROUP BY 1, 2, 3 {BY_KEY})"
            for plan in self.plans
        )
        return f"""
            SELECT d.metric_id, d.employee_id, d.start, coalesce(a.unit_id, 0) AS unit_id, d.total, d.n
            FROM ({days}) d LEFT JOIN people_assignment a ON a.tenant_id = %(tenant)s
                AND a.employee_id = d.employee_id AND d.start BETWEEN a.valid_from AND a.valid_to"""

    def _employee_periods(self, grain: Grain) -> str:
        selects = []
        for plan in self.plans:
            if plan.nests:
                selects.append(self._nested(EMPLOYEE, plan, grain))
            elif plan.kind in OF_CUSTOMERS:
                owner = f"{self._metric(plan)} AS metric_id, f.employee_id"
                where = f"WHERE f.tenant_id = %(tenant)s AND {self._facts(plan)}"
                selects.append(_of_customers(plan, self.buckets, grain, owner, "metrics_fact f", where))
            else:
                selects.append(
                    f"SELECT {self._metric(plan)} AS metric_id, f.employee_id, "
                    f"{self.buckets.start(grain, 'f.day')} AS start, "
                    f"{plan.from_facts()} AS total, count(*) AS n FROM metrics_fact f "
                    f"WHERE f.tenant_id = %(tenant)s AND {self._facts(plan)} GROUP BY 1, 2, 3"
                )
        return " UNION ALL ".join(selects)

    def _nested(self, who: str, plan: Plan, grain: Grain) -> str:
        """A longer period from the shorter ones of the same owner."""
        return (
            f"(SELECT s.metric_id, s.{OWNER[who]}, {self.buckets.start(grain, 's.start')} AS start, "
            f"{FROM_FINER[plan.kind]} AS total, sum(s.n) AS n "
            f"FROM {self.source[who, FINER[grain]]} s WHERE {self._of(plan, 's')} "
            f"GROUP BY 1, 2, 3 {BY_KEY})"
        )

    def _tree(self) -> None:
        """Every unit with everything above it, itself included; days without assignment stand alone."""
        self.execute("DROP TABLE IF EXISTS full_tree")
        self.execute(
            """
            CREATE TEMP TABLE full_tree ON COMMIT DROP AS
            WITH RECURSIVE tree(descendant, ancestor) AS (
                SELECT id, id FROM people_unit WHERE tenant_id = %(tenant)s
                UNION ALL
                SELECT t.descendant, u.parent_id FROM tree t
                JOIN people_unit u ON u.tenant_id = %(tenant)s AND u.id = t.ancestor
                WHERE u.parent_id IS NOT NULL)
            SELECT descendant, ancestor FROM tree UNION ALL SELECT 0, 0
            """
        )
        self.execute("ANALYZE full_tree")

    def _unit_days(self, grain: Grain) -> str:
        return self._unit_levels(
            grain,
            lambda plan: (
                f"""
                (SELECT o.metric_id, t.ancestor AS unit_id, o.start, sum(o.total) AS total, sum(o.n) AS n
                FROM (SELECT s.metric_id, s.unit_id, s.start, sum(s.total) AS total, sum(s.n) AS n
                      FROM {self.source[EMPLOYEE, Grain.DAY]} s WHERE {self._of(plan, "s")} GROUP BY 1, 2, 3) o
                JOIN full_tree t ON t.descendant = o.unit_id GROUP BY 1, 2, 3 {BY_KEY})"""
            ),
        )

    def _unit_periods(self, grain: Grain) -> str:
        return self._unit_levels(grain, lambda plan: self._nested(UNIT, plan, grain))

    def _unit_levels(self, grain: Grain, adding: Callable[[Plan], str]) -> str:
        """Additive figures by `adding`, the others from the days of everybody below the unit."""
        selects = []
        for plan in self.unit_plans:
            if plan.adds_up:
                selects.append(adding(plan))
                continue
            members = (
                f"(SELECT * FROM {self.source[EMPLOYEE, Grain.DAY]} d WHERE {self._of(plan, 'd')}) s "
                "JOIN full_tree t ON t.descendant = s.unit_id"
            )
            if plan.nests:
                selects.append(_of_lasts(plan, members, self.buckets.start(grain, "s.start")))
                continue
            members += (
                f" JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND {self._facts_of_day(plan)}"
                " AND f.employee_id = s.employee_id AND f.day = s.start"
            )
            owner = "s.metric_id, t.ancestor AS unit_id"
            if plan.kind in OF_CUSTOMERS and grain is not Grain.DAY:
                selects.append(_of_customers(plan, self.buckets, grain, owner, members))
            else:
                selects.append(
                    f"SELECT {owner}, {self.buckets.start(grain, 's.start')} AS start, {plan.from_facts()} AS total, "
                    f"count(*) AS n FROM {members} GROUP BY 1, 2, 3"
                )
        return " UNION ALL ".join(selects) or NO_ROWS

    def _facts_of_day(self, plan: Plan) -> str:
        return "f.metric_id = s.metric_id" if plan.base_id is None else self._facts(plan)


def _of_lasts(plan: Plan, members: str, start: str) -> str:
    """Return the SELECT for a unit's sum of its people's last values; `members` has a person's day `s`."""
    return f"""
        SELECT metric_id, unit_id, start, sum(total) AS total, sum(n) AS n FROM (
            SELECT s.metric_id, t.ancestor AS unit_id, {start} AS start, s.employee_id,
                   {FROM_FINER[plan.kind]} AS total, sum(s.n) AS n
            FROM {members} GROUP BY 1, 2, 3, 4) each_person
        GROUP BY 1, 2, 3"""


def _of_customers(plan: Plan, buckets: Buckets, grain: Grain, owner: str, source: str, where: str = "") -> str:
    """Return the SELECT for a customer-level figure; `owner` is two columns (metric, person or unit)."""
    name = owner.rsplit(" AS ", maxsplit=1)[-1].rpartition(".")[2]
    total, n = OF_CUSTOMERS[plan.kind]
    return f"""
        SELECT c.metric_id, c.{name}, c.start, {total} AS total, {n} AS n
        FROM ({each_customer(plan, buckets, grain, owner, source, where)}) c
        GROUP BY 1, 2, 3 HAVING {n} > 0"""
