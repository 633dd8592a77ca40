"""Workers' side of the jobs."""

from perfmgmt.jobs import services
from perfmgmt.tenants.tasks import batched_tenant_task


@batched_tenant_task("jobs.run")
def run_next(open_scope: services.OpenScope) -> None:
    """Run one job of the workspace, then queue up again behind the other workspaces if more are waiting."""
    if services.run_next(open_scope):
        with open_scope() as tenant_id:
            pass
        run_next.apply_async(args=[tenant_id], retry=False)
