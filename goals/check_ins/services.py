"""Writes of check-ins: a person saves and sends, the manager answers and confirms key tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals.check_ins import notices
from goals.check_ins.lines import Line, describe, key_of_line, lines_of
from goals.check_ins.rules import ONE_WEEK, is_open
from goals.models import CheckIn, CheckInLine, CheckInState, GoalRules, KeyTask
from goals.permissions import ANSWER_CHECK_INS, CHECK_IN
from perfmgmt.people.models import Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound

MOST_TASKS = 12


class AlreadySent(Conflict):
    """The check-in of the week was sent before: pressing the button twice is no mistake."""

    code = "already_sent"
    message = _("This check-in was sent already. Take it back to change it.")


@dataclass(frozen=True)
class Words:
    """What a person says about one goal."""

    confidence: int | None = None
    blocker: str = ""
    note: str = ""


@dataclass(frozen=True)
class Task:
    """A key task as it was typed; `id` None for a new one, an empty text removes it."""

    id: int | None
    text: str
    done: bool = False


@dataclass(frozen=True)
class Content:
    """What a person writes: `lines` by the goals' keys, key tasks of this week and of the next."""

    next_steps: str = ""
    help_wanted: bool = False
    help_text: str = ""
    lines: Mapping[str, Words] = field(default_factory=dict)
    tasks: Sequence[Task] = ()
    next_tasks: Sequence[Task] = ()


def writer_of(viewer: Viewer) -> int:
    """Return the id of the person whose check-ins a viewer writes. Raises NotAllowed for who is no employee."""
    if viewer.employee_id is None or not viewer.may(CHECK_IN):
        raise NotAllowed
    return viewer.employee_id


@transaction.atomic
def save(week: date, content: Content, *, viewer: Viewer, workspace: Workspace, today: date, send: bool) -> CheckIn:
    """Save one's check-in of a week as a draft, or send it with its figures as they are now.

    Raises AlreadySent, and DomainError for a week that is closed (`closed`), help without words (`no_help_text`), too
    many key tasks (`too_many_tasks`), or a goal without a confidence when it is sent (`no_confidence`).
    """
    employee_id = writer_of(viewer)
    Employee.objects.select_for_update().get(pk=employee_id)  # one form after another
    _must_be_open(week, today)
    check_in = CheckIn.objects.filter(employee_id=employee_id, week=week).first()
    check_in = check_in or CheckIn(employee_id=employee_id, week=week)
    if check_in.is_sent:
        raise AlreadySent
    if content.help_wanted and not content.help_text.strip():
        raise DomainError(_("Say what you need help with, so that your manager can."), code="no_help_text")
    check_in.next_steps = content.next_steps.strip()
    check_in.help_wanted, check_in.help_text = content.help_wanted, content.help_text.strip()
    if send:
        check_in.state, check_in.sent_at = CheckInState.SENT, timezone.now()
    check_in.save()
    lines = lines_of(employee_id, week, workspace=workspace, today=today)
    _write_lines(check_in, lines, content.lines)
    _write_tasks(employee_id, week, content.tasks)
    _write_tasks(employee_id, week + ONE_WEEK, content.next_tasks)
    if send:
        notices.tell_sent(check_in, name=viewer.display_name, today=today)
    return check_in


def _must_be_open(week: date, today: date) -> None:
    if not is_open(week, today):
        raise DomainError(
            _("This week's check-in can't be written any more: only this week's and last week's can."), code="closed"
        )


def _write_lines(check_in: CheckIn, lines: Sequence[Line], words: Mapping[str, Words]) -> None:
    """Write what was said about each goal; with the figures, once it is sent."""
    if check_in.is_sent and any(words.get(line.key, Words()).confidence is None for line in lines):
        raise DomainError(_("Say for each goal how sure you are to reach it."), code="no_confidence")
    before = {key_of_line(line): line for line in check_in.lines.all()}
    rows = [before[line.key] if line.key in before else CheckInLine(check_in=check_in) for line in lines]
    stay = {row.pk for row in rows}
    CheckInLine.objects.filter(pk__in=[row.pk for row in before.values() if row.pk not in stay]).delete()
    for place, row, line in zip(_places(rows, before.values()), rows, lines, strict=True):
        said = words.get(line.key, Words())
        row.place, row.confidence, row.blocker, row.note = place, said.confidence, said.blocker, said.note
        describe(row, line, figures=check_in.is_sent)
        row.save()


def _places(rows: Sequence[CheckInLine], before: Iterable[CheckInLine]) -> Iterable[int]:
    """Return the rows' places: those they have while these are in order, else new ones after all that were used."""
    places = [row.place for row in rows if row.pk is not None]
    if len(places) == len(rows) and places == sorted(places):
        return places
    free = max((row.place for row in before), default=0) + 1
    return range(free, free + len(rows))


def _write_tasks(employee_id: int, week: date, typed: Sequence[Task]) -> None:
    """Write key tasks of a week; one whose words change has to be confirmed anew."""
    rows = {task.pk: task for task in KeyTask.objects.select_for_update().filter(employee_id=employee_id, week=week)}
    wanted = [task for task in typed if task.text.strip() or task.id in rows]
    place = max((row.place for row in rows.values()), default=0)
    for task in wanted:
        text, row = task.text.strip(), rows.get(task.id or 0)
        if row is None:
            place += 1
            row = KeyTask(employee_id=employee_id, week=week, place=place)
        elif not text:
            row.delete()
            continue
        if row.text != text:
            row.text, row.confirmed_at, row.confirmed_by = text, None, None
        row.done = task.done
        row.save()
    if KeyTask.objects.filter(employee_id=employee_id, week=week).count() > MOST_TASKS:
        raise DomainError(
            _("{most} key tasks a week are the most: keep those that matter."), code="too_many_tasks", most=MOST_TASKS
        )


