"""Two workspaces for the pages under test: in `acme` everything has happened, in `empty` nothing."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from goals.models import GoalTemplate
from goals.services import set_targets
from goals.template_sets.services import LineDraft, save_template
from goals.template_sets.services import install_pack as install_templates
from perfmgmt.api.models import ApiToken
from perfmgmt.api.services import issue, revoke
from perfmgmt.closing.services import lock_period
from perfmgmt.jobs import progress
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics import exports, rates
from perfmgmt.metrics.forecast.services import prepare
from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.models import Fact, FactVersion, MarketIndex, Metric, ParkedKey
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.metrics.services import archive
from perfmgmt.notify import notifications
from perfmgmt.people.duties.services import install_pack
from perfmgmt.people.models import Position
from perfmgmt.people.records import assignments
from perfmgmt.people.records.services import name_stand_in, record_absence
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member, vouch_for
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.models import CalendarDay
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace
from perfmgmt.worklog.models import DutyTime, Proof, WorkEntry
from tests.browser.access import access_samples
from tests.browser.calibration import calibration_samples
from tests.browser.check_ins import check_ins
from tests.browser.customers import customer_samples
from tests.browser.cycles import cycle_samples
from tests.browser.drafts import batches, drafts
from tests.browser.feedback import feedback_samples
from tests.browser.goals import goal_samples
from tests.browser.plans import log_duties, plan_samples
from tests.browser.raters import rater_samples
from tests.browser.results import result_samples
from tests.browser.review_forms import form_samples
from tests.browser.scorecards import scorecard_samples
from tests.browser.statistics import statistics_samples
from tests.browser.surveys import survey_samples
from tests.browser.training import training_samples
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from perfmgmt.tenants.models import Tenant

PASSWORD = "Correct-horse-7-battery"
WON = [{"column": "won", "in": ["yes"]}]
MAPPING: dict[str, Any] = {
    "kind": "facts",
    "source": "orders",
    "external_id": "id",
    "employee": {"column": "person", "by": "number"},
    "attributes": {"customer": {"column": "customer"}, "product": {"column": "product"}},
    "facts": [
        {"metric": "sales_amount", "when": WON, "day": "closed", "value": {"column": "value"}},
        {"metric": "orders", "when": WON, "day": "closed", "value": {"const": 1}},
        {"metric": "deals_won", "when": WON, "day": "closed", "value": {"const": 1}},
        {"metric": "deals_closed", "day": "closed", "value": {"const": 1}},
        {"metric": "sales_cycle_days", "when": WON, "day": "closed", "value": {"days_between": ["opened", "closed"]}},
    ],
}
HEADER = ["id", "person", "opened", "closed", "won", "value", "customer", "product"]
MONTHS = 14


@dataclass
class World:
    """What the pages show. `samples` gives, for each argument of a URL, the values it is opened with."""

    company: Company
    empty: Tenant
    today: date
    samples: dict[str, list[Any]] = field(default_factory=dict)
    running_job: int = 0

    def show_progress(self) -> None:
        """Progress lives in Redis, which each test empties."""
        with self.company.scope():
            now = progress.Progress("reading", 640, 1000, rows=12_400, pace=3.0, row_pace=194.0, at=time.time())
            progress.report(self.running_job, now)


def together(*found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The samples of slices that know the same kinds of ids, each id once."""
    names = dict.fromkeys(name for each in found for name in each)
    return {name: list(dict.fromkeys(pk for each in found for pk in each.get(name, []))) for name in names}


def reviews(company: Company, today: date) -> dict[str, list[Any]]:
    """The samples of reviews; of raters those of the forms come first: they are the assistant's own."""
    made = [
        scorecard_samples(company, today), cycle_samples(company, today), rater_samples(company, today),
        form_samples(company, today), statistics_samples(company), result_samples(company),
        survey_samples(company), feedback_samples(company), training_samples(company),
    ]  # fmt: skip
    return together(made[3], *made)


