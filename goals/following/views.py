"""How a goal stands, as a part of its page: figure, attainment, pace, and its course against what is expected."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from goals.access import Reach
from goals.following.course import Course, course_of
from goals.following.forecasts import ending_of
from goals.following.selectors import Standing, standing_of
from goals.permissions import SEE_GOALS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series


@workspace_view(SEE_GOALS)
@require_GET
@vary_on_headers("HX-Request")
def goal_progress(request: WorkspaceRequest, goal_id: int) -> HttpResponse:
    """How a goal stands today; htmx gets the part alone."""
    today = request.workspace.today()
    reach = Reach(request.viewer, today)
    goal = reach.visible().select_related("metric").filter(pk=goal_id).first()
    if goal is None or not reach.figures(goal):
        raise NotFound
    calendar = request.workspace.calendar(goal.first_day, goal.last_day)
    standing = standing_of(goal, today=today, calendar=calendar)
    course = course_of(standing, today=today, calendar=calendar)
    context = {
        "ending": ending_of(standing, today=today),
        "seasonal": course.due if course and not standing.time.over else None,
        "goal": goal, "standing": standing, "chart": _chart(standing, course, request.workspace.currency) if course
        else None,
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, "goals/progress_part.html" if part else "goals/progress.html", context)


def _chart(standing: Standing, course: Course, currency: str) -> Chart:
    metric = standing.metric
    words = {"share": formats.percent(standing.attainment), "due": formats.percent(standing.expected_share)}
    by_season = [[float(value) for value in course.seasonal]] if course.seasonal else []
    return Chart(
        id="goal-course",
        title=_("Course of the goal"),
        categories=[formats.day(day) for day in course.days],
        ticks=[formats.day_short(day) for day in course.days],
        series=[
            Series(_("Reached"), course.actual),
            Series(_("Expected"), [float(value) for value in course.expected], role="muted", style="dash"),
            *(Series(_("By season"), values, role="second", style="dash") for values in by_season),
        ],
        unit=metric.unit_of_measure if metric else "count",
        currency=currency,
        category_title=_("Day"),
        summary=_("{share} of the target is reached, {due} is expected by now.").format(**words),
        height="small",
        formatter=lambda value: formats.metric_value(value, metric, currency),
    )
