"""Who is in a cycle, and who has led whom: by effective-dated assignments."""

from datetime import date

import pytest

from perfmgmt.people.models import Assignment, Position
from perfmgmt.people.services import add_employee, assign
from reviews.cycles import people
from reviews.cycles.rules import Place, Spell, dates_out_of_order, manager_days, moved, possible_peers, waits_until
from reviews.models import ReviewCycle
from tests.factories import START, Company
from tests.reviews.cycle_factories import draft, today, workspace


def names(company: Company, cycle: ReviewCycle) -> set[str]:
    keys = {person.pk: key for key, person in company.people.items()}
    return {keys[pk] for pk in people.audience(cycle, today()).ids}


def test_nothing_chosen_means_everybody_with_an_assignment(acme: Company) -> None:
    add_employee("X1", "Nobody's")
    assert names(acme, draft(acme)) == set(acme.people)


def test_a_unit_brings_everything_below_and_parts_narrow_each_other(acme: Company) -> None:
    post = Position.objects.create(name="Assistant")
    Assignment.objects.filter(employee=acme.people["ann"]).update(position=post, sales_role_type="hunter")
    Assignment.objects.filter(employee=acme.people["cid"]).update(position=post)
    cycle = draft(acme, audience={"units": [acme.units["sales"].pk]})
    assert names(acme, cycle) == set(acme.people)
    cycle.audience = {"units": [acme.units["north"].pk], "positions": [post.pk]}
    assert names(acme, cycle) == {"ann"}
    cycle.audience = {"types": ["hunter"], "people": [acme.people["cid"].pk], "without": [acme.people["ann"].pk]}
    assert names(acme, cycle) == {"cid"}
    cycle.audience = {"people": [acme.people["bob"].pk]}
    assert names(acme, cycle) == {"bob"}


def test_another_workspaces_ids_find_nobody(company: Company, other_company: Company) -> None:
    with company.scope():
        cycle = draft(company, audience={"people": [other_company.people["ann"].pk]})
        found = people.audience(cycle, today())
        assert not found.members and not found.absent
        cycle.audience = {"units": [other_company.units["sales"].pk]}
        assert not people.audience(cycle, today()).members


def test_people_stand_where_they_stood_on_the_periods_last_day(acme: Company) -> None:
    cycle = draft(acme)
    Assignment.objects.filter(employee=acme.people["ann"]).update(valid_to=date(2025, 3, 31))
    assign(acme.people["ann"], unit=acme.units["south"], manager=acme.people["rival"], valid_from=date(2025, 4, 1))
    ann = next(each for each in people.audience(cycle, today()).members if each.name == "李安")
    assert (ann.unit_id, ann.manager_id) == (acme.units["north"].pk, acme.people["manager"].pk)
    Assignment.objects.filter(employee=acme.people["bob"]).update(valid_to=date(2025, 3, 30))
    cycle.audience = {"people": [acme.people["bob"].pk]}
    found = people.audience(cycle, today())
    assert not found.members and [each.name for each in found.absent] == ["Bob Bell"]


def test_two_managers_of_a_period_share_its_working_days(acme: Company) -> None:
    cycle = draft(acme)
    Assignment.objects.filter(employee=acme.people["ann"]).update(valid_to=date(2025, 2, 14))
    assign(acme.people["ann"], unit=acme.units["south"], manager=acme.people["rival"], valid_from=date(2025, 2, 15))
    space = workspace(acme)
    found = people.managers([acme.people["ann"].pk], cycle, space, today())[acme.people["ann"].pk]
    calendar = space.calendar(cycle.start, cycle.end)
    assert found == {
        acme.people["manager"].pk: calendar.working_days(date(2025, 1, 1), date(2025, 2, 14)),
        acme.people["rival"].pk: calendar.working_days(date(2025, 2, 15), date(2025, 3, 31)),
    }
    acme.people["rival"].left_on = date(2025, 5, 1)
    acme.people["rival"].save()
    assert set(people.managers([acme.people["ann"].pk], cycle, space, today())[acme.people["ann"].pk]) == {
        acme.people["manager"].pk
    }


def test_skip_level_and_reports(acme: Company) -> None:
    ids = {name: person.pk for name, person in acme.people.items()}
    led = people.managers_on(ids.values(), START)
    assert led[ids["ann"]] == ids["manager"] and ids["boss"] not in led
    assert people.skip_levels({ids["ann"]: ids["manager"], ids["manager"]: ids["boss"]}, START, today()) == {
        ids["ann"]: ids["boss"]
    }
    assert people.direct_reports([ids["manager"], ids["ann"]], START) == {ids["manager"]: [ids["ann"], ids["bob"]]}


@pytest.mark.parametrize("size", [1, 12])
def test_reads_take_the_same_queries_for_any_number_of_people(
    acme: Company, size: int, django_assert_num_queries
) -> None:
    for at in range(size):
        assign(add_employee(f"N{at}", f"N {at}"), unit=acme.units["north"], valid_from=START,
               manager=acme.people["manager"])  # fmt: skip
    cycle, space = draft(acme), workspace(acme)
    with django_assert_num_queries(1):
        found = people.audience(cycle, today())
    with django_assert_num_queries(2):
        people.managers(found.ids, cycle, space, today())


# Pure


def test_days_outside_the_period_do_not_count() -> None:
    spells = [Spell(1, 7, date(2024, 1, 1), date(2025, 1, 10)), Spell(1, 8, date(2025, 1, 11), date(2025, 1, 12)),
              Spell(1, 7, date(2025, 4, 1), date(2999, 1, 1))]  # fmt: skip
    found = manager_days(spells, date(2025, 1, 1), date(2025, 3, 31), lambda a, b: max(0, (b - a).days - 1))
    assert found == {1: {7: 8}}


def test_peers_are_of_the_unit_or_of_the_manager_but_neither_managers_nor_reports() -> None:
    places = [Place(1, 10, None), Place(2, 10, 1), Place(3, 10, 1), Place(4, 20, 1), Place(5, 20, 4)]
    # 2: 3 (unit, manager) and 4 (manager), not 1. 4: 2 and 3 (manager), not the report 5. 5: nobody but its manager.
    assert possible_peers(places) == {1: 0, 2: 2, 3: 2, 4: 2, 5: 0}


def test_days_in_order_and_moved() -> None:
    a, b = date(2025, 4, 10), date(2025, 4, 20)
    assert dates_out_of_order([b, a, None]) and dates_out_of_order([b, None, a])
    assert not dates_out_of_order([None, a, a, b])
    assert moved(a, date(2025, 3, 31), date(2025, 6, 30)) == date(2025, 7, 10) and moved(None, a, b) is None
    assert waits_until(a, b) == b and waits_until(None, b) == b and waits_until(b, None) == b
