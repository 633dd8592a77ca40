"""Small companies for tests, built by the product's own services."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from perfmgmt.metrics.models import Metric, Source
from perfmgmt.metrics.rollups import dirty
from perfmgmt.metrics.rollups.services import Turn, drain
from perfmgmt.people.models import Employee, Membership, Unit, User
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_employee, add_member, assign
from perfmgmt.tenants.models import Tenant, WorkspaceProfile
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace
from tests import kept

START = date(2025, 1, 1)
# Each role's user in a Company; manager and assistant follow from the reporting line.
CAST = ("owner", "hr", "executive", "manager", "assistant", "payroll", "auditor")


def today_here() -> date:
    """The day it is in a workspace of the tests; for a third of each day it is another one than in UTC."""
    return timezone.localdate(timezone=ZoneInfo(WorkspaceProfile._meta.get_field("time_zone").default))


@dataclass
class Company:
    """A workspace with a fixed cast.

    Units: Sales > North, Sales > South. `boss` leads Sales and, over it, `manager` (North: ann, bob) and `rival`
    (South: cid). Everybody of CAST can sign in; `assistant` is ann, `manager` the lead of North.
    """

    tenant: Tenant
    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Employee] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    @classmethod
    def create(cls, slug: str, **settings: Any) -> "Company":
        """Return the workspace with its people and their sign-ins; without settings a kept one, if there is one."""
        if not settings and kept.is_kept(slug):
            company: Company = kept.restored(slug)
            return company
        return cls.build(slug, **settings)

    @classmethod
    def build(cls, slug: str, **settings: Any) -> "Company":
        """Make the workspace, its people and their sign-ins by the product's services."""
        company = cls(create_workspace(slug, name=slug.title(), **{"currency": "CNY", **settings}))
        with company.scope():
            company._furnish(slug)
        return company

    def scope(self) -> Any:
        """Open the workspace's scope."""
        return tenant_scope(self.tenant.pk)

    def _furnish(self, slug: str) -> None:
        sales = Unit.objects.create(name="Sales")
        self.units = {
            "sales": sales,
            "north": Unit.objects.create(name="North", parent=sales),
            "south": Unit.objects.create(name="South", parent=sales),
        }
        for number, (key, name) in enumerate(
            [("boss", "Bo Boss"), ("manager", "Mia Manager"), ("rival", "Rex Rival"), ("ann", "李安"),
             ("bob", "Bob Bell"), ("cid", "Cid Cole")], 1
        ):  # fmt: skip
            self.people[key] = add_employee(f"{slug[:2].upper()}{number:03d}", name, email=f"{key}@{slug}.example")
        for key, unit, leader in [
            ("boss", "sales", None),
            ("manager", "north", "boss"),
            ("rival", "south", "boss"),
            ("ann", "north", "manager"),
            ("bob", "north", "manager"),
            ("cid", "south", "rival"),
        ]:
            assign(self.people[key], unit=self.units[unit], valid_from=START,
                   manager=self.people[leader] if leader else None)  # fmt: skip
        for role in CAST:
            person = {"manager": "manager", "assistant": "ann"}.get(role)
            user = User.objects.create_user(f"{role}@{slug}.example", name=role.title())
            given = [] if person else [Role(role)]
            add_member(user, *given, employee=self.people[person] if person else None)
            self.users[role] = user
        while drain() is not Turn.CLEAN:
            continue

    def membership(self, role: str) -> Membership:
        """Return the membership of the cast's user (inside the scope)."""
        return Membership.objects.get(user=self.users[role])

    def fact(
        self,
        person: str,
        metric: str,
        day: date,
        value: Decimal | int | str = 1,
        *,
        external_id: str = "",
        **attributes: str,
    ) -> int:
        """Record one fact and mark it dirty; return its id. Needs the scope."""
        source, _ = Source.objects.get_or_create(code="test", defaults={"name": "Test"})
        metric_id = Metric.objects.get(code=metric).pk
        employee_id = self.people[person].pk
        columns = "".join(f", {name}" for name in attributes)
        marks = ", %s" * len(attributes)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO metrics_fact (tenant_id, source_id, external_id, line, credit_role, credit_share,
                    metric_id, employee_id, day, value, currency{"".join(columns)}
                    {"".join(f", {n}" for n in _REST if n not in attributes)})
                VALUES (%s, %s, %s, 0, 'owner', 1, %s, %s, %s, %s, ''{marks}
                    {", ''" * len([n for n in _REST if n not in attributes])})
                RETURNING id
                """,
                [self.tenant.pk, source.pk, external_id or f"x{self._next()}", metric_id, employee_id, day, value,
                 *attributes.values()],
            )  # fmt: skip
            fact_id = int(cursor.fetchone()[0])
        dirty.mark([(metric_id, employee_id, day, day)])
        return fact_id

    def _next(self) -> int:
        self._count = getattr(self, "_count", 0) + 1
        return self._count

    def drain(self) -> None:
        """Recompute everything that is dirty."""
        while drain() is not Turn.CLEAN:
            continue


_REST = ("customer", "customer_type", "product", "series", "region", "channel")
