"""Where the reader stands today in each goal: a part of one's own home that loads by itself."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from analytics.homes.part_views import answer
from analytics.permissions import SEE_HOME
from goals.check_ins.lines import lines_of
from goals.check_ins.rules import monday_of
from goals.check_ins.selectors import shown_lines
from perfmgmt.people.access import WorkspaceRequest, workspace_view


@workspace_view(SEE_HOME)
@require_GET
@vary_on_headers("HX-Request")
def own_goals(request: WorkspaceRequest) -> HttpResponse:
    """The reader's agreed goals with pace, what is due by now and the forecast, as their check-in shows them.

    A target without a goal is left out: the cards of the home show it. A fixed number of queries.
    """
    today, who = request.workspace.today(), request.viewer.employee_id
    week = monday_of(today)
    lines = [] if who is None else lines_of(who, week, workspace=request.workspace, today=today)
    shown = shown_lines(None, None, [line for line in lines if line.standing.goal.pk])
    context = {"lines": shown, "fragment": request.headers.get("HX-Request") == "true"}
    return answer(request, "goals", _("My goals today"), context)