def build(today: date | None = None) -> World:
    """Commit both workspaces; the owner of the first owns the second, too."""
    company = Company.create("acme")
    _rename(company)
    empty = create_workspace("empty", name="空白工作区", currency="EUR", language="en")
    for user in company.users.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        vouch_for(user)
    with tenant_scope(empty.pk):
        add_member(company.users["owner"], Role.OWNER)
    world = World(company, empty, today or today_here())
    ended = _ended_jobs(world)
    with company.scope():
        owner = company.users["owner"].pk
        running = Job.objects.create(
            kind=facts.KIND, state=JobState.RUNNING, params={"file_name": "running.csv"}, created_by_id=owner
        )
        waiting = [running.pk, *_other_jobs(owner)]
        _targets(world)
        _park(world)
        world.samples = _samples(world, [*ended, *waiting])
        world.samples["job_id"].append(_lost_job(owner))
        world.samples["notification_id"] = [_told(world)]
        _lock(world)
    world.running_job = running.pk
    world.samples |= drafts(company)
    world.samples["batch_id"] = batches(company, world.samples["token_id"][0])
    return world


def _ended_jobs(world: World) -> list[int]:
    """Import, correct, fail to import and export; return the ids of the jobs that pages show."""
    company = world.company
    done = run_import(company, "orders.csv", [*_deals(world.today), *_bad_rows(world.today)])
    with company.scope():
        corrected = next(_deals(world.today))
        corrected[5] = 4321
    run_import(company, "correction.csv", [corrected])
    failed = run_import(company, "orders.xlsx", [], raw=b"PK\x03\x04 a workbook")
    company_drain(company)
    exported = run_job(company, exports.FACTS, {"query": {"metric": "sales_amount"}, "language": "zh-hans"})
    return [done, failed, exported]


def _other_jobs(owner: int) -> list[int]:
    """A job that waits and one that was cancelled."""
    queued = Job.objects.create(kind=exports.PEOPLE, params={}, created_by_id=owner)
    cancelled = Job.objects.create(
        kind=facts.KIND, state=JobState.CANCELLED, params={"file_name": "old.csv"}, created_by_id=owner,
        error="已取消。没有任何更改。",
    )  # fmt: skip
    return [queued.pk, cancelled.pk]


def _lost_job(owner: int) -> int:
    lost = Job.objects.create(
        kind=exports.FACTS, state=JobState.FAILED, error_code="worker_died", params={"language": "zh-hans"},
        created_by_id=owner, error="处理程序在执行此任务时多次中断，没有任何更改。",
    )  # fmt: skip
    return lost.pk


def _park(world: World) -> None:
    """A key of rollups that can't be computed."""
    ParkedKey.objects.create(
        metric=metric_by_code("sales_amount"), employee=world.company.people["ann"], first_day=world.today,
        last_day=world.today, error="NumericValueOutOfRange",
    )  # fmt: skip


def _samples(world: World, jobs: list[int]) -> dict[str, list[Any]]:
    """Make what the pages show; return the values that stand in their addresses."""
    company, records = world.company, _records(world)
    changed = FactVersion.objects.values_list("fact_id", flat=True)[0]
    return {
        "slug": [company.tenant.slug],
        "mail_service": ["brevo"],
        "colour": ["2457d6"],
        "employee_id": [company.people["ann"].pk],
        "fact_id": [changed, Fact.objects.exclude(id=changed).values_list("id", flat=True)[0]],
        "metric_id": _metrics(),
        "token_id": [_tokens(world)],
        **access_samples(company),
        "job_id": jobs,
        **_log(world),
        **check_ins(world),
        **customer_samples(company, world.today),
        **goal_samples(company, world.today),
        "template_id": _templates(),
        "market_id": _forecasts(world),  # after the goals, which are agreed without a word about them
        **plan_samples(company, world.today),
        **reviews(company, world.today),
        **records,
        **calibration_samples(company, world.today),
    }


def _told(world: World) -> int:
    """What the owner was told, read and unread; return the id of one."""
    users = world.company.users
    name = "Leaf Zhao"
    notifications.tell(
        "invitation.accepted", user_ids=[users["owner"].pk, users["hr"].pk], path="members/", name=name
    )
    first = notifications.of(users["owner"].pk)[0].pk
    notifications.mark_read(users["owner"].pk, [first])
    notifications.tell("worklog.waiting", user_ids=[users["owner"].pk], path="approvals/", name="李安", n=3)
    return first


