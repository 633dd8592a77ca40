"""Facts: reading them, and taking them in by batches."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from perfmgmt.api import batch
from perfmgmt.api.access import ApiView
from perfmgmt.api.endpoints.batches import KEY, REPLAYED, replayed
from perfmgmt.api.filters import FactFilters
from perfmgmt.api.lists import DetailView, ListView
from perfmgmt.api.schema import PROBLEM
from perfmgmt.api.scopes import FACTS_READ, FACTS_WRITE
from perfmgmt.api.serializers import BatchAnswerSerializer, FactSerializer, ProblemSerializer
from perfmgmt.api.throttling import BatchThrottle, TokenThrottle
from perfmgmt.metrics.models import Fact


@extend_schema(summary=_("List facts"), tags=["facts"])
class FactsView(ListView):
    """Facts in the order in which they arrived."""

    scope = FACTS_READ
    model = Fact
    serializer_class = FactSerializer
    filterset_class = FactFilters

    def rows(self) -> QuerySet[Any]:
        # Names by queries of their own: joins would let the planner begin elsewhere than at the facts.
        return Fact.objects.prefetch_related("metric", "employee", "source")


@extend_schema(summary=_("Read one fact"), tags=["facts"])
class FactView(DetailView):
    """One fact by id."""

    scope = FACTS_READ
    model = Fact
    serializer_class = FactSerializer
    key = ("fact_id", "id")

    def rows(self) -> QuerySet[Any]:
        return Fact.objects.prefetch_related("metric", "employee", "source")


class FactsBatchView(ApiView):
    """A batch of facts, kept in one step; the same key again gives the same answer and changes nothing."""

    scope = FACTS_WRITE
    throttle_classes = [TokenThrottle, BatchThrottle]
    body_hash = ""  # of the body as it came; set by the parser

    @extend_schema(
        operation_id="facts_batch",
        summary=_("Add and correct facts"),
        description=_(
            "Up to 5,000 rows, kept in one step. Each row is checked as an import checks it; what is wrong with a "
            "row stands in its result, and the other rows come in. A row whose “source” and “external_id” are known "
            "corrects that fact; the old value is kept. Send the same Idempotency-Key again when you did not hear "
            "the answer: within 48 hours you get the same answer, and nothing is done twice."
        ),
        tags=["facts"],
        parameters=[KEY, replayed(200)],
        request={"application/json": batch.request_schema()},
        responses={
            200: BatchAnswerSerializer,
            (409, PROBLEM): OpenApiResponse(ProblemSerializer, _("A batch with this key is being worked on")),
            (413, PROBLEM): OpenApiResponse(ProblemSerializer, _("The body is too large")),
            (415, PROBLEM): OpenApiResponse(ProblemSerializer, _("The body is not JSON")),
            (422, PROBLEM): OpenApiResponse(ProblemSerializer, _("This key was used with another body")),
            (503, PROBLEM): OpenApiResponse(ProblemSerializer, _("An import is being saved; try again soon")),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Take a batch."""
        key = batch.key_of(request.META.get("HTTP_IDEMPOTENCY_KEY"))
        body = request.data  # read now: the parser sets the hash
        answer, known = batch.answer_once(self.caller, key, self.body_hash, lambda: batch.take(self.caller, body))
        headers = {REPLAYED: "true" if known else "false"}
        return HttpResponse(answer, content_type="application/json", headers=headers)
