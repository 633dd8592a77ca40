"""Exchange rates and the facts that were converted by them (RULES.md section 1).

A fact keeps its original amount, so a corrected rate can be applied to what is already in: as a correction like any
other, with the old value kept and the figures recomputed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.parsing import LARGEST
from perfmgmt.metrics.imports.publishing import KEPT
from perfmgmt.metrics.models import ExchangeRate, Fact
from perfmgmt.metrics.rollups import dirty
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.web import formats

# The rate of a fact's day, as imports take it.
_RATED = """
    FROM metrics_fact f LEFT JOIN LATERAL (
        SELECT rate FROM metrics_exchangerate r WHERE r.tenant_id = %(tenant)s AND r.currency = f.currency
            AND r.valid_from <= f.day ORDER BY r.valid_from DESC LIMIT 1) r ON true
    WHERE f.tenant_id = %(tenant)s AND f.original_value IS NOT NULL"""


class TooLarge(DomainError):
    """A rate makes an amount larger than a fact may be: nothing is converted."""

    code = "converted_too_large"
    message = _(
        "The rate {rate} of {currency} from {valid_from} makes the amount of the fact “{external_id}” of {source} on "
        "{day} too large. Nothing was converted; correct the rate or the fact."
    )


# Above this many people a metric is recomputed as a whole.
MOST_KEYS = 20_000


@dataclass(frozen=True)
class Outdated:
    """Facts of one currency that today's rates would convert differently; `unrated` of them have no rate at all."""

    currency: str
    facts: int
    unrated: int
    first_day: date
    last_day: date


def outdated(*, first: date | None = None, last: date | None = None) -> list[Outdated]:
    """Return, by currency, which facts were converted at another rate than the list of rates now has."""
    between = " AND f.day BETWEEN %(first)s AND %(last)s" if first and last else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.currency, count(*), count(*) FILTER (WHERE r.rate IS NULL), min(f.day), max(f.day) {_RATED}
                {between} AND (r.rate IS NULL OR f.value <> round(f.original_value * r.rate, 4))
                GROUP BY 1 ORDER BY 1""",
            {"tenant": current_tenant_id(), "first": first, "last": last},
        )
        return [Outdated(*row) for row in cursor.fetchall()]


@transaction.atomic
def save_rate(rate: ExchangeRate | None, *, currency: str, valid_from: date, value: Decimal) -> ExchangeRate:
    """Add a rate, or correct `rate`; facts that are in stay as they are until they are converted again.

    Raises Conflict when the currency has a rate from that day already.
    """
    wait_lock(Lock.FACTS, current_tenant_id())  # no import converts meanwhile
    twin = ExchangeRate.objects.filter(currency=currency, valid_from=valid_from)
    if rate is not None:
        twin = twin.exclude(pk=rate.pk)
    if twin.exists():
        raise Conflict(_("This currency has a rate from that day already: correct that one."))
    saved = rate or ExchangeRate()
    saved.currency, saved.valid_from, saved.rate = currency, valid_from, value
    saved.save()
    return saved


def _refuse_too_large(params: dict[str, Any]) -> None:
    """Raise TooLarge for the first fact that the rate of its day makes too large."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.id, (SELECT max(valid_from) FROM metrics_exchangerate v WHERE v.tenant_id = %(tenant)s
                              AND v.currency = f.currency AND v.valid_from <= f.day) {_RATED}
                AND f.currency = %(currency)s AND f.currency <> %(own)s
                AND abs(round(f.original_value * r.rate, 4)) >= {LARGEST:f} ORDER BY f.day, f.id LIMIT 1""",
            params,
        )
        found = cursor.fetchone()
    if found is None:
        return
    fact = Fact.objects.select_related("source").get(id=found[0])
    rate = ExchangeRate.objects.get(currency=fact.currency, valid_from=found[1])
    raise TooLarge(
        rate=f"{rate.rate.normalize():f}",
        currency=fact.currency,
        valid_from=formats.day(rate.valid_from),
        external_id=fact.external_id,
        source=fact.source.name,
        day=formats.day(fact.day),
    )


def convert_again(currency: str, workspace_currency: str, *, job_id: int) -> int:
    """Correct the facts of a currency whose value is not what the rates of their days make of the original amount.

    The old values are kept as versions and the days are marked. Facts without a rate stay. Returns how many changed.
    Raises TooLarge when a rate makes an amount too large for a fact.
    """
    wait_lock(Lock.FACTS, current_tenant_id())
    params: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "currency": currency,
        "own": workspace_currency,
        "job": job_id,
    }
    _refuse_too_large(params)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DROP TABLE IF EXISTS converted;
            CREATE TEMP TABLE converted ON COMMIT DROP AS
            SELECT f.id, f.metric_id, f.employee_id, f.day, round(f.original_value * r.rate, 4) AS value {_RATED}
                AND f.currency = %(currency)s AND f.currency <> %(own)s
                AND f.value <> round(f.original_value * r.rate, 4);
            INSERT INTO metrics_factversion (tenant_id, fact_id, version, replaced_by_job_id, {", ".join(KEPT)})
            SELECT %(tenant)s, f.id, 1 + coalesce((SELECT max(v.version) FROM metrics_factversion v
                    WHERE v.tenant_id = %(tenant)s AND v.fact_id = f.id), 0), %(job)s,
                   {", ".join(f"f.{name}" for name in KEPT)}
            FROM metrics_fact f JOIN converted c ON c.id = f.id WHERE f.tenant_id = %(tenant)s""",
            params,
        )
        cursor.execute(
            "UPDATE metrics_fact f SET value = c.value FROM converted c "
            "WHERE f.tenant_id = %(tenant)s AND f.id = c.id",
            params,
        )
        changed = int(cursor.rowcount)
        cursor.execute("SELECT metric_id, employee_id, min(day), max(day) FROM converted GROUP BY 1, 2")
        keys: list[tuple[int | None, int | None, date, date]] = list(cursor.fetchall())
    if len(keys) > MOST_KEYS:
        first, last = min(key[2] for key in keys), max(key[3] for key in keys)
        keys = [(metric_id, None, first, last) for metric_id in {key[0] for key in keys}]
    dirty.mark(keys)
    return changed
