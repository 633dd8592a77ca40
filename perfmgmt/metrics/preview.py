"""Trying a definition out before it is saved: the figures of the last months of one unit or person.

Computed from facts, for the people of that unit and those months only, by the same pieces of SQL as the rollups;
what is saved and unchanged is read from the rollups. A definition that asks for too much is stopped after a few
seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.definitions import Definition
from perfmgmt.metrics.figures import Asked, Figures, Table, assemble
from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.metrics.models.library import FILTERABLE
from perfmgmt.metrics.rollups.sql import (
    ADDITIVE,
    DISTINCT,
    LAST,
    OF_CUSTOMERS,
    Buckets,
    Plan,
    each_customer,
    params_of,
    plan_of,
)
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import read_people, read_units
from perfmgmt.metrics.services import Draft, apply, definitions, with_parts
from perfmgmt.people.models import Assignment
from perfmgmt.people.selectors import unit_tree
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.scope import current_tenant_id

PERIODS = 3
TIMEOUT_MS = 3000
SAMPLE = 2000
QUERY_CANCELED = "57014"


class TooMuch(DomainError):
    """The definition can't be tried out in a moment."""

    code = "too_much"
    message = _("There are too many facts to try this out here. The figures come soon after you save it.")


@dataclass(frozen=True)
class Subject:
    """Whose figures are tried: a unit's or a person's."""

    id: int
    by_unit: bool


@dataclass(frozen=True)
class Tried:
    """One period of a preview."""

    period: Period
    value: Decimal | None
    n: int


def preview(
    draft: Draft, subject: Subject, *, today: date, fiscal_start_month: int, metric: Metric | None = None
) -> list[Tried]:
    """Return the figures of a valid draft in the last months, the present one last; raise TooMuch."""
    drafted = drafted_metric(draft, metric)
    last = Period.containing(Grain.MONTH, today, fiscal_start_month)
    periods = [last.next(-back) for back in reversed(range(PERIODS))]
    asked = Asked(Grain.MONTH, periods[0].start, last.start, by_unit=subject.by_unit)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout TO {TIMEOUT_MS}")
            found = assemble([drafted], asked, _Reader(subject, fiscal_start_month, metric.pk if metric else 0).read)[
                drafted.pk
            ]
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        raise TooMuch from error
    return [_tried(found, subject.id, period) for period in periods]


def _tried(found: Figures, owner: int, period: Period) -> Tried:
    return Tried(period, found.value(owner, period.start), found.n(owner, period.start))


def drafted_metric(draft: Draft, metric: Metric | None) -> Metric:
    """Return a metric as drafted, unsaved; what it narrows, too. Ids below 0 are theirs only."""
    metrics, known = definitions()
    draft, parts = with_parts(draft, known)
    for n, part in enumerate(parts, 2):
        metrics[part.code] = _unsaved(part, metrics, -n)
    drafted = _unsaved(draft.definition, metrics, -1)
    if metric is not None:
        drafted.name_zh, drafted.name_en = metric.name_zh, metric.name_en
    return drafted


def _unsaved(definition: Definition, metrics: dict[str, Metric], pk: int) -> Metric:
    made = Metric(pk=pk)
    apply(made, definition, metrics)
    return made


def values_seen(metric_code: str, attribute: str) -> list[str]:
    """Return values that an attribute has in some of a metric's facts, for who writes a filter."""
    if attribute not in FILTERABLE:
        return []
    sample = Fact.objects.filter(metric__code=metric_code).values_list(attribute, flat=True)[:SAMPLE]
    return sorted(set(sample) - {""})[:12]


