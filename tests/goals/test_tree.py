"""The tree of goals: sums and gaps, who sees what, what serves nothing; stages, contributions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from goals.groups import people_of_unit
from goals.models import Goal, GoalMember, MonthlyTarget, State
from goals.smart.selectors import chance_of, outlook_now
from goals.tree import parts
from goals.tree.asked import read
from goals.tree.chart import icicle
from goals.tree.selectors import Node, Tree, loose, tree
from perfmgmt.metrics.forecast.rules import Outlook, of_group, probability
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Any]
QUARTER = Period.containing(Grain.QUARTER, today_here())
YEAR = Period.containing(Grain.YEAR, today_here())


def goal(company: Company, who: str = "", unit: str = "", *, target: Any = 100, period: Period = QUARTER,
         metric: str = "sales_amount", **more: Any) -> Goal:  # fmt: skip
    level = "person" if who else "unit" if unit else "company"
    more = {"title": who or unit or "All", "state": "agreed", "level": level, **more}
    return Goal.objects.create(
        employee=company.people.get(who), unit=company.units.get(unit), target=target, grain=int(period.grain),
        first_day=period.start, last_day=period.end, metric=Metric.objects.get(code=metric), **more,
    )  # fmt: skip


@pytest.fixture
def goals(company: Company) -> Company:
    """The company wants 500, North 300, South nothing of its own; ann 120, bob 100, cid 150; ann has sold 60."""
    with company.scope():
        whole = goal(company, target=500)
        north = goal(company, unit="north", target=300, parent=whole)
        goal(company, "ann", target=120, parent=north)
        goal(company, "bob", target=100, parent=north)
        goal(company, "cid", target=150)
        company.fact("ann", "sales_amount", QUARTER.start, 60)
        company.drain()
    return company


def seen(company: Company, role: str, **query: str) -> Tree:
    with company.scope():
        workspace = workspace_of(company.tenant)
        viewer = viewer_in(company.users[role].pk, workspace.today())
        assert viewer is not None
        return tree(read({"metric": "sales_amount", **query}, viewer=viewer, workspace=workspace))


def unaligned(company: Company, **query: str) -> list[str]:
    with company.scope():
        workspace = workspace_of(company.tenant)
        viewer = viewer_in(company.users["hr"].pk, workspace.today())
        assert viewer is not None
        asked = read({"metric": "sales_amount"}, viewer=viewer, workspace=workspace)
        return [one.title for one in loose(asked, **query)]


def nodes(node: Node) -> dict[str, Node]:
    found = {node.name: node}
    for child in node.children:
        found |= nodes(child)
    return found


def test_one_unit_above_all_others_is_shown_only_for_a_goal_of_its_own(goals: Company) -> None:
    assert {child.name for child in seen(goals, "hr").root.children} == {"North", "South"}
    with goals.scope():
        goal(goals, unit="sales", target=480)
    (top,) = seen(goals, "hr").root.children
    assert (top.name, top.target, {child.name for child in top.children}) == ("Sales", 480, {"North", "South"})


def test_sums_and_gaps_from_people_to_the_company(goals: Company) -> None:
    found = nodes(seen(goals, "hr").root)
    north, south, whole = found["North"], found["South"], found["Acme"]
    assert (north.target, north.below, north.gap, north.fits) == (300, 220, -80, "short")
    assert (south.target, south.below, south.gap) == (None, 150, None)
    # North counts with its own target, South with what its people are to reach
    assert (whole.below, whole.gap) == (450, -50)
    assert (north.actual, north.attainment) == (60, Decimal(60) / 300)
    assert found["李安"].attainment == Decimal("0.5")
    assert found["李安"].pace and north.pace


def test_what_serves_no_goal_is_listed_but_not_the_company(goals: Company) -> None:
    assert unaligned(goals) == ["cid"]
    with goals.scope():  # what stood below it serves nothing any more
        Goal.objects.filter(level="unit").update(state=State.CANCELLED)
    assert set(unaligned(goals)) > {"cid"}


def test_executives_see_units_and_no_people(goals: Company, sign_in: SignIn) -> None:
    found = nodes(seen(goals, "executive").root)
    assert not any(node.kind == "person" for node in found.values())
    assert (found["North"].below, found["North"].hidden) == (220, 2)
    assert (found["South"].below, found["Acme"].below) == (150, 450)
    text = sign_in(goals.users["executive"]).get("/w/acme/goals/tree/?metric=sales_amount").content.decode()
    assert "2 people with goals" in text and "Bob Bell" not in text and "李安" not in text


def test_a_manager_sees_sums_of_their_own_people_only(goals: Company) -> None:
    found = nodes(seen(goals, "manager").root)
    assert (found["North"].below, found["Acme"].below) == (220, None)
    assert (found["South"].below, found["South"].hidden, found["South"].actual) == (None, 1, None)
    assert "Cid Cole" not in found


def test_an_assistant_learns_no_colleagues_target_from_sums(goals: Company) -> None:
    found = nodes(seen(goals, "assistant").root)
    assert (found["North"].target, found["North"].below, found["North"].actual) == (300, None, None)
    assert ("Bob Bell" not in found and found.get("李安") is None) or found["李安"].target == 120


def test_levels_are_not_summed(company: Company) -> None:
    with company.scope():
        goal(company, unit="north", metric="win_rate", target=Decimal("0.5"))
        goal(company, "ann", metric="win_rate", target=Decimal("0.4"))
    found = seen(company, "hr", metric="win_rate")
    assert not found.adds
    north = nodes(found.root)["North"]
    assert (north.below, north.gap, north.target) == (None, None, Decimal("0.5"))


def test_a_tree_begins_at_a_unit(goals: Company, sign_in: SignIn) -> None:
    root = seen(goals, "hr", unit=str(goals.units["north"].pk)).root
    assert (root.name, root.below, len(root.children)) == ("North", 220, 2)
    client = sign_in(goals.users["hr"])
    assert client.get("/w/acme/goals/tree/?unit=999999").status_code == 404
    assert client.get("/w/acme/goals/tree/?metric=nothing").status_code == 404
    assert client.get("/w/acme/goals/tree/?period=nonsense").status_code == 200


def test_a_units_probability_is_that_of_everybody_in_it_whoever_has_a_goal(goals: Company) -> None:
    with goals.scope():
        metric, people = Metric.objects.get(code="sales_amount"), goals.people
        north = Goal.objects.get(level="unit")
        in_north = people_of_unit(north.unit_id, on=today_here())
        for who in in_north:
            ForecastBasis.objects.create(
                metric=metric, grain=int(QUARTER.grain), employee_id=who, transform="identity", basis="own",
                months=24, best=200, history=[100.0], step=1, through=QUARTER.start,
            )  # fmt: skip
            Forecast.objects.create(
                metric=metric, grain=int(QUARTER.grain), employee_id=who, start=QUARTER.start, point=150, low=130,
                high=170, mu=150, sigma=10, season=1, market=1, days=60,
            )  # fmt: skip
        Goal.objects.filter(employee=people["bob"]).delete()
        chance = chance_of(outlook_now(north, today=today_here())[0], north.target, "higher")
    assert chance is not None and len(in_north) > 1
    assert nodes(seen(goals, "hr").root)["North"].chance == pytest.approx(chance)


def test_many_people_are_a_number_and_open_by_unit(goals: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goals.tree.selectors.MOST_PEOPLE", 2)
    found = nodes(seen(goals, "hr").root)
    assert found["North"].hidden == 2 and found["North"].below == 220
    assert not any(node.kind == "person" for node in found.values())


def test_the_page_takes_the_same_number_of_queries_for_more_people(
    goals: Company, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(goals.users["hr"])
    client.get("/w/acme/goals/tree/")
    with django_assert_max_num_queries(32):
        text = client.get("/w/acme/goals/tree/").content.decode()
    assert '<svg class="icicle icicle-wide"' in text and "gap" in text


def test_bars_never_leave_their_parent(goals: Company) -> None:
    picture = icicle(seen(goals, "hr").root)
    assert picture is not None
    assert all(Decimal(bar.x) + Decimal(bar.width) <= picture.width for bar in picture.bars)
    assert {bar.y for bar in picture.bars} == {0, 34, 68}


def test_bars_below_a_unit_without_a_number_are_drawn(goals: Company) -> None:
    with goals.scope():
        goals.units["north"].parent = goals.units["south"]
        goals.units["north"].save()
    # South has no goal, and its sum isn't the manager's to see: North, whose number is, still has its bar.
    root = seen(goals, "manager").root
    assert nodes(root)["South"].stands_for is None
    picture = icicle(root)
    assert picture is not None
    wide = {bar.node.name: Decimal(bar.width) for bar in picture.bars}
    assert {"Acme", "South", "North", "李安", "Bob Bell"} <= set(wide)
    assert wide["South"] == wide["North"] == Decimal("599.0")


def test_the_chance_of_a_sum() -> None:
    one = Outlook(point=100.0, low=90.0, high=110.0, mu=100.0, sigma=10.0, basis="own", months=12)
    assert probability(of_group([one]), 100, "higher") == pytest.approx(0.5)
    two = probability(of_group([one, one]), 180, "higher")
    assert two is not None and 0.84 < two < 0.98
    assert probability(of_group([one]), 90, "lower") == pytest.approx(0.1587, abs=0.001)
    assert probability(of_group([]), 90, "higher") is None


# Stages


def test_stages_of_a_year_with_the_gaps_of_sums(company: Company) -> None:
    with company.scope():
        year = goal(company, "ann", target=1000, period=YEAR)
        for number, target in enumerate((200, 250, 250, 250)):
            quarter = Period(Grain.QUARTER, YEAR.start).next(number)
            goal(company, "ann", target=target, period=quarter, parent=year)
        first = Period(Grain.QUARTER, YEAR.start)
        for month, value in zip(first.months(), (70, 60, 80), strict=True):
            MonthlyTarget.objects.create(
                metric=year.metric, employee=company.people["ann"], month=month.start, value=value
            )
        found = parts.stages(year)
    assert found is not None
    assert (found.below, found.gap, len(found.stages)) == (950, -50, 4)
    assert (found.stages[0].below, found.stages[0].gap) == (210, 10)
    assert [one.target for one in found.stages[0].stages] == [70, 60, 80]
    assert found.stages[1].stages == [] and found.stages[1].gap is None


def test_levels_of_stages_are_not_summed(company: Company) -> None:
    with company.scope():
        year = goal(company, "ann", metric="win_rate", target=Decimal("0.5"), period=YEAR)
        goal(company, "ann", metric="win_rate", target=Decimal("0.4"), period=QUARTER)
        found = parts.stages(year)
    assert found is not None and (found.below, found.gap) == (None, None)


def test_a_goal_without_stages_has_none(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        month = goal(company, "ann", period=Period.containing(Grain.MONTH, today_here()))
        assert parts.stages(month) is None and parts.contributions(month) is None
    assert "Stages" not in sign_in(company.users["hr"]).get(f"/w/acme/goals/{month.pk}/").content.decode()


# Contributions


@pytest.fixture
def shared(company: Company) -> Goal:
    """North shares 200: ann answers for 60 %, bob for 30 %; ann sold 90, bob 30."""
    with company.scope():
        made = goal(company, unit="north", level="team", target=200)
        GoalMember.objects.create(goal=made, employee=company.people["ann"], share=60)
        GoalMember.objects.create(goal=made, employee=company.people["bob"], share=30)
        company.fact("ann", "sales_amount", QUARTER.start, 90)
        company.fact("bob", "sales_amount", QUARTER.start, 30)
        company.drain()
    return made


def test_each_member_contributes_to_the_whole(company: Company, shared: Goal) -> None:
    with company.scope():
        found = parts.contributions(shared)
    assert found is not None
    assert [(row.answered_for, row.actual, row.of_whole) for row in found.rows] == [
        (120, 90, Decimal("0.75")), (60, 30, Decimal("0.25")),
    ]  # fmt: skip
    assert (found.actual, found.unassigned) == (120, 10)


def test_goals_of_own_days_count_by_the_day(company: Company, shared: Goal) -> None:
    with company.scope():
        day = date(QUARTER.start.year, QUARTER.start.month, 2)
        company.fact("ann", "sales_amount", day, 5)
        company.drain()
        shared.grain, shared.first_day = 0, day
        found = parts.contributions(shared)
    assert found is not None and [row.actual for row in found.rows] == [5, 0]


@pytest.mark.parametrize(
    ("role", "listed"), [("hr", True), ("manager", True), ("assistant", True), ("executive", False)]
)
def test_members_and_managers_see_who_contributed_what(
    company: Company, shared: Goal, sign_in: SignIn, role: str, listed: bool
) -> None:
    text = sign_in(company.users[role]).get(f"/w/acme/goals/{shared.pk}/").content.decode()
    assert "Contributions" in text and ("Bob Bell" in text) is listed
    assert ("2 people share this goal" in text) is not listed


def test_drafts_are_for_who_makes_them(goals: Company) -> None:
    with goals.scope():
        Goal.objects.filter(title__in=["ann", "north", "All"]).update(state="draft")
    own = nodes(seen(goals, "assistant").root)
    assert all(node.goal is None for node in own.values())
    assert "李安" not in own
    assert nodes(seen(goals, "hr").root)["李安"].target == 120
    assert nodes(seen(goals, "manager").root)["North"].target == 300


def test_goals_that_serve_no_other_are_paged_and_searched(goals: Company, sign_in: SignIn) -> None:
    with goals.scope():
        metric = Metric.objects.get(code="orders")
        Goal.objects.bulk_create(
            Goal(level="team", unit=goals.units["north"], metric=metric, title=f"Loose {n:02d}", target=n + 1,
                 grain=4, first_day=QUARTER.start, last_day=QUARTER.end, state="agreed")
            for n in range(40)
        )  # fmt: skip
    client, address = sign_in(goals.users["hr"]), "/w/acme/goals/tree/?metric=sales_amount"
    pages = [client.get(f"{address}&page={page}").context["loose"] for page in (1, 2)]
    assert [(len(page), page.paginator.count) for page in pages] == [(30, 41), (11, 41)]
    found = client.get(f"{address}&q=loose 07", headers={"accept-language": "en"})
    assert [one.title for one in found.context["loose"]] == ["Loose 07"]
    nothing = client.get(f"{address}&q=nobody", headers={"accept-language": "en"})
    assert "No goal found" in nothing.content.decode()
    assert unaligned(goals, search="cid") == ["cid"]


def test_a_phone_gets_a_picture_of_its_width(goals: Company, sign_in: SignIn) -> None:
    wide, narrow = sign_in(goals.users["hr"]).get("/w/acme/goals/tree/?metric=sales_amount").context["charts"]
    assert (wide.width, narrow.width) == (1000, 320)
    assert max(float(bar.x) + float(bar.width) for bar in narrow.bars) <= 320
