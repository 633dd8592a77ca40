"""New and returning customers: who was there on which day, and whom a changed fact makes new or returning.

Whether a customer is new on a day follows from the day before it on which the customer has facts. So a fact that
comes, goes, or changes its customer moves exactly one later day of that customer: the next one that is left.
"""

from collections.abc import Callable
from datetime import date

from perfmgmt.metrics import statistics
from perfmgmt.metrics.rollups.sql import Plan


def follow_customers(keys: list[tuple[int, int, date, date]], rules: list[Plan], execute: Callable[..., int]) -> bool:
    """Bring the customers' days of changed facts up to date; put the later days that move with them into `r_later`.

    `keys` are (metric, employee, first day, last day), `rules` the plans with a rule about customers. `r_later` gets
    (metric, employee, day) of those plans' metrics. Returns whether there is anything in it.
    """
    bases = {plan.base_id for plan in rules}
    by_metric = {pk: plan.base_id for plan in rules for pk in plan.metric_ids}
    wanted = {(by_metric.get(key[0], key[0]), *key[1:]) for key in keys if key[0] in bases or key[0] in by_metric}
    if not wanted:
        return False
    metrics, employees, first, last = (list(column) for column in zip(*sorted(wanted), strict=True))
    execute("DROP TABLE IF EXISTS r_customers, r_later")
    changed = execute(_DIFFERENCES, bases=metrics, employees=employees, first=first, last=last)
    if not changed:
        return False
    execute(_GONE)
    execute(_COME)
    statistics.refresh("customers", changed=changed)
    pairs = [(plan.metric_ids[0], plan.base_id) for plan in rules]
    return bool(execute(_LATER, rules=[pk for pk, _base in pairs], rule_bases=[base for _pk, base in pairs]))


_DIFFERENCES = """
    CREATE TEMP TABLE r_customers ON COMMIT DROP AS
    WITH r AS (
        SELECT * FROM unnest(%(bases)s::bigint[], %(employees)s::bigint[], %(first)s::date[], %(last)s::date[])
            AS r(metric_id, employee_id, first_day, last_day)
    ), fresh AS (
        SELECT DISTINCT r.metric_id, f.customer, f.day, r.employee_id FROM r CROSS JOIN LATERAL (
            SELECT customer, day FROM metrics_fact
            WHERE tenant_id = %(tenant)s AND metric_id = r.metric_id AND employee_id = r.employee_id
              AND day BETWEEN r.first_day AND r.last_day AND customer <> '') f
    ), stored AS (
        SELECT DISTINCT r.metric_id, c.customer, c.day, r.employee_id FROM r CROSS JOIN LATERAL (
            SELECT customer, day FROM metrics_customerday
            WHERE tenant_id = %(tenant)s AND metric_id = r.metric_id AND employee_id = r.employee_id
              AND day BETWEEN r.first_day AND r.last_day) c)
    SELECT metric_id, customer, day, employee_id, true AS come FROM (TABLE fresh EXCEPT TABLE stored) a
    UNION ALL
    SELECT metric_id, customer, day, employee_id, false FROM (TABLE stored EXCEPT TABLE fresh) b
"""
_GONE = """
    DELETE FROM metrics_customerday d USING r_customers r
    WHERE NOT r.come AND d.tenant_id = %(tenant)s AND d.metric_id = r.metric_id AND d.customer = r.customer
      AND d.day = r.day AND d.employee_id = r.employee_id
"""
_COME = """
    INSERT INTO metrics_customerday (tenant_id, metric_id, customer, day, employee_id)
    SELECT %(tenant)s, metric_id, customer, day, employee_id FROM r_customers WHERE come
"""
_LATER = """
    CREATE TEMP TABLE r_later ON COMMIT DROP AS
    SELECT DISTINCT m.metric_id, l.employee_id, l.day
    FROM (SELECT DISTINCT metric_id, customer, day FROM r_customers) c
    CROSS JOIN LATERAL (
        SELECT x.day FROM metrics_customerday x
        WHERE x.tenant_id = %(tenant)s AND x.metric_id = c.metric_id AND x.customer = c.customer AND x.day > c.day
        ORDER BY x.day LIMIT 1) n
    CROSS JOIN LATERAL (
        SELECT x.employee_id, x.day FROM metrics_customerday x
        WHERE x.tenant_id = %(tenant)s AND x.metric_id = c.metric_id AND x.customer = c.customer AND x.day = n.day) l
    JOIN unnest(%(rules)s::bigint[], %(rule_bases)s::bigint[]) AS m(metric_id, base_id) ON m.base_id = c.metric_id
"""
