"""Pages of units and positions."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.directory import options
from perfmgmt.people.models import Position, Unit
from perfmgmt.people.org import selectors, services
from perfmgmt.people.org.forms import NameForm, ParentForm, PositionForm, UnitForm
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.people.permissions import EDIT_PEOPLE, RECORD_LEAVERS, SEE_PEOPLE
from perfmgmt.tenants.errors import NotFound


@workspace_view(SEE_PEOPLE)
@require_GET
def units(request: WorkspaceRequest) -> HttpResponse:
    """The tree of units with their people and who leads them."""
    archived = request.GET.get("archived") == "1"
    nodes = selectors.tree(on=request.workspace.today(), archived=archived)
    search = request.GET.get("q", "")[:100].strip()
    shown = [node for node in nodes if search.casefold() in node.unit.name.casefold()]
    context = {
        "nodes": shown,
        "search": search,
        "archived": archived,
        "may_edit": request.viewer.may(EDIT_PEOPLE),
        "sections": sections(request, "units"),
    }
    return render(request, "people/units.html", context)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def add_unit(request: WorkspaceRequest) -> HttpResponse:
    """Make a unit."""
    data = request.POST if request.method == "POST" else None
    form = UnitForm(data, options=options(), initial={"parent": request.GET.get("parent", "")})
    if data is not None and form.is_valid():
        name = form.cleaned_data["name"]
        if tried(form, lambda: services.create_unit(name, parent=form.parent())) is not None:
            messages.success(request, _("The unit “{name}” is made.").format(name=name))
            return _to(request, "units")
    context = {"form": form, "title": _("New unit"), "back": "units"}
    return render(request, "people/org_form.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def unit(request: WorkspaceRequest, unit_id: int) -> HttpResponse:
    """One unit: its name, where it hangs, whether it is open."""
    found = _unit(unit_id)
    data = request.POST if request.method == "POST" else None
    form = NameForm(data, initial={"name": found.name})

    def rename() -> Unit:
        return services.rename_unit(unit_id, form.cleaned_data["name"])

    if data is not None and form.is_valid() and tried(form, rename) is not None:
        messages.success(request, _("Saved."))
        return _to(request, "units")
    node = next(each for each in _all_nodes(request) if each.unit.pk == unit_id)
    context = {"form": form, "unit": found, "node": node, "move_form": _move_form(found, None)}
    return render(request, "people/unit.html", context, status=400 if data is not None else 200)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def move_unit(request: WorkspaceRequest, unit_id: int) -> HttpResponse:
    """Show what a move would do (`?parent=`), and do it."""
    found = _unit(unit_id)
    data = request.POST if request.method == "POST" else request.GET
    form = _move_form(found, data)
    if not form.is_valid():
        raise NotFound
    parent = form.parent()
    if request.method == "POST":
        shown = data.get("shown", "")
        shown_id = int(shown) if shown.isdecimal() and len(shown) < 19 else None
        if tried(form, lambda: services.move(unit_id, parent=parent, shown_parent_id=shown_id)) is not None:
            messages.success(
                request, _("“{name}” is moved; the figures follow within a minute.").format(name=found.name)
            )
            return _to(request, "units")
    context = {
        "form": form,
        "unit": found,
        "parent": parent,
        "same": (parent.pk if parent else None) == found.parent_id,
        "effect": selectors.effect_of_move(found, parent, on=request.workspace.today()),
    }
    return render(request, "people/move_unit.html", context, status=200 if form.is_valid() else 400)


@workspace_view(EDIT_PEOPLE)
@require_POST
def archive_unit(request: WorkspaceRequest, unit_id: int) -> HttpResponse:
    """Close a unit that nobody belongs to any more."""
    found = services.archive_unit(unit_id, on=request.workspace.today())
    messages.success(request, _("The unit “{name}” is archived; its past figures stay.").format(name=found.name))
    return _to(request, "units")


@workspace_view(EDIT_PEOPLE)
@require_POST
def reopen_unit(request: WorkspaceRequest, unit_id: int) -> HttpResponse:
    """Open an archived unit again."""
    found = services.reopen_unit(unit_id)
    messages.success(request, _("The unit “{name}” is open again.").format(name=found.name))
    return _to(request, "units")


@workspace_view(SEE_PEOPLE)
@require_GET
def positions(request: WorkspaceRequest) -> HttpResponse:
    """The posts of the company and how many people hold them."""
    search = request.GET.get("q", "")[:100].strip()
    context = {
        "rows": selectors.positions(on=request.workspace.today(), search=search),
        "search": search,
        "may_edit": request.viewer.may(EDIT_PEOPLE),
        "sections": sections(request, "positions"),
        "from_setup": request.GET.get("from") == "setup" and request.viewer.may(EDIT_PEOPLE),
    }
    return render(request, "people/positions.html", context)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def add_position(request: WorkspaceRequest) -> HttpResponse:
    """Add a position."""
    return _position_page(request, None)


@workspace_view(EDIT_PEOPLE)
@require_http_methods(READ_WRITE)
def position(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    """Change a position."""
    found = Position.objects.filter(pk=position_id).first()
    if found is None:
        raise NotFound
    return _position_page(request, found)


@workspace_view(EDIT_PEOPLE)
@require_POST
def remove_position(request: WorkspaceRequest, position_id: int) -> HttpResponse:
    """Remove a position that no assignment names."""
    services.remove_position(position_id)
    messages.success(request, _("The position is removed."))
    return _to(request, "positions")


def sections(request: WorkspaceRequest, current: str) -> list[dict[str, Any]]:
    """Return the lists of the company's people that the viewer may open: links url, word, current."""
    words = [
        ("people", _("People"), SEE_PEOPLE),
        ("units", _("Org units"), SEE_PEOPLE),
        ("positions", _("Positions"), SEE_PEOPLE),
        ("leavers", _("Leavers"), RECORD_LEAVERS),
    ]
    return [
        {"url": reverse(name, args=[request.workspace.slug]), "word": word, "current": name == current}
        for name, word, permission in words
        if request.viewer.may(permission)
    ]


def _position_page(request: WorkspaceRequest, found: Position | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(found, name) for name in PositionForm.base_fields} if found else {}
    form = PositionForm(data, initial=initial)
    if data is not None and form.is_valid():
        pk = found.pk if found else None
        if tried(form, lambda: services.save_position(**form.cleaned_data, position_id=pk)) is not None:
            messages.success(request, _("Saved."))
            return _to(request, "positions")
    title = _("Change the position") if found else _("New position")
    context = {"form": form, "title": title, "back": "positions", "position": found}
    return render(request, "people/org_form.html", context, status=400 if data is not None else 200)


def _move_form(found: Unit, data: Any) -> ParentForm:
    """Return a form for the new unit above: neither the unit itself nor anything below it."""
    choices = options()
    return ParentForm(
        data, options=choices, without=choices.tree(found.pk), initial={"parent": str(found.parent_id or "")}
    )


def _all_nodes(request: WorkspaceRequest) -> list[selectors.Node]:
    return selectors.tree(on=request.workspace.today(), archived=True)


def _unit(unit_id: int) -> Unit:
    found = Unit.objects.select_related("parent").filter(pk=unit_id).first()
    if found is None:
        raise NotFound
    return found


def _to(request: WorkspaceRequest, name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=[request.workspace.slug]))
