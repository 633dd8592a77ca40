"""Metrics in the command palette."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.permissions import SEE_METRICS
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.web.palette import MOST_HITS, Hit, Source


def find(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return metrics in use by either name or by code; one query."""
    if not text or not request.viewer.may(SEE_METRICS):
        return []
    like = Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text)
    found = Metric.objects.filter(like, archived_at=None).order_by("code")[:MOST_HITS]
    slug = request.workspace.slug
    return [Hit(reverse("metric", args=[slug, each.pk]), each.name, each.code, "ruler-2") for each in found]


SOURCE = Source("metrics", pgettext_lazy("library", "Metrics"), find, order=30)
