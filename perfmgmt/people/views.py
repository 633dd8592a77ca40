"""Pages of people, and the ways into a workspace."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perfmgmt.people import selectors
from perfmgmt.people.access import WorkspaceRequest, public_view, signed_in_user, signed_in_view, workspace_view
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.people.permissions import REGISTRY, SEE_PEOPLE, SEE_WORKSPACE
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import workspaces_of
from perfmgmt.tenants.errors import NotFound

PEOPLE_PER_PAGE = 50
SORTS = {"name": ("name_key", "id"), "-name": ("-name_key", "-id"), "number": ("number",), "-number": ("-number",)}


@public_view("the front door: sends to the sign-in page or to one's workspaces, shows nothing")
@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Send people where they belong."""
    return HttpResponseRedirect(reverse("workspaces" if request.user.is_authenticated else "account_login"))


@signed_in_view("lists one's own workspaces only (policy on memberships)")
@require_GET
def workspaces(request: HttpRequest) -> HttpResponse:
    """Choose a workspace; with a single one there is nothing to choose."""
    found = workspaces_of(signed_in_user(request).pk)
    if len(found) == 1 and "stay" not in request.GET:
        return HttpResponseRedirect(reverse("home", args=[found[0][0]]))
    return render(request, "people/workspaces.html", {"workspaces": found})


@workspace_view(SEE_WORKSPACE)
@require_GET
def about(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's settings, the viewer's roles, and who may do what."""
    roles = [(role.label, role in request.viewer.roles) for role in Role]
    rows = [
        (permission.label, [(role.label, role in permission.roles) for role in Role])
        for permission in sorted(REGISTRY.values(), key=lambda permission: permission.code)
    ]
    mine = [role.label for role in Role if role in request.viewer.roles]
    return render(request, "people/about.html", {"roles": roles, "rows": rows, "mine": mine})


@workspace_view(SEE_PEOPLE)
@require_GET
def people(request: WorkspaceRequest) -> HttpResponse:
    """The directory: search by name, pinyin, initials, number or address; by unit."""
    today = request.workspace.today()
    units = list(Unit.objects.order_by("name", "pk"))
    unit_id = _unit_id(request.GET.get("unit", ""), units)
    search, sort = request.GET.get("q", "")[:100], request.GET.get("sort", "name")
    found = selectors.directory(
        search=search, unit_id=unit_id, on=today, by_address=request.viewer.sees_everybody
    ).order_by(*SORTS.get(sort, SORTS["name"]))
    page = Paginator(found, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    now = {
        assignment.employee_id: assignment
        for assignment in Assignment.objects.select_related("unit", "position", "manager").filter(
            employee_id__in=[employee.pk for employee in page], valid_from__lte=today, valid_to__gte=today
        )
    }
    reach = selectors.visible_employees(viewer=request.viewer, on=today)
    rows = [(employee, now.get(employee.pk), reach is None or employee.pk in reach) for employee in page]
    context = {
        "page": page,
        "rows": rows,
        "units": units,
        "unit_id": unit_id,
        "search": search,
        "filtered": bool(search.strip() or unit_id),
    }
    return render(request, "people/people.html", context)


def _unit_id(text: str, units: list[Unit]) -> int | None:
    """Return the unit named in the address; raise NotFound for one that isn't there."""
    if not text:
        return None
    for unit in units:
        if str(unit.pk) == text:
            return unit.pk
    raise NotFound
