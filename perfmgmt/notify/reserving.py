"""Which mails a worker sends next: reserved by the batch, marked one by one just before each is handed over.

The statements for each mail are written out: building them anew for each of ten thousand mails takes longer than the
server needs to take one.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from perfmgmt.notify import fates, turns
from perfmgmt.notify.models import WAITING, AccountMail, MailState, OutgoingMail, WorkspaceMail
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.scope import current_tenant_id

BATCH = 100
# How long a batch's mails are kept from other workers; one that dies holds up what it had not begun no longer.
RESERVED = timedelta(minutes=5)
# How long to wait after the first, second … attempt; after the last one the mail has failed.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360)]
# In place of a server's answer; not translated, as those are not.
HELD_BACK = "Not sent again: the recipient has answered, or gets no more mail."
LOCKS: dict[type[OutgoingMail], Lock] = {WorkspaceMail: Lock.MAIL, AccountMail: Lock.ACCOUNT_MAIL}
_MARK = """
    UPDATE {table} SET state = 'sending', attempts = %(attempts)s, due_at = %(due)s
    WHERE id = %(id)s {wall} AND due_at = %(until)s AND state IN ('queued', 'sending')
"""
_OURS = """
    SELECT 1 FROM {table} WHERE id = %(id)s {wall} AND state = 'sending' AND attempts = %(attempts)s
        AND pg_try_advisory_xact_lock(%(kind)s, %(key)s)
"""


def waiting(model: type[OutgoingMail]) -> QuerySet[Any]:
    """Return the mail that is still to be sent, in the open scope."""
    return model._default_manager.filter(state__in=WAITING)


class Batch:
    """Mails reserved until a moment, in the order in which they are sent."""

    def __init__(self, model: type[OutgoingMail], mails: list[Any], until: datetime, *, is_full: bool) -> None:
        self.model, self.until, self.is_full = model, until, is_full
        self.left = deque(mails)
        self._wall = "AND tenant_id = %(tenant)s" if model is WorkspaceMail else ""

    def mark_next(self) -> Any:
        """Mark the next mail as being sent, count the attempt and return it; None when none is left.

        One that was stopped or taken by somebody else meanwhile is passed over.
        """
        while self.left:
            mail = self.left.popleft()
            due = timezone.now() + PAUSES[min(mail.attempts, len(PAUSES) - 1)]
            if self._run(_MARK, mail, attempts=mail.attempts + 1, due=due, until=self.until):
                mail.state, mail.attempts, mail.due_at = MailState.SENDING, mail.attempts + 1, due
                return mail
        return None

    def is_ours(self, mail: OutgoingMail) -> bool:
        """Lock a marked mail until the transaction ends; False when it was stopped or is another's meanwhile."""
        return self._run(_OURS, mail, attempts=mail.attempts, kind=int(LOCKS[self.model]), key=mail.pk % 2**31)

    def release(self) -> None:
        """Give back what was not begun."""
        mine = waiting(self.model).filter(pk__in=[mail.pk for mail in self.left], due_at=self.until)
        mine.update(due_at=timezone.now())

    def _run(self, statement: str, mail: OutgoingMail, **values: Any) -> bool:
        """Execute a statement for one mail; return whether it met a row."""
        sql = statement.format(table=self.model._meta.db_table, wall=self._wall)
        tenant = {"tenant": current_tenant_id()} if self._wall else {}
        with connection.cursor() as cursor:
            cursor.execute(sql, {"id": mail.pk, **tenant, **values})
            return bool(cursor.rowcount == 1)


def reserve(model: type[OutgoingMail], *, end: Callable[[Any, MailState], None]) -> Batch:
    """Reserve the mails that are due, as many as a batch and their domains' turns allow.

    What is due and must not be tried again is given to `end` with the state it ends in.
    """
    now = timezone.now()
    due = waiting(model).filter(due_at__lte=now).order_by("due_at", "pk")
    found = list(due.select_for_update(skip_locked=True)[:BATCH])
    ready: list[Any] = []
    held = _held_back(model, found)
    settled = 0
    for mail in found:
        if mail.state == MailState.SENDING and not try_lock(LOCKS[model], mail.pk):
            continue  # a slow server still has another worker's attempt
        settled += 1
        if mail.state == MailState.SENDING and mail.at_most_once:
            end(mail, MailState.UNKNOWN)
        elif mail.attempts > len(PAUSES):
            end(mail, MailState.FAILED)
        elif mail.pk in held:
            mail.error = HELD_BACK
            end(mail, MailState.FAILED)
        else:
            ready.append(mail)
    until = now + RESERVED
    allowed, without_turn = _with_turns(ready)
    model._default_manager.filter(pk__in=[mail.pk for mail in allowed]).update(due_at=until)
    for domain in without_turn:
        turns.put_off(domain, current_tenant_id())
    return Batch(model, allowed, until, is_full=settled > 0 and len(found) == BATCH)


def _held_back(model: type[OutgoingMail], mails: list[Any]) -> set[int]:
    """Return those of the mails that were tried before and must not be again: what stops mail passes over one that a
    server has at that moment, and so it may be refused for now afterwards."""
    again = [mail for mail in mails if mail.attempts]
    return fates.held_back(again) if again and model is WorkspaceMail else set()


def _with_turns(mails: list[Any]) -> tuple[list[Any], list[str]]:
    """Return the mails whose domains had a turn for them, in their order, and the domains that had none left."""
    allowed: set[int] = set()
    none_left: set[str] = set()
    # Always in the order of the domains: two workers never wait for each other.
    for mail in sorted(mails, key=lambda mail: getattr(mail, "domain", "")):
        domain = getattr(mail, "domain", "")
        if domain in none_left:
            continue
        if turns.take(domain):
            allowed.add(mail.pk)
        else:
            none_left.add(domain)
    return [mail for mail in mails if mail.pk in allowed], sorted(none_left)
