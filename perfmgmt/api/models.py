"""Tokens of programs, the way from a token to its workspace, and what was answered to a batch."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited

MOST_KEY = 100


class TokenRoute(models.Model):
    """Routing: hash of a token -> workspace, and nothing else. Read before a scope can be open."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.token_hash[:8]}: {self.tenant_id}"


@audited(exclude=("token_hash", "last_used_on"))
class ApiToken(TenantOwned):
    """A program's way into one workspace (令牌). The secret itself is not kept, only its SHA-256."""

    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField(_("last day"))
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="api_token_hash_once"),
            models.UniqueConstraint(
                fields=["tenant", "name"], name="api_token_name_once", condition=models.Q(revoked_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchAnswer(TenantOwned):
    """What was answered to a batch, so that a caller who did not hear it may ask again with the same key."""

    token = TenantForeignKey(ApiToken, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=MOST_KEY)
    request_hash = models.CharField(max_length=64)
    answer = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "key"], name="batch_answer_once_per_key")]
        indexes = [models.Index(fields=["tenant", "created_at"], name="batch_answer_by_age")]

    def __str__(self) -> str:
        return self.key
