"""Plans in the command palette."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from goals.permissions import SEE_PLANS
from goals.plans.access import visible_plans
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.web.palette import MOST_HITS, Hit, Source


def find(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the plans a viewer sees by their title, the newest first; two queries."""
    if not text or not request.viewer.may(SEE_PLANS):
        return []
    today, slug = request.workspace.today(), request.workspace.slug
    plans = visible_plans(request.viewer, today).filter(title__icontains=text).order_by("-pk")[:MOST_HITS]
    return [
        Hit(reverse("plan", args=[slug, plan.pk]), plan.title, plan.get_kind_display(), "checklist") for plan in plans
    ]


SOURCE = Source("plans", _("Plans"), find, order=35)
