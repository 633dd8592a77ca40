"""Long work (P2): one row per job, so that its result outlives the worker that did it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(TenantOwned):
    """One piece of long work. Progress while it runs lives in Redis (`jobs.progress`).

    `retry_of` is the job whose input this one does again; a job is retried once, then its retry is.
    """

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    params = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    retry_of = TenantForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "retry_of"], name="job_retried_once")]
        indexes = [models.Index(fields=["tenant", "-id"], name="job_newest_first")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)
