"""A program's own batches: what became of one, and undoing it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from perfmgmt.api import batch
from perfmgmt.api.access import ApiView
from perfmgmt.api.lists import DetailView
from perfmgmt.api.schema import PROBLEM
from perfmgmt.api.scopes import FACTS_WRITE
from perfmgmt.api.serializers import ProblemSerializer
from perfmgmt.api.throttling import BatchThrottle, TokenThrottle
from perfmgmt.jobs.models import JobState
from perfmgmt.metrics.batches import undo_batch, undo_of
from perfmgmt.metrics.models import FactsBatch

REPLAYED = "Idempotency-Replayed"
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": batch.KEY_PATTERN, "minLength": 1, "maxLength": batch.MOST_KEY},
    OpenApiParameter.HEADER,
    required=True,
    description=_("Made by you for this batch: 1 to 100 visible characters, such as a UUID"),
)


def replayed(status: int) -> OpenApiParameter:
    """Return the header that says whether an answer was given before."""
    text = _("“true” when this answer was given before")
    return OpenApiParameter(REPLAYED, OpenApiTypes.BOOL, OpenApiParameter.HEADER, response=[status], description=text)


class LeftFactSerializer(serializers.Serializer[Any]):
    """A fact that was left as it is."""

    external_id = serializers.CharField()
    metric = serializers.CharField()
    why = serializers.ChoiceField(
        choices=["changed", "replaced"],
        help_text=_("changed: somebody changed it since; replaced: its row came in anew since"),
    )


class UndoSerializer(serializers.Serializer[Any]):
    """Where the undoing of a batch stands; counts are there once it is done."""

    state = serializers.ChoiceField(choices=JobState.values)
    error = serializers.CharField(allow_blank=True)
    taken_back = serializers.IntegerField(required=False, help_text=_("Facts that the batch added"))
    restored = serializers.IntegerField(required=False, help_text=_("Facts that the batch changed"))
    left = serializers.IntegerField(required=False, help_text=_("Facts that can't be undone"))
    left_facts = LeftFactSerializer(
        many=True, required=False, help_text=_("The first 1,000 of them, with the reason")
    )


class FactsBatchSerializer(serializers.Serializer[Any]):
    """A batch that was taken."""

    id = serializers.IntegerField()
    source = serializers.CharField()
    created_at = serializers.DateTimeField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    undo = UndoSerializer(allow_null=True)

    def to_representation(self, instance: FactsBatch) -> dict[str, Any]:
        """Return the batch's own columns, and what its job says."""
        fields = ("id", "source", "added", "changed", "unchanged", "refused")
        job = undo_of(instance)
        undo = job and {
            "state": job.state,
            "error": job.error,
            **{name: value for name, value in (job.result or {}).items() if name in UndoSerializer().fields},
        }
        created_at = serializers.DateTimeField().to_representation(instance.created_at)
        return {**{name: getattr(instance, name) for name in fields}, "created_at": created_at, "undo": undo}


@extend_schema(
    summary=_("Read one batch"),
    description=_("A batch that was sent with this token, and where its undoing stands."),
    tags=["facts"],
)
class FactsBatchDetail(DetailView):
    """One batch of the token."""

    scope = FACTS_WRITE
    model = FactsBatch
    serializer_class = FactsBatchSerializer
    key = ("batch_id", "id")

    def rows(self) -> QuerySet[Any]:
        return FactsBatch.objects.filter(token_id=self.caller.token_id)


class FactsBatchUndo(ApiView):
    """Undoing a batch of the token."""

    scope = FACTS_WRITE
    throttle_classes = [TokenThrottle, BatchThrottle]

    @extend_schema(
        operation_id="facts_batch_undo",
        summary=_("Undo one batch"),
        description=_(
            "What the batch added is taken back and what it changed is as before, by a worker; ask for the batch to "
            "see how far it is. A fact that was changed since is left and listed. A batch is undone once; if that "
            "failed, a new key starts it again."
        ),
        tags=["facts"],
        parameters=[KEY, replayed(202)],
        request=None,
        responses={
            202: FactsBatchSerializer,
            (409, PROBLEM): OpenApiResponse(ProblemSerializer, _("A batch with this key is being worked on")),
            (422, PROBLEM): OpenApiResponse(ProblemSerializer, _("This key was used with another body")),
        },
    )
    def post(self, request: Request, batch_id: int) -> HttpResponse:
        """Start undoing a batch; raise NotFound for one of another token or workspace."""
        key = batch.key_of(request.META.get("HTTP_IDEMPOTENCY_KEY"))
        answer, known = batch.answer_once(self.caller, key, f"undo:{batch_id}", lambda: self._undo(batch_id))
        headers = {REPLAYED: "true" if known else "false"}
        return HttpResponse(answer, status=202, content_type="application/json", headers=headers)

    def _undo(self, batch_id: int) -> dict[str, Any]:
        found = undo_batch(batch_id, token_id=self.caller.token_id)
        return FactsBatchSerializer(found).data
