"""What a running job is handed."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import progress
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.errors import DomainError


class Cancelled(DomainError):
    """Somebody asked the job to stop; everything it did is rolled back."""

    code = "cancelled"
    message = _("Cancelled. Nothing was changed.")


@dataclass(frozen=True)
class JobContext:
    """A job's id, parameters and starter, and its ways to report progress and to hear a cancel."""

    job_id: int
    params: dict[str, Any]
    created_by_id: int | None
    meter: progress.Meter = field(default_factory=progress.Meter, compare=False, repr=False)

    def report(self, phase: str, done: int = 0, total: int = 0, *, rows: int = 0) -> None:
        """Publish progress, then stop by raising Cancelled if that was asked for.

        `done` of `total` makes the bar, in whatever measure (bytes, levels); `rows` is what the speed is told in.
        """
        progress.report(self.job_id, progress.measured(self.meter, phase, done, total, rows))
        if Job.objects.filter(pk=self.job_id, cancel_requested=True).exists():
            raise Cancelled
