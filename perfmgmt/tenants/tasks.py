"""The task base: every task of the project belongs to a workspace, or stands in `CROSS_TENANT` with its reason."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from celery import shared_task
from django.utils import timezone

from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import tenant_scope

# Tasks that run without a workspace, each with the reason a reviewer accepted.
CROSS_TENANT = {
    "tenants.sweep": "reads the routing table of doorbells only and hands each workspace to a task of its own",
    "api.forget_old_answers": "reads the routing table of tokens only and hands each workspace to a task of its own",
    "notify.forget_old_notifications": "reads the list of workspaces only and hands each to a task of its own",
    "metrics.prepare_all_forecasts": "reads the list of workspaces only and hands each to a task of its own",
    "goals.lock_due": "reads the list of workspaces only and hands each to a task of its own",
    "goals.remind_of_check_ins": "reads the list of workspaces only and hands each to a task of its own",
    "people.tell_begun_stand_ins": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.ask_customers": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.begin_scores": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.end_cycles": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.remind_of_cycles": "reads the list of workspaces only and hands each to a task of its own",
    "goals.remind_of_plans": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.remind_of_feedback": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.remind_of_follow_ups": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.remind_of_raters": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.remind_of_trainings": "reads the list of workspaces only and hands each to a task of its own",
    "reviews.settle_voices": "reads the list of workspaces only and hands each to a task of its own",
    "notify.read_bounces": "reads a mailbox only and hands each report to a task of the workspace that it names",
    "reviews.write_surveys": "reads the list of workspaces only and hands each to a task of its own",
    "notify.send_account_mail": "mail about sign-ins belongs to no workspace; touches notify.AccountMail only",
}
SWEEP_AFTER = timedelta(seconds=8)


def tenant_task(name: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Register a Celery task whose first argument is a workspace id and whose body runs inside that scope.

    The whole body is one transaction. Arguments after the id are plain values, never objects.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        @wraps(function)
        def run(tenant_id: int, *args: Any, **kwargs: Any) -> None:
            with tenant_scope(tenant_id):
                function(*args, **kwargs)

        run.scope = "call"  # type: ignore[attr-defined]
        return shared_task(name=name, **options)(run)

    return decorate


def batched_tenant_task(name: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Register a task that opens its workspace's scope several times, once per step.

    The function gets `open_scope` (a context manager without arguments, bound to the one workspace) instead of
    the id, so it cannot open any other.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        @wraps(function)
        def run(tenant_id: int, *args: Any, **kwargs: Any) -> None:
            function(partial(tenant_scope, tenant_id), *args, **kwargs)

        run.scope = "batch"  # type: ignore[attr-defined]
        return shared_task(name=name, **options)(run)

    return decorate


@shared_task(name="tenants.sweep", expires=30)
def sweep() -> None:
    """Announce every workspace with waiting work that a lost message may have left behind."""
    waiting = (
        Doorbell.objects.filter(rung_at__lt=timezone.now() - SWEEP_AFTER)
        .values_list("queue", "tenant_id")
        .distinct()
        .order_by("queue", "tenant_id")
    )
    for queue, tenant_id in waiting:
        publish("tenants.sweep", queue=queue, tenant_id=tenant_id)
