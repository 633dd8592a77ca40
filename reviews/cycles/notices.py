"""What people are told about cycles: in the application and by mail, thousands at once in a few statements."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy, ngettext, override
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.letters import Letter
from perfmgmt.notify.notifications import NotificationKind, settle, tell
from perfmgmt.notify.services import queue_mails
from perfmgmt.people.models import Membership
from perfmgmt.people.telling import accounts_of, given
from perfmgmt.people.viewer import Workspace
from perfmgmt.web import formats
from reviews.models import ReviewCycle
from reviews.permissions import MANAGE_CYCLES

ASKED, REMINDER, MANAGER = "cycles.asked", "cycles.reminder", "cycles.manager_changed"
EXTENDED, CLOSING, CLOSED = "cycles.extended", "cycles.closing", "cycles.closed"
#: The page of the reviews one is asked for.
MY_REVIEWS = "reviews/"


def _until(values: Mapping[str, Any]) -> str:
    """Return the deadline; who shows notifications has written the day as the reader does."""
    return str(values.get("until_day") or formats.MISSING)


def _asked(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(cycle)s: you are asked for %(count)s review, until %(day)s.",
        "%(cycle)s: you are asked for %(count)s reviews, until %(day)s.",
        values["count"],
    )
    return text % {**values, "day": _until(values)}


def _reminder(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(cycle)s: %(count)s review of yours is still open, until %(day)s.",
        "%(cycle)s: %(count)s reviews of yours are still open, until %(day)s.",
        values["count"],
    )
    return text % {**values, "day": _until(values)}


def _extended(values: dict[str, Any]) -> str:
    return str(_("{cycle}: there is more time, until {day}.")).format(cycle=values["cycle"], day=_until(values))


def _closing(values: dict[str, Any]) -> str:
    text = _("{cycle} closes after {day}. What is not handed in by then does not count.")
    return str(text).format(cycle=values["cycle"], day=_until(values))


KINDS = (
    NotificationKind(ASKED, _asked, "clipboard-text", title=gettext_lazy("I am asked for reviews (also by mail)")),
    NotificationKind(
        REMINDER, _reminder, "clock-exclamation", "warn",
        gettext_lazy("Reviews of mine are still open (also by mail)"),
    ),
    NotificationKind(
        MANAGER, _("{cycle}: {name} has another manager now: {manager}."), "transfer", "warn",
        gettext_lazy("A manager changes during a review cycle"),
    ),
    NotificationKind(EXTENDED, _extended, "calendar-event", title=gettext_lazy("A review cycle has more time")),
    NotificationKind(CLOSING, _closing, "clock-exclamation", "warn", gettext_lazy("A review cycle closes soon")),
    NotificationKind(
        CLOSED, _("{cycle} has closed by itself. Calibration and release come next."), "lock",
        title=gettext_lazy("A review cycle has closed by itself"),
    ),
)  # fmt: skip


def key_of(cycle: ReviewCycle) -> str:
    """Return what marks a cycle's notifications: a newer one takes the place of one that was not read."""
    return f"cycle:{cycle.pk}"


def tell_asked(cycle: ReviewCycle, counts: Mapping[int, int], workspace: Workspace) -> int:
    """Tell raters of how many reviews they are asked for (employee -> n), by notice and mail; return how many."""
    return _tell(ASKED, cycle, counts, workspace, asked_letter)


def remind(cycle: ReviewCycle, counts: Mapping[int, int], workspace: Workspace) -> int:
    """Remind raters of how many reviews are still open (employee -> n), by notice and mail; return how many."""
    return _tell(REMINDER, cycle, counts, workspace, reminder_letter)


def _tell(
    kind: str, cycle: ReviewCycle, counts: Mapping[int, int], workspace: Workspace,
    letter: Callable[[ReviewCycle, int, Workspace, str], Letter],
) -> int:  # fmt: skip
    members = list(Membership.objects.select_related("user").filter(employee_id__in=list(counts)))
    by_count: dict[int, list[int]] = defaultdict(list)
    for member in members:
        by_count[counts[member.employee_id or 0]].append(member.user_id)
    until = cycle.answer_until.isoformat() if cycle.answer_until else ""
    for count, users in sorted(by_count.items()):
        tell(kind, user_ids=users, path=MY_REVIEWS, key=key_of(cycle), cycle=cycle.name, count=count, until_day=until)
    letters: dict[tuple[int, str], Letter] = {}
    mails = []
    for member in members:
        if kind in member.user.muted or not member.user.is_active:
            continue
        one = (counts[member.employee_id or 0], member.user.language or workspace.language)
        if one not in letters:
            letters[one] = letter(cycle, one[0], workspace, one[1])
        mails.append((letters[one], member.user.email, one[1]))
    queue_mails(mails, kind=kind)
    return len(members)