@transaction.atomic
def tick(done: frozenset[int], *, week: date, viewer: Viewer, today: date) -> None:
    """Say which of one's key tasks of a week are done; the others are not."""
    _must_be_open(week, today)
    rows = KeyTask.objects.select_for_update().filter(employee_id=writer_of(viewer), week=week)
    for row in rows:
        if row.done != (row.pk in done):
            row.done = row.pk in done
            row.save(update_fields=["done"])


@transaction.atomic
def take_back(week: date, *, viewer: Viewer, today: date) -> CheckIn:
    """Make one's sent check-in a draft again. Raises NotFound, Conflict once answered, DomainError when closed."""
    rows = CheckIn.objects.select_for_update().filter(employee_id=writer_of(viewer), week=week)
    check_in = rows.filter(state=CheckInState.SENT).first()
    if check_in is None:
        raise NotFound
    _must_be_open(week, today)
    if check_in.answered_at is not None:
        raise Conflict(_("Your manager has answered already; it can't be taken back."), code="answered")
    check_in.state, check_in.sent_at = CheckInState.DRAFT, None
    check_in.save(update_fields=["state", "sent_at", "updated_at"])
    notices.settle_help(check_in)
    return check_in


@transaction.atomic
def read_answer(check_in_id: int, *, viewer: Viewer) -> CheckIn:
    """Note that a person has read the answer to their check-in. Raises NotFound for anybody else's."""
    own = CheckIn.objects.filter(pk=check_in_id, employee_id=viewer.employee_id or 0)
    found = own.exclude(answered_at=None).first()
    if found is None:
        raise NotFound
    own.filter(answer_read_at=None).update(answer_read_at=timezone.now())
    notices.settle_answer(found)
    return found


@transaction.atomic
def answer(check_in_id: int, text: str, *, viewer: Viewer, today: date, seen: str = "") -> CheckIn:
    """Answer a sent check-in, or say with no words that it was read; a later answer takes an earlier one's place.

    `seen` is the answer that the page showed. Raises NotFound for one outside the viewer's reach or one's own,
    DomainError (`no_words`) where help was asked for, Conflict when somebody has answered meanwhile.
    """
    check_in = _within_reach(check_in_id, viewer, today)
    text = text.strip()
    if check_in.answered_at is not None and check_in.answer == text:
        return check_in
    if check_in.answer != seen.strip():
        raise Conflict(_("Somebody has answered meanwhile. Reload the page to read it."), code="answered")
    if check_in.help_wanted and not text:
        raise DomainError(_("{name} asks for help: answer in words."), code="no_words", name=check_in.employee.name)
    check_in.answer, check_in.answered_by_id = text, viewer.user_id
    check_in.answered_at, check_in.answer_read_at = timezone.now(), None
    check_in.save(update_fields=["answer", "answered_by", "answered_at", "answer_read_at", "updated_at"])
    notices.settle_help(check_in)
    notices.tell_answered(check_in, name=viewer.display_name)
    return check_in


def _within_reach(check_in_id: int, viewer: Viewer, today: date) -> CheckIn:
    if not viewer.may(ANSWER_CHECK_INS):
        raise NotAllowed
    rows = CheckIn.objects.select_for_update(of=("self",)).select_related("employee")
    found = rows.filter(pk=check_in_id, state=CheckInState.SENT).first()
    if found is None or not _below(found.employee_id, viewer, today):
        raise NotFound
    return found


def _below(employee_id: int, viewer: Viewer, today: date) -> bool:
    """Whether somebody is below the viewer; nobody is below themselves."""
    reach = visible_employees(viewer=viewer, on=today)
    return employee_id != viewer.employee_id and (reach is None or employee_id in reach)


@transaction.atomic
def confirm_tasks(employee_id: int, task_ids: frozenset[int], *, viewer: Viewer, today: date) -> int:
    """Confirm key tasks of somebody below; return how many were not confirmed before.

    Raises NotFound for tasks of somebody else or outside the viewer's reach.
    """
    if not viewer.may(ANSWER_CHECK_INS):
        raise NotAllowed
    known = Employee.objects.filter(pk=employee_id).exists()
    if not known or not _below(employee_id, viewer, today):
        raise NotFound
    rows = KeyTask.objects.select_for_update().filter(pk__in=task_ids, employee_id=employee_id)
    found = list(rows)
    if len(found) != len(task_ids):
        raise NotFound
    count = rows.filter(confirmed_at=None).update(confirmed_at=timezone.now(), confirmed_by_id=viewer.user_id)
    if count:
        notices.tell_confirmed(employee_id, week=min(task.week for task in found), n=count, name=viewer.display_name)
    return count


@transaction.atomic
def set_rules(*, large_change: Decimal, check_in_day: int, check_in_hour: int) -> GoalRules:
    """Set what the workspace decides about goals."""
    values = {"large_change": large_change, "check_in_day": check_in_day, "check_in_hour": check_in_hour}
    rules, _created = GoalRules.objects.update_or_create(defaults=values)
    return rules
