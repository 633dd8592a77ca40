"""Pages of calibration: the list of sessions, a session, and a person of it."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.calibration import exports, money, pages, selectors, services, side
from reviews.calibration.access import oneself, runs
from reviews.calibration.forms import POTENTIAL_WORDS, MoveForm, PotentialForm, ReasonForm
from reviews.calibration.rules import BadGrade, nearest_score
from reviews.calibration.selectors import Person
from reviews.models import CalibrationSession
from reviews.permissions import CALIBRATE

PER_PAGE = 50


@workspace_view(CALIBRATE)
@require_GET
def calibrations(request: WorkspaceRequest) -> HttpResponse:
    """The sessions one takes part in: filtered, sorted, in pages."""
    viewer = request.viewer
    wanted = selectors.read_sessions(request.GET.dict())
    page = Paginator(selectors.sessions_for(wanted, viewer=viewer), PER_PAGE).get_page(request.GET.get("page"))
    counts = selectors.people_counts(page.object_list)
    context = {
        "wanted": wanted,
        "page": page,
        "rows": [{"session": each, "people": counts[each.pk]} for each in page],
        "cycles": selectors.cycles_seen(viewer=viewer),
        "runs": runs(viewer),
        "waiting": runs(viewer) and selectors.cycles_to_calibrate().exists(),
    }
    return render(request, "reviews/calibration/sessions.html", context)


@workspace_view(CALIBRATE)
@require_POST
def export_calibrations(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list of sessions to a file."""
    return start_export(request, {"what": exports.SESSIONS})


