"""Trainings of somebody who leaves: sessions that they would hold, and places that they would keep from others."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.errors import DomainError
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.web import formats
from reviews.models import Enrolment, EnrolmentState, TrainingSession, TrainingState
from reviews.training import notices
from reviews.training.enrolling import OUT, fill, locked_session

OPEN = (TrainingState.OPEN, TrainingState.CLOSED)
IN = (EnrolmentState.ENROLLED, EnrolmentState.WAITING, EnrolmentState.ASKED)


def _workspace() -> Workspace:
    return workspace_of(Tenant.objects.get(pk=current_tenant_id()))


def _after(last_days: LastDays, zone: str, *, person: str, ends: str) -> Q:
    """The condition that a session ends after the last day of the person of its row."""
    found = Q(pk__in=[])
    for pk, day in last_days.items():
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        found |= Q(**{person: pk, f"{ends}__gte": midnight})
    return found


def _item(key: int, session: TrainingSession, zone: str) -> OpenItem:
    when = formats.moment(session.starts_at, zone)
    return OpenItem(f"{key}", session.course.name, when, "training", (session.pk,))


def find_held(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the coming sessions that people who leave would hold, by employee."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    zone = _workspace().time_zone
    late = _after(last_days, zone, person="trainer_id", ends="ends_at")
    rows = TrainingSession.objects.filter(late, state__in=OPEN, starts_at__gt=timezone.now())
    for one in rows.select_related("course").order_by("starts_at", "pk"):
        found[one.trainer_id or 0].append(_item(one.pk, one, zone))
    return dict(found)


def hand_over_held(handover: Handover) -> None:
    """Let somebody else hold sessions; raise DomainError where they take part themselves."""
    if handover.to is None:
        return
    for key in sorted(int(key) for key in handover.keys):
        session = locked_session(key)
        if session.trainer_id != handover.leaver.pk:
            continue
        if session.enrolments.filter(employee=handover.to).exclude(state__in=OUT).exists():
            raise DomainError(
                _("{name} takes part in the training “{course}” and can't hold it."), code="takes_part",
                name=handover.to.name, course=session.course.name,
            )  # fmt: skip
        session.trainer = handover.to
        session.save(update_fields=["trainer"])


def find_places(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the places, also on waiting lists, of people who leave in sessions after their last day."""
    found: dict[int, list[OpenItem]] = defaultdict(list)
    zone = _workspace().time_zone
    late = _after(last_days, zone, person="employee_id", ends="session__ends_at")
    rows = Enrolment.objects.filter(
        late, state__in=IN, session__state__in=OPEN, session__starts_at__gt=timezone.now()
    ).select_related("session__course")
    for one in rows.order_by(F("session__starts_at"), "pk"):
        found[one.employee_id].append(_item(one.pk, one.session, zone))
    return dict(found)


def hand_over_places(handover: Handover) -> None:
    """Give places to a colleague who has none there yet, or free them: the next of the waiting list moves up."""
    workspace = _workspace()
    rows = Enrolment.objects.filter(pk__in=[int(key) for key in handover.keys], employee=handover.leaver)
    for key, training_id in rows.order_by("session_id").values_list("pk", "session_id"):
        session = locked_session(training_id)
        one = session.enrolments.get(pk=key)
        if one.state not in IN:
            continue
        state, one.state = one.state, EnrolmentState.CANCELLED
        one.save(update_fields=["state"])
        notices.settle_asked(one)
        if handover.to is not None and session.trainer_id != handover.to.pk:
            _give(session, handover.to, state, workspace)
        fill(session, workspace)


def _give(session: TrainingSession, person: Any, state: str, workspace: Workspace) -> None:
    """Let a colleague take the place; who takes part already keeps what they have."""
    found = session.enrolments.filter(employee=person).first() or Enrolment(session=session, employee=person)
    if found.pk is not None and found.state not in OUT:
        return
    has_place = state == EnrolmentState.ENROLLED
    found.state = EnrolmentState.ENROLLED if has_place else EnrolmentState.WAITING
    found.since, found.reminded_at = timezone.now(), None
    found.save()
    code = notices.ENROLLED if has_place else notices.WAITING
    notices.tell_people(code, session, [person.pk], workspace.time_zone)


KINDS = (
    HandoverKind("trainings_held", _("Trainings they would hold"), find_held, hand_over_held, order=62),
    HandoverKind(
        "training_places", _("Places in trainings"), find_places, hand_over_places, may_drop=True,
        drop_label=_("Free the places for others"), order=63,
    ),
)  # fmt: skip
