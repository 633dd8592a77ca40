"""Pages of people, and the ways into a workspace."""

from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perfmgmt.people import directory, gaps, selectors
from perfmgmt.people.access import WorkspaceRequest, public_view, signed_in_user, signed_in_view, workspace_view
from perfmgmt.people.models import Position, SalesRoleType
from perfmgmt.people.org.views import sections
from perfmgmt.people.permissions import EDIT_PEOPLE, REGISTRY, SEE_PEOPLE, SEE_WORKSPACE
from perfmgmt.people.rights import rights
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import workspaces_of

PEOPLE_PER_PAGE = 50
MOST_PICKED = 20


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
    search, asked = request.GET.get("q", "")[:80], request.GET.get("role", "")
    role = Role(asked) if asked in Role.values else None
    context = {
        "areas": rights(search=search, role=role),
        "shown": [role] if role else list(Role),
        "choices": Role.choices,
        "search": search,
        "role": role,
        "total": len(REGISTRY),
        "mine": [role.label for role in Role if role in request.viewer.roles],
    }
    return render(request, "people/about.html", context)


@workspace_view(SEE_PEOPLE)
@require_GET
def people(request: WorkspaceRequest) -> HttpResponse:
    """The directory: search by name, pinyin, initials, number or address; filters in the address."""
    today, viewer = request.workspace.today(), request.viewer
    may_edit = viewer.may(EDIT_PEOPLE)
    choices = directory.options()
    wanted = directory.read(request.GET.dict(), choices, sees_accounts=may_edit, sees_gaps=viewer.sees_everybody)
    found = directory.find(wanted, on=today, choices=choices, by_address=viewer.sees_everybody)
    number = _page_number(request.GET.get("page", ""))
    rows, total, number = directory.page_of(
        found, sort=wanted.sort, on=today, number=number, per_page=PEOPLE_PER_PAGE
    )
    paginator: Paginator[Any] = Paginator(rows, PEOPLE_PER_PAGE)
    paginator.count = total  # the rows are one page already; counting came with them
    reach = selectors.visible_employees(viewer=viewer, on=today)
    context = {
        "page": Page(rows, number, paginator),
        "rows": [_row(row, today, reach) for row in rows],
        "total": total,
        "choices": choices,
        "wanted": wanted,
        "statuses": directory.STATUSES,
        "types": SalesRoleType.choices,
        "gaps": gaps.gaps() if viewer.sees_everybody else [],
        "filtered": wanted.is_filtered,
        "may_edit": may_edit,
        "sections": sections(request, "people"),
    }
    return render(request, "people/people.html", context)


def _row(row: dict[str, Any], today: date, reach: list[int] | None) -> dict[str, Any]:
    position = Position(name=row["now__position__name"] or "", name_en=row["now__position__name_en"] or "")
    return {
        "id": row["id"],
        "name": row["name"],
        "number": row["number"],
        "unit": row["now__unit__name"],
        "position": str(position),
        "manager": row["now__manager__name"],
        "status": directory.status_of(row, today),
        "account": row["account"],
        "may_look": reach is None or row["id"] in reach,
    }


def _page_number(text: str) -> int:
    return max(int(text), 1) if text.isdecimal() and len(text) < 7 else 1


@workspace_view(SEE_PEOPLE)
@require_GET
def people_pick(request: WorkspaceRequest) -> HttpResponse:
    """The people a `PersonField` offers for what was typed: whatever parameter holds it, its text is searched."""
    typed = next(iter(request.GET.dict().values()), "")[:100]
    today = request.workspace.today()
    found = selectors.directory(search=typed, on=today).exclude(left_on__lt=today)
    people = list(found[:MOST_PICKED]) if typed.strip() else []
    return render(request, "people/pick.html", {"people": people})
