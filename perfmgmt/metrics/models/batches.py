"""Batches of facts that programs sent (F4)."""

from django.db import models

from perfmgmt.tenants.base import TenantOwned


class FactsBatch(TenantOwned):
    """One batch as it was taken: by which token, from which source, how many rows became what.

    `id` comes from the sequence of jobs, so that `job_id` of a fact names either the import or the batch it came by,
    and both are undone alike. The token's name is kept as it was: a token may be gone when somebody asks. `refusals`:
    the first refused rows (`row`, `external_id`, and the reason as `imports.reasons.kept` stores it).
    """

    id = models.BigIntegerField(primary_key=True)
    token_id = models.BigIntegerField()
    token_name = models.CharField(max_length=80)
    source = models.CharField(max_length=40)
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    refusals = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    undo_job_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="facts_batch_newest_first")]

    def __str__(self) -> str:
        return f"{self.source} #{self.pk}"
