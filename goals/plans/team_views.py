"""Measures and stage reviews of a team performance plan."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals.models import ActionPlan, PlanReview
from goals.permissions import EDIT_PLANS
from goals.plans import pages, team
from goals.plans.access import editing_reach, may_edit
from goals.plans.effect import usable
from goals.plans.forms import MeasureForm, ReviewForm
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotAllowed, NotFound


def _editable(request: WorkspaceRequest, plan_id: int) -> ActionPlan:
    """Return a team performance plan that the viewer may change; raise NotFound, NotAllowed."""
    plan = pages.find(request, plan_id)
    if not may_edit(plan, request.viewer, editing_reach(request.viewer, request.workspace.today())):
        raise NotAllowed
    if not plan.is_of_a_team:
        raise NotFound
    return plan


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def add_measure(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """Choose a metric that measures the plan, with its target; the baseline is worked out."""
    plan, today = _editable(request, plan_id), request.workspace.today()
    data = request.POST if request.method == "POST" else None
    form = MeasureForm(data, metrics=usable())
    if data is not None and form.is_valid():
        metric_id, target = form.cleaned_data["metric"], form.cleaned_data["target"]
        saved = tried(form, lambda: team.add_measure(plan_id, metric_id, target, viewer=request.viewer, today=today))
        if saved is not None:
            messages.success(request, _("The measure is added, with its baseline."))
            return pages.to_plan(request, plan_id, "effect")
    context = {"form": form, "plan": plan, "title": _("New measure")}
    return render(request, "goals/plan_part_form.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PLANS)
@require_POST
def remove_measure(request: WorkspaceRequest, plan_id: int, plan_measure_id: int) -> HttpResponse:
    """Take a measure away."""
    team.remove_measure(plan_id, plan_measure_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("The measure is removed."))
    return pages.to_plan(request, plan_id, "effect")


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def add_review(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """Plan a stage review, or write one down."""
    return _review_page(request, _editable(request, plan_id), None)


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def plan_review(request: WorkspaceRequest, plan_id: int, plan_review_id: int) -> HttpResponse:
    """Write what was found in a stage review and what was decided."""
    plan = _editable(request, plan_id)
    review = plan.reviews.filter(pk=plan_review_id).first()
    if review is None:
        raise NotFound
    return _review_page(request, plan, review)


@workspace_view(EDIT_PLANS)
@require_POST
def remove_review(request: WorkspaceRequest, plan_id: int, plan_review_id: int) -> HttpResponse:
    """Remove a stage review that was only planned."""
    team.remove_review(plan_id, plan_review_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("The review is removed."))
    return pages.to_plan(request, plan_id, "reviews")


def _review_page(request: WorkspaceRequest, plan: ActionPlan, review: PlanReview | None) -> HttpResponse:
    today = request.workspace.today()
    data = request.POST if request.method == "POST" else None
    initial = {"day": review.day, "found": review.found, "decision": review.decision} if review else {"day": today}
    form = ReviewForm(data, initial=initial)
    if data is not None and form.is_valid():
        review_id = review.pk if review else None
        saved = tried(form, lambda: team.save_review(
            plan.pk, review_id, **form.cleaned_data, viewer=request.viewer, today=today))  # fmt: skip
        if saved is not None:
            messages.success(request, _("Saved."))
            return pages.to_plan(request, plan.pk, "reviews")
    title = _("Stage review") if review else _("New stage review")
    context = {"form": form, "plan": plan, "title": title, "review": review}
    return render(request, "goals/plan_part_form.html", context, status=400 if data is not None else 200)
