"""What HR does with an open cycle (R2): more time, more or fewer people, other raters, closing and opening again.

Every write locks the cycle first, then its people, then their raters, so that two writers wait in the same order.
"""

from datetime import date
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.acting import because
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from reviews.answers import door
from reviews.cycles import notices, people
from reviews.cycles.launching import locked
from reviews.cycles.one_group import is_a_colleague, leave_colleagues
from reviews.cycles.rules import IDENTIFIED
from reviews.cycles.writing import take_in
from reviews.models import (
    CycleState,
    CycleStatistic,
    Participant,
    Rater,
    RaterKind,
    RaterState,
    ReleaseBatch,
    ReviewCycle,
)
from reviews.permissions import MANAGE_CYCLES
from reviews.scorecards.matching import scorecard_for

UNFINISHED = (CycleState.OPEN, CycleState.CLOSED)
WAITING = (RaterState.ASKED, RaterState.STARTED)
COUNTED = (*WAITING, RaterState.DONE)


class BadCycle(DomainError):
    """Something that was entered for a cycle does not fit; `field` names where."""

    code = "bad_cycle"

    def __init__(self, field: str, message: object, **params: Any) -> None:
        super().__init__(str(message), **params)
        self.field = field


def _open(cycle_id: int, viewer: Viewer) -> ReviewCycle:
    """Return an open cycle for a change by HR, locked. Raises NotAllowed, NotFound, Conflict."""
    cycle = _launched(cycle_id, viewer)
    if cycle.state != CycleState.OPEN:
        raise Conflict(_("This cycle is not open: nobody can be asked any more."), code="not_open")
    return cycle


def _launched(cycle_id: int, viewer: Viewer) -> ReviewCycle:
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed
    cycle = locked(cycle_id)
    if cycle.state in (CycleState.DRAFT, CycleState.LAUNCHING):
        raise Conflict(_("This cycle is not launched yet."), code="not_launched")
    return cycle


def _participant(participant_id: int, viewer: Viewer) -> tuple[ReviewCycle, Participant]:
    """Return a person of an open cycle, both locked."""
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed
    cycle_id = Participant.objects.filter(pk=participant_id).values_list("cycle_id", flat=True).first()
    if cycle_id is None:
        raise NotFound
    cycle = _open(cycle_id, viewer)
    found = Participant.objects.select_for_update(of=("self",)).select_related("employee").get(pk=participant_id)
    if found.employee_id == viewer.employee_id:
        raise NotAllowed(_("Nobody changes their own review. Ask another person of HR."))
    return cycle, found


def _reason(reason: str) -> str:
    if not reason.strip():
        raise BadCycle("reason", _("Say why."))
    return reason.strip()[:300]


@transaction.atomic
def close(cycle_id: int, *, viewer: Viewer) -> ReviewCycle:
    """Close an open cycle: from now on answers are refused; a second click changes nothing."""
    cycle = _launched(cycle_id, viewer)
    if cycle.state == CycleState.OPEN:
        shut(cycle)
    return cycle


def shut(cycle: ReviewCycle) -> None:
    """Close an open cycle, locked by the caller."""
    cycle.state, cycle.closed_at, cycle.version = CycleState.CLOSED, timezone.now(), cycle.version + 1
    cycle.save(update_fields=["state", "closed_at", "version", "updated_at"])
    notices.settle_all(cycle)
    publish("reviews.cycle_closed", cycle_id=cycle.pk)


def figures_were_seen(cycle: ReviewCycle) -> bool:
    """Return whether anybody may have seen what answers gave: statistics are made, or calibration has begun.

    From then on answers must not change any more: before and after could be subtracted (RULES.md section 14). A
    session that was removed again was there to look at; the trail has it.
    """
    sessions = apps.get_model("reviews", "CalibrationSessionEvent").objects
    return CycleStatistic.objects.filter(cycle_id=cycle.pk).exists() or sessions.filter(cycle_id=cycle.pk).exists()


def stays_closed(cycle: ReviewCycle) -> Conflict | None:
    """Return why a launched cycle can't be opened again; None: it can."""
    if cycle.state == CycleState.RELEASED or ReleaseBatch.objects.filter(cycle=cycle).exists():
        return Conflict(_("The results are released: no more answers are taken."), code="released")
    if figures_were_seen(cycle):
        return Conflict(
            _("Figures of this cycle were worked out after it was closed. Opened again, the difference would tell "
              "who said what; make a new cycle instead."),
            code="figures_seen",
        )  # fmt: skip
    return None


@transaction.atomic
def reopen(cycle_id: int, until: date, *, viewer: Viewer, workspace: Workspace) -> ReviewCycle:
    """Take answers again, until a day; after the first results are released never more. Raises BadCycle, Conflict."""
    cycle = _launched(cycle_id, viewer)
    against = stays_closed(cycle)
    if against is not None:
        raise against
    if until < workspace.today():
        raise BadCycle("until", _("Choose today or a later day."))
    cycle.state, cycle.closed_at, cycle.answer_until = CycleState.OPEN, None, until
    cycle.version, cycle.closes_on = cycle.version + 1, None
    cycle.save(update_fields=["state", "closed_at", "answer_until", "closes_on", "version", "updated_at"])
    notices.tell_extended(cycle, waiting_in(cycle), until)
    return cycle


