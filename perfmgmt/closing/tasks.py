"""Locking as jobs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from perfmgmt.closing import services
from perfmgmt.closing.permissions import LOCK_PERIODS
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker
from perfmgmt.tenants.calendar import Period

LOCK, ACCEPT = "periods.lock", "periods.accept"


def lock(context: JobContext) -> dict[str, Any]:
    """Lock a period (params: period) with the rights of who asked."""
    with override(context.params.get("language", "en")):
        _viewer, workspace = asker(context, LOCK_PERIODS)
        context.report("freezing")
        made = services.lock_period(
            Period.parse(context.params["period"], workspace.fiscal_start_month),
            today=workspace.today(),
            user_id=context.created_by_id,
            job_id=context.job_id,
            slug=workspace.slug,
            step=lambda done, total: context.report("freezing", done, total),
        )
        return {
            "summary": [[_("Periods locked"), len(made)], [_("Figures kept"), sum(lock.rows for lock in made)]],
            "period": context.params["period"],
        }


def accept(context: JobContext) -> dict[str, Any]:
    """Take late changes into a locked period (params: period, reason)."""
    with override(context.params.get("language", "en")):
        _viewer, workspace = asker(context, LOCK_PERIODS)
        context.report("freezing")
        made = services.accept_late_changes(
            Period.parse(context.params["period"], workspace.fiscal_start_month),
            reason=context.params["reason"],
            user_id=context.created_by_id,
            job_id=context.job_id,
        )
        return {
            "summary": [[_("Version"), made.version], [_("Figures kept"), made.rows]],
            "period": context.params["period"],
        }