class _Reader:
    """Reads what is saved from the rollups and computes what is drafted from facts."""

    def __init__(self, subject: Subject, fiscal_start_month: int, saved_id: int) -> None:
        """`saved_id` is the metric that is changed, under which its facts are stored (0 for a new one)."""
        self.subject, self.buckets, self.saved_id = subject, Buckets(fiscal_start_month), saved_id
        self.units = unit_tree(subject.id) if subject.by_unit else []

    def read(self, parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        saved = [part for part in parts if part.pk > 0]
        reader = read_units if self.subject.by_unit else read_people
        tables = dict(reader(Grain.MONTH, [self.subject.id])(saved, spans)) if saved else {}
        for part in parts:
            if part.pk < 0:
                tables[part.pk] = {
                    (self.subject.id, start): sums for span in spans for start, sums in self._months(part, span)
                }
        return tables

    def _months(self, metric: Metric, span: tuple[date, date]) -> list[tuple[date, Sums]]:
        """Compute the months that begin in a span; of a metric that units have no figure for, none."""
        plan = plan_of(metric)
        if plan.base_id is None:
            plan = replace(plan, base_id=self.saved_id)
        if plan.kind == LAST and self.subject.by_unit and not metric.is_stock:
            return []
        first = Period(Grain.MONTH, span[0]).next(-1).start if plan.looks_back else span[0]
        end = Period(Grain.MONTH, span[1]).next().start
        self._facts_of(plan, first, end)
        with connection.cursor() as cursor:
            cursor.execute(self._figure(plan), {"first": span[0], "end": end})
            return [(start, Sums(Decimal(total), n)) for start, total, n in cursor.fetchall() if n]

    def _facts_of(self, plan: Plan, first: date, end: date) -> None:
        """Put the facts that count into a small table."""
        params = {
            "tenant": current_tenant_id(), "people": self._people(first, end), "units": self.units, "first": first,
            "end": end, **params_of([plan]),
        }  # fmt: skip
        place = ""
        if self.subject.by_unit:
            place = """ AND EXISTS (SELECT FROM people_assignment a WHERE a.tenant_id = %(tenant)s
                AND a.employee_id = f.employee_id AND f.day BETWEEN a.valid_from AND a.valid_to
                AND a.unit_id = ANY(%(units)s))"""
        among = f"""f.tenant_id = %(tenant)s AND f.metric_id = {int(plan.base_id or 0)}
            AND f.employee_id = ANY(%(people)s) AND f.day >= %(first)s AND f.day < %(end)s"""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS tried_fact, tried_customer")
            if plan.rule:
                cursor.execute(
                    f"""
                    CREATE TEMP TABLE tried_customer ON COMMIT DROP AS
                    SELECT metric_id, customer, day,
                           lag(day) OVER (PARTITION BY customer ORDER BY day) AS previous
                    FROM (SELECT DISTINCT f.metric_id, f.customer, f.day FROM metrics_fact f
                          WHERE f.tenant_id = %(tenant)s AND f.metric_id = {int(plan.base_id or 0)}
                            AND f.day < %(end)s
                            AND f.customer IN (SELECT f.customer FROM metrics_fact f WHERE {among})) d
                    """,
                    params,
                )
            cursor.execute(
                f"""
                CREATE TEMP TABLE tried_fact ON COMMIT DROP AS
                SELECT f.* FROM metrics_fact f WHERE {among} AND {plan.facts("", previous="tried_customer")} {place}
                """,
                params,
            )

    def _people(self, first: date, end: date) -> list[int]:
        if not self.subject.by_unit:
            return [self.subject.id]
        spells = Assignment.objects.filter(
            unit_id__in=self.units, valid_from__lt=end, valid_to__gte=first - timedelta(days=1)
        )
        return sorted(set(spells.values_list("employee_id", flat=True)))

    def _figure(self, plan: Plan) -> str:
        start = self.buckets.start(Grain.MONTH, "f.day")
        facts = "tried_fact f"
        if plan.kind in OF_CUSTOMERS:
            total, n = OF_CUSTOMERS[plan.kind]
            each = each_customer(plan, self.buckets, Grain.MONTH, "1 AS one, 1 AS two", facts)
            return f"""SELECT start, {total}, {n} FROM ({each}) c
                WHERE start >= %(first)s AND start < %(end)s GROUP BY 1"""
        if plan.kind in (ADDITIVE, DISTINCT):
            return f"SELECT {start}, {plan.from_facts()}, count(*) FROM {facts} GROUP BY 1"
        return f"""SELECT start, sum(total), sum(n)::bigint FROM (
            SELECT {start} AS start, f.employee_id, {plan.from_facts()} AS total, count(*) AS n
            FROM {facts} GROUP BY 1, 2) p GROUP BY 1"""
