"""A manager's home over a transfer: figures and targets by the days in the team (RULES.md section 11)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.homes.attention import attention
from analytics.homes.board import Board, build
from analytics.homes.heat import heat_map
from analytics.homes.scope import HomeScope, home_scope
from goals.parts import part_of_target
from goals.services import set_targets
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.drill import Drill, drill
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Assignment, Employee, User
from perfmgmt.people.services import add_member, assign
from perfmgmt.people.team import Member, joined, team_between
from perfmgmt.people.viewer import Viewer, viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import NotFound
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
TODAY = date(2025, 4, 10)
MARCH, MOVED = date(2025, 3, 1), date(2025, 3, 17)
MONTH = MARCH, date(2025, 3, 31)
# Of 1,000: 10 and 11 of 21 working days.
BEFORE, AFTER = Decimal("476.19"), Decimal("523.81")
SignIn = Callable[[Any], Client]


@pytest.fixture
def moved(company: Company) -> Company:
    """Bob moves from the manager's team to the rival's on 17 March: 10 of 21 working days before, 11 after."""
    with company.scope():
        _sign_up(company, "rival")
        for person, day, value in (
            ("ann", date(2025, 3, 5), 500), ("bob", date(2025, 3, 5), 300), ("bob", date(2025, 3, 20), 70),
            ("cid", date(2025, 3, 5), 900), ("bob", date(2025, 2, 5), 11), ("bob", date(2025, 4, 2), 5),
        ):  # fmt: skip
            company.fact(person, "sales_amount", day, value)
        for month in (date(2025, 2, 1), MARCH, date(2025, 4, 1)):
            aim(company, month, ann=1000, bob=1000, cid=1000)
        assign(company.people["bob"], unit=company.units["south"], valid_from=MOVED, manager=company.people["rival"])
        company.drain()
    return company


def _sign_up(company: Company, who: str) -> None:
    company.users[who] = User.objects.create_user(f"{who}@line.example", name=who)
    add_member(company.users[who], employee=company.people[who])


def aim(company: Company, month: date, **values: int) -> None:
    targets = {company.people[who].pk: Decimal(value) for who, value in values.items()}
    set_targets(metric_by_code("sales_amount"), month, targets, viewer=viewer_of(company, "owner"), today=TODAY)


def viewer_of(company: Company, role: str) -> Viewer:
    viewer = viewer_in(company.users[role].pk, TODAY)
    assert viewer is not None
    return viewer


def scope_of(company: Company, role: str, query: str = "period=2025-03") -> HomeScope:
    return home_scope(QueryDict(query), viewer_of(company, role), workspace_of(company.tenant), TODAY)


def board(company: Company, role: str, query: str = "period=2025-03") -> Board:
    with company.scope():
        return build(scope_of(company, role, query))


def figures(found: Board) -> dict[str, tuple[Any, Any]]:
    return {line.name: (line.value, line.target) for line in found.lines}


def test_a_transfer_inside_the_month_splits_credit_and_target_between_the_two_teams(moved: Company) -> None:
    before, after = board(moved, "manager"), board(moved, "rival")
    assert figures(before) == {"李安": (500, 1000), "Bob Bell": (300, BEFORE)}
    assert figures(after) == {"Cid Cole": (900, 1000), "Bob Bell": (70, AFTER)}
    assert [found.headlines[0].value for found in (before, after)] == [800, 970]
    assert [found.headlines[0].target for found in (before, after)] == [1000 + BEFORE, 1000 + AFTER]


def test_the_team_and_its_unit_have_the_same_figure(moved: Company) -> None:
    for role, unit in (("manager", "north"), ("rival", "south")):
        of_unit = board(moved, "owner", f"period=2025-03&unit={moved.units[unit].pk}")
        assert board(moved, role).headlines[0].value == of_unit.headlines[0].value


def test_the_manager_of_both_teams_has_the_whole_of_it(moved: Company) -> None:
    with moved.scope():
        _sign_up(moved, "boss")
    found = board(moved, "boss")
    assert figures(found)["Bob Bell"] == (370, 1000)
    assert found.headlines[0].value == 1770
    assert not [line for line in found.lines if line.days]


def test_the_trend_has_in_each_month_who_was_in_the_team_then(moved: Company) -> None:
    before, after = board(moved, "manager", "period=2025-04"), board(moved, "rival", "period=2025-04")
    assert before.trend[-3:] == [11, 800, 0]
    assert after.trend[-3:] == [0, 970, 5]
    assert before.trend_targets[-3:] == [2000, 1000 + BEFORE, 1000]
    assert after.trend_targets[-3:] == [1000, 1000 + AFTER, 2000]


def test_who_went_before_the_period_is_not_in_it(moved: Company) -> None:
    assert set(figures(board(moved, "manager", "period=2025-04"))) == {"李安"}
    assert figures(board(moved, "manager", "period=2025"))["Bob Bell"] == (311, 1000 + BEFORE)


def test_who_came_or_went_is_judged_by_their_own_days_in_the_team(moved: Company) -> None:
    line = next(line for line in board(moved, "manager").lines if line.name == "Bob Bell")
    assert (line.yardstick.elapsed, line.yardstick.total) == (10, 10)
    assert line.days == ((MARCH, MOVED - timedelta(days=1)),)
    assert line.elsewhere
    assert not next(line for line in board(moved, "rival").lines if line.name == "Bob Bell").elsewhere


def test_the_heat_map_counts_by_the_same_days(moved: Company) -> None:
    with moved.scope():
        rows = {row.name: row.cells[0] for row in heat_map(scope_of(moved, "manager"), QueryDict()).rows}
        assert (rows["Bob Bell"].value, rows["Bob Bell"].target) == (300, BEFORE)


def test_who_has_left_the_team_needs_no_attention_in_it(moved: Company) -> None:
    with moved.scope():
        cases = attention(scope_of(moved, "manager"), viewer_of(moved, "manager"))
        assert "Bob Bell" not in {case.name for case in cases}


def drilled(company: Company, role: str, **query: str) -> Drill:
    asked = {"metric": "sales_amount", "from": "2025-03-01", "to": "2025-03-31", **query}
    return drill(asked, viewer=viewer_of(company, role), workspace=workspace_of(company.tenant))


@pytest.mark.parametrize(("role", "team", "bob"), [("manager", 800, 300), ("rival", 970, 70)])
def test_each_figure_opens_its_own_facts(moved: Company, role: str, team: int, bob: int) -> None:
    with moved.scope():
        for query, figure in (({}, team), ({"employee": str(moved.people["bob"].pk)}, bob)):
            wanted = drilled(moved, role, who="team", **query)
            assert wanted.total() == (figure, wanted.facts().count())
            assert sum(wanted.facts().values_list("value", flat=True)) == figure


def test_the_facts_of_who_came_or_went_say_which_days_count(moved: Company, sign_in: SignIn) -> None:
    address = f"/w/{moved.tenant.slug}/facts/?metric=sales_amount&from=2025-03-01&to=2025-03-31&who=team"
    client = sign_in(moved.users["manager"])
    bob = client.get(f"{address}&employee={moved.people['bob'].pk}")
    assert "In the team: Mar 1\u2009–\u200916, 2025" in bob.content.decode()
    ann = client.get(f"{address}&employee={moved.people['ann'].pk}")
    assert "In the team" not in ann.content.decode()
    assert "In the team" not in client.get(address).content.decode()


def test_days_that_make_no_period_open_too(moved: Company) -> None:
    with moved.scope():
        wanted = drilled(moved, "manager", who="team", **{"from": "2025-03-03", "to": "2025-03-25"})
        assert wanted.total() == (800, 2)


def test_nobody_opens_a_person_who_never_was_in_the_team(moved: Company) -> None:
    with moved.scope(), pytest.raises(NotFound):
        drilled(moved, "manager", who="team", employee=str(moved.people["cid"].pk))


def test_a_figure_that_has_no_days_is_the_whole_persons_in_the_team_of_the_last_day(moved: Company) -> None:
    query = "period=2025-03&metric=retention"
    with moved.scope():
        scope = scope_of(moved, "manager", query)
        assert not {line.value for line in build(scope).lines if line.name == "Bob Bell"} - {None}
        assert scope.present == {moved.people["ann"].pk}
        wanted = drilled(moved, "manager", who="team", metric="retention")
        assert wanted.people == [moved.people["ann"].pk]


def test_a_new_hire_keeps_the_whole_target_of_their_days(moved: Company) -> None:
    """Days without any assignment take nothing away: there is no other team to which they would belong."""
    with moved.scope():
        Assignment.objects.filter(employee=moved.people["ann"]).update(valid_from=date(2025, 3, 10))
    line = next(line for line in board(moved, "manager").lines if line.name == "李安")
    assert (line.value, line.target) == (0, 1000)
    assert line.days == ((date(2025, 3, 10), date(2025, 3, 31)),)


def test_a_locked_month_keeps_its_parts(moved: Company) -> None:
    with moved.scope():
        lock_period(Period(Grain.MONTH, MARCH), today=TODAY, user_id=None, job_id=None, slug=moved.tenant.slug)
        aim(moved, MARCH, bob=9000)
    assert figures(board(moved, "manager"))["Bob Bell"] == (300, BEFORE)
    assert figures(board(moved, "rival"))["Bob Bell"] == (70, AFTER)


def test_the_ranking_says_which_days_and_costs_no_query_more(moved: Company, sign_in: SignIn) -> None:
    client = sign_in(moved.users["manager"])
    counts = {}
    for period in ("2025-02", "2025-03"):
        with CaptureQueriesContext(connection) as found:
            page = client.get(f"/w/{moved.tenant.slug}/?period={period}").content.decode()
        counts[period] = len(found)
        assert ("In the team: " in page) is (period == "2025-03")
    assert counts["2025-03"] == counts["2025-02"]
    bob = moved.people["bob"].pk
    assert f"/people/{bob}/" not in page
    assert f"employee={bob}&amp;who=team" in page


def test_a_line_over_several_levels_is_cut_at_each(moved: Company) -> None:
    """The manager themselves leaves the boss's line: from then on nobody below them is the boss's."""
    with moved.scope():
        boss, manager = moved.people["boss"], moved.people["manager"]
        assign(manager, unit=moved.units["north"], valid_from=date(2025, 3, 10), manager=moved.people["cid"])
        assign(moved.people["cid"], unit=moved.units["south"], valid_from=date(2025, 3, 10), manager=None)
        team = team_between(boss.pk, first=MARCH, last=date(2025, 3, 31))
        days = {Employee.objects.get(pk=pk).name: member.spans for pk, member in team.items()}
    assert days["李安"] == ((MARCH, date(2025, 3, 9)),)
    assert days["Bob Bell"] == ((MARCH, date(2025, 3, 9)), (MOVED, date(2025, 3, 31)))
    assert days["Rex Rival"] == ((MARCH, date(2025, 3, 31)),)


def test_spans_that_meet_are_one() -> None:
    day = timedelta(days=1)
    assert joined([(START + 2 * day, START + 3 * day), (START, START + day)]) == ((START, START + 3 * day),)
    assert joined([(START, START), (START + 2 * day, START + 2 * day)]) == (
        (START, START),
        (START + 2 * day, START + 2 * day),
    )


def test_units_share_the_target_of_a_transfer_as_the_teams_do(moved: Company) -> None:
    for role, unit in (("manager", "north"), ("rival", "south")):
        team, of_unit = board(moved, role), board(moved, "owner", f"period=2025-03&unit={moved.units[unit].pk}")
        assert of_unit.headlines[0].target == team.headlines[0].target
        assert of_unit.trend_targets[-2:] == team.trend_targets[-2:]
    company = board(moved, "owner")
    assert {line.name: line.target for line in company.lines if line.is_unit} == {
        "North": 1000 + BEFORE,
        "South": 1000 + AFTER,
    }
    assert company.headlines[0].target == 3000


def test_people_of_a_unit_count_in_it_with_their_days(moved: Company) -> None:
    for unit, bob in (("north", (300, BEFORE)), ("south", (70, AFTER))):
        found = board(moved, "owner", f"period=2025-03&unit={moved.units[unit].pk}")
        assert figures(found)["Bob Bell"] == bob
        assert sum(line.value or 0 for line in found.lines) == found.headlines[0].value
        assert sum(line.target or 0 for line in found.lines) == found.headlines[0].target
    april = board(moved, "owner", f"period=2025-04&unit={moved.units['north'].pk}")
    assert "Bob Bell" not in figures(april)


def test_the_heat_map_of_units_has_the_same_targets(moved: Company) -> None:
    with moved.scope():
        for query, who, target in (
            ("period=2025-03", "North", 1000 + BEFORE),
            (f"period=2025-03&unit={moved.units['south'].pk}", "Bob Bell", AFTER),
        ):
            rows = {row.name: row.cells[0] for row in heat_map(scope_of(moved, "owner", query), QueryDict()).rows}
            assert rows[who].target == target


def test_a_locked_month_keeps_the_units_parts(moved: Company) -> None:
    with moved.scope():
        lock_period(Period(Grain.MONTH, MARCH), today=TODAY, user_id=None, job_id=None, slug=moved.tenant.slug)
        aim(moved, MARCH, bob=9000)
        heat = heat_map(scope_of(moved, "owner"), QueryDict())
        assert {row.name: row.cells[0].target for row in heat.rows if row.is_unit}["South"] == 1000 + AFTER
    assert board(moved, "owner").headlines[0].target == 3000


def test_a_locked_quarter_is_split_by_the_months_that_made_it(moved: Company) -> None:
    query = "period=2025-Q1"
    before = [board(moved, role, query).headlines[0].target for role in ("manager", "rival", "owner")]
    with moved.scope():
        quarter = Period(Grain.QUARTER, date(2025, 1, 1))
        lock_period(quarter, today=TODAY, user_id=None, job_id=None, slug=moved.tenant.slug)
    assert [board(moved, role, query).headlines[0].target for role in ("manager", "rival", "owner")] == before
    assert before == [1000 + 1000 + 1000 + BEFORE, 1000 + 1000 + AFTER, 6000]


def test_a_persons_days_in_a_unit_open_their_facts(moved: Company, sign_in: SignIn) -> None:
    with moved.scope():
        bob = str(moved.people["bob"].pk)
        for unit, figure in (("north", 300), ("south", 70)):
            wanted = drilled(moved, "owner", employee=bob, unit=str(moved.units[unit].pk))
            assert wanted.total() == (figure, 1)
            assert [fact.value for fact in wanted.facts()] == [figure]
        with pytest.raises(NotFound):
            drilled(moved, "rival", employee=bob, unit=str(moved.units["south"].pk))
    page = (
        sign_in(moved.users["owner"])
        .get(f"/w/{moved.tenant.slug}/?period=2025-03&unit={moved.units['north'].pk}")
        .content.decode()
    )
    assert f"employee={bob}&amp;unit={moved.units['north'].pk}" in page


def test_three_teams_share_a_month_of_one_assignment_without_a_fen_lost(company: Company) -> None:
    """Somebody's manager stands below three others in turn, a week each: each gets a part, none knows the others."""
    weeks = [(date(2025, 3, day), date(2025, 3, day + 4)) for day in (3, 10, 17)]
    held = ((weeks[0][0], weeks[-1][1]),)
    with company.scope():
        calendar = scope_of(company, "owner").calendar
        parts = [
            part_of_target(Decimal(100), Member("", "", (week,), held), *MONTH, calendar, places=2) for week in weeks
        ]
    assert parts == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]


