"""Pages of the company's values: the list, one to add or edit, archiving."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from reviews.feedback import exports, values
from reviews.feedback.forms import ValueForm
from reviews.models import CompanyValue
from reviews.permissions import MANAGE_FEEDBACK
from reviews.surveys.views import to


@workspace_view(MANAGE_FEEDBACK)
@require_GET
def company_values(request: WorkspaceRequest) -> HttpResponse:
    """The values, searched, filtered and sorted."""
    wanted = values.read(request.GET.dict())
    context = {
        "lines": values.listed(wanted), "wanted": wanted,
        "states": [("used", _("In use")), ("archived", pgettext("survey", "Archived"))],
    }  # fmt: skip
    return render(request, "reviews/feedback/values.html", context)


@workspace_view(MANAGE_FEEDBACK)
@require_POST
def export_company_values(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in values.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.VALUES, params, user_id=request.viewer.user_id).pk)


@workspace_view(MANAGE_FEEDBACK)
@require_http_methods(READ_WRITE)
def new_company_value(request: WorkspaceRequest) -> HttpResponse:
    """Add a value."""
    return _edit(request, CompanyValue(), _("New value"))


@workspace_view(MANAGE_FEEDBACK)
@require_http_methods(READ_WRITE)
def edit_company_value(request: WorkspaceRequest, company_value_id: int) -> HttpResponse:
    """Change a value; praise that names it shows the new words."""
    return _edit(request, values.value_of(company_value_id), _("Change the value"))


@workspace_view(MANAGE_FEEDBACK)
@require_POST
def archive_company_value(request: WorkspaceRequest, company_value_id: int) -> HttpResponse:
    """Archive a value, or bring it back; praise keeps it."""
    found = values.value_of(company_value_id)
    found.is_archived = request.POST.get("on") == "1"
    found.save(update_fields=["is_archived"])
    messages.success(request, _("Archived.") if found.is_archived else _("Brought back."))
    return to("company_values", request)


def _edit(request: WorkspaceRequest, value: CompanyValue, title: str) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ValueForm(data, instance=value)
    if data is not None and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return to("company_values", request)
    context = {"form": form, "title": title}
    return render(request, "reviews/feedback/value_form.html", context, status=400 if form.errors else 200)
