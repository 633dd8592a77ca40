"""Taking an import or a batch of facts back (F3): what it added goes, what it changed or took back is as before.

A fact that a later import changed stays as it is, and is listed. Every step leaves a version, so the
history shows both the import and its undoing.
"""

from typing import Any

from django.db import connection
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics import statistics
from perfmgmt.metrics.imports.publishing import KEPT, Publisher
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

KIND = "imports.undo"
MOST_LISTED = 1_000


def run(context: JobContext) -> dict[str, Any]:
    """Undo an import of facts (params: job, language); return what became of its facts."""
    with override(context.params["language"]):
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        publisher = Publisher(0, context.job_id, [], workspace.currency, Summary())
        return _Undo(publisher, int(context.params["job"])).run(context)


class _Undo:
    """Undoes one job in the open transaction."""

    def __init__(self, publisher: Publisher, job_id: int) -> None:
        self.publisher, self.undone = publisher, job_id

    def run(self, context: JobContext) -> dict[str, Any]:
        wait_lock(Lock.FACTS, current_tenant_id())
        context.report("undoing")
        self._find()
        left, listed = self._left()
        publisher = self.publisher
        publisher.keep("SELECT fact_id FROM undo_fact WHERE NOT missing AND NOT blocked")
        context.report("undoing")
        taken = publisher.execute(
            "DELETE FROM metrics_fact f USING undo_fact u "
            "WHERE u.version IS NULL AND f.tenant_id = %(tenant)s AND f.id = u.fact_id"
        )
        columns = ", ".join(f"{name} = v.{name}" for name in KEPT)
        before = """metrics_factversion v WHERE v.tenant_id = %(tenant)s AND v.fact_id = u.fact_id
                    AND v.version = u.version AND NOT u.blocked"""
        restored = publisher.execute(
            f"UPDATE metrics_fact f SET {columns} FROM undo_fact u, {before} "
            "AND NOT u.missing AND f.tenant_id = %(tenant)s AND f.id = u.fact_id"
        )
        restored += publisher.execute(
            f"""
            INSERT INTO metrics_fact (tenant_id, id, {", ".join(KEPT)})
            SELECT %(tenant)s, v.fact_id, {", ".join(f"v.{name}" for name in KEPT)}
            FROM undo_fact u, {before} AND u.missing
            """
        )
        if taken or restored:
            publisher.mark(
                f"""
                SELECT metric_id, employee_id, day FROM undo_fact WHERE NOT missing AND NOT blocked
                UNION ALL SELECT v.metric_id, v.employee_id, v.day FROM undo_fact u, {before}
                """
            )
        statistics.refresh("facts", changed=taken + restored)
        return {"taken_back": taken, "restored": restored, "left": left, "left_facts": listed}

    def _find(self) -> None:
        """List what the job did and nobody has done anything to since.

        `version` is the state it replaced, NULL where it added; `missing`: it took the fact back; `blocked`: the same
        row was imported anew meanwhile, so that what was taken back can't return beside it.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                DROP TABLE IF EXISTS undo_fact;
                CREATE TEMP TABLE undo_fact ON COMMIT DROP AS
                WITH replaced AS (
                    SELECT DISTINCT ON (fact_id) fact_id, version, replaced_by_job_id, source_id, external_id,
                           metric_id, line
                    FROM metrics_factversion WHERE tenant_id = %(tenant)s ORDER BY fact_id, version DESC)
                SELECT f.id AS fact_id, f.metric_id, f.employee_id, f.day,
                       (SELECT max(v.version) FROM metrics_factversion v WHERE v.tenant_id = %(tenant)s
                        AND v.fact_id = f.id AND v.replaced_by_job_id = %(job)s) AS version,
                       false AS missing, false AS blocked
                FROM metrics_fact f WHERE f.tenant_id = %(tenant)s AND f.job_id = %(job)s
                UNION ALL
                SELECT r.fact_id, r.metric_id, NULL, NULL, r.version, true,
                       r.source_id IS NULL OR EXISTS (SELECT FROM metrics_fact f
                            WHERE f.tenant_id = %(tenant)s AND f.source_id = r.source_id
                            AND f.external_id = r.external_id AND f.metric_id = r.metric_id AND f.line = r.line)
                FROM replaced r WHERE r.replaced_by_job_id = %(job)s
                     AND NOT EXISTS (SELECT FROM metrics_fact f WHERE f.tenant_id = %(tenant)s AND f.id = r.fact_id);
                ANALYZE undo_fact
                """,
                {"tenant": current_tenant_id(), "job": self.undone},
            )

    def _left(self) -> tuple[int, list[dict[str, str]]]:
        """Return how many of the job's facts stay, and the first of them with the reason.

        `why` is "changed" (since then), or "replaced": its row came in anew after this job had taken it back.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH later AS (
                    SELECT DISTINCT v.fact_id, v.external_id, v.metric_id, 'changed' AS why
                    FROM metrics_factversion v
                    WHERE v.tenant_id = %(tenant)s AND v.job_id = %(job)s
                      AND v.fact_id NOT IN (SELECT fact_id FROM undo_fact)
                    UNION SELECT v.fact_id, v.external_id, v.metric_id, 'replaced' FROM undo_fact u
                    JOIN metrics_factversion v ON v.tenant_id = %(tenant)s AND v.fact_id = u.fact_id
                         AND v.version = u.version WHERE u.blocked)
                SELECT l.external_id, m.code, l.why, count(*) OVER () FROM later l
                JOIN metrics_metric m ON m.tenant_id = %(tenant)s AND m.id = l.metric_id
                ORDER BY l.external_id, m.code LIMIT %(most)s
                """,
                {"tenant": current_tenant_id(), "job": self.undone, "most": MOST_LISTED},
            )
            rows = cursor.fetchall()
        listed = [{"external_id": row[0], "metric": row[1], "why": row[2]} for row in rows]
        return (rows[0][3] if rows else 0), listed
