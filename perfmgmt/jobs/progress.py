"""Progress of running jobs, in Redis: readable while the job's own transaction is still open."""

import logging
import time
from collections import deque
from dataclasses import asdict, dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
KEPT_SECONDS = 24 * 3600
# A speed is that of the last seconds; a shorter stretch says nothing.
WINDOW_SECONDS, LEAST_SECONDS, MARK_SECONDS = 20.0, 2.0, 0.25
# Without news for so long, nothing is said about the time that is left.
STALE_SECONDS = 30.0


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` (0 = not known yet), in the words of `phase`.

    `rows` is how many rows were handled (0: the phase does not count rows). `pace` and `row_pace` are what of `done`
    and of `rows` came per second lately (0: not known yet), `at` when this was said (seconds since 1970, 0: never).
    """

    phase: str = ""
    done: int = 0
    total: int = 0
    rows: int = 0
    pace: float = 0.0
    row_pace: float = 0.0
    at: float = 0.0

    @property
    def percent(self) -> int | None:
        """0-100, None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    def is_fresh(self, now: float) -> bool:
        """Whether the job was heard lately: the speed of one that is silent is not known."""
        return now - self.at < STALE_SECONDS

    def remaining(self, now: float) -> float | None:
        """Return the seconds that are left of this phase at the pace of late; None while that is not known."""
        if not self.total or self.pace <= 0 or not self.is_fresh(now):
            return None
        return max(0.0, (self.total - self.done) / self.pace - (now - self.at))


class Meter:
    """Measures a job's speed over the last seconds, in the worker's memory; each phase is measured by itself."""

    def __init__(self) -> None:
        self._phase = ""
        self._marks: deque[tuple[float, int, int]] = deque()

    def measure(self, phase: str, done: int, rows: int, now: float) -> tuple[float, float]:
        """Take a reading; return what of `done` and of `rows` came per second lately, 0 while that is not known."""
        marks = self._marks
        if phase != self._phase or (marks and (done < marks[-1][1] or rows < marks[-1][2])):
            self._phase = phase
            marks.clear()
        if len(marks) > 1 and now - marks[-2][0] < MARK_SECONDS:
            marks.pop()
        marks.append((now, done, rows))
        while len(marks) > 2 and marks[1][0] <= now - WINDOW_SECONDS:
            marks.popleft()
        first_at, first_done, first_rows = marks[0]
        span = now - first_at
        if span < LEAST_SECONDS:
            return 0.0, 0.0
        return (done - first_done) / span, (rows - first_rows) / span


def report(job_id: int, progress: Progress) -> None:
    """Publish the progress of a job of the open workspace. Losing it loses nothing else, so errors are logged."""
    try:
        cache.set(f"job:{job_id}:progress", asdict(progress), timeout=KEPT_SECONDS)
    except RedisError as error:
        logger.warning("Progress of job %s not published: %s", job_id, error)


def measured(meter: Meter, phase: str, done: int, total: int, rows: int) -> Progress:
    """Return a progress with the speed that the meter has seen."""
    pace, row_pace = meter.measure(phase, done, rows, time.monotonic())
    return Progress(phase, done, total, rows, pace, row_pace, time.time())


def read(job_id: int) -> Progress:
    """Return the latest progress of a job of the open workspace."""
    try:
        values = cache.get(f"job:{job_id}:progress")
    except RedisError as error:
        logger.warning("Progress of job %s not readable: %s", job_id, error)
        values = None
    return Progress(**values) if values else Progress()
