"""The import wizard (F3): a file on its way in, and what is remembered about files of its kind."""

from typing import Any

from django.db import models

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited(exclude=("updated_at",))
class ImportProfile(TenantOwned):
    """Which column means what, kept under a name for the next file with the same columns.

    `choices` is what the page of columns was filled in with; without it the mapping came as a file.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "name"], name="import_profile_once")]

    def __str__(self) -> str:
        return self.name


class ImportDraft(TenantOwned):
    """An uploaded file and how far the wizard is with it; the work is done by jobs, whose results are theirs.

    `reading` is how somebody chose that it is read (encoding, delimiter, sheet, and the sheets that were there).
    """

    kind = models.CharField(max_length=40)
    file = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    mapping: Any = models.JSONField(null=True)
    choices: Any = models.JSONField(null=True)
    reading: Any = models.JSONField(default=dict)
    profile = TenantForeignKey(
        ImportProfile, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    inspect_job_id = models.BigIntegerField(null=True)
    check_job_id = models.BigIntegerField(null=True)
    import_job_id = models.BigIntegerField(null=True)
    undo_job_id = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="import_draft_newest_first")]

    def __str__(self) -> str:
        return self.file_name
