"""What an address of the list of suppressed addresses asks for."""

from collections.abc import Mapping

from perfmgmt.notify.models import SuppressionReason
from perfmgmt.notify.suppression import SORTS

PARAMETERS = ("q", "reason", "sort")


def read(query: Mapping[str, str]) -> dict[str, str]:
    """Return search, reason and sort, with nonsense taken out."""
    reason, sort = query.get("reason", ""), query.get("sort", "")
    return {
        "search": query.get("q", "")[:254].replace("\0", "").strip(),
        "reason": reason if reason in SuppressionReason.values else "",
        "sort": sort if sort in SORTS else "-at",
    }
