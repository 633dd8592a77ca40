"""The job that shows people how they are assessed in a period, and tells them."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker
from perfmgmt.people.models import Employee
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import DomainError
from reviews.assessed import notices
from reviews.assessed.services import show_to
from reviews.permissions import MANAGE_SCORECARDS
from reviews.scorecards.matching import scorecard_for

KIND, RESULT = "scorecards.show", "reviews/assessed/show_result.html"
BATCH = 500


def run(context: JobContext) -> dict[str, Any]:
    """Show the people of a period their scorecards and tell them (params: period); all of it or nothing.

    Who has read theirs already is not asked again, who has not is reminded.
    """
    _viewer, workspace = asker(context, MANAGE_SCORECARDS)
    period = Period.parse(context.params["period"], workspace.fiscal_start_month)
    if period.end < workspace.today():
        raise DomainError(_("This period is over: how people were assessed can't be announced any more."),
                          code="period_over")  # fmt: skip
    versions = scorecard_for(None, int(period.grain), period.start, workspace=workspace)
    people = present(workspace.today())
    found = [pk for pk in people if pk in versions]
    new = told = 0
    for at in range(0, len(found), BATCH):
        shown = show_to(found[at : at + BATCH], versions, period)
        new += len(shown.new)
        told += notices.tell_shown([*shown.new, *shown.waiting], period)
        context.report("showing", min(at + BATCH, len(found)), len(found), rows=at)
    return {"period": period.label, "people": len(found), "new": new, "told": told,
            "without": len(people) - len(found)}  # fmt: skip


def present(on: date) -> list[int]:
    """Return the ids of who has an assignment on a day and has not left, in a fixed order."""
    rows = Employee.objects.filter(Q(left_on=None) | Q(left_on__gte=on))
    held = rows.filter(assignments__valid_from__lte=on, assignments__valid_to__gte=on)
    return list(held.order_by("pk").values_list("pk", flat=True))