def _link(workspace: Workspace, path: str) -> str:
    return f"{settings.SITE_URL}/w/{workspace.slug}/{path}" if settings.SITE_URL else ""


def asked_letter(cycle: ReviewCycle, count: int, workspace: Workspace, language: str) -> Letter:
    """Return the mail to somebody who is asked for reviews."""
    with override(language):
        subject = ngettext("%(cycle)s: %(n)s review to write", "%(cycle)s: %(n)s reviews to write", count)
        text = _("The page says of each question who will see your answer and what it affects. "
                 "What you have written is kept as you type.")  # fmt: skip
        footnote = _("You get this once when a review cycle begins. In your account you choose what you are told.")
        return _letter(cycle, subject % {"cycle": cycle.name, "n": count}, str(text), str(footnote), workspace)


def reminder_letter(cycle: ReviewCycle, count: int, workspace: Workspace, language: str) -> Letter:
    """Return the mail that reminds somebody of open reviews."""
    with override(language):
        subject = ngettext("%(cycle)s: %(n)s review is still open", "%(cycle)s: %(n)s reviews are still open", count)
        text = _("If you can't judge somebody, say so: that is an answer, too.")
        footnote = _("You get this once a day at most, while something is open. In your account you choose what "
                     "you are told.")  # fmt: skip
        return _letter(cycle, subject % {"cycle": cycle.name, "n": count}, str(text), str(footnote), workspace)


def _letter(cycle: ReviewCycle, subject: str, text: str, footnote: str, workspace: Workspace) -> Letter:
    link = _link(workspace, MY_REVIEWS)
    details: list[tuple[Any, Any]] = [(str(_("Workspace")), workspace.name)]
    if cycle.answer_until is not None:
        details.insert(0, (str(_("Until")), formats.day(cycle.answer_until)))
    return Letter(
        subject,
        [text],
        action=(str(_("Open my reviews")), link) if link else None,
        details=details,
        footnote=footnote,
    )


def tell_extended(cycle: ReviewCycle, employee_ids: Iterable[int], until: date) -> int:
    """Tell raters with something open that there is more time."""
    users = accounts_of(employee_ids).values()
    return tell(
        EXTENDED, user_ids=users, path=MY_REVIEWS, key=key_of(cycle), cycle=cycle.name, until_day=until.isoformat()
    )


def tell_closing(cycle: ReviewCycle, employee_ids: Iterable[int], day: date) -> int:
    """Tell raters with something open, and HR, after which day a cycle closes by itself."""
    raters, hr = set(accounts_of(employee_ids).values()), set(given(MANAGE_CYCLES))
    told = tell(
        CLOSING, user_ids=raters, path=MY_REVIEWS, key=key_of(cycle), cycle=cycle.name, until_day=day.isoformat()
    )
    return told + tell(
        CLOSING, user_ids=hr - raters, path=f"cycles/{cycle.pk}/", key=key_of(cycle), cycle=cycle.name,
        until_day=day.isoformat(),
    )  # fmt: skip


def tell_closed(cycle: ReviewCycle) -> int:
    """Tell HR that a cycle has closed by itself."""
    return tell(
        CLOSED, user_ids=given(MANAGE_CYCLES), path=f"cycles/{cycle.pk}/", key=key_of(cycle), cycle=cycle.name
    )


def tell_manager_changed(cycle: ReviewCycle, participant_id: int, *, name: str, manager: str) -> int:
    """Tell HR that somebody in an open cycle has another manager."""
    return tell(
        MANAGER, user_ids=given(MANAGE_CYCLES), path=f"cycles/participants/{participant_id}/",
        key=f"cycle:{cycle.pk}:{participant_id}", cycle=cycle.name, name=name, manager=manager,
    )  # fmt: skip


def settle_all(cycle: ReviewCycle) -> None:
    """Nothing is asked any more: the cycle is closed."""
    for kind in (ASKED, REMINDER, EXTENDED, CLOSING):
        settle(kind, key_of(cycle))
