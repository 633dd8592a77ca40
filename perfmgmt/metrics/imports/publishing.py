"""Second half of importing facts: what was staged becomes facts, in one step, in the same transaction.

New facts are added, different ones corrected (the old one is kept as a version), and facts that their row no longer
gives are taken back (kept as a version, too). What changed is marked dirty.
"""

from dataclasses import dataclass

from django.db import connection

from perfmgmt.metrics import statistics
from perfmgmt.metrics.imports.parsing import LARGEST
from perfmgmt.metrics.imports.reasons import Reason
from perfmgmt.metrics.imports.staging import SKIPPED, STAGED
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.metrics.rollups import dirty
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id

# Above this many (metric, person) pairs a change is marked per metric: recomputing all is then the shorter way.
MOST_KEYS = 20_000
VALUES = ("employee_id", "day", "value", "original_value", "currency", "credit_share", *ATTRIBUTES)
KEPT = ("source_id", "external_id", "line", "credit_role", "metric_id", *VALUES, "job_id", '"row"')
# What is staged only for files with supporters; all others stage owners, with the whole credit.
PLAIN = {"line": "0", "credit_role": "'owner'", "credit_share": "1::numeric"}


def refuse(summary: Summary, rows: list[int], reason: str) -> None:
    """Take staged rows out again, all their facts."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {STAGED} WHERE row_no = ANY(%s) RETURNING row_no, employee_id", [rows])
        named: dict[int, set[int]] = {}
        for row, person in cursor.fetchall():
            named.setdefault(row, set()).add(int(person))
    for row in rows:
        summary.refuse(row, reason, sorted(named.get(row, ())))


def refuse_doubled(summary: Summary) -> None:
    """The same id in two staged rows: the first row counts, the later ones are refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH twice AS (SELECT external_id, min(row_no) AS first_row FROM {STAGED}
                           GROUP BY external_id HAVING min(row_no) <> max(row_no))
            SELECT DISTINCT s.row_no, t.first_row FROM {STAGED} s JOIN twice t USING (external_id)
            WHERE s.row_no <> t.first_row ORDER BY 1
            """
        )
        doubled = cursor.fetchall()
    by_reason: dict[Reason, list[int]] = {}
    for row, first in doubled:
        by_reason.setdefault(Reason.of("doubled_id", row=int(first)), []).append(int(row))
    for reason, rows in by_reason.items():
        refuse(summary, rows, reason)


@dataclass
class Publisher:
    """Publishes the staged facts of one source.

    `workspace_currency` is the currency figures are kept in, `may_double` says that a row may give one metric twice,
    `refresh` that there may be so many rows that the planner has to be told.
    """

    source_id: int
    job_id: int | None
    metric_ids: list[int]
    workspace_currency: str
    summary: Summary
    may_double: bool = False
    with_supporters: bool = False
    refresh: bool = True

    def _staged(self, *names: str) -> str:
        """Return the staged columns (of `s`) as SQL."""
        plain = {} if self.with_supporters else PLAIN
        return ", ".join(plain.get(name, f"s.{name}") for name in names)

    def execute(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                sql,
                {
                    "tenant": current_tenant_id(),
                    "source": self.source_id,
                    "job": self.job_id,
                    "metrics": self.metric_ids,
                    "currency": self.workspace_currency,
                },
            )
            return cursor.rowcount

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                sql,
                {
                    "tenant": current_tenant_id(),
                    "source": self.source_id,
                    "currency": self.workspace_currency,
                },
            )
            return list(cursor.fetchall())

    def run(self, *, dry: bool = False) -> None:
        """Publish; the summary's added, changed and unchanged count facts afterwards.

        `dry` counts what would happen and writes nothing.
        """
        wait_lock(Lock.FACTS, current_tenant_id())
        self.execute("SET LOCAL work_mem TO '128MB'")  # enough to group a million ids in memory
        if self.refresh:
            self.execute(f"ANALYZE {STAGED}")
        refuse_doubled(self.summary)
        if self.may_double:
            self._refuse_twice_the_same()
        self._convert()
        known = bool(
            self.rows("SELECT 1 FROM metrics_fact WHERE tenant_id = %(tenant)s AND source_id = %(source)s LIMIT 1")
        )
        if known:
            self._compare()
        if dry:
            self._foresee(compared=known)
            return
        if known:
            self._correct()
        else:
            self.summary.added = self._insert(f"{STAGED} s")
            self.mark(f"SELECT metric_id, employee_id, day FROM {STAGED}", most=self.summary.added)
        if self.refresh:
            statistics.refresh("facts", changed=self.summary.added + self.summary.changed)

    def _refuse_twice_the_same(self) -> None:
        """A row that gives one metric twice can't be told apart from itself."""
        line = ", line" if self.with_supporters else ""
        rows = self.rows(f"SELECT DISTINCT row_no FROM {STAGED} GROUP BY row_no, metric_id{line} HAVING count(*) > 1")
        if rows:
            refuse(
                self.summary,
                [int(str(row)) for (row,) in rows],
                Reason.of("doubled_metric"),
            )

    def _convert(self) -> None:
        """Turn other currencies into the workspace's at the rate of the day (RULES.md section 1)."""
        if not self.rows(f"SELECT 1 FROM {STAGED} WHERE currency NOT IN ('', %(currency)s) LIMIT 1"):
            return
        # A row's currency is that of its amounts: its counts and days stay what they are. Beside the workspace's own
        # currency nothing changes, so that a row says the same whatever other rows come with it.
        self.execute(
            f"UPDATE {STAGED} s SET currency = '' FROM metrics_metric m WHERE m.tenant_id = %(tenant)s "
            f"AND m.id = s.metric_id AND m.unit_of_measure <> 'money' AND s.currency NOT IN ('', %(currency)s)"
        )
        foreign = f"""SELECT s.ctid AS place, s.row_no, round(s.value * r.rate, 4) AS worth
            FROM {STAGED} s LEFT JOIN LATERAL (
                SELECT rate FROM metrics_exchangerate r WHERE r.tenant_id = %(tenant)s
                  AND r.currency = s.currency AND r.valid_from <= s.day ORDER BY r.valid_from DESC LIMIT 1) r ON true
            WHERE s.currency NOT IN ('', %(currency)s)"""
        for condition, reason in (
            ("worth IS NULL", Reason.of("no_rate")),
            (f"abs(worth) >= {LARGEST:f}", Reason.of("converted_too_large")),
        ):
            bad = self.rows(f"SELECT DISTINCT row_no FROM ({foreign}) f WHERE {condition} ORDER BY 1")
            if bad:
                refuse(self.summary, [int(str(row)) for (row,) in bad], reason)
        self.execute(
            f"UPDATE {STAGED} s SET original_value = s.value, value = f.worth "
            f"FROM ({foreign}) f WHERE s.ctid = f.place"
        )

    def _insert(self, source: str) -> int:
        columns = ", ".join(VALUES)
        return self.execute(
            f"""
            INSERT INTO metrics_fact (tenant_id, source_id, external_id, line, credit_role, metric_id, job_id, "row",
                                      {columns})
            SELECT %(tenant)s, %(source)s, s.external_id, {self._staged("line", "credit_role")}, s.metric_id,
                   %(job)s, s.row_no, {self._staged(*VALUES)}
            FROM {source}
            """
        )

    def _foresee(self, *, compared: bool) -> None:
        """Count what publishing would do."""
        if not compared:
            ((added,),) = self.rows(f"SELECT count(*) FROM {STAGED}")
            self.summary.added = int(str(added))
            return
        ((added, changed, same, gone),) = self.rows(
            """
            SELECT count(*) FILTER (WHERE fact_id IS NULL), count(*) FILTER (WHERE differs),
                   count(*) FILTER (WHERE fact_id IS NOT NULL AND NOT differs), (SELECT count(*) FROM staged_gone)
            FROM staged_match
            """
        )
        self.summary.added, self.summary.unchanged = int(str(added)), int(str(same))
        self.summary.changed = int(str(changed)) + int(str(gone))

    def _compare(self) -> None:
        """Lay what is staged beside the facts of the source."""
        stored, staged = ", ".join(f"f.{name}" for name in VALUES), self._staged(*VALUES)
        line = self._staged("line")
        self.execute(
            f"""
            DROP TABLE IF EXISTS staged_match;
            CREATE TEMP TABLE staged_match ON COMMIT DROP AS
            SELECT s.*, f.id AS fact_id, f.id IS NOT NULL AND ({stored}) IS DISTINCT FROM ({staged}) AS differs,
                   f.employee_id AS old_employee_id, f.day AS old_day
            FROM {STAGED} s LEFT JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND f.source_id = %(source)s
                AND f.external_id = s.external_id AND f.metric_id = s.metric_id AND f.line = {line};
            ANALYZE staged_match;
            DROP TABLE IF EXISTS staged_gone;
            CREATE TEMP TABLE staged_gone ON COMMIT DROP AS
            SELECT f.id AS fact_id, f.metric_id, f.employee_id AS old_employee_id, f.day AS old_day
            FROM (SELECT external_id FROM {STAGED} UNION SELECT external_id FROM {SKIPPED}) k
            JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND f.source_id = %(source)s
                AND f.external_id = k.external_id AND f.metric_id = ANY(%(metrics)s)
            WHERE NOT EXISTS (SELECT FROM {STAGED} s WHERE s.external_id = f.external_id
                              AND s.metric_id = f.metric_id AND {line} = f.line)
            """
        )

    def _correct(self) -> None:
        """Add, correct and take back what differs."""
        self.keep("SELECT fact_id FROM staged_match WHERE differs UNION ALL SELECT fact_id FROM staged_gone")
        changes = ", ".join(f"{name} = {self._staged(name)}" for name in VALUES)
        changed = self.execute(
            f"""
            UPDATE metrics_fact f SET {changes}, job_id = %(job)s, "row" = s.row_no
            FROM staged_match s WHERE s.differs AND f.tenant_id = %(tenant)s AND f.id = s.fact_id
            """
        )
        changed += self.execute(
            "DELETE FROM metrics_fact f USING staged_gone g WHERE f.tenant_id = %(tenant)s AND f.id = g.fact_id"
        )
        added = self._insert("staged_match s WHERE s.fact_id IS NULL")
        same = self.rows("SELECT count(*) FROM staged_match WHERE fact_id IS NOT NULL AND NOT differs")
        self.summary.added, self.summary.changed = added, changed
        self.summary.unchanged = int(str(same[0][0]))
        if added or changed:
            self.mark(
                """
                SELECT metric_id, employee_id, day FROM staged_match WHERE fact_id IS NULL OR differs
                UNION ALL SELECT metric_id, old_employee_id, old_day FROM staged_match WHERE differs
                UNION ALL SELECT metric_id, old_employee_id, old_day FROM staged_gone
                """
            )

    def keep(self, fact_ids: str) -> None:
        """Write the present state of facts into their history."""
        columns, kept = ", ".join(KEPT), ", ".join(f"f.{name}" for name in KEPT)
        self.execute(
            f"""
            INSERT INTO metrics_factversion (tenant_id, fact_id, version, replaced_by_job_id, {columns})
            SELECT %(tenant)s, f.id, 1 + coalesce((SELECT max(v.version) FROM metrics_factversion v
                    WHERE v.tenant_id = %(tenant)s AND v.fact_id = f.id), 0), %(job)s, {kept}
            FROM metrics_fact f WHERE f.tenant_id = %(tenant)s AND f.id IN ({fact_ids})
            """
        )

    def mark(self, days: str, *, most: int | None = None) -> None:
        """Mark the days dirty: per metric and person, or per metric when there are very many.

        `most` is how many days there are at most, where that is known: a few need not be counted.
        """
        if most is not None and most <= MOST_KEYS:
            self.execute(
                f"""
                INSERT INTO metrics_dirtykey (tenant_id, metric_id, employee_id, first_day, last_day)
                SELECT %(tenant)s, metric_id, employee_id, min(day), max(day) FROM ({days}) d GROUP BY 2, 3
                """
            )
            dirty.ring()
            return
        self.execute(
            f"""
            DROP TABLE IF EXISTS staged_dirty;
            CREATE TEMP TABLE staged_dirty ON COMMIT DROP AS
            SELECT metric_id, employee_id, min(day) AS first_day, max(day) AS last_day
            FROM ({days}) d GROUP BY 1, 2
            """
        )
        ((pairs,),) = self.rows("SELECT count(*) FROM staged_dirty")
        if not pairs:
            return
        grouped = (
            "SELECT %(tenant)s, metric_id, employee_id, first_day, last_day FROM staged_dirty"
            if int(str(pairs)) <= MOST_KEYS
            else "SELECT %(tenant)s, metric_id, NULL, min(first_day), max(last_day) FROM staged_dirty GROUP BY 2"
        )
        self.execute(
            f"INSERT INTO metrics_dirtykey (tenant_id, metric_id, employee_id, first_day, last_day) {grouped}"
        )
        dirty.ring()
