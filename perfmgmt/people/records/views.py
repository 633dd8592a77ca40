"""The tabs of a person's page that belong to this app, and what is edited there."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.directory import options
from perfmgmt.people.models import FOREVER, Assignment, Employee
from perfmgmt.people.pages import READ_WRITE, head, to_person, tried
from perfmgmt.people.permissions import EDIT_PEOPLE, RECORD_LEAVERS, SEE_PERSON
from perfmgmt.people.records import assignments, selectors, services, timeline
from perfmgmt.people.records.forms import (
    ChangeForm,
    EndForm,
    PlaceForm,
    RecordForm,
    SpellForm,
    place_of,
    record_of,
)
from perfmgmt.people.roles import Role
from perfmgmt.tenants.errors import NotFound


@workspace_view(SEE_PERSON)
@require_GET
def profile(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """What the company knows of a person, and what happened when."""
    today = request.workspace.today()
    employee = selectors.person_for(request.viewer, employee_id, on=today)
    past = selectors.history(employee)
    may_edit = request.viewer.may(EDIT_PEOPLE)
    sees_account = may_edit or request.viewer.employee_id == employee_id
    context = {
        **head(request, employee, "person_profile"),
        "line": selectors.line_of(past, today),
        "events": timeline.events(
            past, request.viewer, sees_account=sees_account, time_zone=request.workspace.time_zone
        ),
        "today": today,
        "may_edit": may_edit,
        "may_record_leave": request.viewer.may(RECORD_LEAVERS),
        "sees_account": sees_account,
        "membership": (membership := selectors.membership_of(employee) if sees_account else None),
        "roles": [Role(role).label for role in membership.roles] if membership else [],
    }
    return render(request, "people/profile.html", context)


@workspace_view(SEE_PERSON)
@require_GET
def person_assignments(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Where the person worked when, as a line in time and as a table."""
    today = request.workspace.today()
    employee = selectors.person_for(request.viewer, employee_id, on=today)
    past = selectors.history(employee)
    context = {
        **head(request, employee, "person_assignments"),
        "line": selectors.line_of(past, today),
        "spells": past.assignments[::-1],
        "forever": FOREVER,
        "today": today,
        "may_edit": request.viewer.may(EDIT_PEOPLE),
    }
    return render(request, "people/assignments.html", context)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def add_person(request: WorkspaceRequest) -> HttpResponse:
    """Add a person, and where they work."""
    choices, slug = options(), request.workspace.slug
    data = request.POST if request.method == "POST" else None
    form, place_form = RecordForm(data), PlaceForm(data, slug=slug, options=choices, unit_required=False)
    if data is not None and form.is_valid() and place_form.is_valid():
        today = request.workspace.today()

        def add() -> Employee:
            employee = services.create_employee(form.cleaned_data)
            if place_form.cleaned_data["unit"]:
                assignments.add(employee, place_form.place(), valid_from=employee.hired_on or today)
            return employee

        employee = tried(form, add)
        if employee is not None:
            messages.success(request, _("{name} is added.").format(name=employee.name))
            return to_person(request, "person_profile", employee.pk)
    context = {"form": form, "place_form": place_form}
    return render(request, "people/add_person.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def edit_person(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Change what HR knows of a person."""
    employee = selectors.person_for(request.viewer, employee_id, on=request.workspace.today())
    data = request.POST if request.method == "POST" else None
    form = RecordForm(data, initial=record_of(employee))
    if data is not None and form.is_valid():
        shown = data.get("shown", "")
        if tried(form, lambda: services.change_employee(employee_id, form.cleaned_data, shown=shown)) is not None:
            messages.success(request, _("Saved."))
            return to_person(request, "person_profile", employee_id)
    context = {
        **head(request, employee, "person_profile"),
        "form": form,
        "shown": data.get("shown", "") if data is not None else services.seen(employee),
    }
    return render(request, "people/edit_person.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def add_assignment(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Give a person a place on days on which they have none."""
    today = request.workspace.today()
    employee = selectors.person_for(request.viewer, employee_id, on=today)
    data = request.POST if request.method == "POST" else None
    initial = {"valid_from": max(today, employee.hired_on or today)}
    form = SpellForm(data, slug=request.workspace.slug, options=options(), initial=initial)

    def add() -> Assignment:
        days = {name: form.cleaned_data[name] for name in ("valid_from", "valid_to")}
        return assignments.add(employee, form.place(), **days)

    if data is not None and form.is_valid() and tried(form, add) is not None:
        messages.success(request, _("The assignment is added; the figures follow within seconds."))
        return to_person(request, "person_assignments", employee_id)
    context = {**head(request, employee, "person_assignments"), "form": form, "how": "add"}
    return render(request, "people/edit_assignment.html", context, status=400 if data is not None else 200)


# How an assignment is edited: the form, and what it is called.
HOW: dict[str, type[Form] | None] = {"change": ChangeForm, "correct": SpellForm, "end": EndForm, "remove": None}


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def edit_assignment(request: WorkspaceRequest, employee_id: int, assignment_id: int) -> HttpResponse:
    """Change an assignment from a day on, correct it, end it, or remove it (`?how=`)."""
    today = request.workspace.today()
    employee = selectors.person_for(request.viewer, employee_id, on=today)
    spell = Assignment.objects.select_related("unit", "position", "manager").filter(
        pk=assignment_id, employee=employee
    ).first()  # fmt: skip
    if spell is None:
        raise NotFound
    how = request.GET.get("how", "change")
    how = how if how in HOW else "change"
    data = request.POST if request.method == "POST" else None
    shown = data.get("shown", "") if data is not None else assignments.seen(spell)
    form = _assignment_form(request, how, spell, data)
    if data is not None and form.is_valid() and tried(form, _edit(how, form, spell, shown)):
        messages.success(request, _("Saved; the figures follow within seconds."))
        return to_person(request, "person_assignments", employee_id)
    context = {
        **head(request, employee, "person_assignments"),
        "form": form,
        "spell": spell,
        "shown": shown,
        "how": how,
        "forever": FOREVER,
        "hows": [("change", _("Change from a day")), ("correct", _("Correct")), ("end", _("End")),
                 ("remove", _("Remove"))],
    }  # fmt: skip
    return render(request, "people/edit_assignment.html", context, status=400 if data is not None else 200)


def _assignment_form(request: WorkspaceRequest, how: str, spell: Assignment, data: Any) -> Form:
    made = HOW[how]
    if made is None:
        return Form(data)
    today = request.workspace.today()
    day = today if spell.valid_from <= today <= spell.valid_to else spell.valid_from
    if made is EndForm:
        return EndForm(data, initial={"day": day})
    kwargs = {"slug": request.workspace.slug, "options": options(), "present": spell.unit}
    return made(data, initial={**place_of(spell), "day": day}, **kwargs)


def _edit(how: str, form: Form, spell: Assignment, shown: str) -> Callable[[], bool]:
    """Return what the form asks to be done with an assignment."""
    data = form.cleaned_data

    def edit() -> bool:
        if how == "end":
            assignments.end(spell.pk, last_day=data["day"], shown=shown)
        elif how == "remove":
            assignments.remove(spell.pk, shown=shown)
        elif isinstance(form, PlaceForm):
            if how == "change":
                assignments.change_from(spell.pk, form.place(), day=data["day"], shown=shown)
            else:
                days = {name: data[name] for name in ("valid_from", "valid_to")}
                assignments.correct(spell.pk, form.place(), **days, shown=shown)
        return True

    return edit
