"""Who is looking: the workspace that was entered and the person in it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from perfmgmt.notify.notifications import unread_count
from perfmgmt.people.models import Assignment, Invitation, Membership, StandIn
from perfmgmt.people.permissions import Permission
from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.tenants.models import Tenant, WorkspaceProfile, WorkspaceRules
from perfmgmt.tenants.scope import tenant_scope, user_scope
from perfmgmt.tenants.selectors import working_calendar
from perfmgmt.tenants.workdays import WorkingCalendar

# Who sees rankings, in a workspace that has not set it.
RANKING = {field.name: field.get_default() for field in WorkspaceRules._meta.fields if "ranking" in field.name}


@dataclass(frozen=True)
class Workspace:
    """The workspace a request is in, as plain values."""

    id: int
    slug: str
    name: str
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    fiscal_start_month: int = 1
    country: str = ""
    weekend: frozenset[int] = frozenset({6, 7})
    ranking_visibility: str = RANKING["ranking_visibility"]
    ranking_top: int = RANKING["ranking_top"]

    def calendar(self, first: date, last: date) -> WorkingCalendar:
        """Return the workspace's working calendar between two days; one query, needs the scope."""
        return working_calendar(country=self.country, weekend=self.weekend, first=first, last=last)

    def today(self, now: datetime | None = None) -> date:
        """Return the date on the workspace's clock."""
        return timezone.localtime(now, ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class ActingFor:
    """A person the viewer stands in for today, until when, and whether that person leads somebody today."""

    employee_id: int
    name: str
    until: date
    leads: bool


@dataclass(frozen=True)
class Viewer:
    """The person looking, with every role they have today. `employee_id` is None for people who only administer.

    `acting_for` are those whose duties of a manager are the viewer's today. `left_until` is the last day on which
    somebody who has left may read their own records; None for everybody else. `unread` counts what they were told.
    """

    user_id: int
    name: str
    email: str
    employee_id: int | None
    roles: frozenset[Role] = field(default_factory=frozenset)
    acting_for: tuple[ActingFor, ...] = ()
    left_until: date | None = None
    unread: int = 0

    def may(self, permission: Permission) -> bool:
        """Return whether one of the viewer's roles carries `permission`; who has left only reads their own."""
        if self.left_until is not None and not permission.leavers:
            return False
        return bool(self.roles & permission.roles)

    @property
    def sees_everybody(self) -> bool:
        """Whether every person's figures are open to the viewer, not only those below them."""
        return bool(self.roles & SEES_EVERYBODY)

    @property
    def display_name(self) -> str:
        """What to call the person on a page."""
        return self.name or self.email


def workspace_of(tenant: Tenant) -> Workspace:
    """Return the open workspace's values, in one query; needs its scope."""
    rules = WorkspaceRules.objects.filter(tenant_id=OuterRef("tenant_id"))
    own = {f"own_{name}": Subquery(rules.values(name)) for name in RANKING}
    profile = WorkspaceProfile.objects.annotate(**own).get()
    ranking = {name: getattr(profile, f"own_{name}") or default for name, default in RANKING.items()}
    return Workspace(
        id=tenant.pk,
        slug=tenant.slug,
        name=profile.name,
        language=profile.language,
        time_zone=profile.time_zone,
        currency=profile.currency,
        fiscal_start_month=profile.fiscal_start_month,
        country=profile.country,
        weekend=frozenset(profile.weekend),
        **ranking,
    )


def viewer_in(user_id: int, today: date) -> Viewer | None:
    """Return the person in the open workspace with every role they have on a day; None for no member.

    The roles given by hand, and those that follow from the reporting line, from being employed, and from standing
    in for a manager.
    """
    leads = _leading(today, "employee_id")
    membership = (
        Membership.objects.select_related("employee", "user")
        .annotate(
            leads=Exists(leads),
            standing_in=ArraySubquery(_standing_in(today, "employee_id")),
            unread=unread_count("user_id"),
        )
        .filter(user_id=user_id)
        .first()
    )
    if membership is None:
        return None
    roles = {Role(role) for role in membership.roles}
    left_on = membership.employee.left_on if membership.employee else None
    gone = left_on is not None and left_on < today
    name = membership.employee.name if membership.employee else membership.user.name
    who = (user_id, name, membership.user.email, membership.employee_id)
    if gone and not roles:
        return _leaver(who, left_on, today, membership.unread)
    acting: tuple[ActingFor, ...] = ()
    if membership.employee is not None and not gone:
        acting = _acting(membership.standing_in)
        roles.add(Role.ASSISTANT)
        if membership.leads or any(other.leads for other in acting):
            roles.add(Role.MANAGER)
    return Viewer(*who, frozenset(roles), acting, unread=membership.unread)


def _leading(today: date, who: str) -> QuerySet[Assignment]:
    """Return the assignments of a day below the person in the outer query's column `who`."""
    return Assignment.objects.filter(manager_id=OuterRef(who), valid_from__lte=today, valid_to__gte=today).order_by()


def _standing_in(today: date, who: str) -> QuerySet[Any, Any]:
    """Return, as JSON, whom the person in the outer query's column `who` stands in for on a day."""
    return (
        StandIn.objects.filter(stand_in_id=OuterRef(who), first_day__lte=today, last_day__gte=today)
        .annotate(leads=Exists(_leading(today, "employee_id")))
        .order_by("last_day", "pk")
        .values(person=JSONObject(id="employee_id", name="employee__name", until="last_day", leads="leads"))
    )


def _acting(found: list[dict[str, Any]]) -> tuple[ActingFor, ...]:
    return tuple(
        ActingFor(person["id"], person["name"], date.fromisoformat(person["until"]), person["leads"])
        for person in found
    )


def _leaver(who: tuple[int, str, str, int | None], left_on: date | None, today: date, unread: int) -> Viewer | None:
    """Return somebody who has left as a reader of their own records; None once the time for that is over."""
    days = WorkspaceProfile.objects.values_list("leaver_access_days", flat=True).get()
    until = (left_on or today) + timedelta(days=days)
    roles = frozenset({Role.ASSISTANT})
    return Viewer(*who, roles, left_until=until, unread=unread) if today <= until else None


@contextmanager
def open_workspace(slug: str, user_id: int) -> Iterator[tuple[Workspace, Viewer] | None]:
    """Open the scope of the workspace at `slug` for a member; yield None when there is none for this person."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        yield None
        return
    with tenant_scope(tenant.pk, user_id=user_id, savepoint=False):
        workspace = workspace_of(tenant)
        viewer = viewer_in(user_id, workspace.today())
        yield None if viewer is None else (workspace, viewer)


@contextmanager
def open_invitation(slug: str, token: str) -> Iterator[tuple[Workspace, Invitation] | None]:
    """Open the scope of the workspace at `slug` for who holds the link of an invitation; None when there is none.

    Withdrawn, used and expired ones are yielded as well: who holds the link may know what became of it.
    """
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        yield None
        return
    with tenant_scope(tenant.pk, savepoint=False):
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = Invitation.objects.select_related("created_by").filter(token_hash=digest).first()
        yield None if found is None else (workspace_of(tenant), found)


def workspaces_of(user_id: int) -> list[tuple[str, str]]:
    """Return (slug, name) of the workspaces a person belongs to, by name."""
    with user_scope(user_id):
        tenants = Membership.objects.filter(user_id=user_id).values_list("tenant_id", "tenant__slug")
        slugs = dict(tenants)
        names = WorkspaceProfile.objects.filter(tenant_id__in=slugs).values_list("tenant_id", "name")
        return sorted(((slugs[tenant_id], name) for tenant_id, name in names), key=lambda pair: pair[1])
