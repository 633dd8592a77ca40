"""One group for one rater of a person (RULES.md section 14): under their name, or among anonymous colleagues.

Who knows what an identified rater knows, and an answer of an anonymous group beside it, has one answer less to guess
than the group's minimum promises. `rater_in_one_group` says it to the database; here it is made true before a row is
written.
"""

from collections.abc import Collection

from reviews.answers import door
from reviews.models import Rater, RaterState
from reviews.raters.rules import ASKED_STATES, COLLEAGUES, LEADS_NOW, LIVE_STATES


def is_a_colleague(participant_id: int, employee_id: int) -> bool:
    """Return whether somebody is chosen or asked in an anonymous group of a person, done or not."""
    rows = Rater.objects.filter(participant_id=participant_id, employee_id=employee_id, group__in=COLLEAGUES)
    return rows.filter(state__in=LIVE_STATES).exists()


def leave_colleagues(participant_id: int, employee_ids: Collection[int]) -> None:
    """Take people who lead a person now out of the person's anonymous groups, with everything they said there.

    For changes that nobody chose (another manager, a leaver's work). The cycle is open and the ratee locked: nothing
    that follows from their answers has been seen yet.
    """
    rows = Rater.objects.select_for_update(of=("self",)).filter(
        participant_id=participant_id, employee_id__in=employee_ids, group__in=COLLEAGUES, state__in=LIVE_STATES
    )
    for row in rows.order_by("pk"):
        if row.state in ASKED_STATES:
            door.withdraw(row)
        row.state, row.reason = RaterState.REMOVED, LEADS_NOW
        row.save(update_fields=["state", "reason", "updated_at"])
