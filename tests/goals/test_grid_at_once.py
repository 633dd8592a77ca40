"""Two people save the same cell of the target grid at the same moment, each in a transaction of their own."""

from decimal import Decimal
from threading import Barrier, Event, Thread
from typing import Any

from django.db import connection

from goals.agreement.services import accept, propose
from goals.bulk.asked import TEMPLATE, Asked
from goals.bulk.planning import make
from goals.bulk.writing import write
from goals.grid.services import ChangedCells, RefusedCells, save_cells
from goals.models import Goal, MonthlyTarget
from goals.template_sets.services import LineDraft, save_template
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company
from tests.goals.conftest import TODAY as THEN
from tests.goals.conftest import Goals
from tests.goals.test_grid import MONTHS, TODAY, viewer


def test_a_goal_that_is_being_signed_is_waited_for(committed: None) -> None:
    """What is saved meanwhile doesn't move the number that was signed."""
    company = Company.create("acme")
    with company.scope():
        goals = Goals(company)
        made = propose(goals.make().pk, viewer=goals.viewer("manager"), today=THEN)
        cell = (made.metric_id, company.people["ann"].pk, made.first_day)
        ann, manager = goals.viewer("assistant"), goals.viewer("manager")
    signed, answers = Event(), list[Any]()

    def save() -> None:
        signed.wait()
        try:
            with company.scope():
                answers.append(save_cells({cell: Decimal(1)}, viewer=manager, today=THEN))
        except RefusedCells as refused:
            answers.append(refused)
        finally:
            connection.close()

    thread = Thread(target=save)
    thread.start()
    with company.scope():
        accept(made.pk, viewer=ann, today=THEN, version=made.version)
        signed.set()
        thread.join(0.5)  # it waits for this transaction
    thread.join()
    with company.scope():
        made.refresh_from_db()
        assert (made.state, made.target) == ("agreed", 540_000)
        assert sum(MonthlyTarget.objects.values_list("value", flat=True)) == 540_000
    assert isinstance(answers[0], RefusedCells)


def test_the_second_one_is_told_what_the_first_one_wrote(committed: None) -> None:
    """Both saw the cell empty."""
    company, start = Company.create("acme"), Barrier(2)
    with company.scope():
        cell = (metric_by_code("orders").pk, company.people["ann"].pk, MONTHS[0])
    answers: list[Any] = []

    def write(role: str, value: int) -> None:
        start.wait()
        try:
            with company.scope():
                wanted = {cell: Decimal(value)}
                answers.append(save_cells(wanted, viewer=viewer(company, role), today=TODAY, seen={cell: None}))
        except ChangedCells as changed:
            answers.append(changed.cells[cell].value)
        finally:
            connection.close()

    threads = [Thread(target=write, args=it) for it in (("hr", 5), ("owner", 7))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with company.scope():
        stored = MonthlyTarget.objects.get().value
    assert sorted(answers) == sorted([1, stored])


def test_a_milestone_is_given_once_by_two_who_assign_at_once(committed: None) -> None:
    """No constraint knows titles: both have worked their plan out before either writes."""
    company, start = Company.create("acme"), Barrier(2)
    with company.scope():
        lines = [LineDraft("Certificate", weight=Decimal(100))]
        template = save_template(None, name="Set", position_id=None, sales_role_type="", lines=lines)
    period = Period.containing(Grain.QUARTER, TODAY).next()
    asked = Asked(TEMPLATE, period, template_id=template.pk)
    problems: list[BaseException] = []

    def give(role: str) -> None:
        try:
            with company.scope():
                workspace, people = workspace_of(company.tenant), list(Employee.objects.all())
                plan = make(asked, people, workspace=workspace)
                start.wait(20)
                write(plan, viewer=viewer(company, role))
        except BaseException as problem:
            problems.append(problem)
            raise
        finally:
            connection.close()

    threads = [Thread(target=give, args=(role,)) for role in ("hr", "owner")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    with company.scope():
        given = list(Goal.objects.values_list("employee_id", flat=True))
        assert given and len(given) == len(set(given))