def start_export(request: WorkspaceRequest, params: dict[str, Any], kind: str = exports.EXPORT) -> HttpResponse:
    """Start a job that writes a file, with the filters of the address; go to its page."""
    asked = {"query": request.GET.dict(), "language": get_language() or "en", **params}
    job = jobs.start(kind, asked, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(CALIBRATE)
@require_GET
def calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """A session: the distribution against the guideline, and its people in the view that was chosen (`?view=`)."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    return session_page(request, session)


def session_page(request: WorkspaceRequest, session: CalibrationSession, **forms: Any) -> HttpResponse:
    """Show a session; `forms` are those that could not be saved."""
    wanted = pages.read(request.GET.dict())
    people = selectors.people_of(session, viewer=request.viewer)
    order = selectors.order_of(people)
    context = {
        "session": session,
        "cycle": session.cycle,
        "wanted": wanted,
        "people": people,
        "order": order,
        "lines": pages.lines_of(people, order, selectors.guideline_of(session.cycle)),
        "moved": sum(person.is_moved for person in people),
        "without_score": sum(person.score is None for person in people),
        "without_potential": sum(person.potential is None for person in people),
        "takes_moves": selectors.takes_moves(session),
        "runs": runs(request.viewer),
        "hides_own": selectors.participants_in(session).filter(employee_id__in=oneself(request.viewer)).exists(),
        "views": _views(),
        "part": f"reviews/calibration/{wanted.view}.html",
        "unlock_form": ReasonForm(),
        **_part(request, session, people, order, wanted),
        **forms,
    }
    return render(request, "reviews/calibration/session.html", context, status=400 if forms else 200)


def _views() -> list[tuple[str, str]]:
    return [
        ("", _("Table")), (pages.BOARD, _("Board")), (pages.BOXES, _("Nine boxes")), (pages.SIDE, _("Side by side")),
        (pages.LOG, _("Log")),
    ]  # fmt: skip


def _part(
    request: WorkspaceRequest,
    session: CalibrationSession,
    people: list[Person],
    order: list[str],
    wanted: pages.Wanted,
) -> dict[str, Any]:
    """Return what the chosen view of the session shows."""
    if wanted.view == pages.BOARD:
        return {"columns": pages.columns_of(people, order)}
    if wanted.view == pages.BOXES:
        return {"boxes": pages.boxes_of(people)}
    if wanted.view == pages.LOG:
        found = selectors.moves_of(session, viewer=request.viewer)
        return {"page": Paginator(found, PER_PAGE).get_page(request.GET.get("page"))}
    if wanted.view == pages.SIDE:
        return _beside(request, session, people)
    rows = pages.filtered(people, wanted)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    changes = [person.change for person in page if person.is_moved]
    return {
        "page": page,
        "units": pages.units_in(people),
        "potentials": POTENTIAL_WORDS,
        "shows_money": money.may_see(request.viewer),
        "money": money.texts_for(changes, viewer=request.viewer),
    }


def _beside(request: WorkspaceRequest, session: CalibrationSession, people: list[Person]) -> dict[str, Any]:
    """Return up to four chosen people side by side."""
    # A long session is chosen from by employee number, typed or from one list; a short one by id.
    is_long = len(people) > pages.MOST_CHOICES
    known = {person.number if is_long else str(person.participant_id): person for person in people}
    asked = dict.fromkeys(text.strip() for text in request.GET.getlist("with"))
    chosen = [known[text] for text in asked if text in known][: pages.MOST_BESIDE]
    return {
        "chosen": chosen,
        "chosen_ids": [person.participant_id for person in chosen],
        "chosen_numbers": [person.number for person in chosen],
        "is_long": is_long,
        "blocks": side.blocks_of(session.cycle, chosen) if chosen else [],
        "most": pages.MOST_BESIDE,
    }


@workspace_view(CALIBRATE)
@require_POST
def export_calibration(request: WorkspaceRequest, calibration_id: int) -> HttpResponse:
    """Start writing the people of a session, or its log (`?view=log`), to a file."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    what = exports.LOG if request.GET.get("view") == pages.LOG else exports.PEOPLE
    return start_export(request, {"what": what, "session": session.pk})


@workspace_view(CALIBRATE)
@require_GET
def calibrated(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> HttpResponse:
    """A person of a session: where to move them, their potential, and how they were moved; a part for HTMX."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    person = selectors.person_of(session, calibrated_id, viewer=request.viewer)
    return person_page(request, session, person)


def person_page(
    request: WorkspaceRequest, session: CalibrationSession, person: Person, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """Show a person of a session; `forms` are those that could not be saved, which stay as typed."""
    grades = [name for name, _bound in person.bands]
    asked = request.GET.get("grade", "")
    begin = {"grade": asked if asked in grades and asked != person.grade else "", "before": person.score}
    moves = list(selectors.moves_of(session, viewer=request.viewer, participant_id=person.participant_id))
    context = {
        "session": session,
        "person": person,
        "takes_moves": selectors.takes_moves(session),
        "move_form": MoveForm(initial=begin, grades=grades),
        "potential_form": PotentialForm(
            initial={"potential": person.potential, "note": person.potential_note, "seen": person.potential or ""},
            prefix="potential",
        ),
        "undo_form": ReasonForm(prefix="undo"),
        "moves": moves,
        "can_undo": bool(moves) and moves[0].after == person.score and moves[0].before is not None,
        "back": _back(request),
        **forms,
    }
    part = request.headers.get("HX-Request") == "true" and request.method == "GET"
    template = "reviews/calibration/person_part.html" if part else "reviews/calibration/person.html"
    return render(request, template, context, status=status)


def _back(request: WorkspaceRequest) -> str:
    """Return the view of the session from which somebody came."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    return asked if asked in pages.VIEWS else pages.TABLE


@workspace_view(CALIBRATE)
@require_GET
def preview_calibration(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> HttpResponse:
    """What a move (`?grade=` or `?score=`) would do: the person's new score and grade, and the distribution then."""
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    people = selectors.people_of(session, viewer=request.viewer)
    person = next((each for each in people if each.participant_id == calibrated_id), None)
    if person is None:
        raise NotFound
    after = _asked_score(request, person)
    context: dict[str, Any] = {"person": person, "after": after}
    if after is not None:
        name = selectors.graded(after, person)
        order, guideline = selectors.order_of(people), selectors.guideline_of(session.cycle)
        change = money.Change(person.participant_id, person.score, after, person.grade, name)
        context |= {
            "grade": name,
            "lines": pages.lines_of(people, order, guideline, moved={person.participant_id: name}),
            "money": money.texts_for([change], viewer=request.viewer).get(person.participant_id, []),
        }
    return render(request, "reviews/calibration/preview.html", context)


def _asked_score(request: WorkspaceRequest, person: Person) -> Decimal | None:
    """Return where the form would move somebody; None for nothing yet, or nonsense."""
    grades = [name for name, _bound in person.bands]
    form = MoveForm({**request.GET.dict(), "reason": "-"}, grades=grades)
    if not form.is_valid():
        return None
    target = form.target()
    try:
        after = target.score if target.score is not None else nearest_score(person.score, target.grade, person.bands)
    except BadGrade:
        return None
    return None if after == person.score else after


@workspace_view(CALIBRATE)
@require_POST
def move_calibrated(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> HttpResponse:
    """Move a person, with a reason."""
    session, person = _found(request, calibration_id, calibrated_id)
    form = MoveForm(request.POST, grades=[name for name, _bound in person.bands])

    def write() -> None:
        data = form.cleaned_data
        services.move(
            session.pk, calibrated_id, form.target(), before=data["before"], reason=data["reason"],
            viewer=request.viewer,
        )  # fmt: skip

    return _written(request, session, calibrated_id, "move_form", form, write)


@workspace_view(CALIBRATE)
@require_POST
def undo_calibrated(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> HttpResponse:
    """Take a person's last move back, with a reason."""
    session, _person = _found(request, calibration_id, calibrated_id)
    form = ReasonForm(request.POST, prefix="undo")

    def write() -> None:
        move_id = selectors.number(request.POST.get("move", ""))
        services.undo(session.pk, calibrated_id, move_id, reason=form.cleaned_data["reason"], viewer=request.viewer)

    return _written(request, session, calibrated_id, "undo_form", form, write)


@workspace_view(CALIBRATE)
@require_POST
def rate_potential(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> HttpResponse:
    """Say a person's potential, and why."""
    session, _person = _found(request, calibration_id, calibrated_id)
    form = PotentialForm(request.POST, prefix="potential")

    def write() -> None:
        data = form.cleaned_data
        services.set_potential(
            session.pk, calibrated_id, data["potential"], data["note"], seen=data["seen"], viewer=request.viewer
        )

    return _written(request, session, calibrated_id, "potential_form", form, write)


def _found(request: WorkspaceRequest, calibration_id: int, calibrated_id: int) -> tuple[CalibrationSession, Person]:
    session = selectors.session_of(calibration_id, viewer=request.viewer)
    return session, selectors.person_of(session, calibrated_id, viewer=request.viewer)


def _written(
    request: WorkspaceRequest, session: CalibrationSession, calibrated_id: int, name: str, form: Any, write: Any
) -> HttpResponse:
    """Save a form and go back to the session; what is refused stays on the person's page, with what was typed.

    After a conflict the page shows how things stand now, and the form is sent again with that.
    """
    status = 400
    if form.is_valid():
        try:
            with transaction.atomic():
                write()
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 400
        else:
            messages.success(request, _("Saved."))
            address = reverse("calibration", args=[request.workspace.slug, session.pk])
            return HttpResponseRedirect(f"{address}?view={_back(request)}#people")
    session = selectors.session_of(session.pk, viewer=request.viewer)
    person = selectors.person_of(session, calibrated_id, viewer=request.viewer)
    if status == 409:
        form.data = form.data.copy()
        form.data[form.add_prefix("before")] = "" if person.score is None else str(person.score)
        form.data[form.add_prefix("seen")] = str(person.potential or "")
    return person_page(request, session, person, status=status, **{name: form})
