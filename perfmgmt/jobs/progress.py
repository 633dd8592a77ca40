"""Progress of running jobs, in Redis: readable while the job's own transaction is still open."""

import logging
from dataclasses import asdict, dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` (0 = not known yet), in the words of `phase`."""

    phase: str = ""
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int | None:
        """0-100, None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None


def report(job_id: int, progress: Progress) -> None:
    """Publish the progress of a job of the open workspace. Losing it loses nothing else, so errors are logged."""
    try:
        cache.set(f"job:{job_id}:progress", asdict(progress), timeout=KEPT_SECONDS)
    except RedisError as error:
        logger.warning("Progress of job %s not published: %s", job_id, error)


def read(job_id: int) -> Progress:
    """Return the latest progress of a job of the open workspace."""
    try:
        values = cache.get(f"job:{job_id}:progress")
    except RedisError as error:
        logger.warning("Progress of job %s not readable: %s", job_id, error)
        values = None
    return Progress(**values) if values else Progress()
