"""Reads of remarks: the list as its address asks for it, and one with all that its page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.models import Remark, RemarkChannel, RemarkKind, RemarkState
from reviews.remarks.access import visible_remarks

PARAMETERS = frozenset({"q", "kind", "channel", "state", "sort"})
SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("-day", "-pk"),
    "day": ("day", "pk"), "-day": ("-day", "-pk"),
    "employee": ("employee__name_key", "-day", "-pk"), "-employee": ("-employee__name_key", "-day", "-pk"),
    "kind": ("kind", "-day", "-pk"), "-kind": ("-kind", "-day", "-pk"),
    "state": ("state", "-day", "-pk"), "-state": ("-state", "-day", "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    search: str = ""
    kind: str = ""
    channel: str = ""
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    kind, channel, state = (query.get(name, "") for name in ("kind", "channel", "state"))
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        kind=kind if kind in RemarkKind.values else "",
        channel=channel if channel in RemarkChannel.values else "",
        state=state if state in RemarkState.values else "",
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "",
    )


def remarks(wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[Remark]:
    """Return the remarks a viewer sees, with person, contact, company and author, in the order asked for."""
    found = visible_remarks(viewer, today).select_related("employee", "contact__customer", "logged_by")
    for name in ("kind", "channel", "state"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    if text := wanted.search:
        # Contacts' names are not searched: they could be guessed letter by letter.
        found = found.filter(
            Q(text__icontains=text) | Q(customer_name__icontains=text) | Q(employee__name__icontains=text)
            | Q(contact__customer__name__icontains=text)
        )  # fmt: skip
    return found.order_by(*SORTS[wanted.sort])


def remark_of(remark_id: int, *, viewer: Viewer, today: date) -> Remark:
    """Return a remark that a viewer sees, with all that its page shows; raise NotFound."""
    rows = visible_remarks(viewer, today).select_related("employee", "contact__customer", "logged_by", "decided_by")
    found = rows.filter(pk=remark_id).first()
    if found is None:
        raise NotFound
    return found
