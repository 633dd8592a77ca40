"""A person's own check-in of the week, and past ones."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.check_ins import selectors, services
from goals.check_ins.forms import CheckInForm, carried_over, labels_of
from goals.check_ins.lines import lines_of
from goals.check_ins.rules import ONE_WEEK, is_open, monday_of, week_label
from goals.check_ins.team import week_of
from goals.models import CheckIn
from goals.permissions import ANSWER_CHECK_INS, CHECK_IN, SEE_CHECK_INS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import head, tried
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.errors import DomainError, NotFound

PER_PAGE = 20


@workspace_view(CHECK_IN)
@require_http_methods(["GET", "POST"])
def check_in(request: WorkspaceRequest) -> HttpResponse:
    """Show one's check-in of a week, save it (`action=save`) or send it; what was typed stays on an error."""
    employee_id, today = services.writer_of(request.viewer), request.workspace.today()
    week = week_of(request.GET.get("week", ""), today)
    stored = selectors.own_check_in(employee_id, week)
    if request.method == "POST":
        if stored is not None and stored.is_sent:
            messages.info(request, str(services.AlreadySent.message))
            return _to_week(request, week)
        return _saved(request, week, stored, employee_id)
    form = None if _is_read_only(stored, week, today) else _form(request, week, stored, employee_id)
    return render(request, "goals/check_in.html", _context(request, week, stored, employee_id, form))


def _is_read_only(stored: CheckIn | None, week: date, today: date) -> bool:
    return not is_open(week, today) or (stored is not None and stored.is_sent)


def _form(request: WorkspaceRequest, week: date, stored: CheckIn | None, employee_id: int) -> CheckInForm:
    """Return the form of a week with figures of now; bound when it is posted."""
    today, posted = request.workspace.today(), request.method == "POST"
    before = selectors.sent_before([employee_id], week).get(employee_id)
    live = lines_of(employee_id, week, workspace=request.workspace, today=today)
    tasks = selectors.tasks_of([employee_id], [week - ONE_WEEK, week, week + ONE_WEEK])
    last, now, coming = (tasks.get((employee_id, week + step * ONE_WEEK), []) for step in (-1, 0, 1))
    return CheckInForm(
        request.POST if posted else None,
        lines=selectors.shown_lines(stored, before, live),
        tasks=now,
        next_tasks=coming,
        carried=carried_over(last, now) if stored is None else (),
        check_in=stored,
        sending=posted and request.POST.get("action") == "send",
    )


def _saved(request: WorkspaceRequest, week: date, stored: CheckIn | None, employee_id: int) -> HttpResponse:
    form, send = _form(request, week, stored, employee_id), request.POST.get("action") == "send"
    if form.is_valid():
        done = tried(form, lambda: _save(request, week, form, send))
        if done is not None:
            text = _("Sent. Your manager can read it now.") if send else _("Saved as a draft.")
            messages.success(request, text)
            return _to_week(request, week)
    context = _context(request, week, stored, employee_id, form)
    return render(request, "goals/check_in.html", context, status=400)


def _save(request: WorkspaceRequest, week: date, form: CheckInForm, send: bool) -> CheckIn:
    today = request.workspace.today()
    return services.save(
        week, form.content(), viewer=request.viewer, workspace=request.workspace, today=today, send=send
    )


def _context(
    request: WorkspaceRequest, week: date, stored: CheckIn | None, employee_id: int, form: CheckInForm | None
) -> dict[str, Any]:
    today = request.workspace.today()
    context: dict[str, Any] = {
        "week": week_label(week), "first": labels_of(week)[0], "last": labels_of(week)[1],
        "previous": week_label(week - ONE_WEEK),
        "following": week_label(week + ONE_WEEK) if week < monday_of(today) else "",
        "is_now": week == monday_of(today), "is_open": is_open(week, today), "form": form, "check_in": stored,
        "employee_id": employee_id,
    }  # fmt: skip
    if form is None:
        context |= _read(stored, employee_id, week)
        context["may_tick"] = context["is_open"]
        context["may_take_back"] = (
            stored is not None and stored.is_sent and stored.answered_at is None and context["is_open"]
        )
    return context