@transaction.atomic
def extend(cycle_id: int, until: date, *, viewer: Viewer, workspace: Workspace) -> ReviewCycle:
    """Move the deadline of a whole open cycle to a later day, and tell those who have something open."""
    cycle = _open(cycle_id, viewer)
    _refuse_earlier(until, cycle.answer_until, workspace)
    cycle.answer_until, cycle.version = until, cycle.version + 1
    cycle.save(update_fields=["answer_until", "version", "updated_at"])
    notices.tell_extended(cycle, waiting_in(cycle), until)
    return cycle


@transaction.atomic
def extend_person(participant_id: int, until: date, *, viewer: Viewer, workspace: Workspace) -> Participant:
    """Give the raters of one person more time than the cycle does."""
    cycle, found = _participant(participant_id, viewer)
    _refuse_earlier(until, found.answer_until or cycle.answer_until, workspace)
    found.answer_until = until
    found.save(update_fields=["answer_until", "updated_at"])
    waiting = Rater.objects.filter(participant=found, state__in=WAITING).values_list("employee_id", flat=True)
    notices.tell_extended(cycle, waiting, until)
    return found


def _refuse_earlier(until: date, before: date | None, workspace: Workspace) -> None:
    if until < workspace.today():
        raise BadCycle("until", _("Choose today or a later day."))
    if before is not None and until <= before:
        raise BadCycle("until", _("Choose a later day than the deadline that holds now."))


def waiting_in(cycle: ReviewCycle) -> list[int]:
    """Return who has a review to write in a cycle."""
    rows = Rater.objects.filter(participant__cycle=cycle, participant__dropped_at=None, state__in=WAITING)
    return list(rows.values_list("employee_id", flat=True).distinct())


@transaction.atomic
def add_person(cycle_id: int, employee_id: int, reason: str, *, viewer: Viewer, workspace: Workspace) -> Participant:
    """Take somebody into an open cycle, with everybody whom it asks by itself; who was taken out comes back.

    Raises BadCycle for who has no assignment on the cycle's day, Conflict for who is in it already or in another
    open cycle of the period.
    """
    cycle, text = _open(cycle_id, viewer), _reason(reason)
    found = Participant.objects.select_for_update(of=("self",)).filter(cycle=cycle, employee_id=employee_id).first()
    if found is not None and found.dropped_at is None:
        raise Conflict(_("This person is in the cycle already."), code="already_in")
    members = people.members_of([employee_id], people.day_of(cycle, workspace.today()))
    if not members:
        raise BadCycle("employee", _("This person has no assignment on the cycle's day."))
    other = Participant.objects.filter(
        employee_id=employee_id, dropped_at=None, results=None, cycle__state__in=UNFINISHED, cycle__grain=cycle.grain,
        cycle__start=cycle.start,
    ).exclude(cycle=cycle)  # fmt: skip
    if other.exists():
        raise Conflict(_("This person is in another open cycle of the same period."), code="in_another")
    with because(text):
        if found is not None:
            found.dropped_at, found.dropped_reason = None, ""
            found.save(update_fields=["dropped_at", "dropped_reason", "updated_at"])
        managers = people.managers([employee_id], cycle, workspace, workspace.today())
        versions = scorecard_for([employee_id], cycle.grain, cycle.start, workspace=workspace)
        if found is not None:
            leave_colleagues(found.pk, [*managers.get(employee_id, {}), *(each.manager_id or 0 for each in members)])
        written = take_in(cycle, members, managers, versions, workspace)
    publish("reviews.cycles_changed", grain=int(cycle.grain), start=cycle.start, employee_ids=[employee_id])
    notices.tell_asked(cycle, written.by_rater, workspace)
    return Participant.objects.select_related("employee").get(cycle=cycle, employee_id=employee_id)


@transaction.atomic
def drop_person(participant_id: int, reason: str, *, viewer: Viewer) -> Participant:
    """Take somebody out of an open cycle, with the reason; answers about them are refused from now on."""
    _cycle, found = _participant(participant_id, viewer)
    text = _reason(reason)
    if found.dropped_at is None:
        with because(text):
            found.dropped_at, found.dropped_reason = timezone.now(), text
            found.save(update_fields=["dropped_at", "dropped_reason", "updated_at"])
        publish("reviews.answers_changed", participant_id=found.pk)
    return found


