"""Pages of a position's job description (T4)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.duties import selectors, services
from perfmgmt.people.duties.forms import DutyForm
from perfmgmt.people.duties.parts import DutyColumn, columns, parts_for
from perfmgmt.people.models import Duty
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.people.permissions import EDIT_PEOPLE, SEE_PEOPLE

MOST_NAMED = 12


@workspace_view(SEE_PEOPLE)
@require_GET
def job_description(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    """What a position has to do, in which order, with how much of the time."""
    found = selectors.job_description(position_id)
    shown = [(column, column.of(found.duties)) for column in columns()]
    holders = selectors.holders(position_id, request.workspace.today())
    context = {
        "found": found,
        "columns": [column for column, _words in shown],
        "rows": [(duty, [_cell(request, column, words, duty) for column, words in shown]) for duty in found.duties],
        "holders": holders[:MOST_NAMED],
        "more_holders": len(holders) - MOST_NAMED,
        "parts": parts_for(request, found),
        "position": found.position,
        "may_edit": request.viewer.may(EDIT_PEOPLE),
        "came_from": "?from=setup" if request.GET.get("from") == "setup" else "",
    }
    return render(request, "people/job_description.html", context)


def _cell(
    request: WorkspaceRequest, column: DutyColumn, words: Mapping[int, list[str]], duty: Duty
) -> dict[str, Any]:
    """Return what a duty has in a column, and where that is changed."""
    url = ""
    if request.viewer.may(column.permission):
        url = reverse(column.url_name, args=[request.workspace.slug, duty.position_id, duty.pk])
    return {"column": column, "words": words.get(duty.pk, []), "url": url}


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def add_duty(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    """Add a duty."""
    return _duty_page(request, position_id, None)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def duty(request: WorkspaceRequest, position_id: int, duty_id: int) -> HttpResponse:
    """Change a duty."""
    return _duty_page(request, position_id, selectors.duty_of(position_id, duty_id))


@workspace_view(EDIT_PEOPLE)
@require_POST
def remove_duty(request: WorkspaceRequest, position_id: int, duty_id: int) -> HttpResponse:
    """Remove a duty."""
    services.remove_duty(position_id=position_id, duty_id=duty_id)
    messages.success(request, _("The duty is removed."))
    return _to(request, position_id)


def _duty_page(request: WorkspaceRequest, position_id: int, found: Duty | None) -> HttpResponse:
    description = selectors.job_description(position_id)
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(found, name) for name in DutyForm.base_fields} if found else {"share": description.left}
    form = DutyForm(data, initial=initial)

    def save() -> Duty:
        duty_id = found.pk if found else None
        return services.save_duty(position_id=position_id, duty_id=duty_id, **form.cleaned_data)

    if data is not None and form.is_valid() and tried(form, save) is not None:
        messages.success(request, _("Saved."))
        return _to(request, position_id)
    title = _("Change the duty") if found else _("New duty")
    context = {"form": form, "title": title, "position": description.position, "duty": found}
    return render(request, "people/duty_form.html", context, status=400 if data is not None else 200)


def _to(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("job_description", args=[request.workspace.slug, position_id]))
