"""Workers' side of the outbox."""

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from perfmgmt.notify import bounces, mailbox, notifications, sending, services
from perfmgmt.notify.models import AccountMail, WorkspaceMail
from perfmgmt.notify.reserving import waiting
from perfmgmt.tenants.models import Doorbell, Tenant
from perfmgmt.tenants.tasks import batched_tenant_task, tenant_task


@batched_tenant_task("notify.send_mail")
def send_mail(open_scope: sending.OpenScope) -> None:
    """Send the workspace's due mail, one batch; if more is due, another task queues up behind other work.

    The notes of the doorbell stay until nothing waits, so that the sweep comes back for later attempts.
    """
    with open_scope() as tenant_id:
        seen = list(Doorbell.objects.filter(tenant_id=tenant_id, queue=services.QUEUE).values_list("pk", flat=True))
        if not waiting(WorkspaceMail).exists():
            Doorbell.objects.filter(pk__in=seen).delete()
            return
    if sending.send_due(WorkspaceMail, open_scope, more=lambda: services.wake(tenant_id)):
        return
    with open_scope():
        if not waiting(WorkspaceMail).exists():
            Doorbell.objects.filter(pk__in=seen).delete()


@shared_task(name="notify.send_account_mail", expires=60)
def send_account_mail() -> None:
    """Send due mail about sign-ins; beat calls it as well, for lost messages and later attempts."""
    sending.send_due(AccountMail, transaction.atomic, more=services.wake_account)
    sending.prune()


@tenant_task("notify.forget_notifications")
def forget_notifications() -> None:
    """Remove what one workspace's people were told more than 90 days ago."""
    notifications.forget_old()


@shared_task(name="notify.forget_old_notifications", expires=1800)
def forget_old_notifications() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        forget_notifications.apply_async(args=[tenant_id], retry=False, expires=1800)


@tenant_task("notify.note_bounce")
def note_bounce(message_id: str, reason: str, is_gone: bool, detail: str) -> None:
    """Note that one of the workspace's mails came back."""
    bounces.note(message_id, reason, is_gone=is_gone, detail=detail)


@shared_task(name="notify.read_bounces", expires=280)
def read_bounces() -> None:
    """Read the mailbox of returned mail, and hand each report to a task of the workspace that it names."""

    def hand_on(report: bounces.Report) -> None:
        args = [report.tenant_id, report.message_id, str(report.reason), report.is_gone, report.detail]
        note_bounce.apply_async(args=args, retry=False)

    try:
        mailbox.poll(hand_on)
    except (BrokerError, RedisError) as error:
        services.logger.warning("No broker (%s): the report stays in the mailbox.", type(error).__name__)
