"""Building the demo company by the product's own services and importers, step by step."""

import csv
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from analytics.demo import customers, feedback, files, outlook, people, plans, reviews, roster, surveys
from analytics.demo.bulk import templates_and_drafts
from analytics.demo.check_ins import Weeks
from analytics.demo.goals import Quarter
from analytics.demo.people import Organisation
from analytics.demo.roster import PEOPLE, Person
from analytics.demo.story import DOLLARS, MONTHS, Story, first_day
from analytics.demo.training import Trainings
from goals.services import set_targets
from perfmgmt.closing import tasks as closing
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import facts, wizard
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rates import save_rate
from perfmgmt.metrics.rollups.services import drain_all, rebuild
from perfmgmt.metrics.selectors import employee_figures, metric_by_code
from perfmgmt.people.duties.services import install_pack
from perfmgmt.people.invitations import invite
from perfmgmt.people.models import Invitation, Membership, User
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.models import Tenant, WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.worklog import services as worklog
from reviews.cycles import launching
from reviews.cycles import services as cycles
from reviews.results.checking import Chosen
from reviews.results.services import start_release
from reviews.scores import services as scores

SLUG, NAME, LANGUAGE = "demo", roster.TOP, "zh-hans"
OpenScope = Callable[[], AbstractContextManager[int]]
# What each kind of assistant has monthly targets for, and to what such a target is rounded.
SELLERS = {"sales_amount": 5000, "orders": 1}
SUPPORTERS = {"supported_sales_amount": 5000, "followups_done": 5, "tasks_done": 5, "documents_prepared": 5}
# (employee, metric, days ago, value, customer, note, what becomes of it)
LOG = [
    ("D004", "visits_arranged", 1, 2, "上海恒达贸易", "陪同产品经理上门演示", "submitted"),
    ("D004", "training_hours", 3, "1.5", "", "新品培训,线上", "approved"),
    ("D004", "hours_worked", 2, "8.5", "", "", "draft"),
    ("D005", "meetings_arranged", 1, 1, "上海新宇科技", "续约沟通会", "submitted"),
    ("D006", "visits_arranged", 2, 1, "上海金桥建材", "", "submitted"),
    ("D006", "overtime_hours", 4, 3, "", "标书", "returned"),
    ("D007", "peer_help", 1, 1, "", "帮孙浩然整理投标资料", "submitted"),
    ("D008", "visits_arranged", 3, 2, "杭州启航教育", "", "approved"),
    ("D018", "meetings_arranged", 2, 2, "苏州瑞丰食品", "", "approved"),
    ("D028", "preparation_hours_saved", 1, 2, "", "报价模板改版,每份少用 20 分钟", "submitted"),
    ("D028", "reports_prepared", 3, 1, "", "季度客户清单", "approved"),
    ("D029", "contracts_followed_up", 1, 3, "", "", "submitted"),
]
INVITED = ("D009", "D010", "D031")


class NotBuilt(RuntimeError):
    """A job of the demo company did not end well."""


