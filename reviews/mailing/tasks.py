"""Workers' side of mailing surveys."""

from celery import shared_task

from perfmgmt.notify.sending import OpenScope
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.tasks import batched_tenant_task
from reviews.mailing import writing


@batched_tenant_task("reviews.write_surveys_of")
def write_surveys_of(open_scope: OpenScope) -> None:
    """Write one workspace's mails that are due, then its reminders, batch by batch."""
    desk = writing.Desk()
    found = 1
    while found:
        with open_scope():
            found = writing.write_batch(desk)
    with open_scope():
        last = writing.remind_batch(desk)
    while last:
        with open_scope():
            last = writing.remind_batch(desk, last)


@shared_task(name="reviews.write_surveys", expires=170)
def write_surveys() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        write_surveys_of.apply_async(args=[tenant_id], retry=False, expires=170)
