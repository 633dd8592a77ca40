"""Telling the planner of facts that came by many small batches: once a minute, by a worker, not by the caller."""

import logging

from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 60


def refresh_later(tenant_id: int) -> None:
    """Have a worker look at the facts again after this commit, unless one was asked to within the last minute.

    Without a broker it is left to the next batch, and to autovacuum.
    """
    transaction.on_commit(lambda: _ask(tenant_id))


def _ask(tenant_id: int) -> None:
    from perfmgmt.api.tasks import refresh_statistics

    try:
        if cache.add(f"api:refreshed:{tenant_id}", 1, timeout=PAUSE_SECONDS):
            refresh_statistics.apply_async(args=[tenant_id], countdown=PAUSE_SECONDS / 2, retry=False)
    except (OperationalError, RedisError) as error:
        logger.warning("No broker (%s): the planner hears of new facts later.", error)
