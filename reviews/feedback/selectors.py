"""Reads of feedback: what one received and gave, the wall of praise, what the people one leads received."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.feedback.access import (
    may_change,
    may_hide,
    may_react,
    on_wall,
    own,
    received_by,
    to_team,
    visible_feedback,
)
from reviews.models import (
    CompanyValue,
    Feedback,
    FeedbackKind,
    FeedbackReceiver,
    HiddenPraise,
    PraiseReaction,
    ReactionKind,
)

RECEIVED, GIVEN, WALL, TEAM = "received", "given", "wall", "team"
PARAMETERS = frozenset({"q", "person", "value", "kind", "from", "to", "sort"})
SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("-day", "-pk"), "oldest": ("day", "pk"), "reactions": ("-clicks", "-day", "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of a list asks for, with nonsense taken out; `person` is a name or employee number."""

    search: str = ""
    person: str = ""
    value: int | None = None
    kind: str = ""
    first: date | None = None
    last: date | None = None
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    kind, value, sort = query.get("kind", ""), query.get("value", ""), query.get("sort", "")
    return Wanted(
        search=_words(query.get("q", "")), person=_words(query.get("person", "")),
        value=int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None,
        kind=kind if kind in FeedbackKind.values else "", first=_day(query.get("from", "")),
        last=_day(query.get("to", "")), sort=sort if sort in SORTS else "",
    )  # fmt: skip


def _words(text: str) -> str:
    return text[:100].replace("\0", "").strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def listed(tab: str, wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[Feedback]:
    """Return the feedback of a tab as a viewer reads it, in the order asked for, with value and giver."""
    found = _of_tab(tab, viewer, today).select_related("value", "giver", "by")
    if wanted.search:
        found = found.filter(text__icontains=wanted.search)
    if wanted.person:
        found = found.filter(_about(wanted.person))
    if wanted.value is not None:
        found = found.filter(value_id=wanted.value)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.first:
        found = found.filter(day__gte=wanted.first)
    if wanted.last:
        found = found.filter(day__lte=wanted.last)
    if wanted.sort == "reactions":
        found = found.annotate(clicks=Count("reactions"))
    return found.order_by(*SORTS[wanted.sort])


def _of_tab(tab: str, viewer: Viewer, today: date) -> QuerySet[Feedback]:
    seen = visible_feedback(viewer, today)
    if tab == RECEIVED:
        return seen.filter(received_by(viewer.employee_id or 0))
    if tab == GIVEN:
        return seen.filter(by_id=viewer.user_id)
    if tab == TEAM:
        return seen.filter(to_team(viewer, today))
    wall = on_wall()
    return wall if viewer.left_until is None else wall.filter(own(viewer))


def _about(person: str) -> Q:
    """The condition for feedback from or for whom a text names."""
    named = Q(employee__name__icontains=person) | Q(employee__number__iexact=person)
    received = Exists(FeedbackReceiver.objects.filter(named, feedback=OuterRef("pk")))
    return Q(received) | Q(giver__name__icontains=person) | Q(giver__number__iexact=person)


def active_values() -> list[CompanyValue]:
    """Return the values that praise can name, by name."""
    return sorted(CompanyValue.objects.filter(is_archived=False), key=lambda one: one.name.casefold())


@dataclass(frozen=True)
class Click:
    """A kind of reaction to one praise: its word, how many, whether the viewer is among them."""

    kind: str
    word: str
    icon: str
    n: int
    mine: bool


@dataclass(frozen=True)
class Shown:
    """One feedback as a list shows it."""

    feedback: Feedback
    receivers: list[str]
    clicks: list[Click] = field(default_factory=list)
    hidden_because: str = ""
    may_react: bool = False
    may_change: bool = False
    may_hide: bool = False

    @property
    def giver(self) -> str:
        """Who gave it; "" when they are no longer there."""
        one = self.feedback
        return one.giver.name if one.giver else (one.by.name or one.by.email) if one.by else ""


ICONS = {ReactionKind.THANKS: "heart", ReactionKind.AGREE: "thumb-up", ReactionKind.APPLAUSE: "confetti"}


def shown(rows: Iterable[Feedback], *, viewer: Viewer, now: datetime) -> list[Shown]:
    """Return rows with their receivers, reactions and what the viewer may do; three queries for all of them."""
    found = list(rows)
    ids = [one.pk for one in found]
    names = receivers_of(ids)
    clicks = _clicks(ids, viewer)
    hidden = dict(HiddenPraise.objects.filter(feedback__in=ids).values_list("feedback_id", "reason"))
    return [
        Shown(
            one, names.get(one.pk, []), _row(clicks.get(one.pk, {})) if one.kind == FeedbackKind.PRAISE else [],
            hidden.get(one.pk, ""), may_react(one, viewer) and one.pk not in hidden, may_change(one, viewer, now),
            may_hide(one, viewer),
        )
        for one in found
    ]  # fmt: skip


def receivers_of(ids: list[int]) -> dict[int, list[str]]:
    """Return the names of the receivers by feedback; one query."""
    found: dict[int, list[str]] = {}
    rows = FeedbackReceiver.objects.filter(feedback__in=ids).order_by("employee__name_key", "pk")
    for pk, name in rows.values_list("feedback_id", "employee__name"):
        found.setdefault(pk, []).append(name)
    return found


def _clicks(ids: list[int], viewer: Viewer) -> dict[int, dict[str, tuple[int, bool]]]:
    rows = (
        PraiseReaction.objects.filter(feedback__in=ids).values("feedback_id", "kind")
        .annotate(n=Count("pk"), own=Count("pk", filter=Q(by_id=viewer.user_id))).order_by()
    )  # fmt: skip
    found: dict[int, dict[str, tuple[int, bool]]] = {}
    for row in rows:
        found.setdefault(row["feedback_id"], {})[row["kind"]] = (row["n"], row["own"] > 0)
    return found


def _row(counts: Mapping[str, tuple[int, bool]]) -> list[Click]:
    kinds: Any = ReactionKind
    return [Click(one.value, str(one.label), ICONS[one], *counts.get(one.value, (0, False))) for one in kinds]


def feedback_of(feedback_id: int, *, viewer: Viewer, today: date) -> Feedback:
    """Return feedback that a viewer reads, with value and giver. Raises NotFound."""
    rows = visible_feedback(viewer, today).select_related("value", "giver", "by")
    found = rows.filter(pk=feedback_id).first()
    if found is None:
        raise NotFound
    return found
