"""One's own log: a day on one screen, its entries, files and hours by duty."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.closing.selectors import lock_on
from perfmgmt.metrics.models import Fact
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.duties.selectors import duties_held
from perfmgmt.people.selectors import visible_employees
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.web.attachments import KINDS
from perfmgmt.worklog import selectors, services
from perfmgmt.worklog.forms import DutyFormSet, EntryForm
from perfmgmt.worklog.models import EntryState, Proof, WorkEntry
from perfmgmt.worklog.permissions import APPROVE_LOG, SEE_LOG, WRITE_LOG

# As much as the words of a line of hours take.
MOST_WORDS = 120


def _day(text: str, today: date) -> date:
    """Return the day of an address, today for nonsense (a year 1, too); never a day to come."""
    try:
        day = min(date.fromisoformat(text), today)
    except ValueError:
        return today
    return day if day.year >= 1900 else today


def _to_day(request: WorkspaceRequest, day: date) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('log', args=[request.workspace.slug])}?day={day.isoformat()}")


def _to_entry(request: WorkspaceRequest, entry_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("log_entry", args=[request.workspace.slug, entry_id]))


@workspace_view(WRITE_LOG)
@require_GET
def log(request: WorkspaceRequest) -> HttpResponse:
    """One day of one's own log (`?day=`)."""
    return _day_page(request, _day(request.GET.get("day", ""), request.workspace.today()))


def _day_page(
    request: WorkspaceRequest, day: date, form: EntryForm | None = None, duties: Any = None
) -> HttpResponse:
    employee_id, today = services.employee_of(request.viewer), request.workspace.today()
    entries, lock = selectors.day_entries(employee_id, day), lock_on(day)
    times = selectors.duty_times(employee_id, day)
    form = form or EntryForm(
        metrics=selectors.enterable(), locked=lock is not None, initial={"day": day, "token": uuid4()}
    )
    lines = [{"duty": time.duty, "hours": f"{time.hours.normalize():f}"} for time in times]
    context = {
        "day": day,
        "today": today,
        "previous": day - timedelta(days=1),
        "following": day + timedelta(days=1) if day < today else None,
        "week": selectors.days_around(employee_id, day).items(),
        "entries": entries,
        "drafts": [entry for entry in entries if entry.is_open],
        "returned": selectors.returned(employee_id),
        "lock": lock,
        "form": form,
        "nothing_to_enter": len(form.fields["metric"].choices) == 1,  # type: ignore[attr-defined]
        "duties": duties or DutyFormSet(initial=lines, prefix="duty"),
        "hours": sum(time.hours for time in times),
        "own_duties": [str(duty)[:MOST_WORDS] for duty in duties_held(employee_id, day)],
    }
    failed = form.errors or (duties is not None and duties.total_error_count())
    return render(request, "worklog/log.html", context, status=400 if failed else 200)


@workspace_view(WRITE_LOG)
@require_POST
def add_entry(request: WorkspaceRequest) -> HttpResponse:
    """Save a new entry with its files; `submit=yes` hands it to the manager at once."""
    services.employee_of(request.viewer)
    day = _day(request.POST.get("day", ""), request.workspace.today() + timedelta(days=1))
    form = EntryForm(request.POST, request.FILES, metrics=selectors.enterable(), locked=lock_on(day) is not None)
    saved = _save(request, None, form)
    if saved is None:
        return _day_page(request, min(day, request.workspace.today()), form)
    return _to_day(request, saved.day)


