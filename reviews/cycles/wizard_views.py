"""The steps of planning a cycle: each is a page of its own, saved as a draft, and left and entered as one likes."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.selectors import workspace_rules
from reviews.cycles import drafting, people
from reviews.cycles.forms import (
    DatesForm,
    GroupForm,
    LoadForm,
    PeriodForm,
    QuestionnairesForm,
    VisibilityForm,
    WhoForm,
)
from reviews.cycles.launching import shown_state
from reviews.cycles.problems import Problem, dry_run
from reviews.models import CycleState, Questionnaire, RaterKind, ReviewCycle, ScorecardVersion
from reviews.permissions import MANAGE_CYCLES

#: The steps in order: the name of the address, and what the step is called.
STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("cycle_who", pgettext_lazy("cycle", "Who")),
    ("cycle_period", pgettext_lazy("cycle", "Period")),
    ("cycle_forms", gettext_lazy("Questionnaires")),
    ("cycle_groups", gettext_lazy("Raters")),
    ("cycle_dates", gettext_lazy("Deadlines")),
    ("cycle_visibility", gettext_lazy("Visibility")),
    ("cycle_check", gettext_lazy("Dry run")),
)
MOST_SHOWN = 50


def planned(view: Callable[[WorkspaceRequest, ReviewCycle], HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the draft of its address; once a cycle is launched, its page is shown instead."""

    @wraps(view)
    def inner(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
        found = ReviewCycle.objects.select_related("job").filter(pk=cycle_id).first()
        if found is None:
            raise NotFound
        if shown_state(found) != CycleState.DRAFT:
            messages.info(request, _("This cycle is launched: its plan no longer changes."))
            return HttpResponseRedirect(reverse("cycle", args=[request.workspace.slug, cycle_id]))
        return view(request, found)

    return inner


def _step(
    request: WorkspaceRequest, name: str, cycle: ReviewCycle, *, failed: bool = False, **more: Any
) -> HttpResponse:
    names = [step for step, _word in STEPS]
    at, slug = names.index(name), request.workspace.slug
    context = {
        "cycle": cycle,
        "steps": [
            {"url": reverse(step, args=[slug, cycle.pk]), "word": word, "current": step == name, "number": number}
            for number, (step, word) in enumerate(STEPS, 1)
        ],
        "title": STEPS[at][1],
        "back_url": reverse(names[at - 1], args=[slug, cycle.pk]) if at else "",
        "version": request.POST.get("version", cycle.version) if failed else cycle.version,
        **more,
    }
    template = f"reviews/cycles/step_{name.removeprefix('cycle_')}.html"
    return render(request, template, context, status=400 if failed else 200)


def _saved(
    request: WorkspaceRequest, name: str, cycle: ReviewCycle, forms: Iterable[Form], write: Callable[[int], Any]
) -> HttpResponse | None:
    """Save a step and go on; None when something was refused, which the first form says then."""
    forms = list(forms)
    if [form for form in forms if not form.is_valid()]:  # each says what is wrong with it
        return None
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else 0
    if tried(forms[0], lambda: write(version)) is None:
        return None
    names = [step for step, _word in STEPS]
    wanted = request.POST.get("then", "")
    if wanted == "stay":
        messages.success(request, _("Saved."))
    following = name if wanted == "stay" else names[min(names.index(name) + 1, len(names) - 1)]
    return HttpResponseRedirect(reverse(following, args=[request.workspace.slug, cycle.pk]))


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_who(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Whom the cycle is for."""
    data = request.POST if request.method == "POST" else None
    form = WhoForm(data, audience=cycle.audience or {})
    if data is not None:
        done = _saved(request, "cycle_who", cycle, [form], lambda version: drafting.save(
            cycle.pk, {"audience": form.audience()}, version=version, viewer=request.viewer))  # fmt: skip
        if done is not None:
            return done
    found = people.audience(cycle, request.workspace.today())
    return _step(
        request, "cycle_who", cycle, failed=data is not None, form=form, found=found, count=len(found.members),
        shown=found.members[:MOST_SHOWN],
    )  # fmt: skip


@workspace_view(MANAGE_CYCLES)
@require_GET
@planned
def cycle_count(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """How many people a choice would bring, while it is made."""
    form = WhoForm(request.GET, audience=cycle.audience or {})
    if form.is_valid():
        cycle.audience = form.audience()
    found = people.audience(cycle, request.workspace.today())
    context = {"count": len(found.members), "shown": found.members[:MOST_SHOWN], "found": found}
    return render(request, "reviews/cycles/who_count.html", context)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_period(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Which period the cycle is about, and what it is called."""
    space = request.workspace
    data = request.POST if request.method == "POST" else None
    form = PeriodForm(data, cycle=cycle, today=space.today(), fiscal_start_month=space.fiscal_start_month)
    if data is not None:
        done = _saved(request, "cycle_period", cycle, [form], lambda version: drafting.save_period(
            cycle.pk, form.cleaned_data["name"], form.chosen(), version=version, viewer=request.viewer,
            workspace=space))  # fmt: skip
        if done is not None:
            return done
    return _step(request, "cycle_period", cycle, failed=data is not None, form=form)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_forms(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Which questionnaires are asked, and which scorecards count for whom."""
    data = request.POST if request.method == "POST" else None
    form = QuestionnairesForm(data, cycle=cycle)
    if data is not None:
        done = _saved(request, "cycle_forms", cycle, [form], lambda version: drafting.save_forms(
            cycle.pk, [int(pk) for pk in form.cleaned_data["questionnaires"]], version=version,
            viewer=request.viewer))  # fmt: skip
        if done is not None:
            return done
    run = dry_run(cycle, request.workspace)
    there = Questionnaire.objects.filter(archived_at=None).exists()
    return _step(
        request, "cycle_forms", cycle, failed=data is not None, form=form, has_questionnaires=there,
        cards=_cards(run.versions), without=len(run.audience.members) - len(run.versions),
    )  # fmt: skip


def _cards(versions: Any) -> list[tuple[str, int, int]]:
    """Return the scorecards that count: name, number of the version, how many people."""
    counts: dict[int, int] = {}
    for version in versions.values():
        counts[version] = counts.get(version, 0) + 1
    rows = ScorecardVersion.objects.select_related("scorecard").filter(pk__in=counts)
    return sorted((str(row.scorecard), row.number, counts[row.pk]) for row in rows)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_groups(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Which rater groups are asked, with weights, minimums and nominations."""
    rules = workspace_rules()
    data = request.POST if request.method == "POST" else None
    current = {row.group: row for row in cycle.groups.all()}
    forms = [GroupForm(data, kind=kind, cycle=cycle, rules=rules, current=current) for kind in RaterKind]
    load = LoadForm(data, initial={"most_per_rater": cycle.most_per_rater})
    if data is not None:
        done = _saved(request, "cycle_groups", cycle, [load, *forms], lambda version: drafting.save_groups(
            cycle.pk, [group for form in forms if (group := form.group()) is not None],
            most_per_rater=load.cleaned_data["most_per_rater"], version=version, viewer=request.viewer))  # fmt: skip
        if done is not None:
            return done
    return _step(request, "cycle_groups", cycle, failed=data is not None, form=load, groups=forms)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_dates(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Until when nominations and answers are expected, and when results are planned."""
    data = request.POST if request.method == "POST" else None
    names = ("nominate_until", "answer_until", "release_on", "closes_after", "nudges")
    form = DatesForm(data, initial={name: getattr(cycle, name) for name in names})
    if data is not None:
        done = _saved(request, "cycle_dates", cycle, [form], lambda version: drafting.save(
            cycle.pk, form.cleaned_data, version=version, viewer=request.viewer))  # fmt: skip
        if done is not None:
            return done
    return _step(request, "cycle_dates", cycle, failed=data is not None, form=form)


@workspace_view(MANAGE_CYCLES)
@require_http_methods(READ_WRITE)
@planned
def cycle_visibility(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Who sees what, and the guideline of the distribution."""
    data = request.POST if request.method == "POST" else None
    grades = [str(band["grade"]) for band in workspace_rules().grade_bands]
    form = VisibilityForm(data, cycle=cycle, grades=grades)
    if data is not None:
        done = _saved(request, "cycle_visibility", cycle, [form], lambda version: drafting.save(
            cycle.pk, form.changes(), version=version, viewer=request.viewer))  # fmt: skip
        if done is not None:
            return done
    return _step(request, "cycle_visibility", cycle, failed=data is not None, form=form)


@workspace_view(MANAGE_CYCLES)
@require_GET
@planned
def cycle_check(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """The dry run: what speaks against a launch, and the button that launches."""
    run = dry_run(cycle, request.workspace)
    by_code: dict[str, list[Problem]] = {}
    for each in run.problems:
        by_code.setdefault(each.code, []).append(each)
    return _step(
        request, "cycle_check", cycle, people=len(run.audience.members),
        blocked=bool(run.blocking), problems=[_shown(found, request) for found in by_code.values()],
        job=cycle.job,
    )  # fmt: skip


def _shown(found: list[Problem], request: WorkspaceRequest) -> dict[str, Any]:
    """Return problems of one kind as the page shows them: the first ones, and whom leaving out would mend."""
    name, pk = found[0].link
    lines = [
        {"text": each.sentence,
         "url": reverse(each.link[0], args=[request.workspace.slug, each.link[1]]) if each.link[0] else ""}
        for each in found[:MOST_SHOWN]
    ]  # fmt: skip
    return {
        "code": found[0].code,
        "blocks": found[0].blocks,
        "lines": lines,
        "count": len(found),
        "more": max(0, len(found) - MOST_SHOWN),
        "url": reverse(name, args=[request.workspace.slug, pk]) if name and found[0].person is None else "",
        "of_people": found[0].person is not None,
    }


@workspace_view(MANAGE_CYCLES)
@require_POST
@planned
def leave_out_people(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Leave out everybody whom the dry run has a problem of this kind with (`code`)."""
    code = request.POST.get("code", "")
    run = dry_run(cycle, request.workspace)
    ids = [each.person.employee_id for each in run.problems if each.code == code and each.person is not None]
    version = request.POST.get("version", "")
    drafting.leave_out(
        cycle.pk, ids, version=int(version) if version.isdecimal() and len(version) < 10 else 0, viewer=request.viewer
    )
    messages.success(request, _("{n} people are left out.").format(n=len(ids)))
    return HttpResponseRedirect(reverse("cycle_check", args=[request.workspace.slug, cycle.pk]))
