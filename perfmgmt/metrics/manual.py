"""Facts that people enter by hand: added once, taken back with the old value kept."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from perfmgmt.metrics.imports.publishing import KEPT
from perfmgmt.metrics.models import Source
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.metrics.rollups import dirty
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id

SOURCE = "manual"
TRIES, WAIT_SECONDS = 20, 0.2


@dataclass(frozen=True)
class ManualFact:
    """One fact; `external_id` names it within the source for good."""

    external_id: str
    metric_id: int
    employee_id: int
    day: date
    value: Decimal
    customer: str = ""


def source() -> Source:
    """Return the source of manual entries, named in the workspace's language when it is first needed."""
    found = Source.objects.filter(code=SOURCE).first()
    if found is None:
        with override(WorkspaceProfile.objects.values_list("language", flat=True).get()):
            found, _created = Source.objects.get_or_create(code=SOURCE, defaults={"name": _t("Manual entry")})
    return found


def hold_facts() -> None:
    """Keep imports and locks of periods away until the transaction ends; a page waits only a moment for it.

    Raises Conflict while an import is being saved.
    """
    for _attempt in range(TRIES):
        if try_lock(Lock.FACTS, current_tenant_id()):
            return
        time.sleep(WAIT_SECONDS)
    raise Conflict(_("An import is being saved right now. Try again in a moment."), code="facts_busy")


def record(facts: Iterable[ManualFact]) -> int:
    """Add facts that are not there yet and mark their days; return how many came. Call `hold_facts` before."""
    rows = list(facts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO metrics_fact (tenant_id, source_id, line, credit_role, credit_share, currency,
                {", ".join(name for name in ATTRIBUTES if name != "customer")},
                external_id, metric_id, employee_id, day, value, customer)
            SELECT %(tenant)s, %(source)s, 0, 'owner', 1, '', {", ".join("''" for name in ATTRIBUTES[1:])}, given.*
            FROM unnest(%(ids)s::text[], %(metrics)s::bigint[], %(people)s::bigint[], %(days)s::date[],
                        %(values)s::numeric[], %(customers)s::text[]) given
            ON CONFLICT (tenant_id, source_id, external_id, metric_id, line) DO NOTHING""",
            {
                "tenant": current_tenant_id(),
                "source": source().pk,
                "ids": [fact.external_id for fact in rows],
                "metrics": [fact.metric_id for fact in rows],
                "people": [fact.employee_id for fact in rows],
                "days": [fact.day for fact in rows],
                "values": [fact.value for fact in rows],
                "customers": [fact.customer for fact in rows],
            },
        )
        added = int(cursor.rowcount)
    dirty.mark((fact.metric_id, fact.employee_id, fact.day, fact.day) for fact in rows)
    return added


def take_back(external_id: str) -> int:
    """Remove a manual fact, keep what it said as a version, and mark its day; return how many facts went."""
    params: dict[str, Any] = {"tenant": current_tenant_id(), "source": source().pk, "id": external_id}
    which = "f.tenant_id = %(tenant)s AND f.source_id = %(source)s AND f.external_id = %(id)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO metrics_factversion (tenant_id, fact_id, version, {", ".join(KEPT)})
                SELECT %(tenant)s, f.id, 1 + coalesce((SELECT max(v.version) FROM metrics_factversion v
                    WHERE v.tenant_id = %(tenant)s AND v.fact_id = f.id), 0), {", ".join(f"f.{n}" for n in KEPT)}
                FROM metrics_fact f WHERE {which}""",
            params,
        )
        cursor.execute(f"DELETE FROM metrics_fact f WHERE {which} RETURNING metric_id, employee_id, day", params)
        gone = cursor.fetchall()
    dirty.mark((metric_id, employee_id, day, day) for metric_id, employee_id, day in gone)
    return len(gone)
