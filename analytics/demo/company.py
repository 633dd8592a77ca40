"""Building the demo company by the product's own services and importers."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from analytics.demo import story
from goals.models import MonthlyTarget
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rollups.services import drain_all
from perfmgmt.metrics.selectors import employee_figures, metric_by_code
from perfmgmt.people.models import Employee, Position, Unit, User
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_employee, add_member, assign, vouch_for
from perfmgmt.tenants.calendar import Grain, add_months

SLUG, NAME = "demo", "华东销售中心"


@dataclass(frozen=True)
class SignIn:
    """A sign-in of the demo company: what to call it, the address, the roles given by hand, the employee."""

    title: str
    email: str
    roles: tuple[Role, ...] = ()
    employee: str = ""


SIGN_INS = [
    SignIn("Owner", "owner@demo.example", (Role.OWNER,)),
    SignIn("HR", "hr@demo.example", (Role.HR,)),
    SignIn("Manager", "manager@demo.example", employee="D002"),
    SignIn("Assistant", "assistant@demo.example", employee="D004"),
]
WON = [{"column": "won", "in": ["yes"]}]
MAPPING: dict[str, Any] = {
    "kind": "facts",
    "source": "demo",
    "external_id": "id",
    "employee": {"column": "person", "by": "number"},
    "attributes": {
        "customer": {"column": "customer"},
        "product": {"column": "product"},
        "series": {"column": "series"},
    },
    "facts": [
        {"metric": "sales_amount", "when": WON, "day": "closed", "value": {"column": "value"}},
        {"metric": "orders", "when": WON, "day": "closed", "value": {"const": 1}},
        {"metric": "deals_won", "when": WON, "day": "closed", "value": {"const": 1}},
        {"metric": "active_customers", "when": WON, "day": "closed", "value": {"const": 1}},
        {"metric": "deals_closed", "day": "closed", "value": {"const": 1}},
        {"metric": "sales_cycle_days", "when": WON, "day": "closed", "value": {"days_between": ["opened", "closed"]}},
    ],
}


def people(today: date) -> dict[str, Employee]:
    """Create units, people, assignments; return the people by number. Needs the scope."""
    top = Unit.objects.create(name=NAME)
    units = {NAME: top} | {
        name: Unit.objects.create(name=name, parent=top)
        for name in dict.fromkeys(unit for _n, _name, unit, *_ in story.PEOPLE if unit != NAME)
    }
    found: dict[str, Employee] = {}
    for number, name, unit, leader, position, _strength in story.PEOPLE:
        post, _created = Position.objects.get_or_create(name=position)
        found[number] = add_employee(number, name, hired_on=story.first_day(today))
        assign(
            found[number],
            unit=units[unit],
            manager=found.get(leader),
            valid_from=story.first_day(today),
            position=post,
        )
    return found


def sign_ins(found: dict[str, Employee], password: str) -> None:
    """Let the demo's people in."""
    for sign_in in SIGN_INS:
        user = User.objects.filter(email=sign_in.email).first() or User.objects.create_user(sign_in.email)
        user.name, user.is_active = sign_in.title, True
        user.set_password(password)
        user.save()
        vouch_for(user)
        add_member(user, *sign_in.roles, employee=found.get(sign_in.employee))


def import_deals(open_scope: Any, today: date) -> None:
    """Write the story to a CSV file and import it like any other."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "person", "opened", "closed", "won", "value", "customer", "product", "series"])
    for deal in story.deals(today):
        writer.writerow(
            [deal.id, deal.person, deal.opened, deal.closed, "yes" if deal.won else "no", deal.value, deal.customer,
             deal.product, deal.series]
        )  # fmt: skip
    with open_scope():
        name = default_storage.save("imports/demo.csv", ContentFile(text.getvalue().encode("utf-8")))
        job = Job.objects.create(
            kind=facts.KIND,
            params={"file": name, "file_name": "demo.csv", "mapping": MAPPING, "language": "zh-hans"},
        )
    jobs.run(open_scope, job.pk)
    drain_all(open_scope)


def set_targets(found: dict[str, Employee], today: date) -> None:
    """Set each assistant's monthly sales target a little above their own mean, for the story's last 13 months on."""
    metric: Metric = metric_by_code("sales_amount")
    month = today.replace(day=1)
    figures = employee_figures(metric, grain=Grain.MONTH, first=story.first_day(today), last=add_months(month, -1))
    months = [add_months(month, -step) for step in range(1, story.MONTHS)]
    rows = []
    for number, *_rest, strength in story.PEOPLE:
        employee = found[number]
        values = [figures.value(employee.pk, then) or Decimal(0) for then in months]
        if not strength:
            continue
        usual = sum(values, Decimal(0)) / len(values)
        for step in range(-3, story.MONTHS):
            then = add_months(month, -step)
            value = round(usual * Decimal("1.05") * Decimal(str(story.SEASON[then.month - 1])) / 5000) * 5000
            rows.append(MonthlyTarget(metric=metric, employee=employee, month=then, value=value))
    MonthlyTarget.objects.bulk_create(rows)
