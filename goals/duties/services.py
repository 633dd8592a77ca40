"""Writes: which metrics measure a duty."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goals.models import DutyMetric
from perfmgmt.metrics.models import Metric
from perfmgmt.people.duties.services import pack
from perfmgmt.people.models import Duty
from perfmgmt.tenants.errors import DomainError, NotFound

PACK = Path(__file__).with_name("pack.json")
MOST = 10


@transaction.atomic
def set_metrics(duty_id: int, metric_ids: Iterable[int]) -> int:
    """Let exactly these metrics measure a duty; return how many it has.

    Raises NotFound for a duty or metric that isn't there, DomainError for too many.
    """
    wanted = set(metric_ids)
    if Duty.objects.select_for_update().filter(pk=duty_id).first() is None:
        raise NotFound
    if len(wanted) > MOST:
        raise DomainError(_("A duty is measured by {n} metrics at most."), code="too_many_metrics", n=MOST)
    present = set(DutyMetric.objects.filter(duty_id=duty_id).values_list("metric_id", flat=True))
    allowed = set(Metric.objects.filter(pk__in=wanted, archived_at=None).values_list("pk", flat=True)) | present
    if not wanted <= allowed:
        raise NotFound
    DutyMetric.objects.filter(duty_id=duty_id, metric_id__in=present - wanted).delete()
    DutyMetric.objects.bulk_create(DutyMetric(duty_id=duty_id, metric_id=pk) for pk in sorted(wanted - present))
    return len(wanted)


@lru_cache(maxsize=1)
def ready_metrics() -> dict[str, list[list[str]]]:
    """Return the codes of metrics for the duties of the ready positions, in their order, by the position's code."""
    found: dict[str, list[list[str]]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


def on_duties_installed(*, code: str, duties: list[Duty]) -> None:
    """A ready job description was applied: its duties get their metrics."""
    measure(list(zip(duties, ready_metrics().get(code, []), strict=False)))


@transaction.atomic
def take_ready(duties: list[Duty]) -> int:
    """Give those of a position's duties that are from the ready job descriptions and have no metric theirs.

    Returns how many duties got some.
    """
    known = DutyMetric.objects.filter(duty__in=duties).values_list("duty_id", flat=True)
    codes = _by_text()
    pairs = [(duty, codes[duty.text_zh]) for duty in duties if duty.text_zh in codes and duty.pk not in set(known)]
    return measure(pairs)


def has_ready(duties: list[Duty]) -> bool:
    """Return whether one of the duties is from the ready job descriptions, which know its metrics."""
    codes = _by_text()
    return any(codes.get(duty.text_zh) for duty in duties)


def measure(pairs: list[tuple[Duty, list[str]]]) -> int:
    """Let the metrics of these codes measure the duties, as far as the workspace has them; return how many duties."""
    wanted = {code for _duty, codes in pairs for code in codes}
    ids = dict(Metric.objects.filter(code__in=wanted, archived_at=None).values_list("code", "pk"))
    rows = [DutyMetric(duty=duty, metric_id=ids[code]) for duty, codes in pairs for code in codes if code in ids]
    DutyMetric.objects.bulk_create(rows, ignore_conflicts=True)
    return len({row.duty_id for row in rows})


def _by_text() -> dict[str, list[str]]:
    """Return the codes of metrics by the Chinese text of a ready duty."""
    found = {}
    for entry in pack():
        for duty, codes in zip(entry["duties"], ready_metrics().get(entry["code"], []), strict=False):
            found[duty["text_zh"]] = codes
    return found
