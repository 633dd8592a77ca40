"""Check-ins: written, sent with frozen figures, answered; the team's week; nothing twice and nothing lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.check_ins import notices, services
from goals.check_ins.handover import KIND
from goals.check_ins.lines import lines_of
from goals.check_ins.services import AlreadySent, Content, Task, Words
from goals.check_ins.team import Status, TeamWeek
from goals.models import CheckIn, CheckInLine, Goal, KeyTask, MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.notify import notifications
from perfmgmt.people.handover import Handover
from perfmgmt.people.models import Absence
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from tests.factories import Company

WEEK = date(2025, 3, 10)
FRIDAY = date(2025, 3, 14)
ONE_WEEK = timedelta(days=7)
MARCH = {"grain": 3, "first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
View = Callable[[str], Viewer]


@pytest.fixture(autouse=True)
def _scope(company: Company) -> Iterator[None]:
    with company.scope():
        yield


@pytest.fixture
def workspace(company: Company) -> Workspace:
    return workspace_of(company.tenant)


@pytest.fixture
def viewer(company: Company) -> View:
    def of(role: str) -> Viewer:
        found = viewer_in(company.users[role].pk, FRIDAY)
        assert found is not None
        return found

    return of


def metric(code: str = "visits_arranged") -> Metric:
    return Metric.objects.get(code=code)


def target(company: Company, person: str = "ann", value: int = 30, month: date = date(2025, 3, 1)) -> None:
    MonthlyTarget.objects.create(metric=metric(), employee=company.people[person], month=month, value=value)


def words(confidence: int | None = 3, **more: Any) -> dict[str, Words]:
    return {f"m{metric().pk}": Words(confidence, **more)}


@pytest.fixture
def write(workspace: Workspace, viewer: View) -> Callable[..., CheckIn]:
    def save(
        role: str = "assistant", *, week: date = WEEK, today: date = FRIDAY, send: bool = True, **content: Any
    ) -> CheckIn:
        filled = {"lines": words(), **content}
        return services.save(
            week, Content(**filled), viewer=viewer(role), workspace=workspace, today=today, send=send
        )

    return save


class Clock:
    """A workspace on another day, for what asks the workspace for today."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace, self._today = workspace, today

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)

    def today(self) -> date:
        return self._today


def team(workspace: Workspace, viewer: Viewer, today: date = FRIDAY, **query: str) -> TeamWeek:
    return TeamWeek(query, viewer=viewer, workspace=Clock(workspace, today))  # type: ignore[arg-type]


# What it is about


def test_the_week_has_its_part_of_the_month(company: Company, workspace: Workspace) -> None:
    target(company)
    company.fact("ann", "visits_arranged", date(2025, 3, 4), 6)
    company.fact("ann", "visits_arranged", date(2025, 3, 11), 2)
    company.drain()
    (line,) = lines_of(company.people["ann"].pk, WEEK, workspace=workspace, today=FRIDAY)
    assert (line.week_target, line.week_actual, line.standing.actual) == (7, 2, 8)


def test_of_each_metric_the_shortest_goal_counts(company: Company, workspace: Workspace) -> None:
    ann, code = company.people["ann"], metric()
    common = {"level": "person", "employee": ann, "metric": code, "target": 100, "state": "agreed"}
    quarter = {"grain": 4, "first_day": date(2025, 1, 1), "last_day": date(2025, 3, 31)}
    Goal.objects.create(title="quarter", **common, **quarter)
    target(company)
    found = lines_of(ann.pk, WEEK, workspace=workspace, today=FRIDAY)
    assert [line.standing.goal.title for line in found] == ["quarter"]
    Goal.objects.create(title="month", **common, **MARCH)
    Goal.objects.create(title="milestone", level="person", employee=ann, state="agreed", **quarter)
    Goal.objects.create(title="draft", level="person", employee=ann, metric=metric("orders"), target=1, **MARCH)
    found = lines_of(ann.pk, WEEK, workspace=workspace, today=FRIDAY)
    assert [line.standing.goal.title for line in found] == ["month", "milestone"]


# Writing


def test_a_draft_is_kept_and_sent_once_with_frozen_figures(company: Company, write: Any) -> None:
    target(company)
    company.fact("ann", "visits_arranged", date(2025, 3, 4), 6)
    company.drain()
    draft = write(send=False, lines=words(None, blocker="no car"), tasks=[Task(None, "call 5 customers")])
    line = draft.lines.get()
    assert (draft.state, line.blocker, line.actual, line.pace) == ("draft", "no car", None, "")
    sent = write(lines=words(2, blocker="no car"), next_steps="visit Shanghai")
    assert sent.pk == draft.pk
    company.fact("ann", "visits_arranged", date(2025, 3, 5), 50)
    company.drain()
    line = CheckInLine.objects.get()
    assert (line.actual, line.target, line.confidence, line.pace) == (6, 30, 2, "off track")
    assert line.expected == Decimal("12.8571")
    with pytest.raises(AlreadySent):
        write(next_steps="again")
    assert CheckIn.objects.get().next_steps == "visit Shanghai"


