"""Reads of what somebody has to review: their list, and one form of it. Nobody reads it for somebody else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import QuerySet

from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.answers import door
from reviews.models import CycleQuestion, CycleState, Participant, Rater, RaterKind, RaterState, ReviewCycle

#: States in which a rater has a form.
ASKED = (RaterState.ASKED, RaterState.STARTED, RaterState.DONE)
#: Where a form can be opened; answers are taken while the cycle is open.
OPENED = (CycleState.OPEN, CycleState.CLOSED, CycleState.RELEASED)
TEAM = (RaterKind.MANAGER, RaterKind.SKIP_LEVEL)
IDENTIFIED = (RaterKind.SELF, *TEAM)


def _own(viewer: Viewer) -> QuerySet[Rater]:
    """Return the viewer's tasks. A stand-in does not review in somebody's name: reviews are personal."""
    return Rater.objects.select_related("participant__employee", "participant__cycle", "participant__unit").filter(
        employee_id=viewer.employee_id or 0, state__in=ASKED, participant__dropped_at=None,
        participant__cycle__state__in=OPENED,
    )  # fmt: skip


def own_reviews(viewer: Viewer) -> QuerySet[Rater]:
    """Return the viewer's tasks of open cycles, with person and cycle."""
    return _own(viewer).filter(participant__cycle__state=CycleState.OPEN)


def own_rater(rater_id: int, *, viewer: Viewer) -> Rater:
    """Return a task of the viewer's own with its participant, employee, cycle and unit. Raises NotFound."""
    found = _own(viewer).filter(pk=rater_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Task:
    """One person whom the viewer reviews: until when, and how many of how many questions they have answered."""

    rater: Rater
    answered: int
    total: int
    today: date

    @property
    def participant(self) -> Participant:
        """The ratee's row."""
        return self.rater.participant

    @property
    def cycle(self) -> ReviewCycle:
        """The cycle it belongs to."""
        return self.participant.cycle

    @property
    def due(self) -> date | None:
        """The last day on which answers are expected; they are taken until the cycle is closed."""
        return self.participant.answer_until or self.cycle.answer_until

    @property
    def is_self(self) -> bool:
        """Whether it is the self-review."""
        return self.rater.group == RaterKind.SELF

    @property
    def is_done(self) -> bool:
        """Whether it is handed in."""
        return self.rater.state == RaterState.DONE

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self.cycle.takes_answers and not self.is_done

    @property
    def is_late(self) -> bool:
        """Whether the last day is over and it is not handed in."""
        return self.is_open and self.due is not None and self.due < self.today

    @property
    def state(self) -> str:
        """The word for how it stands: done, late, begun, open or missed (closed without an answer)."""
        if self.is_done:
            return "done"
        if not self.cycle.takes_answers:
            return "missed"
        if self.is_late:
            return "late"
        return "begun" if self.rater.state == RaterState.STARTED else "open"

    @property
    def order(self) -> tuple[object, ...]:
        """What comes first: what is open, the self-review, the earlier deadline, the name."""
        return (not self.is_open, not self.is_self, self.due or date.max, self.participant.employee.name_key)


SORTS = ("name", "due", "state")
SHOWN = ("", "done", "past")


@dataclass(frozen=True)
class Inbox:
    """The viewer's tasks as the page lists them; `shown` is "" (of open cycles), "done" or "past" (closed ones)."""

    tasks: list[Task]
    search: str = ""
    shown: str = ""
    sort: str = ""

    @cached_property
    def listed(self) -> list[Task]:
        """The tasks that the filters leave, in order."""
        found = [task for task in self.tasks if self._matches(task)]
        key = self.sort.removeprefix("-")
        if key in SORTS:
            keys = {
                "name": lambda task: task.participant.employee.name_key,
                "due": lambda task: task.due or date.max,
                "state": lambda task: task.state,
            }
            return sorted(found, key=keys[key], reverse=self.sort.startswith("-"))
        return sorted(found, key=lambda task: task.order)

    def _matches(self, task: Task) -> bool:
        is_past = not task.cycle.takes_answers
        if (self.shown == "past") != is_past or (self.shown == "done" and not task.is_done):
            return False
        text = self.search.casefold()
        employee = task.participant.employee
        return not text or any(
            text in words.casefold() for words in (employee.name, employee.name_key, employee.number, task.cycle.name)
        )

    @cached_property
    def open(self) -> list[Task]:
        """What is left to do, the most pressing first."""
        return sorted((task for task in self.tasks if task.is_open), key=lambda task: task.order)

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.shown)


@dataclass(frozen=True)
class Group:
    """Tasks under one heading."""

    code: str
    tasks: list[Task] = field(default_factory=list)


def grouped(tasks: Iterable[Task]) -> list[Group]:
    """Return tasks as self, team and colleagues, without empty groups."""
    found = {code: Group(code) for code in ("self", "team", "colleagues")}
    for task in tasks:
        code = "self" if task.is_self else "team" if task.rater.group in TEAM else "colleagues"
        found[code].tasks.append(task)
    return [group for group in found.values() if group.tasks]


def inbox(*, viewer: Viewer, today: date, search: str = "", shown: str = "", sort: str = "") -> Inbox:
    """Return whom the viewer has to review or has reviewed, in a fixed number of queries."""
    if viewer.employee_id is None:
        return Inbox([], search, shown, sort)
    raters = list(_own(viewer))
    answered = door.own_progress(raters)
    totals = _totals({rater.participant.cycle_id for rater in raters})
    tasks = [
        Task(rater, answered.get(rater.pk, 0), totals.get((rater.participant.cycle_id, rater.group), 0), today)
        for rater in raters
    ]
    return Inbox(tasks, search, shown if shown in SHOWN else "", sort if sort.removeprefix("-") in SORTS else "")


def _totals(cycle_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Return how many questions each rater group has, by cycle and group; one query."""
    found: dict[tuple[int, str], int] = {}
    rows = CycleQuestion.objects.filter(cycle_id__in=list(cycle_ids)).order_by()
    for cycle_id, groups in rows.values_list("cycle_id", "groups"):
        for group in groups or RaterKind.values:
            found[cycle_id, group] = found.get((cycle_id, group), 0) + 1
    return found


def next_task(rater: Rater, *, viewer: Viewer, today: date) -> Rater | None:
    """Return the task that comes after this one: the most pressing of those that are left; two queries at most."""
    rows = _own(viewer).filter(participant__cycle__state=CycleState.OPEN).exclude(state=RaterState.DONE)
    tasks = sorted((Task(one, 0, 0, today) for one in rows.exclude(pk=rater.pk)), key=lambda task: task.order)
    return tasks[0].rater if tasks else None
