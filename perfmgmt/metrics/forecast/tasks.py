"""Forecasts prepared each night of the workspace, and on demand as a job."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.forecast import services
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task

KIND = "forecasts.prepare"
# The hour of the workspace's clock in which its forecasts are prepared.
HOUR = 2
# A message that waited longer than this is of another hour.
EXPIRES = 3000


@tenant_task("metrics.prepare_forecasts")
def prepare_forecasts(at: str) -> None:
    """Prepare one workspace's forecasts if it is night there at the moment `at` (ISO); twice does no harm."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    moment = datetime.fromisoformat(at)
    if timezone.localtime(moment, timezone=ZoneInfo(workspace.time_zone)).hour == HOUR:
        services.prepare(workspace, workspace.today(moment))


@shared_task(name="metrics.prepare_all_forecasts", expires=EXPIRES)
def prepare_all_forecasts() -> None:
    """Hand each workspace to a task of its own, every hour: nights begin at different times."""
    now = timezone.now().isoformat()
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        prepare_forecasts.apply_async(args=[tenant_id, now], retry=False, expires=EXPIRES)


def run(context: JobContext) -> dict[str, Any]:
    """The job "Prepare forecasts" (params: language); cancelled between two metrics, it leaves nothing."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    outcome = services.prepare(
        workspace, workspace.today(), step=lambda done, total: context.report("forecasting", done, total)
    )
    with override(str(context.params.get("language") or "en")):
        told = ((_("Metrics"), outcome.metrics), (_("People"), outcome.people), (_("Rows changed"), outcome.changed))
        return {"summary": [list(each) for each in told]}
