"""Facts that another part of the product keeps in step with what it knows, such as customers' answers."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import override

from perfmgmt.metrics.imports.publishing import KEPT
from perfmgmt.metrics.models import Fact, Source
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.metrics.rollups import dirty
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id


@dataclass(frozen=True)
class GivenFact:
    """One fact of an owner; `external_id` and the metric name it within its source for good."""

    external_id: str
    metric_id: int
    employee_id: int
    day: date
    value: Decimal
    customer: str = ""
    customer_type: str = ""
    product: str = ""
    region: str = ""


#: What may change of a fact, and as which type it is handed over.
SAID = {
    "employee_id": "bigint", "day": "date", "value": "numeric", "customer": "text", "customer_type": "text",
    "product": "text", "region": "text",
}  # fmt: skip
_REST = [name for name in ATTRIBUTES if name not in SAID]
_NAMES = ("external_id", "metric_id", *SAID)
_GIVEN = ", ".join(f"%({name})s::{kind}[]" for name, kind in
                   {"external_id": "text", "metric_id": "bigint", **SAID}.items())  # fmt: skip
_KEEP = f"""
    INSERT INTO metrics_factversion (tenant_id, fact_id, version, {", ".join(KEPT)})
    SELECT %(tenant)s, f.id, 1 + coalesce((SELECT max(v.version) FROM metrics_factversion v
        WHERE v.tenant_id = %(tenant)s AND v.fact_id = f.id), 0), {", ".join(f"f.{name}" for name in KEPT)}
    FROM metrics_fact f WHERE f.tenant_id = %(tenant)s AND f.id = ANY(%(facts)s)"""
_CORRECT = f"""
    UPDATE metrics_fact f SET {", ".join(f"{name} = g.{name}" for name in SAID)}, job_id = NULL, "row" = NULL
    FROM unnest({_GIVEN}) AS g({", ".join(_NAMES)})
    WHERE f.tenant_id = %(tenant)s AND f.source_id = %(source)s AND f.line = 0
        AND f.external_id = g.external_id AND f.metric_id = g.metric_id"""
_ADD = f"""
    INSERT INTO metrics_fact (tenant_id, source_id, line, credit_role, credit_share, currency,
        {"".join(f"{name}, " for name in _REST)} {", ".join(_NAMES)})
    SELECT %(tenant)s, %(source)s, 0, 'owner', 1, '', {"'', " * len(_REST)} g.*
    FROM unnest({_GIVEN}) AS g({", ".join(_NAMES)})"""


def source(code: str, name: Callable[[], str]) -> Source:
    """Return a source; when it is first needed it is named in the workspace's language."""
    found = Source.objects.filter(code=code).first()
    if found is None:
        with override(WorkspaceProfile.objects.values_list("language", flat=True).get()):
            found, _created = Source.objects.get_or_create(code=code, defaults={"name": name()})
    return found


def settle(origin: Source, wanted: Iterable[GivenFact], *, among: Collection[str]) -> int:
    """Make the facts of a source with external ids `among` exactly the wanted ones; return how many changed.

    New ones are added, others corrected or taken back; what they said is kept as a version, and their days are
    marked. Needs Lock.FACTS.
    """
    facts = {(fact.external_id, fact.metric_id): fact for fact in wanted}
    rows = Fact.objects.filter(
        source_id=origin.pk, external_id__in={*among, *(key for key, _metric in facts)}, line=0
    )
    there = {(row.external_id, row.metric_id): row for row in rows}
    gone = [row for key, row in there.items() if key not in facts]
    other = [fact for key, fact in facts.items() if key in there and _said(there[key]) != _said(fact)]
    new = [fact for key, fact in facts.items() if key not in there]
    before = [*gone, *(there[fact.external_id, fact.metric_id] for fact in other)]
    ids: dict[str, Any] = {"tenant": current_tenant_id(), "source": origin.pk, "facts": [row.id for row in before]}
    with connection.cursor() as cursor:
        if before:
            cursor.execute(_KEEP, ids)
        if gone:
            ids["gone"] = [row.id for row in gone]
            cursor.execute("DELETE FROM metrics_fact WHERE tenant_id = %(tenant)s AND id = ANY(%(gone)s)", ids)
        if other:
            cursor.execute(_CORRECT, ids | _columns(other))
        if new:
            cursor.execute(_ADD, ids | _columns(new))
    marked: list[Fact | GivenFact] = [*before, *other, *new]
    dirty.mark((one.metric_id, one.employee_id, one.day, one.day) for one in marked)
    return len(gone) + len(other) + len(new)


def _said(one: Fact | GivenFact) -> list[Any]:
    return [getattr(one, name) for name in SAID]


def _columns(facts: list[GivenFact]) -> dict[str, list[Any]]:
    return {name: list(values) for name, values in zip(_NAMES, zip(*map(astuple, facts), strict=True), strict=True)}
