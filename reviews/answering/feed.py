"""Answers become facts of whoever served (S6): at once, or by a worker when an import holds the facts.

Only what counts: answers of surveys whose purpose is scored, never of those that an assistant started. What is
written follows from what is stored, so doing it twice changes nothing. The answer to a question that promises not to
show the customer's name is a fact without one.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils.translation import gettext as _t
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from perfmgmt.metrics import given
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import (
    AskOrigin,
    InvitationState,
    SurveyAnswer,
    SurveyInvitation,
    SurveyPurpose,
    SurveyQuestion,
    SurveyQuestionKind,
)

logger = logging.getLogger(__name__)
QUEUE, SOURCE = "answers", "surveys"
#: Which metric the answers to a kind of question are facts of.
METRICS: dict[str, str] = {SurveyQuestionKind.CSAT: "csat", SurveyQuestionKind.NPS: "nps"}
#: How much earlier than its note an answer may say that it was: the request began before it was written.
SLACK = timedelta(minutes=10)


def value_of(kind: str, number: int) -> Decimal:
    """Return an answer as its metric counts it: NPS as 100 (9, 10), 0 (7, 8) or -100, so that its mean is NPS."""
    if kind != SurveyQuestionKind.NPS:
        return Decimal(number)
    return Decimal(100 if number >= 9 else 0 if number >= 7 else -100)


def is_scored(invitation: SurveyInvitation) -> bool:
    """Whether what is answered counts for somebody."""
    counts = invitation.purpose == SurveyPurpose.SCORED and invitation.origin != AskOrigin.ASSISTANT
    return counts and invitation.employee_id is not None


def follow(invitation: SurveyInvitation) -> None:
    """Let the facts say what was answered. A customer never waits for an import: a worker does it after that."""
    if not is_scored(invitation):
        return
    if try_lock(Lock.FACTS, current_tenant_id()):
        settle([invitation.pk])
    else:
        ring()


def settle(invitation_ids: Collection[int]) -> int:
    """Make the facts of invitations what their answers say; return how many facts are others now.

    Needs Lock.FACTS.
    """
    rows = SurveyInvitation.objects.filter(
        pk__in=invitation_ids, purpose=SurveyPurpose.SCORED, employee__isnull=False
    ).exclude(origin=AskOrigin.ASSISTANT)
    invitations = {row.pk: row for row in rows}
    metrics = {row.code: row for row in Metric.objects.filter(code__in=METRICS.values()) if row.takes_facts}
    asked = SurveyQuestion.objects.filter(
        version__in={row.version_id for row in invitations.values()}, kind__in=METRICS
    ).values_list("version_id", "key", "identified")
    keys: dict[int, dict[str, bool]] = {}
    for version_id, key, identified in asked:
        keys.setdefault(version_id, {})[key] = identified
    if not all(all(each.values()) for each in keys.values()):
        forget_names(invitations)  # before a correction keeps as a version what the fact said
    finished = [pk for pk, row in invitations.items() if row.state == InvitationState.FINISHED]
    answers = SurveyAnswer.objects.filter(invitation__in=finished, kind__in=METRICS, number__isnull=False)
    wanted = []
    for one in answers:
        if METRICS[one.kind] in metrics:
            asked_by = invitations[one.invitation_id]
            by_name = keys.get(asked_by.version_id, {}).get(one.key, False)
            wanted.append(_fact(asked_by, one, metrics[METRICS[one.kind]].pk, by_name=by_name))
    among = [name_of(row.pk, key) for row in invitations.values() for key in keys.get(row.version_id, ())]
    return given.settle(given.source(SOURCE, lambda: _t("Customer surveys")), wanted, among=among)


def name_of(invitation_id: int, key: str) -> str:
    """Return how the source names the fact of an answer."""
    return f"{invitation_id}:{key}"


_FORGET = """
    UPDATE metrics_fact f SET customer = ''
    FROM reviews_surveyinvitation i
    JOIN reviews_surveyquestion q ON q.tenant_id = i.tenant_id AND q.version_id = i.version_id
    JOIN metrics_source s ON s.tenant_id = i.tenant_id AND s.code = %(source)s
    WHERE f.tenant_id = %(tenant)s AND i.tenant_id = %(tenant)s AND NOT q.identified AND q.kind = ANY(%(kinds)s)
        AND f.source_id = s.id AND f.external_id = i.id || ':' || q.key AND f.line = 0 AND f.customer <> ''
        AND (%(all)s OR i.id = ANY(%(ids)s))
"""


def forget_names(invitation_ids: Collection[int] | None = None) -> int:
    """Take customers' names out of facts of questions that promise not to show them; return of how many.

    None: of all invitations. The figure stays what it was, so nothing is marked and no version keeps the name.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {
            "tenant": current_tenant_id(), "source": SOURCE, "kinds": list(METRICS), "all": invitation_ids is None,
            "ids": list(invitation_ids or ()),
        })  # fmt: skip
        return int(cursor.rowcount)


def on_rebuilt(*, open_scope: Callable[[], AbstractContextManager[Any]], outcome: Any) -> None:
    """`rebuild` takes the names out of facts that were written with them."""
    with open_scope():
        forget_names()


def _fact(invitation: SurveyInvitation, one: SurveyAnswer, metric_id: int, *, by_name: bool) -> given.GivenFact:
    return given.GivenFact(
        external_id=name_of(invitation.pk, one.key), metric_id=metric_id, employee_id=invitation.employee_id or 0,
        day=invitation.day, value=value_of(one.kind, one.number or 0),
        customer=invitation.customer if by_name else "", customer_type=invitation.customer_type,
        product=invitation.product, region=invitation.region,
    )  # fmt: skip


def ring() -> None:
    """Leave a durable note for the sweep and wake a worker once this transaction is committed."""
    tenant_id = current_tenant_id()
    Doorbell.objects.create(tenant_id=tenant_id, queue=QUEUE)
    transaction.on_commit(lambda: _wake(tenant_id))


def _wake(tenant_id: int, **options: Any) -> None:
    from reviews.tasks import feed_answers

    try:
        feed_answers.apply_async(args=[tenant_id], retry=False, **options)
    except (OperationalError, RedisError) as error:
        logger.warning("No broker (%s): the sweep will feed the answers of workspace %s.", error, tenant_id)


def on_sweep(*, queue: str, tenant_id: int) -> None:
    """The sweep found an old note: whatever message there was is lost or late."""
    if queue == QUEUE:
        _wake(tenant_id, expires=60)


def catch_up() -> bool:
    """Feed what was answered since the oldest note; return False while somebody else holds the facts."""
    tenant_id = current_tenant_id()
    if not try_lock(Lock.FACTS, tenant_id):
        return False
    # Only notes seen before the answers are read may go: what they stand for is visible to what follows.
    notes = Doorbell.objects.filter(tenant_id=tenant_id, queue=QUEUE)
    seen = list(notes.values_list("pk", flat=True)[:10_000])
    since = notes.filter(pk__in=seen).aggregate(at=Min("rung_at"))["at"]
    if since is not None:
        since -= SLACK
        late = SurveyInvitation.objects.filter(Q(finished_at__gte=since) | Q(corrected_at__gte=since))
        settle(list(late.values_list("pk", flat=True)))
        Doorbell.objects.filter(pk__in=seen).delete()
    return True
