"""Proposals from results (R14): the list, and taking one up or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from reviews.models import Proposal, ProposalKind, ProposalState
from reviews.permissions import DECIDE_PROPOSALS
from reviews.results.access import Reach

PARAMETERS = frozenset({"state", "kind", "cycle", "q", "sort"})
ALL = "all"
_NAME = "result__participant__employee__name_key"
SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("-result__batch__cycle__start", _NAME, "pk"),
    "name": (_NAME, "pk"), "-name": (f"-{_NAME}", "pk"),
    "score": (F("result__score").asc(nulls_last=True), "pk"),
    "-score": (F("result__score").desc(nulls_last=True), "pk"),
    "kind": ("kind", _NAME, "pk"), "-kind": ("-kind", _NAME, "pk"),
}  # fmt: skip


@dataclass(frozen=True)
class WantedProposals:
    """What an address of the list asks for, with nonsense taken out."""

    state: str = ProposalState.OPEN
    kind: str = ""
    cycle: int = 0
    search: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.kind or self.cycle or self.search or self.state != ProposalState.OPEN)


def number(text: str) -> int:
    """Return the id that an address names; 0 for nonsense."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0


def read(query: Mapping[str, str]) -> WantedProposals:
    """Return what an address asks for."""
    state, kind, sort = query.get("state", ""), query.get("kind", ""), query.get("sort", "")
    return WantedProposals(
        state if state in (*ProposalState.values, ALL) else ProposalState.OPEN,
        kind if kind in ProposalKind.values else "",
        number(query.get("cycle", "")),
        query.get("q", "")[:100].replace("\0", "").strip(),
        sort if sort in SORTS else "",
    )


def proposals_for(wanted: WantedProposals, *, reach: Reach) -> QuerySet[Proposal]:
    """Return the proposals a viewer may decide about, never those about themselves, in the order asked for."""
    found = Proposal.objects.filter(reach.led_filter("result__participant__employee_id"))
    found = found.select_related("result__participant__employee", "result__batch__cycle", "decided_by")
    if wanted.state != ALL:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.cycle:
        found = found.filter(result__batch__cycle_id=wanted.cycle)
    if text := wanted.search:
        who = "result__participant__employee"
        found = found.filter(Q(**{f"{who}__name__icontains": text}) | Q(**{f"{who}__number__istartswith": text}))
    return found.order_by(*SORTS[wanted.sort])


@transaction.atomic
def decide(proposal_id: int, state: str, note: str, *, reach: Reach) -> Proposal:
    """Accept or dismiss a proposal, with a note; the same again changes nothing, nothing else follows by itself.

    Accepting announces `reviews.proposal_accepted`. Raises NotFound for one out of reach, Conflict for one that
    somebody decided otherwise.
    """
    if not reach.viewer.may(DECIDE_PROPOSALS) or reach.viewer.left_until is not None:
        raise NotAllowed
    rows = Proposal.objects.select_related("result__participant").select_for_update(of=("self",))
    found = rows.filter(pk=proposal_id).first()
    if found is None or not reach.leads(found.result.participant.employee_id):
        raise NotFound
    if state not in (ProposalState.ACCEPTED, ProposalState.DISMISSED):
        raise NotFound
    if found.state == state:
        return found
    if found.state != ProposalState.OPEN:
        raise Conflict(_("Somebody has decided about this proposal already. Reload the page to see it."))
    found.state, found.note = state, note.strip()[:500]
    found.decided_by_id, found.decided_at = reach.viewer.user_id, timezone.now()
    found.save(update_fields=["state", "note", "decided_by", "decided_at"])
    if state == ProposalState.ACCEPTED:
        publish("reviews.proposal_accepted", proposal_id=found.pk, kind=found.kind)
    return found
