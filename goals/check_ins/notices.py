"""What people are told about check-ins."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _

from goals.check_ins.rules import week_label
from goals.models import CheckIn
from perfmgmt.notify.notifications import NotificationKind, settle, tell
from perfmgmt.people.telling import accounts_of, managers_of
from perfmgmt.web import formats

SENT, HELP, ANSWERED = "check_ins.sent", "check_ins.help", "check_ins.answered"
CONFIRMED, REMINDER, MISSING = "check_ins.confirmed", "check_ins.reminder", "check_ins.missing"


def _sent(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s check-in of %(week)s has come in.", "%(n)s check-ins of %(week)s have come in.", values["n"]
    )
    return text % {"n": values["n"], "week": formats.period(values["week"])}


def _answered(values: dict[str, Any]) -> str:
    text = _("{name} has answered your check-in of {week}.")
    return str(text).format(name=values["name"], week=formats.period(values["week"]))


def _confirmed(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(name)s has confirmed %(n)s key task of yours.", "%(name)s has confirmed %(n)s key tasks of yours.",
        values["n"],
    )  # fmt: skip
    return text % values


def _reminder(values: dict[str, Any]) -> str:
    return str(_("Your check-in of {week} is due.")).format(week=formats.period(values["week"]))


def _missing(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s person of your team has not checked in for %(week)s.",
        "%(n)s people of your team have not checked in for %(week)s.",
        values["n"],
    )
    return text % {"n": values["n"], "week": formats.period(values["week"])}


KINDS = (
    NotificationKind(SENT, _sent, "calendar-check", title=gettext_lazy("Check-ins of my team come in")),
    NotificationKind(
        HELP, _("{name} asks for help: {text}"), "lifebuoy", "warn", gettext_lazy("Somebody of my team asks for help")
    ),
    NotificationKind(ANSWERED, _answered, "message", "good", gettext_lazy("My check-in is answered")),
    NotificationKind(CONFIRMED, _confirmed, "checks", "good", gettext_lazy("My key tasks are confirmed")),
    NotificationKind(
        REMINDER, _reminder, "calendar-check", "warn", gettext_lazy("My check-in is due (also by mail)")
    ),
    NotificationKind(
        MISSING, _missing, "calendar-x", "warn", gettext_lazy("Check-ins of my team are missing (also by mail)")
    ),
)


def tell_sent(check_in: CheckIn, *, name: str, today: date) -> None:
    """Tell the manager, and who stands in for them: several of a week become one line, help has its own."""
    users, week = managers_of(check_in.employee_id, on=today), week_label(check_in.week)
    if check_in.help_wanted:
        path = f"check-ins/{check_in.pk}/"
        tell(HELP, user_ids=users, path=path, key=f"{check_in.pk}", name=name, text=check_in.help_text)
    else:
        tell(SENT, user_ids=users, path=f"check-ins/?week={week}", key=week, week=week, n=1)


def settle_help(check_in: CheckIn) -> None:
    """Take back that somebody asks for help: it is answered, or they changed their mind."""
    settle(HELP, f"{check_in.pk}")


def tell_answered(check_in: CheckIn, *, name: str) -> None:
    """Tell a person that their check-in is answered."""
    week = week_label(check_in.week)
    tell(
        ANSWERED, user_ids=accounts_of([check_in.employee_id]).values(), path=f"check-in/?week={week}",
        key=f"{check_in.pk}", name=name, week=week,
    )  # fmt: skip


def settle_answer(check_in: CheckIn) -> None:
    """The person has read the answer."""
    settle(ANSWERED, f"{check_in.pk}")


def tell_confirmed(employee_id: int, *, week: date, n: int, name: str) -> None:
    """Tell a person that key tasks of theirs are confirmed."""
    label = week_label(week)
    users = accounts_of([employee_id]).values()
    tell(CONFIRMED, user_ids=users, path=f"check-in/?week={label}", key=f"{label}:{name}", name=name, n=n)
