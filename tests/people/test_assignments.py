"""Who stands where on which day: assignments, the reporting line, units, members."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.people.models import FOREVER, Assignment
from perfmgmt.people.names import name_key
from perfmgmt.people.roles import GIVEN_BY_HAND, Role
from perfmgmt.people.selectors import reports_of, visible_employees
from perfmgmt.people.services import add_employee, add_member, assign, move_unit, user_for
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.errors import Conflict, DomainError
from tests.factories import Company

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)


def execute(statement: str, params: list[object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def spells(company: Company, person: str) -> list[tuple[str, date, date]]:
    rows = Assignment.objects.filter(employee=company.people[person]).order_by("valid_from")
    return [(row.unit.name, row.valid_from, row.valid_to) for row in rows.select_related("unit")]


def test_a_transfer_ends_what_ran_the_day_before(company: Company) -> None:
    with company.scope():
        assign(company.people["ann"], unit=company.units["south"], valid_from=MARCH)
        assert spells(company, "ann") == [
            ("North", date(2025, 1, 1), date(2025, 2, 28)),
            ("South", MARCH, FOREVER),
        ]


def test_a_transfer_in_hindsight_replaces_what_came_after(company: Company) -> None:
    with company.scope():
        assign(company.people["ann"], unit=company.units["sales"], valid_from=MAY)
        assign(company.people["ann"], unit=company.units["south"], valid_from=MARCH)
        assert spells(company, "ann")[1:] == [("South", MARCH, FOREVER)]


def test_an_assignment_may_end_and_leave_a_gap(company: Company) -> None:
    with company.scope():
        assign(company.people["ann"], unit=company.units["south"], valid_from=MARCH, valid_to=date(2025, 3, 31))
        assign(company.people["ann"], unit=company.units["north"], valid_from=MAY)
        assert [spell[1:] for spell in spells(company, "ann")[1:]] == [(MARCH, date(2025, 3, 31)), (MAY, FOREVER)]


def test_a_transfer_makes_the_figures_from_that_day_on_dirty(company: Company) -> None:
    with company.scope():
        company.drain()
        assign(company.people["ann"], unit=company.units["south"], valid_from=MARCH)
        keys = DirtyKey.objects.values_list("metric_id", "employee_id", "first_day", "last_day")
        assert list(keys) == [(None, company.people["ann"].pk, MARCH, FOREVER)]


@pytest.mark.parametrize(("first", "last"), [("2025-01-01", "2025-01-01"), ("2024-06-01", "2025-01-01"),
                                             ("2025-06-01", "2999-12-31"), ("2024-06-01", "2999-12-31")])  # fmt: skip
def test_the_database_refuses_an_overlap(company: Company, first: str, last: str) -> None:
    with company.scope(), pytest.raises(IntegrityError, match="assignment_days_overlap"):
        execute(
            "INSERT INTO people_assignment (tenant_id, employee_id, unit_id, sales_role_type, full_time_share,"
            " valid_from, valid_to) VALUES (%s, %s, %s, '', 1, %s, %s)",
            [company.tenant.pk, company.people["ann"].pk, company.units["north"].pk, first, last],
        )


def test_the_days_of_two_people_never_meet(company: Company) -> None:
    with company.scope():
        new = [add_employee(f"N{n}", "New") for n in range(3)]
        for person in new:
            assign(person, unit=company.units["north"], valid_from=date(1900, 1, 1))
        assert Assignment.objects.filter(employee__in=new).count() == 3


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ("valid_from = '2025-03-02', valid_to = '2025-03-01'", "assignment_days_in_order"),
        ("valid_from = '1899-12-31'", "assignment_days_in_order"),
        ("valid_to = '3000-01-01'", "assignment_days_in_order"),
        ("full_time_share = 0", "assignment_share_0_to_1"),
        ("full_time_share = 1.001", "assignment_share_0_to_1"),
        ("manager_id = employee_id", "nobody_is_their_own_manager"),
    ],
)
def test_the_database_refuses_what_can_not_be(company: Company, changes: str, rule: str) -> None:
    with company.scope(), pytest.raises(IntegrityError, match=rule):
        execute(f"UPDATE people_assignment SET {changes} WHERE employee_id = %s", [company.people["ann"].pk])


@pytest.mark.parametrize("below", ["boss", "manager", "ann"])
def test_nobody_stands_below_themselves(company: Company, below: str) -> None:
    with company.scope(), pytest.raises(Conflict):
        assign(company.people["boss"], unit=company.units["sales"], valid_from=MARCH, manager=company.people[below])


def test_the_reporting_line_is_that_of_the_day(company: Company) -> None:
    with company.scope():
        people = {key: person.pk for key, person in company.people.items()}
        assign(company.people["ann"], unit=company.units["south"], valid_from=APRIL, manager=company.people["rival"])
        march, april = date(2025, 3, 31), APRIL
        assert ids(reports_of(people["manager"], on=march)) == {people["ann"], people["bob"]}
        assert ids(reports_of(people["manager"], on=april)) == {people["bob"]}
        assert ids(reports_of(people["rival"], on=april)) == {people["ann"], people["cid"]}
        assert ids(reports_of(people["boss"], on=april)) == set(people.values()) - {people["boss"]}
        assert ids(reports_of(people["boss"], on=date(2024, 12, 31))) == set()


def ids(found: list) -> set[int]:
    """Ids of people, whether they come as numbers or as rows that begin with one."""
    return {one if isinstance(one, int) else one[0] for one in found}


@pytest.mark.parametrize(
    ("role", "sees"),
    [("owner", None), ("hr", None), ("auditor", None), ("executive", set()), ("payroll", set()),
     ("manager", {"manager", "ann", "bob"}), ("assistant", {"ann"})],
)  # fmt: skip
def test_whose_figures_each_role_sees(company: Company, role: str, sees: set[str] | None) -> None:
    with company.scope():
        viewer = viewer_in(company.users[role].pk, MARCH)
        assert viewer is not None
        found = visible_employees(viewer=viewer, on=MARCH)
    assert (found if found is None else set(found)) == (
        sees if sees is None else {company.people[person].pk for person in sees}
    )


def test_manager_and_assistant_follow_from_the_line_and_are_never_given(company: Company) -> None:
    with company.scope():
        for role in set(Role) - set(GIVEN_BY_HAND):
            with pytest.raises(DomainError):
                add_member(company.users["hr"], role)
        manager = viewer_in(company.users["manager"].pk, MARCH)
        before = viewer_in(company.users["manager"].pk, date(2024, 12, 31))
    assert manager is not None
    assert manager.roles == {Role.MANAGER, Role.ASSISTANT}
    assert before is not None
    assert before.roles == {Role.ASSISTANT}


def test_a_member_is_linked_to_the_employee_with_the_same_address(company: Company) -> None:
    user, new = user_for(" CID@acme.example ")
    assert new
    with company.scope():
        assert add_member(user).employee == company.people["cid"]
        assert add_member(user, Role.HR, Role.AUDITOR).roles == ["auditor", "hr"]
        assert add_member(user, Role.PAYROLL).roles == ["auditor", "hr", "payroll"]


def test_a_unit_does_not_hang_below_itself(company: Company) -> None:
    with company.scope():
        for parent in ("sales", "north"):
            with pytest.raises(Conflict):
                move_unit(company.units["sales"], parent=company.units[parent])
        assert move_unit(company.units["north"], parent=company.units["south"]).parent == company.units["south"]


def test_names_sort_by_pinyin_and_without_case() -> None:
    names = ["张三", "bob Bell", "李安", "Ａｎｎ", "阿强"]
    assert [name_key(name) for name in names] == ["zhang san", "bob bell", "li an", "ann", "a qiang"]
    assert sorted(names, key=name_key) == ["阿强", "Ａｎｎ", "bob Bell", "李安", "张三"]
