"""Queues: every task's queue has a worker, and mail waits for no flood of other work."""

import re
from typing import Any

import pytest
from django.conf import settings
from kombu import Queue

from perfmgmt.celery import app
from perfmgmt.embedded import children
from tests.embedded.support import ROOT

USED = {"default", *(route["queue"] for route in settings.CELERY_TASK_ROUTES.values())}
PLACES = ("docker-compose.yml", "perfmgmt/embedded/children.py", "tests/workers/support.py")


def taken(place: str) -> list[list[str]]:
    """The queues of each worker that a file starts, in their order."""
    found = re.findall(r'-Q[ ",]+([a-z,]+)', (ROOT / place).read_text(encoding="utf-8"))
    return [queues.strip(",").split(",") for queues in found]


@pytest.mark.parametrize("place", PLACES)
def test_every_queue_has_a_worker(place: str) -> None:
    assert {queue for queues in taken(place) for queue in queues} == USED


def test_mail_goes_by_a_queue_that_no_import_can_block() -> None:
    for task in ("notify.send_mail", "notify.send_account_mail"):
        assert settings.CELERY_TASK_ROUTES[task] == {"queue": "mail"}
    for place in PLACES[:2]:
        (of_mail,) = [queues for queues in taken(place) if "mail" in queues]
        assert "bulk" not in of_mail, "an import keeps its worker for minutes"
    assert children.__file__


def test_an_invitation_overtakes_a_flood_of_other_work() -> None:
    """Hundreds of messages wait in each other queue; a worker's next turn brings the mail that came last."""
    (queues,) = [each for each in taken(PLACES[1]) if "mail" in each]
    seen: list[str] = []
    with app.connection_for_read() as broker, broker.channel() as channel:
        for queue in USED:
            Queue(queue)(channel).declare()
            channel.queue_purge(queue)
        with app.producer_pool.acquire() as producer:
            for queue in USED - {"mail"}:
                for number in range(200):
                    producer.publish({"n": number}, routing_key=queue)
            producer.publish({"n": 0}, routing_key="mail")

        def take(_body: Any, message: Any) -> None:
            seen.append(message.delivery_info["routing_key"])
            message.ack()

        with broker.Consumer([Queue(queue) for queue in queues], callbacks=[take]) as consumer:
            consumer.qos(prefetch_count=1)
            while len(seen) < 6:
                broker.drain_events(timeout=5)
        for queue in USED:
            channel.queue_purge(queue)
    assert "mail" in seen[:3], seen
