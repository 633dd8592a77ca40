"""Pages of who approves raters, and of HR: who waits, one person's raters, who carries how much."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series
from reviews.models import Participant, Rater, ReviewCycle
from reviews.permissions import APPROVE_RATERS, MANAGE_CYCLES
from reviews.raters import jobs as raters_jobs
from reviews.raters import pages, selectors, services
from reviews.raters.access import cycle_for, to_approve
from reviews.raters.writing import Pick

PER_PAGE = 50


@workspace_view(APPROVE_RATERS)
@require_http_methods(READ_WRITE)
def approve_raters(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """The people of a cycle whose raters one approves: what waits, with problems; the chosen ones at once."""
    cycle = cycle_for(cycle_id, viewer=request.viewer, today=request.workspace.today())
    if request.method == "POST":
        return _approve_chosen(request, cycle)
    wanted = selectors.read(request.GET.dict())
    found = selectors.waiting_for(cycle, wanted, viewer=request.viewer, today=request.workspace.today())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = selectors.rows_of(cycle, list(page), workspace=request.workspace)
    counts = selectors.counts(cycle, viewer=request.viewer, today=request.workspace.today())
    context = {
        "cycle": cycle,
        "wanted": wanted,
        "page": page,
        "rows": rows,
        "counts": counts,
        "states": _states(counts),
        "is_open": cycle.takes_answers,
        "may_bulk": cycle.takes_answers and any(row.is_ready for row in rows),
        "sees_load": request.viewer.may(MANAGE_CYCLES),
    }
    return render(request, "reviews/raters/approve_list.html", context)


def _states(counts: dict[str, int]) -> list[tuple[str, str]]:
    left = counts["open"] + counts["proposed"]
    found = [
        (selectors.WAITING, _("Waiting for approval"), counts["proposed"]),
        (selectors.LEFT, _("Not approved"), left),
        (selectors.APPROVED, pgettext("nomination", "Approved"), counts["approved"]),
        (selectors.ALL, _("All"), left + counts["approved"]),
    ]
    return [(code, f"{word} {formats.number(n)}") for code, word, n in found]


def _approve_chosen(request: WorkspaceRequest, cycle: ReviewCycle) -> HttpResponse:
    """Approve the ticked rows of the page; everything that waits is a job's work (`approve_all_raters`)."""
    ids = [int(text) for text in request.POST.getlist("person") if text.isdecimal() and len(text) < 19][:PER_PAGE]
    own = list(Participant.objects.filter(pk__in=ids, cycle=cycle).values_list("pk", flat=True))
    done = services.approve_many(own, viewer=request.viewer, workspace=request.workspace)
    if done.people:
        text = ngettext("Approved the raters of {n} person.", "Approved the raters of {n} people.", done.people)
        messages.success(request, text.format(n=done.people))
    for participant, why in done.left[:5]:
        messages.error(request, f"{participant.employee.name}: {why}")
    if not done.people and not done.left:
        messages.info(request, _("Nothing was chosen that waits for approval."))
    return HttpResponseRedirect(request.get_full_path())


