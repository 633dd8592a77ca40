"""How fast mail may go to one domain: a number a minute, counted in the database for all workers together.

A provider that is given thousands of mails at once puts them off, or takes the sender for a spammer.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from perfmgmt.notify.models import DomainTurn

MINUTE = timedelta(minutes=1)
_TAKE = """
    INSERT INTO notify_domainturn AS turn (domain, minute, taken) VALUES (%(domain)s, %(minute)s, 1)
    ON CONFLICT (domain) DO UPDATE SET minute = excluded.minute,
        taken = CASE WHEN turn.minute < excluded.minute THEN 1 ELSE turn.taken + 1 END
    WHERE turn.minute < excluded.minute OR turn.taken < %(most)s
    RETURNING taken
"""
# The mails that another worker holds at this moment are left out: it will see for itself that there is no turn.
_PUT_OFF = """
    WITH waiting AS (
        SELECT id FROM notify_workspacemail
        WHERE tenant_id = %(tenant)s AND state IN ('queued', 'sending') AND due_at < %(next)s AND domain = %(domain)s
        ORDER BY due_at, id FOR UPDATE SKIP LOCKED
    ), placed AS (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(most)s AS turn FROM waiting)
    UPDATE notify_workspacemail mail SET due_at = %(next)s + placed.turn * interval '1 minute'
    FROM placed WHERE mail.id = placed.id AND mail.tenant_id = %(tenant)s
"""


def _minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def take(domain: str) -> bool:
    """Take one of a domain's turns of this minute and return True; False when all are taken."""
    most = settings.MAIL_PER_DOMAIN_PER_MINUTE
    if most <= 0 or not domain:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"domain": domain, "minute": _minute(), "most": most})
        return cursor.fetchone() is not None


def put_off(domain: str, tenant_id: int) -> None:
    """Give every mail of a workspace that waits for a domain a minute to come, as many to each as may go."""
    values = {"tenant": tenant_id, "domain": domain, "next": _minute() + MINUTE,
              "most": settings.MAIL_PER_DOMAIN_PER_MINUTE}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, values)


def forget_old() -> int:
    """Delete the counts of minutes long past; return how many."""
    return DomainTurn.objects.filter(minute__lt=timezone.now() - timedelta(hours=1)).delete()[0]
