"""Late changes as a list: named, with their causes, for the page and for a file."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from perfmgmt.closing import frozen
from perfmgmt.closing.causes import Cause, causes
from perfmgmt.closing.frozen import Difference
from perfmgmt.closing.models import Part, PeriodLock
from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.closing.selectors import lock_of
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Employee, Unit
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats

EXPORT = "periods.export"
PAGE = 1000


def part_words(part: Part) -> str:
    """Say which figure it is."""
    return {
        Part.EMPLOYEE: _("Person's figure"), Part.UNIT: _("Unit's figure"), Part.TARGET: _("Target")
    }[part]  # fmt: skip


def cause_words(cause: Cause, files: dict[int, str]) -> str:
    """Say in one line what came: how many facts, from which file or source."""
    text = {
        "new": ngettext("%(n)s new fact", "%(n)s new facts", cause.facts),
        "corrected": ngettext("%(n)s fact corrected", "%(n)s facts corrected", cause.facts),
        "removed": ngettext("%(n)s fact taken back", "%(n)s facts taken back", cause.facts),
    }[cause.what] % {"n": cause.facts}
    origin = files.get(cause.job_id or 0) or cause.source
    return f"{text} · {origin}" if origin else text


def named(lock: PeriodLock, found: list[Difference], currency: str = "") -> list[dict[str, Any]]:
    """Return differences with names of metric and owner and with their causes in words; a fixed number of queries.

    `delta` is the difference as pages show it, amounts in `currency`.
    """
    metrics = {metric.pk: metric for metric in Metric.objects.filter(pk__in={each.metric_id for each in found})}
    ids = {each.owner_id for each in found}
    people = dict(Employee.objects.filter(pk__in=ids).values_list("pk", "name"))
    units = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))
    why = causes(lock, found)
    jobs = Job.objects.filter(pk__in={cause.job_id for each in why.values() for cause in each if cause.job_id})
    files = {job.pk: str(job.params.get("file_name", "")) for job in jobs}
    rows = []
    for each in found:
        owners = units if each.part is Part.UNIT else people
        reasons = [cause_words(cause, files) for cause in why.get((each.metric_id, each.owner_id), [])]
        rows.append(
            {
                "difference": each,
                "metric": metrics[each.metric_id],
                "who": owners.get(each.owner_id) or (_("Unassigned") if each.part is Part.UNIT else "—"),
                "what": part_words(each.part),
                "delta": formats.signed(
                    formats.metric_value(each.delta, metrics[each.metric_id], currency), each.delta
                ),
                "causes": reasons if each.part is Part.EMPLOYEE and reasons else [_other_cause(each.part)],
            }
        )
    return rows


def _other_cause(part: Part) -> str:
    if part is Part.TARGET:
        return _("The target was changed")
    return _("Follows from its people") if part is Part.UNIT else _("Days moved between units")


def export(context: JobContext) -> dict[str, Any]:
    """Write the late changes of a locked period (params: period) to a file, with the rights of who asked."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, SEE_PERIODS)
        lock = lock_of(Period.parse(context.params["period"], workspace.fiscal_start_month))
        if lock is None:
            raise NotFound
        header = [_("Name"), _("Figure"), _("Metric"), _("Locked"), _("Now"), _("Difference"), _("Cause")]
        return write_csv(context, f"late-changes-{lock.period.label}.csv", header, _rows(lock))


def _rows(lock: PeriodLock) -> Iterator[list[Any]]:
    offset = 0
    while found := frozen.differences(lock, limit=PAGE, offset=offset):
        for row in named(lock, found):
            each = row["difference"]
            yield [row["who"], row["what"], row["metric"].name, each.before, each.now, each.delta,
                   "; ".join(row["causes"])]  # fmt: skip
        offset += PAGE
