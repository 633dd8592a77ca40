"""Settings that take work: the job's side of them."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.metrics import rates
from perfmgmt.metrics.rollups import services as rollups
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.models import Tenant, WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id

FISCAL_YEAR, CONVERT = "workspace.fiscal_year", "rates.convert"


def superseded(job: Job) -> str | Promise:
    """Return why an old change of the fiscal year is not done again: a later one would be undone by it."""
    later = Job.objects.filter(kind=FISCAL_YEAR, pk__gt=job.pk)
    return gettext_lazy("The fiscal year was changed again since. Set it on its page.") if later.exists() else ""


def change_fiscal_year(context: JobContext) -> dict[str, Any]:
    """Set the first month of the fiscal year (params: month) and recompute the figures, both in one transaction.

    Whoever is against it (a locked quarter) says so by the event `workspace.fiscal_year_changing`.
    """
    with override(context.params.get("language", "en")):
        wait_lock(Lock.ROLLUPS, current_tenant_id())
        publish("workspace.fiscal_year_changing")
        WorkspaceProfile.objects.update(fiscal_start_month=context.params["month"])
        context.report("computing")
        outcome = rollups.rebuild(step=lambda done, total: context.report("computing", done, total))
        return {"summary": [[_("Figures that moved"), outcome.differing]]}


def convert_again(context: JobContext) -> dict[str, Any]:
    """Convert the facts of a currency (params: currency) at the rates as they are now."""
    with override(context.params.get("language", "en")):
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        context.report("converting")
        changed = rates.convert_again(context.params["currency"], workspace.currency, job_id=context.job_id)
        return {"summary": [[_("Facts converted again"), changed]]}
