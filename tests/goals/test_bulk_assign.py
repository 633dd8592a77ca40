"""Goals for many at once: who gets what, targets, cells, one job, nothing twice, nothing half done."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from goals.bulk import planning, tasks, writing
from goals.models import Goal, GoalStep, GoalTemplate, MonthlyTarget
from goals.template_sets.services import LineDraft, install_pack, save_template
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.models import Metric
from perfmgmt.notify.models import Notification
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Any]
TODAY = today_here()
NEXT = Period.containing(Grain.QUARTER, TODAY).next()
LAST_YEAR = date(NEXT.start.year - 1, NEXT.start.month, 1)


@pytest.fixture
def template(company: Company) -> GoalTemplate:
    """Sales +10% on last year (60), 90 visits (30), no complaints (5), and a milestone (5)."""
    with company.scope():
        pk = {code: Metric.objects.get(code=code).pk for code in ("sales_amount", "visits_arranged", "complaints")}
        lines = [
            LineDraft("Sales", pk["sales_amount"], "percent", value=Decimal(10), baseline_kind="last_year",
                      weight=Decimal(60)),
            LineDraft("Visits", pk["visits_arranged"], value=Decimal(100), weight=Decimal(30)),
            LineDraft("No complaints", pk["complaints"], value=Decimal(0), weight=Decimal(5)),
            LineDraft("Certificate", weight=Decimal(5)),
        ]  # fmt: skip
        made = save_template(None, name="Set", position_id=None, sales_role_type="", lines=lines)
        company.fact("ann", "sales_amount", LAST_YEAR, "1000.03")
        company.drain()
    return made


def assign(company: Company, role: str = "manager", **query: Any) -> Job:
    """Run the job with an address; return it."""
    with company.scope():
        query = {"what": "template", "period": NEXT.label, "then": "propose", **query}
        params = {"query": {name: str(value) for name, value in query.items()}, "language": "en"}
        job = jobs.start(tasks.KIND, params, user_id=company.users[role].pk)
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
    return job


def cells(company: Company, person: str, code: str) -> list[Decimal]:
    rows = MonthlyTarget.objects.filter(employee=company.people[person], metric__code=code)
    return list(rows.order_by("month").values_list("value", flat=True))


def test_everybody_below_gets_the_goals_of_the_template_but_not_the_viewer(
    company: Company, template: GoalTemplate
) -> None:
    job = assign(company, template=template.pk)
    assert job.state == JobState.DONE, job.error
    with company.scope():
        assert {goal.employee_id for goal in Goal.objects.all()} == {company.people[p].pk for p in ("ann", "bob")}
        sales = Goal.objects.get(employee=company.people["ann"], metric__code="sales_amount")
        assert (sales.target, sales.baseline, sales.growth) == (Decimal("1100.03"), Decimal("1000.03"), 10)
        assert (sales.state, sales.weight, sales.owner_id) == ("proposed", 60, sales.employee_id)
        # bob has sold nothing a year before: nothing to grow from
        assert not Goal.objects.filter(employee=company.people["bob"], metric__code="sales_amount").exists()
        none = Goal.objects.get(employee=company.people["bob"], metric__code="complaints")
        assert (none.form, none.direction, none.band_low, none.band_high) == ("band", "band", 0, 0)
        milestone = Goal.objects.get(employee=company.people["bob"], metric=None)
        assert (milestone.title, milestone.target) == ("Certificate", None)
    assert (job.result or {})["goals"] == 7
    assert (job.result or {})["reasons"] == [["No figure to grow from", 1]]
    assert (job.result or {})["left_out"][0][2:] == ["Sales", "No figure to grow from"]


def test_months_sum_exactly_to_the_target_and_levels_have_none(company: Company, template: GoalTemplate) -> None:
    assign(company, template=template.pk)
    with company.scope():
        assert sum(cells(company, "ann", "sales_amount")) == Decimal("1100.03")
        assert len(cells(company, "ann", "sales_amount")) == 3
        visits = cells(company, "ann", "visits_arranged")
        assert sum(visits) == 100 and all(value == int(value) for value in visits)
        assert not MonthlyTarget.objects.filter(metric__code="complaints").exists()
        goal = Goal.objects.get(employee=company.people["ann"], metric__code="visits_arranged")
        step = GoalStep.objects.get(goal=goal)
        assert (step.kind, step.after, step.by_name) == ("proposed", 100, "Mia Manager")


def test_drafts_have_no_months_no_steps_and_nobody_is_told(company: Company, template: GoalTemplate) -> None:
    assign(company, template=template.pk, then="draft")
    with company.scope():
        assert set(Goal.objects.values_list("state", flat=True)) == {"draft"}
        assert not MonthlyTarget.objects.exists() and not GoalStep.objects.exists()
        assert not Notification.objects.filter(kind="goals.proposed").exists()


def test_each_person_is_told_once(company: Company, template: GoalTemplate) -> None:
    assign(company, template=template.pk)
    with company.scope():
        told = Notification.objects.filter(kind="goals.proposed")
        assert [(one.user_id, one.params["n"]) for one in told] == [(company.users["assistant"].pk, 4)]


def test_twice_makes_nothing_twice(company: Company, template: GoalTemplate) -> None:
    assign(company, template=template.pk)
    with company.scope():
        before = Goal.objects.count()
    again = assign(company, template=template.pk)
    with company.scope():
        assert Goal.objects.count() == before
    assert (again.result or {})["goals"] == 0
    assert ["Has this goal in the period already", 7] in (again.result or {})["reasons"]


def test_somebody_else_was_faster_between_plan_and_writing(
    company: Company, template: GoalTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique constraint decides; the rest of the goals are made."""
    write = writing.write

    def later(plan: planning.Plan, **known: Any) -> writing.Written:
        row = next(row for row in plan.good if row.line.title == "Visits")
        Goal.objects.create(
            level="person", employee_id=row.employee_id, metric=row.line.metric, title="Mine", grain=4,
            first_day=NEXT.start, last_day=NEXT.end, target=1,
        )  # fmt: skip
        return write(plan, **known)

    monkeypatch.setattr(tasks, "write", later)
    job = assign(company, template=template.pk)
    assert (job.result or {})["goals"] == 6
    assert ["Has this goal in the period already", 1] in (job.result or {})["reasons"]


