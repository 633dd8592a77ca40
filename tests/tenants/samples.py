"""One row and more in every tenant-owned table of a company. A new model must be added here."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from goals.models import MonthlyTarget
from perfmgmt.api.models import ApiToken, BatchAnswer
from perfmgmt.closing.models import FrozenFigure
from perfmgmt.closing.services import lock_period
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.batches import next_id
from perfmgmt.metrics.models import (
    ExchangeRate,
    FactsBatch,
    FactVersion,
    ImportDraft,
    ImportProfile,
    Metric,
    ParkedKey,
)
from perfmgmt.notify.letters import Letter
from perfmgmt.notify.notifications import tell
from perfmgmt.notify.services import queue_mail
from perfmgmt.people.models import Absence, Assignment, Duty, Invitation, Position, StandIn
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.isolation import owned_models
from perfmgmt.tenants.models import CalendarDay, WorkspaceRules
from perfmgmt.worklog.models import DutyTime, EntryState, Proof, WorkEntry
from tests.factories import Company

# A text that stands in every company's rows, so that a leak shows in whatever is answered.
CANARY = "canary-of-{slug}"
DAY = date(2025, 3, 14)


def canary(company: Company) -> str:
    return CANARY.format(slug=company.tenant.slug)


def _positions(company: Company) -> None:
    position = Position.objects.create(name=canary(company))
    Assignment.objects.filter(employee=company.people["ann"]).update(position=position)
    Duty.objects.create(
        position=position, place=1, text_zh=canary(company), category="administration", share=40
    )  # fmt: skip


def _absences(company: Company) -> None:
    """An absence of everybody, and who stands in for them."""
    for person, stand_in in (("ann", "bob"), ("cid", "rival")):
        employee, note = company.people[person], canary(company)
        Absence.objects.create(employee=employee, kind="annual", first_day=DAY, last_day=DAY, note=note)
        StandIn.objects.create(
            employee=employee, stand_in=company.people[stand_in], first_day=DAY, last_day=DAY, reason=note
        )


def _facts(company: Company) -> None:
    """Facts, rollups, dirty and parked keys and a corrected fact."""
    fact_id = company.fact("cid", "sales_amount", DAY, 100, customer=canary(company))
    company.fact("ann", "active_customers", DAY, customer=canary(company))
    company.fact("cid", "orders", DAY, customer=canary(company))
    company.drain()
    FactVersion.objects.create(
        fact_id=fact_id, version=1, metric=Metric.objects.get(code="sales_amount"), employee=company.people["cid"],
        day=DAY, value=90, customer=canary(company), pk=(company.tenant.pk, fact_id, 1),
    )  # fmt: skip
    company.fact("cid", "sales_amount", DAY, 100, customer=canary(company))
    ParkedKey.objects.create(
        metric=Metric.objects.get(code="orders"), employee=company.people["cid"], first_day=DAY, last_day=DAY,
        error="NumericValueOutOfRange",
    )  # fmt: skip


def _job(company: Company) -> None:
    """One that failed, and its retry, which was cancelled."""
    failed = Job.objects.create(
        kind="facts.import",
        params={"file": "none.csv", "file_name": canary(company), "mapping": {}, "language": "en"},
        error=canary(company),
        state="failed",
    )
    Job.objects.create(kind=failed.kind, params=failed.params, retry_of=failed, state="cancelled")


def _rest(company: Company) -> None:
    ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate=8)
    MonthlyTarget.objects.create(
        metric=Metric.objects.get(code="sales_amount"),
        employee=company.people["cid"],
        month=date(2025, 3, 1),
        value=1000,
    )


def _imports(company: Company) -> None:
    """A file that was looked at, and a profile."""
    looked = Job.objects.create(
        kind="imports.inspect",
        params={"file": "none.csv", "file_name": canary(company), "language": "en"},
        result={
            "kind": "csv", "encoding": "utf-8", "encoding_name": "UTF-8", "delimiter": ",",
            "header": [canary(company)], "first_row": 2,
            "sample": {canary(company): ["1"]}, "rows": 1,
            "columns": {canary(company): {"filled": 1, "different": 1, "texts": ["1"], "days": {}, "numbers": {},
                                          "people": {"number": 0, "name": 0, "email": 0}}},
        },
        state="done",
    )  # fmt: skip
    profile = ImportProfile.objects.create(kind="facts.import", name=canary(company))
    ImportDraft.objects.create(
        kind="facts.import", file="none.csv", file_name=canary(company), inspect_job_id=looked.pk, profile=profile
    )


def _settings(company: Company) -> None:
    CalendarDay.objects.create(day=date(2025, 3, 7), name=canary(company))
    WorkspaceRules.objects.create()


def _locks(company: Company) -> None:
    """February is locked, with a figure. First of all: a lock works out what is waiting."""
    lock_period(Period.parse("2025-02"), today=date(2025, 5, 1), user_id=None, job_id=None, slug=company.tenant.slug)
    figure = {"grain": 3, "start": date(2025, 2, 1), "version": 1, "part": 2, "owner_id": 0, "total": 1}
    FrozenFigure.objects.create(metric=Metric.objects.get(code="orders"), **figure)


def _log(company: Company) -> None:
    """Entries of ann and cid with proofs, in every company at the same places."""
    metric = Metric.objects.get(code="visits_arranged")
    for person in ("ann", "cid"):
        entry = WorkEntry.objects.create(
            employee=company.people[person], metric=metric, day=DAY, value=2, customer=canary(company),
            note=canary(company), state=EntryState.SUBMITTED, token=uuid4(),
        )  # fmt: skip
        path = default_storage.save("proofs/sample.pdf", ContentFile(b"%PDF-1.4 " + canary(company).encode()))
        Proof.objects.create(
            entry=entry, path=path, file_name=f"{canary(company)}.pdf", kind="pdf", size=10, sha256="0" * 64
        )
        DutyTime.objects.create(employee=company.people[person], day=DAY, duty=canary(company), hours=2)


def _tokens(company: Company) -> None:
    token = ApiToken.objects.create(
        name=canary(company), prefix="pm_sample", token_hash="0" * 64, scopes=["people:read"], expires_on=DAY
    )
    BatchAnswer.objects.create(token=token, key=canary(company), request_hash="0" * 64, answer=b"")
    FactsBatch.objects.create(
        id=next_id(), token_id=token.pk, token_name=canary(company), source="sample", added=1, changed=0, unchanged=0,
        refused=0,
    )  # fmt: skip


def _mail(company: Company) -> None:
    """An invitation of somebody in the directory, and its mail."""
    queue_mail(Letter(canary(company), [canary(company)]), to="somebody@example.com", kind="sample", language="en")
    now = timezone.now()
    Invitation.objects.create(
        email="somebody@example.com", name=canary(company), employee=company.people["cid"], roles=["executive"],
        language="en", token_hash="0" * 64, sent_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip


def _notifications(company: Company) -> None:
    """What everybody was told, with the canary in it."""
    users = [user.pk for user in company.users.values()]
    tell("invitation.accepted", user_ids=users, path="members/", name=canary(company))


FILLERS: tuple[Callable[[Company], None], ...] = (
    _locks,
    _positions,
    _absences,
    _facts,
    _job,
    _rest,
    _settings,
    _log,
    _imports,
    _tokens,
    _mail,
    _notifications,
)


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
