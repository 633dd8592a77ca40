"""One's own home: which figures, in which order, how each stands, what is wrong with one's data."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.homes.own import Card, OwnBoard, build_own
from analytics.homes.own_problems import Problems, days_without_log, problems_of
from analytics.homes.own_views import standard
from analytics.homes.scope import home_scope
from goals.selectors import own_targets, unit_targets
from goals.services import set_targets
from perfmgmt.closing.services import lock_period
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports.facts import KIND as IMPORT
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures, metric_by_code
from perfmgmt.people.models import Assignment
from perfmgmt.people.records.services import record_absence
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.worklog.models import WorkEntry
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
TODAY = date(2025, 3, 20)
MARCH = Period(Grain.MONTH, date(2025, 3, 1))
SignIn = Callable[[Any], Client]
SUPPORT = [
    "supported_sales_amount", "supported_target_share", "followups_done", "followup_accuracy", "task_completion",
    "document_turnaround_days", "data_completeness",
]  # fmt: skip


def own(company: Company, query: str = "period=2025-03", today: date = TODAY) -> OwnBoard:
    """The own home of the assistant."""
    with company.scope():
        viewer = viewer_in(company.users["assistant"].pk, today)
        assert viewer is not None
        assert viewer.employee_id is not None
        scope = home_scope(QueryDict(query), viewer, workspace_of(company.tenant), today)
        return build_own(scope, viewer.employee_id, chosen="metric" in query)


def card(board: OwnBoard, code: str) -> Card:
    return next(card for card in (*board.cards, *board.more) if card.metric.code == code)


def codes(board: OwnBoard) -> list[str]:
    return [card.metric.code for card in (*board.cards, *board.more)]


def ask(company: Company, code: str, values: dict[str, int], month: date = MARCH.start) -> None:
    """Set targets as the owner."""
    viewer = viewer_in(company.users["owner"].pk, TODAY)
    assert viewer is not None
    wanted: dict[int, Decimal | None] = {company.people[name].pk: Decimal(n) for name, n in values.items()}
    set_targets(metric_by_code(code), month, wanted, viewer=viewer, today=TODAY)


@pytest.fixture
def support(company: Company) -> Company:
    """Ann owns no deal: she supports others, follows up, and prepares documents."""
    with company.scope():
        for metric, day, value in [
            ("supported_sales_amount", 5, 300), ("supported_sales_amount", 6, 100), ("followups_done", 7, 200),
            ("followups_accurate", 7, 197), ("tasks_assigned", 8, 10), ("tasks_done", 8, 9),
            ("document_turnaround_days", 9, 2), ("document_turnaround_days", 10, 3),
        ]:  # fmt: skip
            company.fact("ann", metric, date(2025, 3, day), value)
        company.fact("ann", "supported_sales_amount", date(2025, 2, 5), 250)
        ask(company, "sales_amount", {"bob": 1500, "manager": 500, "cid": 9000})
        company.drain()
    return company


def test_who_owns_no_deal_sees_what_they_supported_first(support: Company) -> None:
    board = own(support)
    assert board.kind == "support"
    assert codes(board)[:7] == SUPPORT
    values = {code: card(board, code).shown for code in SUPPORT}
    assert values == {
        "supported_sales_amount": 400, "supported_target_share": Decimal("0.2"), "followups_done": 200,
        "followup_accuracy": Decimal("0.985"), "task_completion": Decimal("0.9"),
        "document_turnaround_days": Decimal("2.5"), "data_completeness": None,
    }  # fmt: skip


def test_the_sales_role_type_of_the_period_decides_the_order(support: Company) -> None:
    with support.scope():
        support.fact("ann", "sales_amount", date(2025, 3, 5), 9)
        support.drain()
    assert own(support).kind == ""
    assert codes(own(support))[0] == "sales_amount"
    with support.scope():
        Assignment.objects.filter(employee=support.people["ann"]).update(sales_role_type="support")
    assert codes(own(support))[:7] == SUPPORT
    with support.scope():
        Assignment.objects.filter(employee=support.people["ann"]).update(sales_role_type="hunter")
    assert codes(own(support))[0] == "sales_amount"
    assert "data_completeness" not in codes(own(support))


def test_a_metric_with_a_target_is_shown_before_others_with_figures(company: Company) -> None:
    with company.scope():
        company.fact("ann", "orders", date(2025, 3, 5), 1)
        company.fact("ann", "complaints", date(2025, 3, 5), 1)
        ask(company, "visits_arranged", {"ann": 10})
        company.drain()
    assert codes(own(company))[:2] == ["sales_amount", "orders"]
    assert codes(own(company)).index("visits_arranged") < codes(own(company)).index("complaints")
    assert "meetings_arranged" not in codes(own(company))


def test_the_accuracy_is_accurate_of_done_and_meets_98_percent_or_misses_it(support: Company) -> None:
    assert card(own(support), "followup_accuracy").meets_standard is True
    with support.scope():
        support.fact("ann", "followups_done", date(2025, 3, 12), 10)
        support.drain()
    missed = card(own(support), "followup_accuracy")
    assert missed.shown == Decimal(197) / Decimal(210)
    assert missed.meets_standard is False
    assert missed.attainment is not None
    assert 0 < missed.attainment < 1
    with support.scope():
        accuracy = metric_by_code("followup_accuracy")
        assert standard(accuracy, "CNY") == "Standard: at least 98%"
        # The standard is the workspace's to change.
        Metric.objects.filter(pk=accuracy.pk).update(band_low=Decimal("0.9"))
    assert card(own(support), "followup_accuracy").meets_standard is True


def test_nothing_recorded_is_missing_and_never_0(company: Company) -> None:
    with company.scope():
        Assignment.objects.filter(employee=company.people["ann"]).update(sales_role_type="support")
        ask(company, "followups_done", {"ann": 10})
    board = own(company)
    assert {code: card(board, code).shown for code in SUPPORT} == {
        **dict.fromkeys(SUPPORT), "followups_done": 0,
    }  # fmt: skip
    assert card(board, "followups_done").pace == "off track"
    assert card(board, "followup_accuracy").meets_standard is None


def test_the_teams_target_is_that_of_the_unit_and_what_is_below_it_on_the_day(support: Company) -> None:
    with support.scope():
        ann = support.people["ann"]
        sales = metric_by_code("sales_amount")

        def mine() -> Decimal | None:
            found = own_targets(
                ann.pk, on=TODAY, months=(MARCH.start, MARCH.start), period=MARCH, team_metrics=[sales.pk]
            )
            unit = Assignment.objects.get(employee=ann, valid_from__lte=TODAY, valid_to__gte=TODAY).unit_id
            assert found.unit_id == unit
            assert unit_targets(sales, MARCH, TODAY, [unit]).get(unit) == found.team.get(sales.pk)
            return found.team.get(sales.pk)

        assert mine() == 2000
        Assignment.objects.filter(employee=ann).update(unit=support.units["sales"])
        assert mine() == 11000
        ann.assignments.update(valid_to=date(2025, 3, 10))
        assign(ann, unit=support.units["south"], valid_from=date(2025, 3, 11), manager=support.people["rival"])
        assert mine() == 9000
        share = metric_by_code("supported_target_share")
        by_engine = employee_figures(share, grain=Grain.MONTH, first=MARCH.start, last=MARCH.start,
                                     employee_ids=[ann.pk]).value(ann.pk, MARCH.start)  # fmt: skip
    with time_machine.travel(TODAY, tick=False):
        assert card(own(support), "supported_target_share").shown == by_engine == Decimal(400) / Decimal(9000)


def test_pace_and_attainment_respect_the_direction(company: Company) -> None:
    with company.scope():
        company.fact("ann", "complaints", date(2025, 3, 5), 3)
        ask(company, "complaints", {"ann": 2})
        company.drain()
    over = card(own(company, today=date(2025, 4, 2)), "complaints")
    assert (over.attainment, over.pace) == (0.5, "overdue")


def test_a_sum_is_set_against_the_period_before_only_when_it_is_over(support: Company) -> None:
    running = card(own(support), "supported_sales_amount")
    assert (running.before, running.change) == (250, None)
    over = card(own(support, today=date(2025, 4, 2)), "supported_sales_amount")
    assert over.change == 150
    assert over.trend[-2:] == [250, 400]
    assert over.trend[:4] == [None] * 4


def test_a_locked_month_shows_what_was_locked(support: Company) -> None:
    with support.scope():
        ask(support, "followups_done", {"ann": 100})
        lock_period(MARCH, today=date(2025, 4, 5), user_id=support.users["owner"].pk, job_id=None, slug="acme")
        support.fact("ann", "followups_done", date(2025, 3, 9), 50)
        support.drain()
    found = card(own(support, today=date(2025, 4, 6)), "followups_done")
    assert (found.value, found.target, found.pace) == (200, 100, "achieved")


def test_every_card_opens_facts_that_add_up_to_it(support: Company, sign_in: SignIn) -> None:
    client = sign_in(support.users["assistant"])
    response = client.get("/w/acme/?period=2025-03")
    cards = {card["code"]: card for card in response.context["own_cards"]}
    for code in SUPPORT:
        if code == "data_completeness":
            assert not cards[code]["url"]
            assert cards[code]["hint"]
            continue
        figure, n = client.get(cards[code]["url"]).context["total"]
        assert n == card(own(support), code).n
        if code != "supported_target_share":
            assert figure == card(own(support), code).shown


def test_the_latest_facts_say_role_and_share(support: Company, sign_in: SignIn) -> None:
    with support.scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE metrics_fact SET credit_role = 'supporter', credit_share = 0.3 WHERE value = 100")
    page = sign_in(support.users["assistant"]).get("/w/acme/?period=2025-03")
    rows = {row["fact"].value: row for row in page.context["own_facts"]}
    assert len(rows) == 8
    assert (rows[100]["role"], rows[100]["share"]) == ("Supporter", Decimal("0.3"))
    assert (rows[300]["role"], rows[300]["share"]) == ("Owner of the fact", None)


def test_a_manager_sees_the_same_cards_on_the_page_of_their_own_people(support: Company, sign_in: SignIn) -> None:
    ann, cid = support.people["ann"].pk, support.people["cid"].pk
    mine = sign_in(support.users["assistant"]).get("/w/acme/?period=2025-03").context["own_cards"]
    theirs = sign_in(support.users["manager"]).get(f"/w/acme/people/{ann}/?period=2025-03").context
    assert theirs["own_cards"] == mine
    assert "problems" not in theirs
    assert sign_in(support.users["assistant"]).get(f"/w/acme/people/{cid}/").status_code == 404
    assert sign_in(support.users["executive"]).get("/w/acme/my/place/").status_code == 403


def test_the_own_home_costs_the_same_queries_however_much_there_is(support: Company, sign_in: SignIn) -> None:
    client = sign_in(support.users["assistant"])

    def queries() -> int:
        client.get("/w/acme/?period=2025-03")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/w/acme/?period=2025-03").status_code == 200
        sql = [query["sql"] for query in found.captured_queries]
        return len([text for text in sql if "SAVEPOINT" not in text and "set_config" not in text])

    few = queries()
    with support.scope():
        for n in range(30):
            other = add_employee(f"X{n}", f"Person {n}")
            assign(other, unit=support.units["north"], manager=support.people["manager"], valid_from=START)
            for metric in ("visits_arranged", "orders", "overtime_hours"):
                support.fact("ann", metric, date(2025, 3, 1) + timedelta(days=n % 20), 1)
            entry(support, date(2025, 3, 1), "returned")
        support.drain()
    # user, workspace, its settings, membership, metrics, own days of the calendar, lock of the period, figures,
    # targets and place, facts, problems
    assert queries() == few == 11


# --- problems ---------------------------------------------------------------------------------------------


def entry(company: Company, day: date, state: str, comment: str = "") -> WorkEntry:
    return WorkEntry.objects.create(
        employee=company.people["ann"], metric=metric_by_code("visits_arranged"), day=day, value=1, state=state,
        comment=comment, token=uuid4(),
    )  # fmt: skip


@pytest.fixture
def scoped(company: Company) -> Iterator[Company]:
    with company.scope():
        yield company


def problems(company: Company, today: date = TODAY) -> Problems:
    calendar = WorkingCalendar(country="CN")
    return problems_of(company.people["ann"].pk, today=today, calendar=calendar)


def test_entries_that_are_open_are_named_and_approved_ones_are_not(scoped: Company) -> None:
    back = entry(scoped, date(2025, 1, 10), "returned", "which customer?")
    entry(scoped, TODAY, "submitted")
    entry(scoped, TODAY, "draft")
    entry(scoped, TODAY, "approved")
    found = problems(scoped)
    assert [(each.entry_id, each.comment) for each in found.returned] == [(back.pk, "which customer?")]
    assert (found.waiting, found.drafts) == ([TODAY], [TODAY])


def test_days_without_a_log_are_working_days_of_who_keeps_one_and_was_there(scoped: Company) -> None:
    assert not problems(scoped)
    entry(scoped, date(2025, 3, 11), "approved")
    record_absence(
        scoped.people["ann"], kind="annual", first_day=date(2025, 3, 13), last_day=date(2025, 3, 14), note=""
    )
    # 12 March, 17 to 19 March; the 13th and 14th she was away, the 15th and 16th are a weekend.
    assert problems(scoped).missing_days == [date(2025, 3, day) for day in (12, 17, 18, 19)]


def test_days_without_a_log_go_two_weeks_back_and_count_make_up_workdays() -> None:
    calendar = WorkingCalendar(country="CN")
    found = days_without_log([date(2026, 1, 5)], [], today=date(2026, 2, 16), calendar=calendar)
    assert found[0] == date(2026, 2, 2)
    assert date(2026, 2, 14) in found  # a Saturday on which people work before Spring Festival
    assert date(2026, 2, 15) not in found


def test_refused_rows_are_told_to_whom_they_name(scoped: Company) -> None:
    ann, bob = scoped.people["ann"].pk, scoped.people["bob"].pk
    for person in (ann, bob):
        named = {str(person): [{"row": 7, "reason": f"not a day ({person})"}]}
        Job.objects.create(kind=IMPORT, state=JobState.DONE, params={"file_name": "a.csv"}, result={"named": named})
    today = Job.objects.latest("pk").created_at.date()
    found = problems(scoped, today).refused
    assert [(row.file_name, row.row, row.reason) for row in found] == [("a.csv", 7, f"not a day ({ann})")]
    assert not problems(scoped, today + timedelta(days=60)).refused


def test_an_empty_list_of_problems_encourages(company: Company, sign_in: SignIn) -> None:
    assert "Everything is in order" in sign_in(company.users["assistant"]).get("/w/acme/").text