def test_what_breaks_off_leaves_nothing(
    company: Company, template: GoalTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies after the last row is written: no goal, no month, no step, no notice. The next run makes all."""

    def dies(*_args: Any, **_known: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_result", dies)
        job = assign(company, template=template.pk)
    assert job.state == JobState.FAILED
    with company.scope():
        assert not Goal.objects.exists() and not MonthlyTarget.objects.exists() and not GoalStep.objects.exists()
        assert not Notification.objects.filter(kind="goals.proposed").exists()
    assert (assign(company, template=template.pk).result or {})["goals"] == 7


def test_months_that_are_there_stay_unless_they_are_replaced_and_agreed_ones_always(
    company: Company, template: GoalTemplate
) -> None:
    months = [month.start for month in NEXT.months()]
    with company.scope():
        metric = Metric.objects.get(code="visits_arranged")
        for month in months:
            MonthlyTarget.objects.create(metric=metric, employee=company.people["ann"], month=month, value=7)
        Goal.objects.create(
            level="person", employee=company.people["ann"], metric=metric, title="Agreed", grain=3, state="agreed",
            first_day=months[0], last_day=NEXT.months()[0].end, target=7,
        )  # fmt: skip
    assign(company, template=template.pk)
    with company.scope():
        assert cells(company, "ann", "visits_arranged") == [7, 7, 7]
        Goal.objects.filter(grain=4).update(state="cancelled")
    assign(company, template=template.pk, replace="1")
    with company.scope():
        first, *others = cells(company, "ann", "visits_arranged")
        assert first == 7 and all(value != 7 for value in others)


def test_a_copy_of_the_period_before_with_growth(company: Company) -> None:
    before = NEXT.next(-1)
    with company.scope():
        for code, target in (("visits_arranged", 33), ("data_entry_errors", 20)):
            Goal.objects.create(
                level="person", employee=company.people["ann"], metric=Metric.objects.get(code=code), title=code,
                grain=4, first_day=before.start, last_day=before.end, target=target, weight=50, state="agreed",
                direction=Metric.objects.get(code=code).direction,
            )  # fmt: skip
    job = assign(company, what="copy", growth="10")
    with company.scope():
        found = dict(Goal.objects.filter(first_day=NEXT.start).values_list("metric__code", "target"))
    assert found == {"visits_arranged": 36, "data_entry_errors": 18}  # better is fewer errors
    assert (job.result or {})["reasons"] == [["Had no goals in the period before", 1]]


def test_growth_on_their_own_figures_rounded_to_a_step(company: Company) -> None:
    with company.scope():
        company.fact("ann", "sales_amount", LAST_YEAR, 1234)
        company.drain()
    job = assign(company, what="single", metric="sales_amount", manner="last_year", growth=15, step=100)
    assert job.state == JobState.DONE, job.error
    with company.scope():
        goal = Goal.objects.get()
    assert (goal.target, goal.baseline, goal.form, goal.growth) == (1400, 1234, "percent", 15)


def test_goals_serve_the_nearest_unit_above(company: Company) -> None:
    days = {"grain": 5, "first_day": date(NEXT.start.year, 1, 1), "last_day": date(NEXT.start.year, 12, 31)}
    with company.scope():
        metric = Metric.objects.get(code="orders")
        whole = Goal.objects.create(level="company", metric=metric, title="All", state="agreed", target=9, **days)
        north = Goal.objects.create(
            level="unit", unit=company.units["north"], metric=metric, title="North", state="agreed", target=9, **days
        )
        Goal.objects.create(level="unit", unit=company.units["south"], metric=metric, title="South", target=9, **days)
    assign(company, "hr", what="single", metric="orders", value=5)
    with company.scope():
        found = dict(Goal.objects.filter(level="person").values_list("employee__name", "parent_id"))
    assert found["Bob Bell"] == north.pk
    assert found["Cid Cole"] == whole.pk  # South's is a draft


@pytest.mark.parametrize(
    ("query", "who"),
    [({"q": "bob"}, {"Bob Bell"}), ({"numbers": "AC004, AC006"}, {"李安"}), ({"out": "{ann}"}, {"Bob Bell"}),
     ({"unit": "{south}"}, set())],
)  # fmt: skip
def test_people_are_filtered_within_reach(company: Company, query: dict[str, str], who: set[str]) -> None:
    ids = {"ann": company.people["ann"].pk, "south": company.units["south"].pk}
    filled = {name: text.format(**ids) if "{" in text else text for name, text in query.items()}
    assign(company, what="single", metric="orders", value=5, **filled)
    with company.scope():
        assert set(Goal.objects.values_list("employee__name", flat=True)) == who


def test_who_has_left_is_told_apart(company: Company) -> None:
    with company.scope():
        Employee.objects.filter(pk=company.people["bob"].pk).update(left_on=TODAY)
    job = assign(company, "hr", what="single", metric="orders", value=5, numbers="AC004 AC005")
    assert (job.result or {})["goals"] == 1
    assert (job.result or {})["left_out"] == [
        ["AC005", "Bob Bell", "Orders", "Is not with the company in the period"]
    ]


def test_a_template_that_is_gone_fails_with_a_sentence(company: Company, template: GoalTemplate) -> None:
    with company.scope():
        GoalTemplate.objects.update(archived_at=timezone.now())
    job = assign(company, template=template.pk)
    assert (job.state, job.error_code) == (JobState.FAILED, "cant_assign")
    assert "Template of goals" in job.error


def test_the_page_previews_without_writing_and_counts_what_the_job_makes(
    company: Company, template: GoalTemplate, sign_in: SignIn
) -> None:
    client = sign_in(company.users["manager"])
    url = f"/w/acme/goals/assign/?what=template&template={template.pk}&period={NEXT.label}&then=propose"
    page = client.get(url)
    text = page.content.decode()
    assert page.status_code == 200
    assert page.context["plan"].made == 7 and "Propose 7 goals" in text and "No figure to grow from" in text
    with company.scope():
        assert not Goal.objects.exists()
    response = client.post(url)
    with company.scope():
        job = Job.objects.get(kind=tasks.KIND)
    assert response["Location"] == f"/w/acme/jobs/{job.pk}/"
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    shown = client.get(response["Location"]).content.decode()
    assert "Goals made" in shown and "Left out: No figure to grow from" in shown


def test_nothing_is_assigned_from_an_address_that_showed_no_preview(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    assert client.post("/w/acme/goals/assign/").status_code == 400
    with company.scope():
        assert not Job.objects.exists()


def test_the_preview_takes_a_fixed_number_of_queries(
    company: Company, template: GoalTemplate, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        install_pack()
    with django_assert_max_num_queries(32):
        client.get(f"/w/acme/goals/assign/?what=template&template={template.pk}&period={NEXT.label}")


def test_the_viewer_of_the_job_is_asked_again(company: Company, template: GoalTemplate) -> None:
    """Who is no manager any more assigns nothing."""
    with company.scope():
        workspace = workspace_of(company.tenant)
        viewer = viewer_in(company.users["assistant"].pk, workspace.today())
        assert viewer is not None
    job = assign(company, "assistant", template=template.pk)
    assert (job.state, job.error_code) == (JobState.FAILED, "not_allowed")


def test_goals_of_very_many_people_are_worked_out_by_a_job(
    company: Company, template: GoalTemplate, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page plans for the people that it lists; a trial counts all of them and writes nothing."""
    monkeypatch.setattr("goals.bulk.views.MOST_PREVIEWED", 1)
    monkeypatch.setattr("goals.bulk.views.PEOPLE_PER_PAGE", 1)
    client = sign_in(company.users["manager"])
    url = f"/w/acme/goals/assign/?what=template&template={template.pk}&period={NEXT.label}&then=propose"
    page = client.get(url)
    text = page.content.decode()
    assert len(page.context["plan"].people) == 1 and page.context["people"] == 2
    assert len(page.context["plan"].people) == 1 and page.context["people"] == 2
    second = client.get(f"{url}&page=2").content.decode()
    assert "Propose the goals to 2 people" in text and "Propose the goals to 2 people" in second
    assert "of the people on this page" in text + second and "Left out:" not in text + second
    trial = client.post(url, {"trial": "1"})["Location"]
    with company.scope():
        job = Job.objects.get(kind=tasks.KIND)
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
        assert not Goal.objects.exists() and not Notification.objects.filter(kind="goals.proposed").exists()
    result = job.result or {}
    assert (result["goals"], result["people"], result["reasons"]) == (7, 2, [["No figure to grow from", 1]])
    shown = client.get(trial).content.decode()
    assert "Nothing was written" in shown and "Goals that would be made" in shown
    back = shown[shown.index('href="/w/acme/goals/assign/?') :].split("#preview")[0]
    assert all(part in back for part in ("what=template", f"template={template.pk}", "then=propose", NEXT.label))


@pytest.mark.parametrize(("code", "value", "says"), [("win_rate", "1100", "1,000%"), ("csat", "480", "at most 100")])
def test_what_can_t_be_a_target_in_a_unit_is_not_given_out(
    company: Company, sign_in: SignIn, code: str, value: str, says: str
) -> None:
    query = {"what": "single", "metric": code, "value": value, "period": NEXT.label, "then": "draft"}
    page = sign_in(company.users["manager"]).get("/w/acme/goals/assign/", query, headers={"accept-language": "en"})
    assert says in page.content.decode()


def test_a_target_that_is_worked_out_has_the_same_limits(company: Company) -> None:
    with company.scope():
        metric = Metric.objects.get(code="csat")
        before = NEXT.next(-1)
        Goal.objects.create(
            level="person", employee=company.people["ann"], metric=metric, title="Score", target=90, grain=4,
            first_day=before.start, last_day=before.end, state="agreed",
        )  # fmt: skip
    job = assign(company, what="copy", growth=50)
    with company.scope():
        assert job.state == JobState.DONE, job.error
        assert not Goal.objects.filter(first_day=NEXT.start).exists()
    assert any("a score at most 100" in reason for reason, _n in job.result["reasons"])
