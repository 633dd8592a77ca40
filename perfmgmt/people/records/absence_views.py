"""Absences and stand-ins of a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Absence, Employee, StandIn
from perfmgmt.people.pages import READ_WRITE, head, to_person, tried
from perfmgmt.people.permissions import ARRANGE_STAND_INS, RECORD_ABSENCES, SEE_PERSON
from perfmgmt.people.records import selectors, services
from perfmgmt.people.records.forms import AbsenceForm, StandInForm
from perfmgmt.tenants.errors import NotFound

TAB = "person_absences"


@workspace_view(SEE_PERSON)
@require_GET
def person_absences(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """When the person is away, who stands in, and for whom they stand in."""
    today = request.workspace.today()
    employee = selectors.person_for(request.viewer, employee_id, on=today)
    past = selectors.history(employee)
    context = {
        **head(request, employee, TAB),
        "line": selectors.line_of(past, today),
        "absences": past.absences[::-1],
        "stand_ins": past.stand_ins[::-1],
        "duties": past.duties[::-1],
        "today": today,
        "may_record": selectors.may_record_absence(request.viewer, employee_id),
        "may_arrange": selectors.may_arrange(request.viewer, employee_id),
    }
    return render(request, "people/absences.html", context)


@workspace_view(RECORD_ABSENCES)
@require_http_methods(READ_WRITE)
def add_absence(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Record an absence, and who stands in on these days."""
    employee = _absent_person(request, employee_id)
    today = request.workspace.today()
    initial = {"first_day": today, "last_day": today, "stand_in": selectors.proposed_stand_in(employee, on=today)}
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, slug=request.workspace.slug, with_stand_in=True, initial=initial)

    def add() -> Absence:
        values = dict(form.cleaned_data)
        stand_in = values.pop("stand_in")
        made = services.record_absence(employee, **values)
        if stand_in is not None:
            reason = str(made.get_kind_display()) if made.kind == "annual" else ""
            services.name_stand_in(
                employee, stand_in=stand_in, reason=reason, first_day=made.first_day, last_day=made.last_day
            )
        return made

    if data is not None and form.is_valid() and tried(form, add) is not None:
        messages.success(request, _("The absence is recorded."))
        return to_person(request, TAB, employee_id)
    return _form_page(request, employee, form, data, title=_("Record an absence"))


@workspace_view(RECORD_ABSENCES)
@require_http_methods(READ_WRITE)
def edit_absence(request: WorkspaceRequest, employee_id: int, absence_id: int) -> HttpResponse:
    """Change an absence."""
    employee = _absent_person(request, employee_id)
    absence = Absence.objects.filter(pk=absence_id, employee=employee).first()
    if absence is None:
        raise NotFound
    initial = {name: getattr(absence, name) for name in AbsenceForm.base_fields}
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, slug=request.workspace.slug, initial=initial)
    if data is not None and form.is_valid():
        values = form.cleaned_data
        if tried(form, lambda: services.record_absence(employee, **values, absence_id=absence_id)) is not None:
            messages.success(request, _("Saved."))
            return to_person(request, TAB, employee_id)
    return _form_page(request, employee, form, data, title=_("Change the absence"), remove=absence)


@workspace_view(RECORD_ABSENCES)
@require_POST
def remove_absence(request: WorkspaceRequest, employee_id: int, absence_id: int) -> HttpResponse:
    """Take an absence back."""
    services.remove_absence(_absent_person(request, employee_id), absence_id)
    messages.success(request, _("The absence is removed."))
    return to_person(request, TAB, employee_id)


@workspace_view(ARRANGE_STAND_INS)
@require_http_methods(READ_WRITE)
def add_stand_in(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Name who decides in a person's place on some days."""
    employee = _represented_person(request, employee_id)
    today = request.workspace.today()
    initial = {"first_day": today, "last_day": today, "stand_in": selectors.proposed_stand_in(employee, on=today)}
    data = request.POST if request.method == "POST" else None
    form = StandInForm(data, slug=request.workspace.slug, initial=initial)

    def add() -> StandIn:
        return services.name_stand_in(employee, **form.cleaned_data)

    if data is not None and form.is_valid() and tried(form, add) is not None:
        messages.success(request, _("The stand-in is named."))
        return to_person(request, TAB, employee_id)
    return _form_page(request, employee, form, data, title=_("Name a stand-in"))


@workspace_view(ARRANGE_STAND_INS)
@require_http_methods(READ_WRITE)
def edit_stand_in(request: WorkspaceRequest, employee_id: int, stand_in_id: int) -> HttpResponse:
    """Change who stands in, or when."""
    employee = _represented_person(request, employee_id)
    row = StandIn.objects.select_related("stand_in").filter(pk=stand_in_id, employee=employee).first()
    if row is None:
        raise NotFound
    initial = {name: getattr(row, name) for name in StandInForm.field_order}
    data = request.POST if request.method == "POST" else None
    form = StandInForm(data, slug=request.workspace.slug, initial=initial)
    if data is not None and form.is_valid():
        values = form.cleaned_data
        if tried(form, lambda: services.name_stand_in(employee, **values, stand_in_id=stand_in_id)) is not None:
            messages.success(request, _("Saved."))
            return to_person(request, TAB, employee_id)
    return _form_page(request, employee, form, data, title=_("Change the stand-in"), end=row)


@workspace_view(ARRANGE_STAND_INS)
@require_POST
def remove_stand_in(request: WorkspaceRequest, employee_id: int, stand_in_id: int) -> HttpResponse:
    """Take a stand-in back."""
    services.end_stand_in(_represented_person(request, employee_id), stand_in_id)
    messages.success(request, _("The stand-in is removed."))
    return to_person(request, TAB, employee_id)


def _absent_person(request: WorkspaceRequest, employee_id: int) -> Employee:
    """Return the person whose absences the viewer may record; raise NotFound otherwise."""
    employee = selectors.person_for(request.viewer, employee_id, on=request.workspace.today())
    if not selectors.may_record_absence(request.viewer, employee_id):
        raise NotFound
    return employee


def _represented_person(request: WorkspaceRequest, employee_id: int) -> Employee:
    """Return the person for whom the viewer may name a stand-in; raise NotFound otherwise."""
    employee = selectors.person_for(request.viewer, employee_id, on=request.workspace.today())
    if not selectors.may_arrange(request.viewer, employee_id):
        raise NotFound
    return employee


def _form_page(
    request: WorkspaceRequest, employee: Employee, form: Any, data: QueryDict | None, **more: Any
) -> HttpResponse:
    context = {**head(request, employee, TAB), "form": form, **more}
    return render(request, "people/absence_form.html", context, status=400 if data is not None else 200)