@workspace_view(APPROVE_RATERS)
@require_POST
def approve_all_raters(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start approving every choice that waits and has no problem."""
    cycle = cycle_for(cycle_id, viewer=request.viewer, today=request.workspace.today())
    return _start(request, raters_jobs.APPROVE, {"cycle": cycle.pk})


@workspace_view(APPROVE_RATERS)
@require_POST
def export_raters(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start writing the list of who is chosen for whom to a file."""
    cycle = cycle_for(cycle_id, viewer=request.viewer, today=request.workspace.today())
    return _start(request, raters_jobs.EXPORT, {"cycle": cycle.pk, "query": _query(request)})


def _query(request: WorkspaceRequest) -> dict[str, str]:
    return {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}


def _start(request: WorkspaceRequest, kind: str, params: dict[str, Any]) -> HttpResponse:
    params["language"] = get_language() or "en"
    job = jobs.start(kind, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(APPROVE_RATERS)
@require_http_methods(READ_WRITE)
def approve_person(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """One person's raters for who approves them: reasons, load, conflicts; approve, send back, ask others."""
    participant = to_approve(participant_id, viewer=request.viewer, today=request.workspace.today())
    if request.method == "POST":
        return _decided(request, participant)
    is_open = participant.cycle.takes_answers
    board = pages.Board(request, participant, search=request.GET.get("q", ""))
    approved = participant.nomination == "approved"
    board.load(with_suggestions=is_open and approved)
    sections = board.sections(most_shown=pages.MOST_TO_ASK)
    replaced = _replaced(request, board)
    context = {
        "participant": participant,
        "cycle": participant.cycle,
        "is_open": is_open,
        "approved": approved,
        "sections": sections,
        "problems": pages.problems_of(sections),
        "board": board,
        "replaced": replaced,
        "results": board.results(replaced.group if replaced else "") if is_open and approved else [],
        "returned": selectors.returned_because(participant),
    }
    return render(request, "reviews/raters/approve_person.html", context)


def _replaced(request: WorkspaceRequest, board: pages.Board) -> Rater | None:
    """Return the declined or removed rater in whose place somebody is sought (`?instead=`)."""
    number = request.GET.get("instead", "")
    gone = [one for section in board.sections(most_shown=0) for one in section.gone]
    return next((one.rater for one in gone if one.rater is not None and str(one.rater.pk) == number), None)


def _decided(request: WorkspaceRequest, participant: Participant) -> HttpResponse:
    who: dict[str, Any] = {"viewer": request.viewer, "workspace": request.workspace}
    if request.POST.get("act") == "send_back":
        return _done(
            request, participant.pk, _("Sent back with your reason."),
            lambda: services.send_back(participant.pk, reason=request.POST.get("reason", ""), **who),
        )  # fmt: skip
    return _done(
        request, participant.pk, _("Approved: the raters are asked."), lambda: services.approve(participant.pk, **who)
    )


@workspace_view(APPROVE_RATERS)
@require_POST
def ask_rater(request: WorkspaceRequest, participant_id: int) -> HttpResponse:
    """Ask one more person, or one in place of another (`instead`)."""
    participant = to_approve(participant_id, viewer=request.viewer, today=request.workspace.today())
    group, _colon, number = request.POST.get("pick", "").partition(":")
    instead = request.POST.get("instead", "")
    if not number.isdecimal() or len(number) > 18 or (instead and (not instead.isdecimal() or len(instead) > 18)):
        raise NotFound
    return _done(
        request, participant.pk, _("Asked."),
        lambda: services.ask(
            participant.pk, Pick(group, int(number)), viewer=request.viewer, workspace=request.workspace,
            replaces_id=int(instead) if instead else None,
        ),
    )  # fmt: skip


@workspace_view(APPROVE_RATERS)
@require_POST
def remove_rater(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Take somebody out of a person's raters."""
    rater = Rater.objects.filter(pk=rater_id).first()
    if rater is None:
        raise NotFound
    return _done(
        request, rater.participant_id, _("Removed."),
        lambda: services.remove(
            rater_id, reason=request.POST.get("reason", ""), viewer=request.viewer, workspace=request.workspace
        ),
    )  # fmt: skip


def _done(request: WorkspaceRequest, participant_id: int, text: str, write: Callable[[], object]) -> HttpResponse:
    """Do it and go back to the person's page, with what was done or why it could not be."""
    try:
        with transaction.atomic():
            write()
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)
    return HttpResponseRedirect(reverse("approve_person", args=[request.workspace.slug, participant_id]))


@workspace_view(MANAGE_CYCLES)
@require_GET
def rater_load(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """How many colleagues each rater of a cycle is asked about, against the cap."""
    today = request.workspace.today()
    cycle = cycle_for(cycle_id, viewer=request.viewer, today=today)
    wanted = selectors.read_load(request.GET.dict())
    page = Paginator(selectors.load_rows(cycle, wanted, today=today), PER_PAGE).get_page(request.GET.get("page"))
    spread = selectors.load_counts(cycle)
    context = {
        "cycle": cycle,
        "wanted": wanted,
        "page": page,
        "rows": [{**row, "share": row["asked"] / cycle.most_per_rater if cycle.most_per_rater else 1,
                  "tone": _tone(row["asked"], cycle)} for row in page],
        "states": [("", _("All")), (selectors.FREE, _("Below the cap")), (selectors.FULL, _("At the cap or over")),
                   (selectors.OVER, _("Over the cap"))],
        "chart": _chart(cycle, spread),
        "people": sum(spread.values()),
        "reviews": sum(n * people for n, people in spread.items()),
        "at_cap": sum(people for n, people in spread.items() if n >= cycle.most_per_rater),
    }  # fmt: skip
    return render(request, "reviews/raters/load.html", context)


def _tone(asked: int, cycle: ReviewCycle) -> str:
    if asked > cycle.most_per_rater:
        return "bad"
    return "warn" if asked == cycle.most_per_rater else ""


def _chart(cycle: ReviewCycle, spread: dict[int, int]) -> Chart:
    """Return how many people review how many colleagues."""
    last = max([cycle.most_per_rater, *spread])
    numbers = range(1, last + 1)
    return Chart(
        id="load", title=_("People by number of colleagues they review"),
        categories=[str(n) for n in numbers], category_title=_("Colleagues to review"),
        series=[
            Series(_("People"), [spread.get(n, 0) if n <= cycle.most_per_rater else None for n in numbers]),
            *([Series(_("Over the cap"), [spread.get(n, 0) if n > cycle.most_per_rater else None for n in numbers],
                      role="bad")] if last > cycle.most_per_rater else []),
        ],
        kind="bar", unit="count", height="small",
    )  # fmt: skip


@workspace_view(MANAGE_CYCLES)
@require_POST
def export_load(request: WorkspaceRequest, cycle_id: int) -> HttpResponse:
    """Start writing the list of loads to a file."""
    cycle = cycle_for(cycle_id, viewer=request.viewer, today=request.workspace.today())
    return _start(request, raters_jobs.EXPORT_LOAD, {"cycle": cycle.pk, "query": _query(request)})