def test_a_refused_one_leaves_nothing(company: Company, write: Any) -> None:
    target(company)
    for content in ({"lines": {}}, {"help_wanted": True}):
        with pytest.raises(DomainError):
            write(**content)
    with pytest.raises(DomainError):
        write(week=WEEK - 2 * ONE_WEEK)
    assert not CheckIn.objects.exists()
    assert write(week=WEEK - ONE_WEEK).is_sent


def test_who_is_no_employee_writes_none(write: Any) -> None:
    with pytest.raises(NotAllowed):
        write("hr")


def test_key_tasks(company: Company, write: Any, viewer: View) -> None:
    write(
        send=False,
        tasks=[Task(None, "first"), Task(None, ""), Task(None, "second")],
        next_tasks=[Task(None, "third")],
    )
    first, second, third = KeyTask.objects.order_by("week", "place")
    ann = company.people["ann"].pk
    manager = viewer("manager")
    count = services.confirm_tasks(ann, frozenset({first.pk, third.pk}), viewer=manager, today=FRIDAY)
    assert count == 2
    assert services.confirm_tasks(ann, frozenset({first.pk}), viewer=manager, today=FRIDAY) == 0
    write(
        send=False,
        tasks=[Task(first.pk, "first, and more"), Task(second.pk, "", True)],
        next_tasks=[Task(third.pk, "third")],
    )
    texts = [(task.text, task.confirmed_at is not None) for task in KeyTask.objects.order_by("week", "place")]
    assert texts == [("first, and more", False), ("third", True)]
    services.tick(frozenset({first.pk}), week=WEEK, viewer=viewer("assistant"), today=FRIDAY)
    assert KeyTask.objects.get(pk=first.pk).done
    with pytest.raises(NotFound):
        services.confirm_tasks(company.people["cid"].pk, frozenset(), viewer=manager, today=FRIDAY)
    with pytest.raises(NotFound):
        services.confirm_tasks(company.people["bob"].pk, frozenset({first.pk}), viewer=manager, today=FRIDAY)
    with pytest.raises(DomainError):
        write(send=False, tasks=[Task(None, f"task {n}") for n in range(13)])


def test_taking_back(company: Company, write: Any, viewer: View) -> None:
    write(help_wanted=True, help_text="a car")
    assert unread(company, "manager") == [notices.HELP]
    ann = viewer("assistant")
    assert services.take_back(WEEK, viewer=ann, today=FRIDAY).state == "draft"
    assert unread(company, "manager") == []
    with pytest.raises(NotFound):
        services.take_back(WEEK, viewer=ann, today=FRIDAY)
    sent = write()
    services.answer(sent.pk, "", viewer=viewer("manager"), today=FRIDAY)
    with pytest.raises(Conflict):
        services.take_back(WEEK, viewer=ann, today=FRIDAY)


def unread(company: Company, role: str) -> list[str]:
    found = notifications.of(company.users[role].pk).filter(read_at=None)
    return list(found.values_list("kind", flat=True))


# Answering


def test_an_answer_is_told_and_read(company: Company, write: Any, viewer: View) -> None:
    sent = write(help_wanted=True, help_text="a car")
    manager = viewer("manager")
    with pytest.raises(DomainError):
        services.answer(sent.pk, " ", viewer=manager, today=FRIDAY)
    found = services.answer(sent.pk, "take mine", viewer=manager, today=FRIDAY)
    assert (found.answer, found.has_news, unread(company, "manager")) == ("take mine", True, [])
    assert services.answer(sent.pk, "take mine", viewer=manager, today=FRIDAY).answered_at == found.answered_at
    assert unread(company, "assistant") == [notices.ANSWERED]
    services.read_answer(sent.pk, viewer=viewer("assistant"))
    assert not CheckIn.objects.get().has_news
    assert unread(company, "assistant") == []


def test_two_managers_do_not_overwrite_each_other(write: Any, viewer: View) -> None:
    sent = write()
    services.answer(sent.pk, "good", viewer=viewer("manager"), today=FRIDAY)
    with pytest.raises(Conflict):
        services.answer(sent.pk, "bad", viewer=viewer("hr"), today=FRIDAY, seen="")
    assert services.answer(sent.pk, "better", viewer=viewer("hr"), today=FRIDAY, seen="good").answer == "better"