def _read(stored: CheckIn | None, employee_id: int, week: date) -> dict[str, Any]:
    """Return what `goals/check_in_read.html` shows of a check-in."""
    before = selectors.sent_before([employee_id], week).get(employee_id)
    tasks = selectors.tasks_of([employee_id], [week, week + ONE_WEEK])
    lines = selectors.shown_lines(stored, before) if stored is not None and stored.is_sent else []
    return {
        "lines": lines,
        "tasks": tasks.get((employee_id, week), []),
        "next_tasks": tasks.get((employee_id, week + ONE_WEEK), []),
    }


def _to_week(request: WorkspaceRequest, week: date) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('check_in', args=[request.workspace.slug])}?week={week_label(week)}")


@workspace_view(CHECK_IN)
@require_POST
def take_back_check_in(request: WorkspaceRequest) -> HttpResponse:
    """Make one's sent check-in a draft again."""
    week = week_of(request.GET.get("week", ""), request.workspace.today())
    _try(request, lambda: services.take_back(week, viewer=request.viewer, today=request.workspace.today()),
         _("It is a draft again."))  # fmt: skip
    return _to_week(request, week)


@workspace_view(CHECK_IN)
@require_POST
def tick_tasks(request: WorkspaceRequest) -> HttpResponse:
    """Say which of one's key tasks are done."""
    week = week_of(request.GET.get("week", ""), request.workspace.today())
    done = _ids(request, "done")
    _try(request, lambda: services.tick(done, week=week, viewer=request.viewer, today=request.workspace.today()),
         _("Saved."))  # fmt: skip
    return _to_week(request, week)


def _try(request: WorkspaceRequest, write: Any, text: str) -> None:
    """Do something and say so, or say why not."""
    try:
        write()
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)


def _ids(request: WorkspaceRequest, field: str) -> frozenset[int]:
    """Return the ids of a field that may stand there several times. Raises NotFound for what is none."""
    texts = request.POST.getlist(field)[:200]
    if not all(text.isdecimal() and len(text) < 18 for text in texts):
        raise NotFound
    return frozenset(int(text) for text in texts)


@workspace_view(SEE_CHECK_INS)
@require_GET
def check_in_page(request: WorkspaceRequest, check_in_id: int) -> HttpResponse:
    """One check-in as it was sent, for the person and who leads them."""
    today = request.workspace.today()
    found = selectors.visible_check_in(check_in_id, viewer=request.viewer, today=today)
    own = found.employee_id == request.viewer.employee_id
    if own and not found.is_sent and is_open(found.week, today) and request.viewer.left_until is None:
        return _to_week(request, found.week)
    first, last = labels_of(found.week)
    context = {
        "check_in": found, "week": week_label(found.week), "first": first, "last": last, "own": own,
        "may_answer": request.viewer.may(ANSWER_CHECK_INS) and not own,
        **_read(found, found.employee_id, found.week),
    }  # fmt: skip
    return render(request, "goals/check_in_page.html", context)


@workspace_view(CHECK_IN)
@require_POST
def read_answer(request: WorkspaceRequest, check_in_id: int) -> HttpResponse:
    """Note that the answer to one's check-in was read."""
    found = services.read_answer(check_in_id, viewer=request.viewer)
    return _to_week(request, found.week)


@workspace_view(SEE_CHECK_INS)
@require_GET
def person_check_ins(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """A person's past check-ins, newest first: a tab of their page."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    own = employee_id == request.viewer.employee_id
    page = Paginator(selectors.past(employee_id, with_drafts=own), PER_PAGE).get_page(request.GET.get("page"))
    context = {**head(request, employee, "person_check_ins"), "page": page, "own": own,
               "rows": [(each, week_label(each.week)) for each in page]}  # fmt: skip
    return render(request, "goals/person_check_ins.html", context)
