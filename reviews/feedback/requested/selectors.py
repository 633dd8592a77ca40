"""Reads of requested feedback: what one asked, what one was asked, one of each with all that its page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.feedback.requested.access import own_asks, visible_requests
from reviews.models import AskState, FeedbackAsk, FeedbackRequest

PARAMETERS = frozenset({"q", "state", "sort"})
STATES = ("open", "over")
SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("-due", "-pk"), "due": ("due", "pk"), "-due": ("-due", "-pk"), "topic": ("topic", "-pk"),
    "-topic": ("-topic", "-pk"), "person": ("employee__name_key", "-pk"), "-person": ("-employee__name_key", "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class WantedRequests:
    """What an address of a list asks for, with nonsense taken out."""

    search: str = ""
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.state)


def read(query: Mapping[str, str]) -> WantedRequests:
    """Return what an address asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return WantedRequests(
        query.get("q", "")[:100].replace("\0", "").strip(), state if state in STATES else "",
        sort if sort in SORTS else "",
    )  # fmt: skip


def requests(wanted: WantedRequests, *, viewer: Viewer, today: date) -> QuerySet[FeedbackRequest]:
    """Return the requests whose replies a viewer reads, with the person and how many were asked and replied."""
    found = visible_requests(viewer).select_related("employee", "asked_by")
    if wanted.search:
        found = found.filter(Q(topic__icontains=wanted.search) | Q(employee__name__icontains=wanted.search))
    if wanted.state:
        running = Q(closed_at=None, due__gte=today)
        found = found.filter(running if wanted.state == "open" else ~running)
    counted = found.annotate(asked=Count("asks"), replied=Count("asks", filter=Q(asks__state=AskState.REPLIED)))
    return counted.order_by(*SORTS[wanted.sort])


def asks(wanted: WantedRequests, *, viewer: Viewer, today: date) -> QuerySet[FeedbackAsk]:
    """Return what a viewer was asked, with the request, its asker and its person."""
    found = own_asks(viewer).select_related("request__employee", "request__asked_by")
    if wanted.search:
        words = wanted.search
        found = found.filter(
            Q(request__topic__icontains=words) | Q(request__employee__name__icontains=words)
            | Q(request__asked_by__name__icontains=words)
        )  # fmt: skip
    if wanted.state:
        waits = Q(state=AskState.OPEN, request__closed_at=None, request__due__gte=today)
        found = found.filter(waits if wanted.state == "open" else ~waits)
    keys = SORTS[wanted.sort]
    return found.order_by(*(key if key.lstrip("-") == "pk" else _below(key) for key in keys))


def _below(key: str) -> str:
    down, name = ("-", key[1:]) if key.startswith("-") else ("", key)
    return f"{down}request__{name}"


def waiting_asks(viewer: Viewer, today: date) -> QuerySet[FeedbackAsk]:
    """Return what waits for a viewer's reply, the most urgent first."""
    rows = own_asks(viewer).filter(state=AskState.OPEN, request__closed_at=None, request__due__gte=today)
    return rows.order_by("request__due", "pk")


def request_of(request_id: int, *, viewer: Viewer) -> FeedbackRequest:
    """Return a request whose replies a viewer reads. Raises NotFound."""
    found = visible_requests(viewer).select_related("employee", "asked_by").filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


def ask_of(ask_id: int, *, viewer: Viewer) -> FeedbackAsk:
    """Return what a viewer was asked. Raises NotFound."""
    found = own_asks(viewer).select_related("request__employee", "request__asked_by").filter(pk=ask_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Reply:
    """What one colleague said: (question, text) for each question they said something to."""

    ask: FeedbackAsk
    said: list[tuple[str, str]]


def replies(request: FeedbackRequest) -> list[Reply]:
    """Return everybody who was asked, who replied first, with what they said; one query."""
    rows = request.asks.select_related("employee").order_by("employee__name_key", "pk")
    found = [
        Reply(one, [(question, one.said[number]) for number, question in request.questions if one.said[number]])
        for one in rows
    ]
    return sorted(found, key=lambda one: one.ask.state != AskState.REPLIED)
