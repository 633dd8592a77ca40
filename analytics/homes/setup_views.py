"""Parts of the homes of HR and owner: the state of the data, the set-up checklist, the template pack."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from analytics.homes import checklist
from analytics.homes import data_state as data
from analytics.homes.part_views import answer
from analytics.permissions import SEE_DATA_STATE, SET_UP
from perfmgmt.jobs.permissions import SEE_JOBS
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.permissions import EDIT_PEOPLE, SEE_PEOPLE
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats

# Own days of the calendar are read for so long back.
LOOK_BACK = timedelta(days=400)


@workspace_view(SEE_DATA_STATE)
@require_GET
@vary_on_headers("HX-Request")
def data_state(request: WorkspaceRequest) -> HttpResponse:
    """How fresh the sources are, what was imported last, and who lacks what this month."""
    today, viewer = request.workspace.today(), request.viewer
    context = {
        "sources": data.sources(today=today, calendar=request.workspace.calendar(today - LOOK_BACK, today)),
        "imports": data.imports(),
        "coverage": data.coverage(today=today),
        "may_import": viewer.may(IMPORT_FACTS),
        "may_see_jobs": viewer.may(SEE_JOBS),
        "may_see_people": viewer.may(SEE_PEOPLE),
        "sees_accounts": viewer.may(EDIT_PEOPLE),
    }
    return answer(request, "data", _("State of the data"), context)


@workspace_view(SET_UP)
@require_GET
@vary_on_headers("HX-Request")
def setup(request: WorkspaceRequest) -> HttpResponse:
    """The set-up checklist; on a home it is one line once everything is done."""
    today = request.workspace.today()
    month = Period.containing(Grain.MONTH, today, request.workspace.fiscal_start_month)
    has = checklist.count(today=today)
    steps = checklist.steps(has, month=formats.period(month))
    context = {
        "steps": steps,
        "all_done": checklist.is_done(steps),
        "done": sum(step.state is checklist.State.DONE for step in steps),
        "of": sum(step.state is not checklist.State.LATER for step in steps),
        "later": _(", ").join(step.title for step in steps if step.state is checklist.State.LATER),
        "fragment": request.headers.get("HX-Request") == "true",
    }
    return answer(request, "setup", _("Set-up checklist"), context)


@workspace_view(SET_UP)
@require_POST
def apply_pack(request: WorkspaceRequest) -> HttpResponse:
    """Add what is missing of the template pack."""
    added = checklist.apply_pack()
    texts = []
    if added.metrics or added.positions or added.duties:
        texts.append(
            _("Added: {metrics} metrics, {positions} positions, {duties} duties.").format(
                metrics=formats.number(added.metrics),
                positions=formats.number(added.positions),
                duties=formats.number(added.duties),
            )
        )
    if added.scorecards:
        texts.append(_("Added: {n} scorecards as drafts.").format(n=formats.number(added.scorecards)))
    if added.questions or added.questionnaires:
        texts.append(
            _("Added: {questions} questions, {questionnaires} questionnaires.").format(
                questions=formats.number(added.questions), questionnaires=formats.number(added.questionnaires)
            )
        )
    for text in texts or [_("Everything of the template pack was here already; nothing was changed.")]:
        messages.success(request, text)
    return HttpResponseRedirect(reverse("positions", args=[request.workspace.slug]) + checklist.FROM_HERE)
