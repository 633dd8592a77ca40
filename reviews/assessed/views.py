"""Pages of “how I am assessed”: one's own, and who has read theirs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats
from reviews.assessed import exports, people, selectors, services, tasks
from reviews.assessed.words import STATE_WORDS
from reviews.deductions.selectors import period_of
from reviews.permissions import FOLLOW_CYCLES, MANAGE_SCORECARDS, SEE_OWN_SCORECARD

PER_PAGE = 50


class CommentForm(forms.Form):
    """What somebody says to how they are assessed."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What is unclear, or what you would change. Your manager and HR read it."),
    )  # fmt: skip


@workspace_view(SEE_OWN_SCORECARD)
@require_GET
def assessed(request: WorkspaceRequest) -> HttpResponse:
    """How one is assessed in the running and the next periods (`?period=`), to be acknowledged."""
    return _own_page(request, request.GET.get("period", ""))


def _own_page(request: WorkspaceRequest, label: str, form: CommentForm | None = None) -> HttpResponse:
    who, workspace = request.viewer.employee_id, request.workspace
    found = selectors.own_periods(who, workspace=workspace) if who is not None else []
    own = selectors.chosen(found, label)
    card = selectors.own_card(own, who, workspace=workspace) if own is not None and who is not None else None
    comment = own.notice.comment if own is not None and own.notice is not None and own.is_acknowledged else ""
    context = {
        "periods": [(one, formats.period(one.period)) for one in found],
        "card": card,
        "form": form or CommentForm(initial={"comment": comment}),
        "may_answer": request.viewer.left_until is None,
    }
    return render(request, "reviews/assessed/assessed.html", context, status=400 if form is not None else 200)


@workspace_view(SEE_OWN_SCORECARD)
@require_POST
def acknowledge_scorecard(request: WorkspaceRequest) -> HttpResponse:
    """Say that one has read how one is assessed in a period (`period`, `version`, `comment`)."""
    period = period_of(request.POST.get("period", ""), request.workspace)
    if period is None:
        raise NotFound
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _own_page(request, period.label, form)
    services.acknowledge(
        period, _number(request.POST.get("version", "")), form.cleaned_data["comment"], viewer=request.viewer,
        workspace=request.workspace,
    )  # fmt: skip
    messages.success(request, _("Thank you: it is noted that you have read it."))
    return HttpResponseRedirect(f"{reverse('assessed', args=[request.workspace.slug])}?period={period.label}")


@workspace_view(FOLLOW_CYCLES)
@require_GET
def acknowledged(request: WorkspaceRequest) -> HttpResponse:
    """Who has read how they are assessed in a period and who has not, of the people one sees."""
    workspace, viewer = request.workspace, request.viewer
    wanted = people.read(request.GET.dict(), workspace=workspace)
    found = people.standing(wanted, viewer=viewer, workspace=workspace)
    page = Paginator(found.people, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    names = people.version_names({found.versions[row.pk] for row in rows if row.pk in found.versions})
    counts = people.counts(wanted, viewer=viewer, workspace=workspace)
    choices = people.periods_to_choose(workspace)
    if wanted.period not in choices:
        choices = [wanted.period, *choices]
    context = {
        "wanted": wanted,
        "page": page,
        "rows": [{"row": row, "state": STATE_WORDS[row.state], "version": names.get(found.versions.get(row.pk, 0))}
                 for row in rows],
        "bars": _bars(counts),
        "states": [(state, word.word) for state, word in STATE_WORDS.items()],
        "periods": [(one.label, formats.period(one)) for one in choices],
        "may_show": viewer.may(MANAGE_SCORECARDS) and wanted.period.end >= workspace.today(),
        "to_show": counts[people.NOT_SHOWN] + counts[people.WAITING],
    }  # fmt: skip
    return render(request, "reviews/assessed/acknowledged.html", context)


def _bars(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The states as parts of one bar, in percent of its width."""
    total, at, found = sum(counts.values()), 0.0, []
    for state, word in STATE_WORDS.items():
        width = 100 * counts[state] / total if total else 0.0
        found.append({"state": state, "word": word, "n": counts[state], "x": f"{at:.2f}", "width": f"{width:.2f}"})
        at += width
    return found


@workspace_view(FOLLOW_CYCLES)
@require_POST
def export_acknowledged(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in people.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def show_scorecards(request: WorkspaceRequest) -> HttpResponse:
    """Start showing the people of a period how they are assessed (`period`)."""
    period = period_of(request.POST.get("period", ""), request.workspace)
    if period is None:
        raise NotFound
    params = {"period": period.label, "language": get_language() or "en"}
    job = jobs.start(tasks.KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
