"""Who is in a workspace, with which roles: reads and writes."""

from collections.abc import Iterable
from datetime import date

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Assignment, Employee, Membership
from perfmgmt.people.permissions import REGISTRY
from perfmgmt.people.roles import GIVEN_BY_HAND, Role
from perfmgmt.people.selectors import directory
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed
from perfmgmt.tenants.models import WorkspaceProfile


def grantable(viewer: Viewer) -> list[Role]:
    """Return the roles the viewer may give: those that may do nothing the viewer may not do."""
    own = {permission.code for permission in REGISTRY.values() if viewer.may(permission)}
    return [
        role
        for role in GIVEN_BY_HAND
        if {permission.code for permission in REGISTRY.values() if role in permission.roles} <= own
    ]


def check_grantable(viewer: Viewer, roles: Iterable[Role]) -> None:
    """Raise NotAllowed for a role that the viewer may not give."""
    if set(roles) - set(grantable(viewer)):
        raise NotAllowed(_("You can't give a role that may do more than you. Ask an owner of the workspace."))


def members(*, on: date, search: str = "", role: str = "") -> QuerySet[Membership]:
    """Return the members, with whether they lead people (`leads`) and have a second factor (`protected`)."""
    leads = Assignment.objects.filter(
        manager_id=OuterRef("employee_id"), valid_from__lte=on, valid_to__gte=on
    ).order_by()
    factors = Authenticator.objects.filter(user_id=OuterRef("user_id")).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    found = Membership.objects.select_related("user", "employee").annotate(
        leads=Exists(leads), protected=Exists(factors)
    )
    if search := search.strip():
        found = found.filter(
            Q(user__name__icontains=search)
            | Q(user__email__icontains=search)
            | Q(employee__name__icontains=search)
            | Q(employee__name_key__contains=search.casefold())
        )
    return found.filter(roles__contains=[role]) if role else found


def without_account(*, search: str, on: date, limit: int = 20) -> list[Employee]:
    """Return people of the directory who can't sign in yet, found by name, pinyin or number."""
    taken = Membership.objects.exclude(employee=None).values("employee_id")
    found = directory(search=search, on=on, by_address=True).exclude(pk__in=taken).exclude(left_on__lt=on)
    return list(found[:limit])


@transaction.atomic
def set_roles(member_id: int, roles: Iterable[Role], *, viewer: Viewer) -> Membership:
    """Give a member exactly these roles.

    Raises NotAllowed for a role the viewer may not give or take, DomainError for one that follows by itself, and
    Conflict when nobody would own the workspace any more.
    """
    wanted = set(roles)
    if not wanted <= set(GIVEN_BY_HAND):
        raise DomainError(
            _("The roles of manager and assistant follow from the reporting line."), code="derived_role"
        )
    member = _locked(member_id)
    check_grantable(viewer, wanted ^ {Role(role) for role in member.roles})
    if Role.OWNER not in wanted:
        _keep_an_owner(member)
    member.roles = sorted(role.value for role in wanted)
    member.save(update_fields=["roles"])
    return member


@transaction.atomic
def remove_member(member_id: int, *, viewer: Viewer) -> None:
    """Take a member's access away; the employee and all figures stay.

    Raises NotAllowed for a member who may do more than the viewer, Conflict for the last owner.
    """
    member = _locked(member_id)
    check_grantable(viewer, {Role(role) for role in member.roles})
    _keep_an_owner(member)
    member.delete()


def _locked(member_id: int) -> Membership:
    """Return the member; changes of roles in one workspace wait for each other, so that they count right."""
    WorkspaceProfile.objects.select_for_update().get()
    return Membership.objects.select_for_update().get(pk=member_id)


def _keep_an_owner(member: Membership) -> None:
    if Role.OWNER not in member.roles:
        return
    if not Membership.objects.filter(roles__contains=[Role.OWNER]).exclude(pk=member.pk).exists():
        raise Conflict(_("A workspace needs an owner. Make somebody else an owner first."))
