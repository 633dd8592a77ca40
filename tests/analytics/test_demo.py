"""The demo company: forty believable people and their year, there after the first start, made anew by --reset."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import Count, Max, Min, Sum

from analytics.demo import files, roster
from analytics.demo.company import Company
from analytics.demo.people import SIGN_INS
from analytics.demo.roster import PEOPLE
from analytics.demo.story import LOST, WON, Story
from goals.check_ins.rules import monday_of
from goals.models import CheckIn, KeyTask, MonthlyTarget
from perfmgmt.closing import frozen
from perfmgmt.closing.models import PeriodLock
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import ExchangeRate, Fact, ImportDraft
from perfmgmt.metrics.models.facts import CreditRole
from perfmgmt.metrics.selectors import employee_figures, metric_by_code, unit_figures
from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.people.models import Absence, Assignment, Employee, Invitation, SalesRoleType, StandIn, Unit, User
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.removal import remove_workspace
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.worklog.models import WorkEntry
from reviews.models import (
    Enrolment,
    Feedback,
    FeedbackAsk,
    FollowUp,
    PraiseReaction,
    Remark,
    SurveyAnswer,
    SurveyInvitation,
    SurveySkip,
    ThemedWords,
    TrainingSession,
)
from reviews.voice.rebuilding import rebuild as recount

SIX = ("supported_sales_amount", "supported_target_share", "followups_done", "followup_accuracy", "task_completion",
       "document_turnaround_days", "data_completeness")  # fmt: skip
# A leap day, new year's, the middle of the Spring Festival, a Sunday, and a year whose holidays nobody knows yet.
DAYS = [date(2028, 2, 29), date(2026, 1, 1), date(2026, 2, 19), date(2026, 10, 11), date(2027, 3, 1)]

# On one worker: the company is built once.
pytestmark = pytest.mark.xdist_group("demo")


def demo(**options: bool) -> str:
    out = StringIO()
    call_command("demo", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def tenant() -> Tenant:
    return Tenant.objects.get(slug="demo")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo company, made once for the tests that only look at it; what the command printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("files"))
        with django_db_blocker.unblock():
            printed = demo(if_empty=True)
        yield printed
        with django_db_blocker.unblock():
            remove_workspace(tenant())
            User.objects.filter(email__endswith="@demo.example").delete()


@pytest.fixture
def inside(db: None, built: str) -> Iterator[date]:
    """The scope of the demo company; today on its clock."""
    with tenant_scope(tenant().pk):
        yield workspace_of(tenant()).today()


def test_the_sign_ins_it_prints_work(inside: date, built: str) -> None:
    lines = built.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["Owner", "HR", "Manager", "Assistant", "Support"]
    assert len(lines) == len(SIGN_INS)
    line = lines[4].split()
    assert User.objects.get(email="support@demo.example").check_password(line[-1])
    assert {User.objects.get(email=each.split()[1]).has_usable_password() for each in lines} == {True}


def test_forty_people_in_a_tree_of_three_levels(inside: date) -> None:
    assert Employee.objects.count() == 40
    assert Unit.objects.filter(parent__parent__parent=None).exclude(parent__parent=None).count() >= 5
    now = Assignment.objects.filter(valid_from__lte=inside, valid_to__gte=inside)
    assert {kind for kind in now.values_list("sales_role_type", flat=True) if kind} == set(SalesRoleType.values)
    below = now.filter(manager__number="D002").values("employee")
    assert now.filter(manager__in=below).exists()
    assert now.filter(manager=None).count() == 1


def test_the_assistants_of_the_demo_have_a_job_description(inside: date) -> None:
    held = Assignment.objects.filter(valid_from__lte=inside, valid_to__gte=inside, position__duties__isnull=False)
    assert held.values("employee").distinct().count() >= 10


def test_two_have_left_and_three_were_moved_one_in_the_middle_of_a_quarter(inside: date) -> None:
    assert Employee.objects.filter(left_on__lt=inside).count() == 2
    moved = Assignment.objects.values("employee").annotate(parts=Count("id")).filter(parts=2)
    assert moved.count() == 3
    days = Assignment.objects.filter(
        employee__in=moved.values("employee"), valid_from__gt=inside - timedelta(days=400)
    )
    starts = {Period.containing(Grain.QUARTER, day).start for day in days.values_list("valid_from", flat=True)}
    assert any(day not in starts and day.day > 7 for day in days.values_list("valid_from", flat=True))


def test_somebody_is_on_parental_leave_and_stood_in_for(inside: date) -> None:
    assert {"annual", "sick", "parental"} <= set(Absence.objects.values_list("kind", flat=True))
    away = Absence.objects.get(kind="parental", first_day__lte=inside, last_day__gte=inside)
    assert StandIn.objects.filter(employee=away.employee, first_day__lte=inside, last_day__gte=inside).exists()
    assert StandIn.objects.count() == 2


def test_no_fact_lies_on_a_day_off_or_of_somebody_absent(inside: date) -> None:
    calendar = workspace_of(tenant()).calendar(inside - timedelta(days=600), inside)
    days = set(Fact.objects.values_list("day", flat=True))
    assert len(days) > 250
    assert max(days) < inside
    assert [day for day in sorted(days) if not calendar.works(day)] == []
    absent = Absence.objects.filter(hours=None)
    measured = Fact.objects.filter(source__code="Task-system")
    for away in absent:
        assert not measured.filter(employee=away.employee, day__range=(away.first_day, away.last_day)).exists()


def test_supporters_have_their_share_and_nobody_more_than_all(inside: date) -> None:
    shared = Fact.objects.filter(source__code="CRM", metric__code__in=["sales_amount", "supported_sales_amount"])
    by_deal = shared.values("external_id").annotate(total=Sum("credit_share"), people=Count("id"))
    assert {row["total"] for row in by_deal} == {Decimal(1)}
    assert sum(row["people"] > 1 for row in by_deal) > 500
    owned = dict(shared.filter(credit_role=CreditRole.OWNER).values_list("external_id", "value"))
    for deal, value, share in shared.filter(credit_role=CreditRole.SUPPORTER).values_list(
        "external_id", "value", "credit_share"
    ):
        assert value == round(owned[deal] * share, 4)


def test_a_transfer_moves_credit_in_the_middle_of_the_quarter(inside: date) -> None:
    move = next(each for each in roster.transfers(inside) if each.number == "D008")
    quarter = Period.containing(Grain.QUARTER, move.day)
    own = Fact.objects.filter(
        metric__code="sales_amount", employee__number="D008", day__range=(quarter.start, quarter.end)
    )
    assert own.filter(day__lt=move.day).exists()
    assert own.filter(day__gte=move.day).exists()
    figures = unit_figures(
        metric_by_code("sales_amount"), grain=Grain.QUARTER, first=quarter.start, last=quarter.start
    )
    for unit in Unit.objects.filter(name__in=["杭州一组", "上海一组"]):
        total = Decimal(0)
        for spell in Assignment.objects.filter(unit=unit):
            first, last = max(spell.valid_from, quarter.start), min(spell.valid_to, quarter.end)
            credit = Fact.objects.filter(
                metric__code="sales_amount", employee=spell.employee, day__range=(first, last)
            )
            total += credit.aggregate(total=Sum("value"))["total"] or Decimal(0)
        assert figures.value(unit.pk, quarter.start) == total


def test_who_only_supports_has_all_figures_of_the_support_side(inside: date) -> None:
    helper = Employee.objects.get(number="D028")
    assert not Fact.objects.filter(employee=helper, metric__code="sales_amount").exists()
    quarter = Period.containing(Grain.QUARTER, inside).next(-1).start
    for code in SIX:
        value = employee_figures(
            metric_by_code(code), grain=Grain.QUARTER, first=quarter, last=quarter, employee_ids=[helper.pk]
        ).value(helper.pk, quarter)
        assert value, code
        assert value > 0, code


def test_figures_are_what_the_facts_make_of_them(inside: date) -> None:
    out = StringIO()
    call_command("rebuild", workspace="demo", check=True, stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) >= 12
    assert [line for line in lines if not line.endswith(", 0 differ")] == []


def test_everything_came_through_the_wizard_with_a_few_rows_refused(inside: date) -> None:
    drafts = list(ImportDraft.objects.order_by("pk"))
    assert len(drafts) == 7
    results = [Job.objects.get(pk=draft.import_job_id or 0).result or {} for draft in drafts]
    assert [result["refused"] for result in results] == [0] * 6 + [6]
    assert default_storage.exists(results[-1]["refused_file"])
    assert (
        not Fact.objects.filter(job_id=None)
        .exclude(source__code__in=["manual", "surveys", "training-records"])
        .exists()
    )
    assert ExchangeRate.objects.count() == 5
    assert Fact.objects.filter(currency="USD").exists()
    assert set(Fact.objects.filter(metric__code="orders").values_list("value", flat=True)) == {Decimal(1)}


def test_people_have_targets_of_their_kind(inside: date) -> None:
    rows = MonthlyTarget.objects.filter(month=inside.replace(day=1))
    kinds = Counter(rows.values_list("employee__number", "metric__code"))
    assert kinds[("D004", "sales_amount")] == kinds[("D028", "supported_sales_amount")] == 1
    assert ("D028", "sales_amount") not in kinds
    assert not rows.filter(employee__left_on__lt=inside.replace(day=1)).exists()


def test_check_ins_were_sent_and_one_person_has_not_for_weeks(inside: date) -> None:
    this = monday_of(inside)
    weeks = CheckIn.objects.filter(week__lt=this).values("employee__number").annotate(n=Count("week"))
    sent = dict(weeks.values_list("employee__number", "n"))
    assert len(sent) >= 10
    assert sent["D006"] == 1
    assert CheckIn.objects.filter(help_wanted=True, answered_at=None).count() == 1
    assert KeyTask.objects.filter(week=this, confirmed_at=None).exists()


def test_a_quarter_is_locked_as_it_is(inside: date) -> None:
    quarter = Period.containing(Grain.QUARTER, inside).next(-2)
    assert PeriodLock.objects.count() == 4
    lock = PeriodLock.objects.get(grain=int(Grain.QUARTER), start=quarter.start)
    assert lock.rows > 100
    assert frozen.count_differences(lock) == 0


def test_the_work_log_has_every_state_and_the_outbox_the_invitations(inside: date) -> None:
    states = Counter(WorkEntry.objects.values_list("state", flat=True))
    assert states["submitted"] >= 3
    assert set(states) == {"draft", "submitted", "approved", "returned"}
    assert Fact.objects.filter(source__code="manual").count() == states["approved"]
    assert Invitation.objects.count() == 3
    assert WorkspaceMail.objects.filter(kind="invitation").count() == 3


def test_customers_were_asked_answered_and_low_scores_are_followed_up(inside: date) -> None:
    finished = SurveyInvitation.objects.filter(state="finished")
    assert set(finished.values_list("origin", flat=True)) == {"trigger", "campaign"}
    assert finished.count() >= 24
    assert SurveySkip.objects.values("reason").distinct().count() >= 3
    links = SurveyInvitation.objects.filter(channel="link")
    assert set(links.values_list("state", flat=True)) == {"chosen", "mailed"}
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"open", "begun", "closed"}
    assert FollowUp.objects.exclude(state="closed").filter(due__lt=inside).exists()
    assert FollowUp.objects.exclude(told_at=None).exclude(mail=None).count() >= 1
    assert ThemedWords.objects.exists()
    assert set(Remark.objects.values_list("state", flat=True)) == {"logged", "confirmed"}
    answers = SurveyAnswer.objects.filter(invitation__in=finished, kind__in=["csat", "nps"])
    assert Fact.objects.filter(source__code="surveys").count() == answers.count()
    assert recount(check=True)[1] == 0


def test_a_year_of_trainings_was_held_and_three_are_to_come(inside: date) -> None:
    assert Counter(TrainingSession.objects.values_list("state", flat=True)) == {"held": 12, "open": 3}
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"enrolled", "waiting", "asked"}
    there = Enrolment.objects.filter(attendance="attended")
    assert there.count() > 60 and Enrolment.objects.filter(attendance="absent").exists()
    assert there.exclude(rating=None).exists() and there.exclude(certificate="").exists()
    facts = Fact.objects.filter(source__code="training-records")
    assert facts.filter(metric__code="training_hours").count() == there.count()
    assert facts.filter(metric__code="courses_passed").count() == there.filter(passed=True).count()


def test_a_second_time_changes_nothing_and_says_so(inside: date) -> None:
    before = (tenant().pk, Fact.objects.count(), Job.objects.count(), Employee.objects.aggregate(Min("pk")))
    out, told = StringIO(), StringIO()
    call_command("demo", stdout=out, stderr=told)
    assert "nothing was changed" in told.getvalue()
    assert "support@demo.example" in out.getvalue()
    assert before == (tenant().pk, Fact.objects.count(), Job.objects.count(), Employee.objects.aggregate(Min("pk")))


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_story_is_the_same_for_the_same_day_and_believable_on_any(today: date) -> None:
    calendar = WorkingCalendar("CN")
    story, again = Story(today, calendar), Story(today, calendar)
    exports = files.exports(story)
    assert [export.rows for export in exports] == [export.rows for export in files.exports(again)]
    assert story.away == again.away
    deals = {deal.id: deal for deal in story.deals()}
    hired = {person.number: roster.hired_on(person, today) for person in PEOPLE}
    for deal in deals.values():
        assert sum(share for _who, share in deal.supporters) <= 100
        assert hired[deal.person] <= deal.opened <= (deal.closed or today)
    for row in exports[1].rows:
        closed = deals[f"SJ-{row[0].split('-')[1]}"].closed
        assert closed is not None
        assert f"{closed}" < row[2] < f"{today}"


def test_another_day_gives_another_story() -> None:
    calendar = WorkingCalendar("CN")
    one, other = (files.exports(Story(day, calendar))[0].rows for day in DAYS[1:3])
    assert one != other


def test_people_win_differently_and_the_year_has_its_seasons() -> None:
    story = Story(date(2026, 11, 25), WorkingCalendar("CN"))
    deals = [deal for deal in story.deals() if deal.closed]
    won, lost = (Counter(deal.person for deal in deals if deal.stage == stage) for stage in (WON, LOST))
    assert won["D004"] / (won["D004"] + lost["D004"]) > won["D006"] / (won["D006"] + lost["D006"]) + 0.05

    def a_day(first: date, last: date) -> float:
        return sum(first <= deal.closed <= last for deal in deals if deal.closed) / story.calendar.working_days(
            first, last
        )

    usual = a_day(story.first, story.days[-1])
    assert a_day(date(2026, 2, 9), date(2026, 3, 3)) < usual * 0.6
    assert a_day(date(2026, 3, 22), date(2026, 3, 31)) > usual * 1.2


def test_the_whole_is_made_of_named_steps(inside: date) -> None:
    made = Company(partial(tenant_scope, tenant().pk), "x")
    titles = [title for title, _work in made.steps()]
    assert len(set(titles)) == len(titles) > 10


def test_the_year_has_praise_with_values_reactions_and_what_was_asked(inside: date) -> None:
    praise = Feedback.objects.filter(kind="praise")
    assert praise.count() >= 10 and praise.exclude(value=None).exists() and PraiseReaction.objects.count() >= 10
    days = praise.aggregate(first=Min("day"), last=Max("day"))
    assert (days["last"] - days["first"]).days > 250 and days["last"] <= inside
    assert sorted(FeedbackAsk.objects.values_list("state", flat=True)) == ["open", "replied", "replied"]