@pytest.mark.parametrize(("role", "error"), [("assistant", NotAllowed), ("auditor", NotAllowed)])
def test_who_may_not_answer(write: Any, viewer: View, role: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        services.answer(write().pk, "good", viewer=viewer(role), today=FRIDAY)


def test_drafts_and_other_teams_are_out_of_reach(company: Company, write: Any, viewer: View) -> None:
    draft = write(send=False)
    cid = CheckIn.objects.create(
        employee=company.people["cid"], week=WEEK, state="sent", sent_at=datetime(2025, 3, 14, tzinfo=UTC)
    )
    own = CheckIn.objects.create(
        employee=company.people["manager"], week=WEEK, state="sent", sent_at=datetime(2025, 3, 14, tzinfo=UTC)
    )
    for found in (draft, cid, own):
        with pytest.raises(NotFound):
            services.answer(found.pk, "good", viewer=viewer("manager"), today=FRIDAY)


# The team's week


def test_help_comes_first_then_who_sent_then_who_is_missing(
    company: Company, write: Any, viewer: View, workspace: Workspace
) -> None:
    for person in ("ann", "bob", "cid", "rival"):
        target(company, person)
    Absence.objects.create(employee=company.people["bob"], kind="annual", first_day=WEEK, last_day=FRIDAY)
    write(help_wanted=True, help_text="a car")
    rows = team(workspace, viewer("manager")).rows
    assert [(row.id, row.status) for row in rows] == [
        (company.people["ann"].pk, Status.HELP),
        (company.people["bob"].pk, Status.AWAY),
    ]
    rows = team(workspace, viewer("hr"), date(2025, 3, 17), week="2025-W11").rows
    assert [row.status for row in rows] == [Status.HELP, Status.MISSING, Status.MISSING, Status.AWAY]
    found = team(workspace, viewer("hr"), date(2025, 3, 17), week="2025-W11", state="missing", q="cid")
    assert [row.name for row in found.chosen] == ["Cid Cole"]
    with pytest.raises(NotFound):
        team(workspace, viewer("hr"), week="2025-W40")


def test_weeks_without_a_check_in_are_counted(
    company: Company, write: Any, viewer: View, workspace: Workspace
) -> None:
    for person in ("ann", "bob"):
        target(company, person, month=date(2025, 2, 1))
        target(company, person)
    write(week=date(2025, 2, 3), today=date(2025, 2, 7))
    Absence.objects.create(
        employee=company.people["bob"], kind="sick", first_day=date(2025, 2, 17), last_day=date(2025, 2, 21)
    )
    manager = viewer("manager")
    # On Friday the week is not over yet: it can't be missed.
    assert [(row.name, row.missed) for row in team(workspace, manager).rows] == [("Bob Bell", 4), ("李安", 4)]
    later = team(workspace, manager, date(2025, 3, 17), week="2025-W11", state="long", sort="-missed")
    assert [(row.name, row.missed) for row in later.chosen] == [("Bob Bell", 5), ("李安", 5)]
    assert later.counts["long"] == 2


def test_what_moved_since_the_last_one(company: Company, write: Any, viewer: View, workspace: Workspace) -> None:
    target(company)
    write(week=WEEK - ONE_WEEK, lines=words(3))
    write(lines=words(1, blocker="no car"))
    found = team(workspace, viewer("manager"), state="moved")
    (row,) = found.chosen
    assert [change.move for change in row.moves] == ["confidence down"]
    assert row.lines[0].before is not None
    assert row.lines[0].before.confidence == 3


def test_the_team_s_queries_are_fixed(company: Company, write: Any, viewer: View, workspace: Workspace) -> None:
    manager = viewer("hr")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            found = team(workspace, manager)
            found.page(None)
            assert found.counts and found.units
        return len(queries)

    target(company)
    write(tasks=[Task(None, "call")])
    before = count()
    for person in ("bob", "cid", "rival"):
        target(company, person)
        sent = CheckIn.objects.create(
            employee=company.people[person], week=WEEK, state="sent", sent_at=datetime(2025, 3, 14, tzinfo=UTC)
        )
        CheckInLine.objects.create(
            check_in=sent, place=1, metric=metric(), title="visits", first_day=WEEK, last_day=FRIDAY
        )
        KeyTask.objects.create(employee=company.people[person], week=WEEK, place=1, text="call")
    assert count() == before <= 22


# Leaving


def test_what_a_leaver_leaves_open_goes_to_somebody_else(company: Company, write: Any) -> None:
    write(help_wanted=True, help_text="a car", tasks=[Task(None, "offer for Huawei"), Task(None, "done", True)])
    ann, bob = company.people["ann"], company.people["bob"]
    items = KIND.find({ann.pk: FRIDAY})[ann.pk]
    assert len(items) == 2
    KIND.hand_over(Handover(ann, FRIDAY, frozenset(item.key for item in items), bob, company.users["hr"].pk))
    texts = list(KeyTask.objects.filter(employee=bob, week=WEEK + ONE_WEEK).values_list("text", flat=True))
    assert len(texts) == 2
    assert "a car" in texts[0]
    assert texts[1] == "offer for Huawei"
    assert KIND.find({ann.pk: FRIDAY}) == {}