def _rename(company: Company) -> None:
    """Names as companies have them, in both scripts; none is a word that pages translate."""
    users = {
        "owner": "王敏",
        "hr": "Hannah Roe",
        "executive": "陈立群",
        "payroll": "周会计",
        "auditor": "Aud Itor",
        "manager": "林美雅",
        "assistant": "李安",
    }
    for role, name in users.items():
        company.users[role].name = name
        company.users[role].save(update_fields=["name"])
    with company.scope():
        for key, name in {"sales": "销售中心", "north": "华北一部", "south": "South Office"}.items():
            company.units[key].name = name
            company.units[key].save(update_fields=["name"])


def company_drain(company: Company) -> None:
    """Recompute what an import left dirty."""
    with company.scope():
        company.drain()


def run_import(
    company: Company, name: str, rows: list[list[Any]], *, raw: bytes = b"", language: str = "zh-hans"
) -> int:
    """Import rows (or a raw file) as the owner, as a worker would; return the job's id."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(rows)
    with company.scope():
        path = default_storage.save(f"imports/{name}", ContentFile(raw or text.getvalue().encode()))
    return run_job(company, facts.KIND, {"file": path, "file_name": name, "mapping": MAPPING, "language": language})


def run_job(company: Company, kind: str, params: dict[str, Any], *, role: str = "owner") -> int:
    """Run a job here and now; return its id."""
    with company.scope():
        job = Job.objects.create(kind=kind, params=params, created_by_id=company.users[role].pk)
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    return job.pk


def _deals(today: date) -> Any:
    """Deals of ann, bob and cid in each of the last months, the present one included."""
    number = 0
    customers = ["恒达贸易", "Lakeside Foods", "=1+1", "明珠物流"]
    for back in range(MONTHS):
        month = add_months(today.replace(day=1), -back)
        for person, strength in (("AC004", 5), ("AC005", 4), ("AC006", 6)):
            for step in range(strength):
                number += 1
                closed = min(month + timedelta(days=3 * step), today)
                yield [
                    f"SO-{number:04d}", person, closed - timedelta(days=10 + step), closed,
                    "no" if step == 2 else "yes", 1000 * strength + 137 * step + 10 * back,
                    customers[number % 4], ["标准版", "Pro"][number % 2],
                ]  # fmt: skip


def _bad_rows(today: date) -> list[list[Any]]:
    return [
        ["SO-9001", "NOBODY", today, today, "yes", 10, "", ""],
        ["SO-9002", "AC004", today, "not a day", "yes", 10, "", ""],
        ["SO-9003", "AC004", today, today, "yes", "a lot", "", ""],
    ]


def _metrics() -> list[int]:
    """One that reads another's facts, one of two others, and one that is archived."""
    referrals = Metric.objects.get(code="referrals")
    archive(referrals.pk)
    return [Metric.objects.get(code=code).pk for code in ("new_customers", "win_rate")] + [referrals.pk]


def _templates() -> list[int]:
    """The ready templates, and one whose weights don't sum to 100."""
    install_templates()
    line = LineDraft("完成岗前培训", weight=Decimal(30))
    odd = save_template(None, name="新人目标", position_id=None, sales_role_type="support", lines=[line])
    return [GoalTemplate.objects.earliest("pk").pk, odd.pk]


def _tokens(world: World) -> int:
    """A token in use, one that ended and one that was revoked; return the id of the first."""
    viewer = viewer_in(world.company.users["owner"].pk, world.today)
    assert viewer is not None
    made = [
        issue(name=name, scopes=scopes, last_day=world.today + timedelta(days=days), viewer=viewer)[0]
        for name, scopes, days in [
            ("CRM 夜间同步", ["people:read", "facts:write"], 90),
            ("BI", ["metrics:read", "facts:read", "rollups:read"], -3),
            ("Old ERP", ["facts:write"], 30),
        ]
    ]
    revoke(made[2].pk)
    ApiToken.objects.filter(pk=made[0].pk).update(last_used_on=world.today)
    return made[0].pk


def _forecasts(world: World) -> list[int]:
    """The market of some months, and forecasts that were prepared since."""
    month = world.today.replace(day=1)
    rows = [
        MarketIndex.objects.create(month=add_months(month, ahead), region=region, factor=factor, source=source)
        for ahead, region, factor, source in [
            (0, "", "0.97", "国家统计局,社会消费品零售总额"), (1, "", "1.04", "行业协会"), (1, "华东", "1.1", ""),
        ]
    ]  # fmt: skip
    prepare(workspace_of(world.company.tenant), world.today)
    return [rows[0].pk]