def _save(request: WorkspaceRequest, entry: WorkEntry | None, form: EntryForm) -> WorkEntry | None:
    """Save a form with its files; None when something was refused: the form then says what, and nothing is saved."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return _saved(request, entry, form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _saved(request: WorkspaceRequest, entry: WorkEntry | None, data: dict[str, Any]) -> WorkEntry:
    saved = services.save_entry(
        entry,
        viewer=request.viewer,
        today=request.workspace.today(),
        metric=selectors.enterable()[data["metric"]].metric,
        day=data["day"],
        value=data["value"],
        customer=data["customer"],
        note=data["note"],
        token=data["token"],
        late=data.get("late", False),
    )
    if not saved.is_open:
        return saved  # the same form once more, after it was submitted
    for file in data["proofs"]:
        services.add_proof(saved.pk, file, viewer=request.viewer)
    if request.POST.get("submit") == "yes":
        services.submit([saved.pk], viewer=request.viewer, today=request.workspace.today())
        messages.success(request, _("Submitted. Your manager sees it now."))
    else:
        messages.success(request, _("Saved as a draft."))
    return saved


@workspace_view(SEE_LOG)
@require_http_methods(["GET", "POST"])
def log_entry(request: WorkspaceRequest, entry_id: int) -> HttpResponse:
    """One entry with its files: to change while it is one's own and open, to decide about for the manager."""
    entry = _visible(request, entry_id)
    own = entry.employee_id == request.viewer.employee_id
    form = None
    if own and entry.is_open:
        initial = {"metric": entry.metric_id, "value": f"{entry.value.normalize():f}", "customer": entry.customer,
                   "note": entry.note, "day": entry.day, "token": entry.token}  # fmt: skip
        locked = lock_on(entry.day) is not None
        data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = EntryForm(*data, metrics=selectors.enterable(), locked=locked, initial=initial)
    if request.method == "POST":
        if form is None:
            raise NotFound
        saved = _save(request, services.own_entry(entry_id, request.viewer, lock=True), form)
        if saved is not None:
            return _to_day(request, saved.day)
    fact = Fact.objects.filter(external_id=entry.external_id, source__code="manual").first()
    context = {
        "entry": entry,
        "own": own,
        "form": form,
        "fact": fact,
        "may_decide": not own and request.viewer.may(APPROVE_LOG),
        "lock": lock_on(entry.day),
    }
    return render(request, "worklog/entry.html", context, status=400 if form is not None and form.errors else 200)


def _visible(request: WorkspaceRequest, entry_id: int) -> WorkEntry:
    """Return an entry that the viewer may look at: their own, or a submitted one of somebody below them."""
    entry = WorkEntry.objects.select_related("metric", "employee", "decided_by").filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    if entry.employee_id == request.viewer.employee_id:
        return entry
    reach = visible_employees(viewer=request.viewer, on=request.workspace.today())
    if entry.state == EntryState.DRAFT or (reach is not None and entry.employee_id not in reach):
        raise NotFound
    return entry


@workspace_view(WRITE_LOG)
@require_POST
def submit_day(request: WorkspaceRequest) -> HttpResponse:
    """Submit every open entry of a day."""
    employee_id = services.employee_of(request.viewer)
    day = _day(request.POST.get("day", ""), request.workspace.today())
    ids = [entry.pk for entry in selectors.day_entries(employee_id, day) if entry.is_open]
    try:
        count = services.submit(ids, viewer=request.viewer, today=request.workspace.today())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(n)s entry submitted.", "%(n)s entries submitted.", count) % {"n": count}
        messages.success(request, text if count else _("Nothing was left to submit."))
    return _to_day(request, day)


@workspace_view(WRITE_LOG)
@require_POST
def withdraw_entry(request: WorkspaceRequest, entry_id: int) -> HttpResponse:
    """Take a submitted entry back into the drafts."""
    entry = services.withdraw(entry_id, viewer=request.viewer)
    messages.success(request, _("It is a draft again."))
    return _to_entry(request, entry.pk)


@workspace_view(WRITE_LOG)
@require_POST
def delete_entry(request: WorkspaceRequest, entry_id: int) -> HttpResponse:
    """Remove an open entry."""
    day = services.own_entry(entry_id, request.viewer).day
    services.delete_entry(entry_id, viewer=request.viewer)
    messages.success(request, _("Removed."))
    return _to_day(request, day)


@workspace_view(WRITE_LOG)
@require_POST
def remove_proof(request: WorkspaceRequest, proof_id: int) -> HttpResponse:
    """Remove a file from an open entry."""
    return _to_entry(request, services.remove_proof(proof_id, viewer=request.viewer))


@workspace_view(SEE_LOG)
@require_GET
def proof_file(request: WorkspaceRequest, proof_id: int) -> FileResponse:
    """Download a proof; a browser never shows it, whatever is in it."""
    proof = Proof.objects.filter(pk=proof_id).first()
    if proof is None:
        raise NotFound
    _visible(request, proof.entry_id)
    if not default_storage.exists(proof.path):
        raise NotFound
    media_type = KINDS[proof.kind][0]
    response = FileResponse(
        default_storage.open(proof.path), as_attachment=True, filename=proof.file_name, content_type=media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@workspace_view(WRITE_LOG)
@require_POST
def save_duties(request: WorkspaceRequest) -> HttpResponse:
    """Save the hours by duty of a day."""
    services.employee_of(request.viewer)
    today = request.workspace.today()
    day = _day(request.POST.get("day", ""), today)
    forms = DutyFormSet(request.POST, prefix="duty")
    if not forms.is_valid():
        return _day_page(request, day, duties=forms)
    lines = [
        (form.cleaned_data["duty"], form.cleaned_data["hours"]) for form in forms if form.cleaned_data.get("duty")
    ]
    try:
        services.save_duties(day, lines, viewer=request.viewer, today=today)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return _to_day(request, day)
