"""One row and more in every tenant-owned table of a company. A new model must be added here."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from goals.models import (
    ActionPlan,
    ChangeRequest,
    CheckIn,
    CheckInLine,
    CheckInMail,
    DutyMetric,
    Goal,
    GoalEvidence,
    GoalMember,
    GoalRules,
    GoalStep,
    GoalTemplate,
    KeyTask,
    LockDate,
    MonthlyTarget,
    PlanMeasure,
    PlanReminder,
    PlanReview,
    PlanTask,
    TemplateLine,
)
from perfmgmt.api.models import ApiToken, BatchAnswer
from perfmgmt.closing.models import FrozenFigure
from perfmgmt.closing.services import lock_period
from perfmgmt.customers.models import Apart, Consent, Contact, Customer, CustomerOwner
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.batches import next_id
from perfmgmt.metrics.models import (
    ExchangeRate,
    FactsBatch,
    FactVersion,
    Forecast,
    ForecastBasis,
    ImportDraft,
    ImportProfile,
    MarketIndex,
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
from tests.tenants.samples_feedback import fill_feedback
from tests.tenants.samples_reviews import fill_reviews
from tests.tenants.samples_surveys import fill_surveys
from tests.tenants.samples_training import fill_training

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


def _forecasts(company: Company) -> None:
    """A prepared forecast and a month of the market."""
    key = {"metric": Metric.objects.get(code="sales_amount"), "employee": company.people["cid"], "grain": 3}
    ForecastBasis.objects.create(
        basis="own", months=4, best=110, history=[90, 110, 95, 100], transform="sqrt", step=0, through=DAY, **key,
        pk=(company.tenant.pk, key["metric"].pk, 3, key["employee"].pk),
    )  # fmt: skip
    Forecast.objects.create(
        start=date(2025, 4, 1), point=100, low=80, high=120, mu=10, sigma=1, season=1, market=1, days=1, **key,
        pk=(company.tenant.pk, key["metric"].pk, 3, key["employee"].pk, date(2025, 4, 1)),
    )  # fmt: skip
    MarketIndex.objects.create(month=date(2025, 4, 1), region=canary(company), factor=1, source=canary(company))


def _goals(company: Company) -> None:
    """A unit's goal, one of cid's below it that is agreed, with everything that hangs on a goal."""
    metric, quarter = Metric.objects.get(code="sales_amount"), (date(2025, 1, 1), date(2025, 3, 31))
    period = {"grain": 4, "first_day": quarter[0], "last_day": quarter[1], "title": canary(company)}
    above = Goal.objects.create(
        level="unit", unit=company.units["south"], metric=metric, target=9000, owner=company.people["rival"], **period
    )
    goal = Goal.objects.create(
        level="person", employee=company.people["cid"], metric=metric, target=1000, parent=above, state="agreed",
        **period,
    )  # fmt: skip
    shared = Goal.objects.create(level="team", unit=company.units["north"], metric=metric, target=500, **period)
    GoalMember.objects.create(goal=shared, employee=company.people["ann"], share=50)
    milestone = Goal.objects.create(level="person", employee=company.people["ann"], state="proposed", **period)
    for shown in (milestone, goal):
        path = default_storage.save("goals/sample.pdf", ContentFile(b"%PDF-1.4 " + canary(company).encode()))
        GoalEvidence.objects.create(goal=shown, text=canary(company), path=path, file_name="a.pdf", kind="pdf")
    GoalStep.objects.create(goal=goal, kind="agreed", version=1, by_name=canary(company), after=1000)
    ChangeRequest.objects.create(goal=goal, target=900, reason=canary(company))
    GoalRules.objects.create()
    LockDate.objects.create(first_day=quarter[0], last_day=quarter[1], lock_on=DAY, job=Job.objects.first())
    template = GoalTemplate.objects.create(name=canary(company), position=Position.objects.first())
    TemplateLine.objects.create(template=template, place=1, metric=metric, title=canary(company), value=10)


def _plans(company: Company) -> None:
    """Team performance plans of ann and of cid, for their units, with everything that hangs on one."""
    metric, days = Metric.objects.get(code="sales_amount"), {"first_day": DAY, "last_day": date(2025, 6, 30)}
    for person, unit in (("ann", "north"), ("cid", "south")):
        owner = company.people[person]
        goal = Goal.objects.filter(employee=owner).earliest("pk")
        plan = ActionPlan.objects.create(
            kind="team", title=canary(company), owner=owner, unit=company.units[unit], goal=goal, **days
        )
        PlanTask.objects.create(plan=plan, place=1, text=canary(company), owner=owner, due=DAY)
        PlanMeasure.objects.create(
            plan=plan, metric=metric, baseline=100, target=200, baseline_first=date(2025, 1, 1),
            baseline_last=date(2025, 3, 13),
        )  # fmt: skip
        PlanReview.objects.create(plan=plan, day=DAY, found=canary(company), decision=canary(company))
    own = ActionPlan.objects.create(
        title=canary(company), owner=company.people["bob"], employee=company.people["bob"], **days
    )
    PlanTask.objects.create(plan=own, place=1, text=canary(company), owner=company.people["bob"], due=DAY)
    PlanReminder.objects.create(employee=company.people["ann"], day=DAY)
    DutyMetric.objects.create(duty=Duty.objects.earliest("pk"), metric=metric)


def _check_ins(company: Company) -> None:
    """A check-in that was sent and answered, with a line and a key task, of ann and of cid."""
    week, goal = date(2025, 3, 10), Goal.objects.get(employee=company.people["cid"])
    for person in ("ann", "cid"):
        employee = company.people[person]
        check_in = CheckIn.objects.create(
            employee=employee, week=week, state="sent", sent_at=timezone.now(), next_steps=canary(company),
            help_wanted=True, help_text=canary(company), answer=canary(company), answered_at=timezone.now(),
            answered_by=company.users["manager"],
        )  # fmt: skip
        CheckInLine.objects.create(
            check_in=check_in, place=1, goal=goal if person == "cid" else None, metric=goal.metric,
            title=canary(company), first_day=goal.first_day, last_day=goal.last_day, confidence=2, actual=5,
            pace="on track",
        )  # fmt: skip
        KeyTask.objects.create(employee=employee, week=week, place=1, text=canary(company))
        CheckInMail.objects.create(employee=employee, week=week, kind="reminder")


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


def _reviews(company: Company) -> None:
    fill_reviews(company, canary(company))


def _surveys(company: Company) -> None:
    fill_surveys(company, canary(company))


def _feedback(company: Company) -> None:
    fill_feedback(company, canary(company))


def _training(company: Company) -> None:
    fill_training(company, canary(company))


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


def _customers(company: Company) -> None:
    """Two customers of ann and two of cid, which look alike, each with a contact that agreed, and the proof."""
    for person in ("ann", "cid"):
        for number in (1, 2):
            text = f"{canary(company)}-{person}-{number}"
            customer = Customer.objects.create(
                external_id=text, name=canary(company), name_key=text, match_key=person, note=canary(company)
            )
            CustomerOwner.objects.create(customer=customer, employee=company.people[person], from_day=DAY)
            contact = Contact.objects.create(
                customer=customer, name=canary(company), name_key=text, email=f"{text}@example.com",
                email_key=f"{person}@example.com", note=canary(company), consent="given", consent_at=timezone.now(),
            )  # fmt: skip
            path = default_storage.save("consents/sample.pdf", ContentFile(b"%PDF-1.4 " + canary(company).encode()))
            Consent.objects.create(
                contact=contact, state="given", source=canary(company), proof=canary(company), at=timezone.now(),
                path=path, file_name=f"{canary(company)}.pdf", kind="pdf", size=10, sha256="0" * 64,
            )  # fmt: skip
    old = Customer.objects.create(
        external_id=f"{canary(company)}-old", name=canary(company), name_key="old", match_key="old",
        merged_into=customer,
    )  # fmt: skip
    Contact.objects.create(customer=old, name=canary(company), name_key="old", merged_into=contact)
    firms, people = Customer.objects.order_by("pk"), Contact.objects.order_by("pk")
    Apart.objects.create(first_customer=firms[0], second_customer=firms[1])
    Apart.objects.create(first_contact=people[0], second_contact=people[1])


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
    _forecasts,
    _goals,
    _plans,
    _check_ins,
    _reviews,
    _settings,
    _log,
    _customers,
    _imports,
    _tokens,
    _mail,
    _notifications,
    _surveys,
    _feedback,
    _training,
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
