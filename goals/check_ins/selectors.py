"""Reads of check-ins: one's own week, somebody's past ones, and the team's week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db.models import Prefetch, QuerySet

from goals.check_ins.lines import Line, as_row, key_of_line
from goals.check_ins.rules import LOOK_BACK, ONE_DAY, ONE_WEEK, Change, Said, changes, due_day
from goals.following.forecasts import Ending, endings
from goals.models import CheckIn, CheckInLine, CheckInState, GoalRules, KeyTask
from perfmgmt.people.own_days import OwnDays
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.web.statuses import STATUSES


def goal_rules() -> GoalRules:
    """Return what the workspace decides about goals; the defaults, unsaved, where nobody has."""
    return GoalRules.objects.first() or GoalRules()


def with_lines() -> QuerySet[CheckIn]:
    """Return check-ins with their lines and metrics, three queries however many."""
    lines = CheckInLine.objects.select_related("metric", "goal").order_by("place")
    return CheckIn.objects.select_related("employee", "answered_by").prefetch_related(Prefetch("lines", lines))


def own_check_in(employee_id: int, week: date) -> CheckIn | None:
    """Return a person's check-in of a week."""
    return with_lines().filter(employee_id=employee_id, week=week).first()


def sent_before(employee_ids: Iterable[int], week: date) -> dict[int, CheckIn]:
    """Return people's last check-in that was sent before a week, by employee; one and two queries."""
    rows = CheckIn.objects.filter(
        employee_id__in=list(employee_ids), week__lt=week, week__gte=week - LOOK_BACK * ONE_WEEK,
        state=CheckInState.SENT,
    )  # fmt: skip
    latest = dict(rows.order_by("week").values_list("employee_id", "pk"))
    return {each.employee_id: each for each in with_lines().filter(pk__in=latest.values())}


def tasks_of(employee_ids: Iterable[int], weeks: Sequence[date]) -> dict[tuple[int, date], list[KeyTask]]:
    """Return people's key tasks of some weeks, by employee and week; one query."""
    found: dict[tuple[int, date], list[KeyTask]] = {}
    rows = KeyTask.objects.filter(employee_id__in=list(employee_ids), week__in=list(weeks)).order_by("place")
    for task in rows:
        found.setdefault((task.employee_id, task.week), []).append(task)
    return found


def said(check_in: CheckIn | None) -> list[Said]:
    """Return what a check-in says about each goal, for a comparison."""
    if check_in is None:
        return []
    return [Said(key_of_line(line), line.confidence, line.pace) for line in check_in.lines.all()]


@dataclass
class ShownLine:
    """One goal of a check-in as a page shows it.

    `figures` are those of now while it is a draft, else those with which it was sent; `words` are what is stored of
    what the person said, `before` what they said last time.
    """

    key: str
    figures: CheckInLine
    words: CheckInLine | None = None
    before: CheckInLine | None = None
    moves: list[Change] = field(default_factory=list)
    ending: Ending | None = None

    @property
    def tone(self) -> str:
        """The colour of the bar: that of the pace."""
        tone = STATUSES[self.figures.pace.replace(" ", "_")].tone if self.figures.pace else ""
        return tone if tone in ("good", "warn", "bad") else ""

    @property
    def expected_share(self) -> Fraction | None:
        """Where the bar should be by now; None where all of the target is due all the time."""
        target, due = self.figures.target, self.figures.expected
        if not target or due is None or due == target:
            return None
        return Fraction(due) / Fraction(target)

    @property
    def week_share(self) -> Fraction | None:
        """How much of the week's part is done; None without one."""
        part, done = self.figures.week_target, self.figures.week_actual
        return Fraction(done) / Fraction(part) if part and done is not None else None


def shown_lines(check_in: CheckIn | None, before: CheckIn | None, live: Sequence[Line] = ()) -> list[ShownLine]:
    """Return the goals of a check-in with last week's words beside them: as sent, or live while it is a draft."""
    old = {key_of_line(row): row for row in before.lines.all()} if before else {}
    rows = {key_of_line(row): row for row in check_in.lines.all()} if check_in else {}
    if check_in is not None and check_in.is_sent:
        moved = moves_by_key(before, check_in)
        return [ShownLine(key, row, row, old.get(key), moved.get(key, [])) for key, row in rows.items()]
    ends = endings([line.standing for line in live])
    return [
        ShownLine(line.key, as_row(line), rows.get(line.key), old.get(line.key), ending=end)
        for line, end in zip(live, ends, strict=True)
    ]


def moves_by_key(before: CheckIn | None, now: CheckIn | None) -> dict[str, list[Change]]:
    """Return what moved since the check-in before, by goal."""
    found: dict[str, list[Change]] = {}
    for change in changes(said(before), said(now)):
        found.setdefault(change.key, []).append(change)
    return found


def visible_check_in(check_in_id: int, *, viewer: Viewer, today: date) -> CheckIn:
    """Return a check-in that a viewer may read: their own, or a sent one of somebody below. Raises NotFound."""
    found = with_lines().filter(pk=check_in_id).first()
    if found is None:
        raise NotFound
    if found.employee_id == viewer.employee_id:
        return found
    reach = visible_employees(viewer=viewer, on=today)
    if not found.is_sent or (reach is not None and found.employee_id not in reach):
        raise NotFound
    return found


def past(employee_id: int, *, with_drafts: bool) -> QuerySet[CheckIn]:
    """Return a person's check-ins, newest first; drafts are for themselves only."""
    rows = with_lines().filter(employee_id=employee_id).order_by("-week")
    return rows if with_drafts else rows.filter(state=CheckInState.SENT)


def sent_weeks(employee_ids: Iterable[int] | None, week: date) -> dict[int, set[date]]:
    """Return in which of the last weeks up to `week` people have checked in; one query, None asks for everybody."""
    rows = CheckIn.objects.filter(state=CheckInState.SENT, week__lte=week, week__gt=week - LOOK_BACK * ONE_WEEK)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    found: dict[int, set[date]] = {}
    for pk, monday in rows.values_list("employee_id", "week"):
        found.setdefault(pk, set()).add(monday)
    return found


def first_week() -> date | None:
    """Return the first week anybody in the workspace has sent a check-in of: before it nobody missed one."""
    return CheckIn.objects.filter(state=CheckInState.SENT).order_by("week").values_list("week", flat=True).first()


def is_present(days: OwnDays, calendar: WorkingCalendar, week: date) -> bool:
    """Whether a person was at work on a day of a week."""
    return days.working_days(calendar, week, week + 6 * ONE_DAY) > 0


def last_due(today: date, rules: GoalRules, calendar: WorkingCalendar) -> date:
    """Return the Monday of the latest week whose day of the check-in is over."""
    week = today - today.weekday() * ONE_DAY
    day = due_day(week, rules.check_in_day, calendar.works)
    return week if day is not None and day < today else week - ONE_WEEK
