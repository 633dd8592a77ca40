"""Pages of templates of goals."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.models import GoalTemplate
from goals.permissions import MANAGE_GOALS
from goals.template_sets import selectors, services
from goals.template_sets.forms import drafts_of, line_forms, template_form
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried

PER_PAGE = 30


@workspace_view(MANAGE_GOALS)
@require_GET
def goal_templates(request: WorkspaceRequest) -> HttpResponse:
    """The templates, with what their goals weigh."""
    search, archived = request.GET.get("q", "")[:100], request.GET.get("archived") == "1"
    found = selectors.templates(search=search, archived=archived, sort=request.GET.get("sort", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "archived": archived}
    return render(request, "goals/templates.html", context)


@workspace_view(MANAGE_GOALS)
@require_http_methods(READ_WRITE)
def new_goal_template(request: WorkspaceRequest) -> HttpResponse:
    """Make a template."""
    return _page(request, None)


@workspace_view(MANAGE_GOALS)
@require_http_methods(READ_WRITE)
def goal_template(request: WorkspaceRequest, template_id: int) -> HttpResponse:
    """Change a template."""
    return _page(request, selectors.template_of(template_id))


@workspace_view(MANAGE_GOALS)
@require_POST
def archive_goal_template(request: WorkspaceRequest, template_id: int) -> HttpResponse:
    """Archive a template, or bring it back (`back=1`)."""
    archived = request.POST.get("back") != "1"
    template = services.archive_template(template_id, archived=archived)
    text = _("“{name}” is archived.") if archived else _("“{name}” can be assigned again.")
    messages.success(request, text.format(name=template.name))
    return _to_list(request)


@workspace_view(MANAGE_GOALS)
@require_POST
def copy_goal_template(request: WorkspaceRequest, template_id: int) -> HttpResponse:
    """Copy a template and open the copy."""
    copy = services.copy_template(template_id)
    messages.success(request, _("Copied. Change what is different."))
    return HttpResponseRedirect(reverse("goal_template", args=[request.workspace.slug, copy.pk]))


@workspace_view(MANAGE_GOALS)
@require_POST
def add_ready_templates(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready templates that are missing."""
    added = services.install_pack()
    text = ngettext("%(n)s template added.", "%(n)s templates added.", added) % {"n": added}
    messages.success(request, text if added else _("They are all there already."))
    return _to_list(request)


def _page(request: WorkspaceRequest, template: GoalTemplate | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    lines = selectors.lines_of(template) if template else []
    form, rows = template_form(data, template), line_forms(data, lines)
    if data is not None and form.is_valid() and rows.is_valid():
        found = form.cleaned_data

        def save() -> GoalTemplate:
            return services.save_template(
                template.pk if template else None, name=found["name"], sales_role_type=found["sales_role_type"],
                position_id=int(found["position"]) if found["position"] else None, lines=drafts_of(rows),
                seen=found["seen"] if template else None,
            )  # fmt: skip

        saved = tried(form, save)
        if saved is not None:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("goal_template", args=[request.workspace.slug, saved.pk]))
    context = {
        "form": form, "rows": rows, "template": template, "line_count": len(lines),
        "weight": sum(line.weight for line in lines) if lines else None, "whole": selectors.WHOLE,
    }  # fmt: skip
    return render(request, "goals/template.html", context, status=400 if data is not None else 200)


def _to_list(request: WorkspaceRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("goal_templates", args=[request.workspace.slug]))
