"""Writes of what only a team performance plan (绩效提升计划) has: measures and stage reviews."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goals.models import ActionPlan, PlanMeasure, PlanReview
from goals.plans.baselines import baseline
from goals.plans.effect import can_measure
from goals.plans.services import editable
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

MOST_MEASURES, MOST_REVIEWS = 8, 24
LARGEST = Decimal(10) ** 15


@transaction.atomic
def add_measure(plan_id: int, metric_id: int, target: Decimal, *, viewer: Viewer, today: date) -> PlanMeasure:
    """Measure a team performance plan by a metric; its baseline is the figure of as many days right before the plan.

    `target` is in the metric's unit, for the plan's days as a whole. Raises NotFound for a metric that is not there,
    DomainError for one that can't measure a span of days, is there already or has an absurd target.
    """
    plan = _of_a_team(editable(plan_id, viewer=viewer, today=today))
    metric = metrics_with_parts().filter(pk=metric_id, archived_at=None).first()
    if metric is None:
        raise NotFound
    _check(plan, metric, target)
    first, last, value = baseline(plan, metric)
    return PlanMeasure.objects.create(
        plan=plan, metric=metric, target=target, baseline_first=first, baseline_last=last, baseline=value
    )


def _check(plan: ActionPlan, metric: Metric, target: Decimal) -> None:
    if not can_measure(metric):
        raise DomainError(
            _("“{metric}” has no figure for any span of days. Choose a sum, a count, a mean or a ratio of these."),
            code="cannot_measure", metric=metric.name,
        )  # fmt: skip
    if not 0 <= target < LARGEST:
        raise DomainError(_("The target must be 0 or more, and not absurdly large."), code="bad_target")
    present = list(plan.measures.values_list("metric_id", flat=True))
    if metric.pk in present:
        raise DomainError(_("“{metric}” measures this plan already."), code="measured_already", metric=metric.name)
    if len(present) >= MOST_MEASURES:
        raise DomainError(_("A plan has {n} measures at most."), code="too_many_measures", n=MOST_MEASURES)


@transaction.atomic
def remove_measure(plan_id: int, measure_id: int, *, viewer: Viewer, today: date) -> None:
    """Take a measure away. Raises NotFound."""
    plan = editable(plan_id, viewer=viewer, today=today)
    if not plan.measures.filter(pk=measure_id).delete()[0]:
        raise NotFound


@transaction.atomic
def plan_reviews(plan: ActionPlan, days: Iterable[date]) -> None:
    """Plan stage reviews of a new team performance plan, on days that lie inside it."""
    inside = sorted({day for day in days if plan.first_day <= day <= plan.last_day})
    PlanReview.objects.bulk_create(PlanReview(plan=plan, day=day) for day in inside[:MOST_REVIEWS])


@transaction.atomic
def save_review(
    plan_id: int, review_id: int | None, *, day: date, found: str, decision: str, viewer: Viewer, today: date
) -> PlanReview:
    """Plan a stage review, or write what was found in one and what was decided.

    Raises NotFound, Conflict for a second one of the same day, DomainError for a decision without anything found, a
    finding about a day to come, or a day before the plan.
    """
    plan = _of_a_team(editable(plan_id, viewer=viewer, today=today))
    review = PlanReview(plan=plan)
    if review_id is not None:
        review = _review(plan, review_id)
    if decision and not found:
        raise DomainError(_("Write what was found before what was decided."), code="nothing_found")
    if found and day > today:
        raise DomainError(_("The review lies in the future: leave out what was found."), code="review_to_come")
    if day < plan.first_day:
        raise DomainError(_("The review lies before the plan."), code="review_before")
    others = plan.reviews.exclude(pk=review.pk)
    if others.filter(day=day).exists():
        raise Conflict(_("There is a review on this day already."))
    if review.pk is None and others.count() >= MOST_REVIEWS:
        raise DomainError(_("A plan has {n} reviews at most."), code="too_many_reviews", n=MOST_REVIEWS)
    review.day, review.found, review.decision = day, found, decision
    review.save()
    return review


@transaction.atomic
def remove_review(plan_id: int, review_id: int, *, viewer: Viewer, today: date) -> None:
    """Remove a stage review that was only planned. Raises NotFound, Conflict for one that was held."""
    review = _review(editable(plan_id, viewer=viewer, today=today), review_id)
    if review.is_held:
        raise Conflict(_("A review that was held stays."))
    review.delete()


def _of_a_team(plan: ActionPlan) -> ActionPlan:
    if not plan.is_of_a_team:
        raise Conflict(_("Only a team performance plan has measures and stage reviews."))
    return plan


def _review(plan: ActionPlan, review_id: int) -> PlanReview:
    review = plan.reviews.filter(pk=review_id).first()
    if review is None:
        raise NotFound
    return review