@transaction.atomic
def reassign(rater_id: int, to_id: int, reason: str, *, viewer: Viewer, workspace: Workspace) -> Rater:
    """Ask somebody else in place of a manager or manager's manager who has not handed in; return the new rater.

    Raters of anonymous groups are replaced by nomination: to say here that one can't be replaced would tell that
    they have answered. Raises BadCycle, Conflict, NotFound.
    """
    if not viewer.may(MANAGE_CYCLES):
        raise NotAllowed
    participant_id = Rater.objects.filter(pk=rater_id).values_list("participant_id", flat=True).first()
    if participant_id is None:
        raise NotFound
    cycle, found = _participant(participant_id, viewer)
    old, text = Rater.objects.select_for_update(of=("self",)).get(pk=rater_id), _reason(reason)
    if old.group not in IDENTIFIED or old.group == RaterKind.SELF:
        raise BadCycle("to", _("Raters of this group are replaced where they are nominated."))
    if old.state not in WAITING:
        raise Conflict(_("This review is handed in, or nobody is asked for it any more."), code="not_waiting")
    _check_successor(found, old, to_id, workspace)
    with because(text):
        old.state, old.reason = RaterState.REMOVED, text
        old.save(update_fields=["state", "reason", "updated_at"])
        made = put_in_place(old, to_id)
    notices.tell_asked(cycle, {to_id: 1}, workspace)
    return made


def _check_successor(found: Participant, old: Rater, to_id: int, workspace: Workspace) -> None:
    if to_id in (found.employee_id, old.employee_id):
        raise BadCycle("to", _("Choose somebody else."))
    person = Employee.objects.filter(pk=to_id).first()
    if person is None:
        raise NotFound
    if person.left_on is not None and person.left_on < workspace.today():
        raise BadCycle("to", _("{name} has left the company."), name=person.name)
    rows = Rater.objects.filter(participant=found, employee_id=to_id, state__in=COUNTED)
    if rows.filter(group__in=IDENTIFIED).exists():
        raise Conflict(_("{name} is asked for this review already."), code="asked_already", name=person.name)
    if is_a_colleague(found.pk, to_id):
        raise Conflict(
            _("{name} is one of this person's anonymous raters: nobody reviews from two sides. Choose somebody else, "
              "or take them out of the raters first."),
            code="two_sides", name=person.name,
        )  # fmt: skip


def put_in_place(old: Rater, to_id: int) -> Rater:
    """Ask somebody in place of a rater, with the same days; who was asked before is asked again."""
    made, _is_new = Rater.objects.update_or_create(
        participant_id=old.participant_id, employee_id=to_id, group=old.group,
        defaults={"state": RaterState.ASKED, "days": old.days, "replaces": old, "reason": ""},
    )  # fmt: skip
    return made


@transaction.atomic
def reviewers_changed(participant: Participant, cycle: ReviewCycle, *, workspace: Workspace) -> list[int]:
    """Bring a person's managers up to date after a change of assignments; return who became a rater.

    The one who leads them today approves and is shown as their manager. Days are counted anew; managers who had some
    stay raters, new ones are asked. Who leads them only since the period is asked only when nobody else is left.
    """
    today = workspace.today()
    current = people.managers_on([participant.employee_id], today).get(participant.employee_id)
    if current is not None and current != participant.manager_id:
        participant.manager_id = current
        participant.save(update_fields=["manager", "updated_at"])
    if current is not None:
        leave_colleagues(participant.pk, [current])
    days = people.managers([participant.employee_id], cycle, workspace, today).get(participant.employee_id, {})
    if not cycle.groups.filter(group=RaterKind.MANAGER).exists():
        return []
    rows = {
        row.employee_id: row
        for row in Rater.objects.select_for_update(of=("self",)).filter(
            participant=participant, group=RaterKind.MANAGER
        )
    }
    for pk, row in rows.items():
        if pk in days and row.days != days[pk]:
            row.days = days[pk]
            row.save(update_fields=["days", "updated_at"])
            door.count_days(row)
    wanted = [pk for pk in days if pk not in rows]
    gone = people.gone(rows, today)
    left = [
        pk for pk, row in rows.items() if row.state in COUNTED and (pk not in gone or row.state == RaterState.DONE)
    ]
    if not left and not wanted and current is not None and current not in rows:
        wanted = [current]
    leave_colleagues(participant.pk, wanted)
    wanted = _only_once(participant, wanted)
    Rater.objects.bulk_create(
        Rater(participant=participant, employee_id=pk, group=RaterKind.MANAGER, state=RaterState.ASKED,
              days=days.get(pk, 1), reason=MANAGER_CHANGED)
        for pk in wanted
    )  # fmt: skip
    return wanted


def _only_once(participant: Participant, employee_ids: list[int]) -> list[int]:
    """Return those who may be asked as manager: who was asked as their manager's manager is that no longer.

    Who has handed in as that stays so: nobody writes about one person twice.
    """
    rows = Rater.objects.select_for_update(of=("self",)).filter(
        participant=participant, employee_id__in=employee_ids, group=RaterKind.SKIP_LEVEL, state__in=COUNTED
    )
    done = set()
    for row in rows.order_by("pk"):
        if row.state == RaterState.DONE:
            done.add(row.employee_id)
            continue
        door.withdraw(row)
        row.state, row.reason = RaterState.REMOVED, MANAGER_CHANGED
        row.save(update_fields=["state", "reason", "updated_at"])
    return [pk for pk in employee_ids if pk not in done]


#: What a rater's row says who was asked because a manager changed; pages put it into words.
MANAGER_CHANGED = "manager_changed"