def test_who_is_still_to_come_has_a_part_of_the_target_already(moved: Company) -> None:
    """Before the day of a transfer the two teams' targets sum to the whole, as on every other day."""
    with moved.scope():
        early = date(2025, 3, 10)
        found = {}
        for role in ("manager", "rival"):
            viewer = viewer_of(moved, role)
            scope = home_scope(QueryDict("period=2025-03"), viewer, workspace_of(moved.tenant), early)
            board = build(scope)
            found[role] = {line.name: (line.target, str(line.pace)) for line in board.lines}["Bob Bell"]
            assert board.headlines[0].target == board.trend_targets[-1]
    assert found["manager"][0] == BEFORE
    assert found["rival"] == (AFTER, "not started")


def test_pages_of_whole_months_say_whose_days_in_the_team_are_fewer(moved: Company, sign_in: SignIn) -> None:
    client, bob = sign_in(moved.users["rival"]), moved.people["bob"].pk
    for address in (f"people/{bob}/?period=2025-03", "targets/?month=2025-03"):
        assert "In your team" in client.get(f"/w/{moved.tenant.slug}/{address}").content.decode()
        assert "In your team" not in client.get(f"/w/{moved.tenant.slug}/{address[:-1]}4").content.decode()


def test_who_leads_nobody_any_more_opens_no_team(moved: Company) -> None:
    """Their home shows none either, whatever the period."""
    with moved.scope():
        assign(moved.people["ann"], unit=moved.units["south"], valid_from=MOVED, manager=moved.people["rival"])
        assert scope_of(moved, "manager").people == {moved.people["manager"].pk: ("Mia Manager", "")}
        wanted = drilled(moved, "manager", who="team")
        assert (wanted.team, wanted.people) == (None, [moved.people["manager"].pk])
