"""Choosing whom to ask, started by the clock."""

from collections.abc import Callable
from functools import partial

from celery import shared_task
from django.utils import timezone

from perfmgmt.jobs.services import OpenScope
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.tasks import batched_tenant_task
from reviews.asking import campaign_jobs, triggers
from reviews.handing import services as handing


@batched_tenant_task("reviews.ask_customers_of")
def ask_customers_of(open_scope: OpenScope) -> None:
    """Decide, in one workspace, about what came since the last time, and start campaigns that are due.

    Links that nobody handed over in time are given up first: they no longer count in their customers' budgets.
    """
    with open_scope() as tenant_id:
        workspace = workspace_of(Tenant.objects.get(pk=tenant_id))
        asking, due = triggers.working(), campaign_jobs.due(timezone.now())
    given_up = 1
    while given_up:
        with open_scope():
            given_up = handing.give_up(timezone.now())
    for trigger_id in asking:
        _to_the_end(open_scope, partial(triggers.step, trigger_id, workspace=workspace))
    for campaign_id in due:
        with open_scope():
            campaign_jobs.begin(campaign_id, user_id=None, now=timezone.now())


def _to_the_end(open_scope: OpenScope, step: Callable[..., int | None]) -> None:
    """Take one step after the other, each in a transaction of its own."""
    after: int | None = 0
    while after is not None:
        with open_scope():
            after = step(after, now=timezone.now())


@shared_task(name="reviews.ask_customers", expires=900)
def ask_customers() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        ask_customers_of.apply_async(args=[tenant_id], retry=False, expires=900)