@dataclass
class Company:
    """The demo company while it is made; `steps` are run in order, each in transactions of its own."""

    open_scope: OpenScope
    password: str
    story: Story = field(init=False)
    made: Organisation = field(init=False)

    def __post_init__(self) -> None:
        with self.open_scope() as tenant_id:
            workspace = workspace_of(Tenant.objects.get(pk=tenant_id))
            today = workspace.today()
            calendar = workspace.calendar(first_day(today), today + timedelta(days=366))
        self.story = Story(today, calendar)

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """Return titles for the terminal and the work of each. `is_whole` looks for what the last one leaves."""
        exports = files.exports(self.story)
        return [
            ("People, units, sign-ins", self.people),
            *((export.file_name, self._importing(export)) for export in exports),
            ("Rows that can't be used", self._importing(files.faulty(self.story))),
            ("Customers", self.customers),
            ("Job descriptions", self.job_descriptions),
            ("Figures", self.figures),
            ("Work log", self.work_log),
            ("Targets", self.targets),
            ("Goals", self.goals),
            ("Templates of goals", self.goal_templates),
            ("Market and forecasts", self.forecasts),
            ("Plans", self.plans),
            ("Check-ins", self.check_ins),
            ("Trainings", self.trainings),
            ("A locked quarter", self.lock),
            ("Scorecards", self.scorecards),
            ("A review cycle with results", self.released_cycle),
            ("A review cycle that is half finished", self.open_cycle),
            ("Customer surveys", self.surveys),
            ("Feedback", self.feedback),
            ("Invitations", self.invitations),
        ]

    def people(self) -> None:
        """Make the people with their history, let them in, and record exchange rates."""
        with self.open_scope():
            self.made = people.hire(self.story.today)
            people.sign_ins(self.made.people, self.password)
            people.move(self.made, self.story, by=User.objects.get(email="hr@demo.example"))
            for step in range(0, MONTHS, 3):
                since = add_months(self.story.first, step)
                save_rate(None, currency=DOLLARS, valid_from=since, value=Decimal(f"7.{18 - step // 3:02}"))

    def customers(self) -> None:
        """Record the customers of the deals, who looks after them, and their contacts."""
        with self.open_scope():
            customers.customers(self.made.people, self.story.deals())

    def job_descriptions(self) -> None:
        """Give the positions their duties, from the ready template pack."""
        with self.open_scope():
            install_pack()

    def _importing(self, export: files.Export) -> Callable[[], None]:
        return lambda: self.import_file(export)

    def import_file(self, export: files.Export) -> None:
        """Take a file through the wizard as HR does: upload, check, keep the columns as a profile, import."""
        text = StringIO()
        csv.writer(text).writerows([export.header, *export.rows])
        with self._as("HR") as viewer:
            content = text.getvalue().encode("utf-8-sig")
            upload = SimpleUploadedFile(export.file_name, content, content_type="text/csv")
            draft = wizard.upload(facts.KIND, upload, export.mapping, viewer=viewer)
        self.finish(draft.inspect_job_id)
        self.finish(draft.check_job_id)
        with self._as("HR") as viewer:
            draft.refresh_from_db()
            wizard.save_profile(draft, export.profile, overwrite=True, viewer=viewer)
            wizard.run_import(draft, viewer=viewer)
            draft.refresh_from_db()
        self.finish(draft.import_job_id)

    def finish(self, job_id: int | None) -> None:
        """Run a job to its end here, or wait for the worker that has it; raise NotBuilt when it fails."""
        pk = job_id or 0
        while True:
            jobs.run(self.open_scope, pk)
            with self.open_scope():
                job = Job.objects.get(pk=pk)
            if not job.is_open:
                break
            time.sleep(0.2)
        if job.state != JobState.DONE:
            raise NotBuilt(f"{job.kind}: {job.error}")

    def figures(self) -> None:
        """Work out every figure at once: fifteen months of everybody are quicker than day by day."""
        with self.open_scope():
            rebuild()

    def forecasts(self) -> None:
        """Record the market and prepare what everybody may be expected to reach."""
        with self.open_scope():
            outlook.make(self.story.today)

    def work_log(self) -> None:
        """Let people write down what no system knows; their managers decide about a part of it."""
        day = self.story.days
        with self.open_scope():
            for at, (number, code, ago, value, customer, note, fate) in enumerate(LOG, 1):
                viewer = self._viewer(Membership.objects.get(employee=self.made.people[number]).user_id)
                entry = worklog.save_entry(
                    None, viewer=viewer, today=self.story.today, metric=metric_by_code(code), day=day[-ago],
                    value=Decimal(str(value)), customer=customer, note=note, token=UUID(int=at),
                )  # fmt: skip
                if fate != "draft":
                    worklog.submit([entry.pk], viewer=viewer)
                self._decide(entry.pk, fate)
        drain_all(self.open_scope)

    def _decide(self, entry_id: int, fate: str) -> None:
        manager = self._viewer(User.objects.get(email="manager@demo.example").pk)
        if fate == "approved":
            worklog.approve([entry_id], viewer=manager, today=self.story.today)
        elif fate == "returned":
            comment = "请附上加班审批截图"
            worklog.send_back([entry_id], viewer=manager, today=self.story.today, comment=comment)

    def targets(self) -> None:
        """Set monthly targets a little above what each person usually does, from the first month to three ahead."""
        sellers, supporters = ([p for p in PEOPLE if p.sells], [p for p in PEOPLE if p.supports])
        kinds = [(sellers, SELLERS), (supporters, SUPPORTERS)]
        with self._as("HR") as viewer:
            for group, codes in kinds:
                for code, unit in codes.items():
                    self._targets_of(metric_by_code(code), group, unit, viewer)

    def _targets_of(self, metric: Metric, group: list[Person], unit: int, viewer: Viewer) -> None:
        months = [add_months(self.story.first, step) for step in range(MONTHS + 3)]
        past = months[: MONTHS - 1]
        figures = employee_figures(metric, grain=Grain.MONTH, first=past[0], last=past[-1])
        ids = {person.number: self.made.people[person.number].pk for person in group}
        usual = {number: usual_month([figures.value(pk, month) for month in past]) for number, pk in ids.items()}
        for month in months:
            season = self.story.season.month(month)
            values: dict[int, Decimal | None] = {
                ids[person.number]: Decimal(round(usual[person.number] * season / unit) * unit)
                for person in group
                if self._employed(person, month)
            }
            set_targets(metric, month, values, viewer=viewer, today=self.story.today)

    def _employed(self, person: Person, month: date) -> bool:
        gone = roster.leaves(self.story.today).get(person.number)
        return roster.hired_on(person, self.story.today) < add_months(month, 1) and (gone is None or gone >= month)

    def goals(self) -> None:
        """Make the goals of the present quarter."""
        with self.open_scope():
            quarter = Period.containing(Grain.QUARTER, self.story.today)
            Quarter(quarter, self.made.people, self._viewer_at).make()

    def goal_templates(self) -> None:
        """Add the ready templates, and drafts of the next quarter for many at once."""
        with self._as("HR") as viewer:
            workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
            with override(LANGUAGE):
                job = templates_and_drafts(viewer, workspace, LANGUAGE)
        self.finish(job.pk)

    def check_ins(self) -> None:
        """Write the check-ins of the last weeks."""
        with self.open_scope() as tenant_id:
            workspace = workspace_of(Tenant.objects.get(pk=tenant_id))
            Weeks(self.made.people, self._viewer_at("D002"), workspace, self.story.today).make()

    def _viewer_at(self, number: str) -> Viewer:
        return self._viewer(Membership.objects.get(employee=self.made.people[number]).user_id)

    def plans(self) -> None:
        """Make action plans and a team performance plan, and log hours by duty."""
        with self._as("Manager") as viewer:
            plans.plans(self.made.people, manager=viewer, today=self.story.today)
            plans.duties(self.made.people, self.story.days[-10:])

    def trainings(self) -> None:
        """Hold the trainings of a year, whose marks are facts, and open three to come."""
        with self._as("HR") as viewer, override(LANGUAGE):
            Trainings(self.made.people, self._viewer_at, viewer, self._workspace(), self.story).make()
        drain_all(self.open_scope)

    def lock(self) -> None:
        """Lock the quarter before the last one."""
        with self._as("HR") as viewer:
            quarter = Period.containing(Grain.QUARTER, self.story.today).next(-2)
            job = jobs.start(closing.LOCK, {"period": quarter.label, "language": LANGUAGE}, user_id=viewer.user_id)
        self.finish(job.pk)

    def scorecards(self) -> None:
        """Publish the ready scorecards from the locked quarter on, and work the scores out."""
        with self._as("HR") as viewer:
            first = Period.containing(Grain.QUARTER, self.story.today).next(-2).start
            reviews.publish_scorecards(first, hr=viewer, workspace=self._workspace())
        scores.drain_all(self.open_scope)

    def released_cycle(self) -> None:
        """Review the quarter before the last one to its end: answers, calibration, results, what people say."""
        cycle = self._launched(Period.containing(Grain.QUARTER, self.story.today).next(-2))
        with self._as("HR") as viewer, override(LANGUAGE):
            self._reviewing(cycle, viewer).fill(raters=1, answers=0.94)
            cycles.close(cycle, viewer=viewer)
        scores.drain_all(self.open_scope)
        self._finish_open_jobs()
        with self._as("HR") as viewer, override(LANGUAGE):
            reviews.calibrate(cycle, hr=viewer)
        scores.drain_all(self.open_scope)
        with self._as("HR") as viewer:
            job = start_release(cycle, Chosen(), confirmed=True, language=LANGUAGE, viewer=viewer)
        self.finish(job.pk)
        with self.open_scope():
            reviews.acknowledge(cycle, self.made.people, self._viewer_at, self.story.today)

    def open_cycle(self) -> None:
        """Begin the review of the last quarter: some raters are approved, some answers are in."""
        cycle = self._launched(Period.containing(Grain.QUARTER, self.story.today).next(-1))
        with self._as("HR") as viewer, override(LANGUAGE):
            self._reviewing(cycle, viewer).fill(raters=0.6, answers=0.5)
        scores.drain_all(self.open_scope)

    def surveys(self) -> None:
        """Publish two of the ready customer surveys, with three months of answers; the third stays a draft."""
        with self._as("HR") as viewer, override(LANGUAGE):
            surveys.surveys(
                self.made.people, self._viewer_at, hr=viewer, workspace=self._workspace(), story=self.story
            )
        drain_all(self.open_scope)
        scores.drain_all(self.open_scope)

    def feedback(self) -> None:
        """Make values, praise over the year, suggestions, and what the assistant asks colleagues."""
        with self.open_scope(), override(LANGUAGE):
            feedback.feedback(self.made.people, self._viewer_at, workspace=self._workspace(), story=self.story)

    def _launched(self, period: Period) -> int:
        with self._as("HR") as viewer, override(LANGUAGE):
            cycle = reviews.plan_cycle(period, hr=viewer, workspace=self._workspace())
            job = launching.launch(cycle.pk, viewer=viewer, version=cycle.version)
        self.finish(job.pk)
        return cycle.pk

    def _reviewing(self, cycle_id: int, hr: Viewer) -> reviews.Reviewing:
        return reviews.Reviewing(cycle_id, hr, self._workspace())

    def _workspace(self) -> Workspace:
        return workspace_of(Tenant.objects.get(pk=current_tenant_id()))

    def _finish_open_jobs(self) -> None:
        with self.open_scope():
            waiting = list(Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("pk"))
        for job in waiting:
            self.finish(job.pk)

    def invitations(self) -> None:
        """Invite some people by mail, in one transaction."""
        with self._as("Owner") as viewer:
            for number in INVITED:
                employee = self.made.people[number]
                invite(email=employee.email, viewer=viewer, link_of=link_of, employee=employee, language=LANGUAGE)

    @contextmanager
    def _as(self, title: str) -> Iterator[Viewer]:
        """Open the scope and yield one of the sign-ins as the viewer."""
        email = next(each.email for each in people.SIGN_INS if each.title == title)
        with self.open_scope():
            yield self._viewer(User.objects.get(email=email).pk)

    def _viewer(self, user_id: int) -> Viewer:
        viewer = viewer_in(user_id, self.story.today)
        if viewer is None:
            raise NotBuilt(f"User {user_id} is no member of the demo company.")
        return viewer


def usual_month(values: list[Decimal | None]) -> Decimal:
    """Return a little more than the mean of the months in which there was anything."""
    worked = [value for value in values if value]
    return sum(worked, Decimal(0)) / max(len(worked), 1) * Decimal("1.05")


def link_of(token: str) -> str:
    """Return the address of an invitation on this machine."""
    port = os.environ.get("PORT") or "8000"
    return f"http://127.0.0.1:{port}{reverse('invitation', args=[SLUG, token])}"


def is_whole() -> bool:
    """Return whether the last step was reached in the open workspace: a first start may have been interrupted."""
    return Invitation.objects.exists()


def is_ours() -> bool:
    """Return whether the open workspace is a demo company, and not somebody's own at the same address.

    It has one of the sign-ins (nobody owns an address that ends in .example), or nobody yet and its name.
    """
    members = Membership.objects.all()
    if members.exists():
        return members.filter(user__email__in=[each.email for each in people.SIGN_INS]).exists()
    return WorkspaceProfile.objects.filter(name=NAME).exists()