def _targets(world: World) -> None:
    """Targets of the manager's team, for this month and the months before."""
    company = world.company
    viewer = viewer_in(company.users["manager"].pk, world.today)
    assert viewer is not None
    metric = metric_by_code("sales_amount")
    for back in range(MONTHS):
        month = add_months(world.today.replace(day=1), -back)
        values = {company.people["ann"].pk: Decimal(21000), company.people["bob"].pk: Decimal(12000)}
        set_targets(metric, month, values, viewer=viewer, today=world.today)


def _log(world: World) -> dict[str, list[int]]:
    """Entries of ann and bob in every state, with a proof, hours by duty, and a rate that was corrected."""
    company, day = world.company, world.today
    metric = metric_by_code("visits_arranged")
    entries = []
    for person, state, note in [
        ("ann", "submitted", "与采购经理面谈"), ("bob", "submitted", ""), ("ann", "returned", ""),
        ("ann", "draft", ""),
        ("bob", "approved", "Tea"),
    ]:  # fmt: skip
        entries.append(
            WorkEntry.objects.create(
                employee=company.people[person], metric=metric, day=day, value=2, customer="恒达贸易", note=note,
                state=state, comment="请写明客户" if state == "returned" else "", token=uuid4(),
                submitted_at=timezone.now(),
            )
        )  # fmt: skip
    path = default_storage.save("proofs/visit.pdf", ContentFile(b"%PDF-1.4 visit"))
    proof = Proof.objects.create(
        entry=entries[0], path=path, file_name="拜访记录.pdf", kind="pdf", size=14, sha256="0" * 64
    )
    DutyTime.objects.create(
        employee=company.people["ann"], day=day, duty="客户拜访", hours=Decimal("3.5"), position=1
    )
    CalendarDay.objects.create(day=date(day.year, 3, 4), name="司庆日")
    rates.save_rate(None, currency="EUR", valid_from=date(day.year, 1, 1), value=Decimal("7.85"))
    return {"entry_id": [entry.pk for entry in (entries[0], entries[-1])], "proof_id": [proof.pk]}


def _lock(world: World) -> None:
    """The month before last is locked, and something came later."""
    company = world.company
    month = Period.containing(Grain.MONTH, world.today).next(-2)
    lock_period(month, today=world.today, user_id=company.users["owner"].pk, job_id=None, slug=company.tenant.slug)
    company.fact("ann", "sales_amount", month.end, 888)
    company.drain()


def _records(world: World) -> dict[str, list[Any]]:
    """A transfer, absences, stand-ins and somebody who leaves; what their pages are opened with."""
    people, units, today = world.company.people, world.company.units, world.today
    position = Position.objects.create(name="销售助理", name_en="Sales assistant", code="SA")
    install_pack()
    spell = people["ann"].assignments.get()
    place = assignments.Place(units["south"], position, people["manager"], "support")
    moved = assignments.change_from(spell.pk, place, day=today - timedelta(days=60), shown=assignments.seen(spell))
    log_duties(world.company, position, today)
    absence = record_absence(
        people["ann"], kind="annual", first_day=today - timedelta(days=20), last_day=today - timedelta(days=14),
        note="三亚",
    )  # fmt: skip
    record_absence(people["bob"], kind="sick", first_day=today, last_day=today + timedelta(days=2))
    days: Any = {"first_day": today + timedelta(days=10), "last_day": today + timedelta(days=20)}
    stand_in = name_stand_in(people["ann"], stand_in=people["bob"], reason="年假", **days)
    name_stand_in(people["manager"], stand_in=people["ann"], **days)
    people["rival"].left_on = today + timedelta(days=5)
    people["rival"].save(update_fields=["left_on"])
    return {
        "assignment_id": [moved.pk],
        "absence_id": [absence.pk],
        "stand_in_id": [stand_in.pk],
        "unit_id": [units["north"].pk],
        "position_id": [position.pk],
        "duty_id": [position.duties.all()[0].pk],
    }
