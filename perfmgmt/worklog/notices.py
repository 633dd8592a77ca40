"""What people are told about entries of the work log."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from perfmgmt.notify.notifications import NotificationKind, settle, tell
from perfmgmt.people.telling import accounts_of, managers_of
from perfmgmt.people.viewer import Viewer
from perfmgmt.worklog.models import EntryState, WorkEntry

WAITING, APPROVED, RETURNED = "worklog.waiting", "worklog.approved", "worklog.returned"


def _waiting(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s entry of %(name)s waits for your approval.",
        "%(n)s entries of %(name)s wait for your approval.",
        values["n"],
    )
    return text % values


def _approved(values: dict[str, Any]) -> str:
    text = ngettext("%(n)s entry of your work log was approved.", "%(n)s entries of your work log were approved.",
                    values["n"])  # fmt: skip
    return text % values


def _returned(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s entry of your work log was returned: %(comment)s",
        "%(n)s entries of your work log were returned: %(comment)s",
        values["n"],
    )
    return text % values


KINDS = (
    NotificationKind(WAITING, _waiting, "checks", title=gettext_lazy("Entries wait for my approval")),
    NotificationKind(APPROVED, _approved, "check", "good", gettext_lazy("My entries are approved")),
    NotificationKind(RETURNED, _returned, "arrow-back-up", "warn", gettext_lazy("An entry of mine is returned")),
)


def tell_waiting(count: int, *, viewer: Viewer, today: date) -> None:
    """Tell the manager, and who stands in for them, that entries wait; unread ones of a person become one line."""
    if count and viewer.employee_id is not None:
        tell(
            WAITING, user_ids=managers_of(viewer.employee_id, on=today), path="approvals/",
            key=f"{viewer.employee_id}", name=viewer.display_name, n=count,
        )  # fmt: skip


def settle_waiting(employee_ids: Iterable[int]) -> None:
    """Take back that somebody's entries wait, once none of theirs does."""
    asked = set(employee_ids)
    still = WorkEntry.objects.filter(employee_id__in=asked, state=EntryState.SUBMITTED)
    for employee_id in asked - set(still.values_list("employee_id", flat=True)):
        settle(WAITING, f"{employee_id}")


def tell_decided(entries: Iterable[WorkEntry], *, comment: str) -> None:
    """Tell people what was decided about their entries."""
    counts = Counter((entry.employee_id, entry.state) for entry in entries)
    accounts = accounts_of(employee_id for employee_id, _state in counts)
    days = {entry.employee_id: entry.day for entry in entries}
    for (employee_id, state), n in counts.items():
        if employee_id not in accounts:
            continue
        path = f"log/?day={days[employee_id].isoformat()}"
        if state == EntryState.APPROVED:
            tell(APPROVED, user_ids=[accounts[employee_id]], path=path, key="approved", n=n)
        else:
            tell(RETURNED, user_ids=[accounts[employee_id]], path=path, n=n, comment=comment)
