"""What people are told about trainings."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify import notifications
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of, given, managers_of
from reviews.models import Enrolment, TrainingSession
from reviews.permissions import MANAGE_TRAINING

ENROLLED, MOVED_UP, WAITING = "training.enrolled", "training.moved_up", "training.waiting"
CHANGED, CANCELLED, REMINDER = "training.changed", "training.cancelled", "training.reminder"
ASKED, DECLINED, TAKEN_OUT = "training.asked", "training.declined", "training.taken_out"


def _sentence(text: Promise) -> Any:
    """Return what makes a sentence of a training: its name in the reader's language, its day and time."""

    def made(values: dict[str, Any]) -> str:
        names = (values["en"], values["zh"]) if get_language() == "en" else (values["zh"], values["en"])
        when = f"{values['start_day']} {values['clock']}"  # the day as the reader writes it
        return str(text).format(**values | {"course": names[0] or names[1], "day": when})

    return made


KINDS = (
    NotificationKind(
        ENROLLED, _sentence(_("You have a place in the training “{course}” on {day}.")), "user-check", "good",
        _("I have a place in a training"),
    ),
    NotificationKind(
        MOVED_UP, _sentence(_("A place became free: you take part in the training “{course}” on {day}.")),
        "user-check", "good", _("I move up from the waiting list of a training"),
    ),
    NotificationKind(
        WAITING, _sentence(_("The training “{course}” on {day} is full: you are on the waiting list.")), "clock",
        "info", _("I am put on the waiting list of a training"),
    ),
    NotificationKind(
        CHANGED, _sentence(_("The training “{course}” has changed: it begins on {day}, {place}.")), "pencil", "warn",
        _("A training I take part in changes"),
    ),
    NotificationKind(
        CANCELLED, _sentence(_("The training “{course}” on {day} is cancelled.")), "calendar-x", "warn",
        _("A training I take part in is cancelled"),
    ),
    NotificationKind(
        REMINDER, _sentence(_("The training “{course}” is tomorrow: {day}, {place}.")), "bell", "info",
        _("A training I take part in is tomorrow"),
    ),
    NotificationKind(
        ASKED, _sentence(_("{name} would like to take part in the training “{course}” on {day}.")), "user-question",
        "info", _("Somebody of mine would like to take part in a training"),
    ),
    NotificationKind(
        DECLINED, _sentence(_("Your part in the training “{course}” on {day} was not approved.")), "user-x", "warn",
        _("My part in a training is not approved"),
    ),
    NotificationKind(
        TAKEN_OUT, _sentence(_("You no longer take part in the training “{course}” on {day}.")), "user-x", "warn",
        _("Somebody takes me out of a training"),
    ),
)  # fmt: skip


def _values(session: TrainingSession, zone: str) -> dict[str, str]:
    starts = session.starts_at.astimezone(ZoneInfo(zone))
    course = session.course
    return {
        "zh": course.name_zh, "en": course.name_en, "start_day": starts.date().isoformat(),
        "clock": f"{starts:%H:%M}", "place": session.place or session.link or "—",
    }  # fmt: skip


def tell_people(code: str, session: TrainingSession, employee_ids: Iterable[int], zone: str) -> None:
    """Tell people something about a session; `zone` is the workspace's."""
    tell(
        code, user_ids=accounts_of(employee_ids).values(), path=f"training/{session.pk}/", key=f"{session.pk}",
        **_values(session, zone),
    )  # fmt: skip


def tell_asked(found: Enrolment, zone: str, *, on: date) -> None:
    """Ask who leads a person whether they may take part; HR where nobody does."""
    users = managers_of(found.employee_id, on=on) or given(MANAGE_TRAINING)
    tell(
        ASKED, user_ids=users, path=f"training/{found.session_id}/", key=f"{found.pk}", name=found.employee.name,
        **_values(found.session, zone),
    )  # fmt: skip


def settle_asked(found: Enrolment) -> None:
    """What was asked about an enrolment is answered."""
    notifications.settle(ASKED, f"{found.pk}")


def remind(found: Iterable[Enrolment], zone: str, now: datetime) -> int:
    """Remind participants that their training is tomorrow, each once; return how many."""
    told = list(found)
    people: dict[TrainingSession, list[int]] = {}
    for one in told:
        people.setdefault(one.session, []).append(one.employee_id)
    for session, ids in people.items():
        tell_people(REMINDER, session, ids, zone)
    Enrolment.objects.filter(pk__in=[one.pk for one in told]).update(reminded_at=now)
    return len(told)
