"""One row and more in every tenant-owned table of a company. A new model must be added here."""

from collections.abc import Callable
from datetime import date

from django.db import models

from goals.models import MonthlyTarget
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import ExchangeRate, FactVersion, Metric
from perfmgmt.people.models import Absence, Assignment, Position, StandIn
from perfmgmt.tenants.isolation import owned_models
from tests.factories import Company

# A text that stands in every company's rows, so that a leak shows in whatever is answered.
CANARY = "canary-of-{slug}"
DAY = date(2025, 3, 14)


def canary(company: Company) -> str:
    return CANARY.format(slug=company.tenant.slug)


def _positions(company: Company) -> None:
    position = Position.objects.create(name=canary(company))
    Assignment.objects.filter(employee=company.people["ann"]).update(position=position)


def _absences(company: Company) -> None:
    """An absence of everybody, and who stands in for them."""
    for person, stand_in in (("ann", "bob"), ("cid", "rival")):
        employee, note = company.people[person], canary(company)
        Absence.objects.create(employee=employee, kind="annual", first_day=DAY, last_day=DAY, note=note)
        StandIn.objects.create(
            employee=employee, stand_in=company.people[stand_in], first_day=DAY, last_day=DAY, reason=note
        )


def _facts(company: Company) -> None:
    """Facts, rollups, dirty keys and a corrected fact."""
    fact_id = company.fact("cid", "sales_amount", DAY, 100, customer=canary(company))
    company.fact("ann", "active_customers", DAY, customer=canary(company))
    company.drain()
    FactVersion.objects.create(
        fact_id=fact_id, version=1, metric=Metric.objects.get(code="sales_amount"), employee=company.people["cid"],
        day=DAY, value=90, customer=canary(company), pk=(company.tenant.pk, fact_id, 1),
    )  # fmt: skip
    company.fact("cid", "sales_amount", DAY, 100, customer=canary(company))


def _job(company: Company) -> None:
    Job.objects.create(
        kind="facts.import",
        params={"file": "none.csv", "file_name": canary(company), "mapping": {}, "language": "en"},
        error=canary(company),
        state="failed",
    )


def _rest(company: Company) -> None:
    ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate=8)
    MonthlyTarget.objects.create(
        metric=Metric.objects.get(code="sales_amount"),
        employee=company.people["cid"],
        month=date(2025, 3, 1),
        value=1000,
    )


FILLERS: tuple[Callable[[Company], None], ...] = (_positions, _absences, _facts, _job, _rest)


def fill(company: Company) -> None:
    """Put rows into every owned table, and the canary into names that pages show."""
    with company.scope():
        for filler in FILLERS:
            filler(company)
        for owner in (*company.people.values(), *company.units.values()):
            owner.name = f"{owner.name} {canary(company)}"
            owner.save()
        empty = [model._meta.label for model in owned_models() if not _has_rows(model)]
    assert not empty, f"add sample rows of {empty} to tests/tenants/samples.py"


def _has_rows(model: type[models.Model]) -> bool:
    return bool(model._default_manager.exists())
