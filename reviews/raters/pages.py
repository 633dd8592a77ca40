"""What the pages of raters show: cards of people by group, with what speaks for and against each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import directory
from reviews.models import NominationState, Participant, Rater, RaterState
from reviews.raters import selectors, words
from reviews.raters.circle import Circle, Load
from reviews.raters.rules import CUSTOMERS, INTERNAL, LIVE_STATES, Count, Link, count_fits, needed, usual_group
from reviews.raters.suggestions import MOST_SHOWN, links_of, suggested

MOST_FOUND = 12
MOST_TO_ASK = 8


@dataclass
class Card:
    """One person as a possible or actual rater. `value` is what the form sends, `conflict` why they can't."""

    employee: Employee
    group: str
    group_label: str
    place: str
    common: str
    has_common: bool
    load: Load
    most: int
    checked: bool = False
    conflict: str = ""
    rater: Rater | None = None

    @property
    def value(self) -> str:
        """The person in their group, as the form sends it."""
        return f"{self.group}:{self.employee.pk}"

    @property
    def key(self) -> str:
        """What makes ids on the page."""
        return f"{self.group}-{self.employee.pk}"

    @property
    def share(self) -> str:
        """The load as a share of the cap, in percent for a bar's width."""
        return f"{min(100, 100 * self.load.asked / self.most if self.most else 100):.0f}"

    @property
    def is_full(self) -> bool:
        """Whether nobody may ask them any more."""
        return self.load.asked >= self.most

    @property
    def was_removed(self) -> bool:
        """Whether they were asked once, and are no longer."""
        return self.rater is not None and self.rater.state == RaterState.REMOVED

    @property
    def has_declined(self) -> bool:
        """Whether they said that they can't."""
        return self.rater is not None and self.rater.state == RaterState.DECLINED


@dataclass
class Section:
    """A group on the page: who is chosen, who could be, how many it takes."""

    group: str
    label: str
    least: int
    most: int
    minimum: int
    chosen: list[Card] = field(default_factory=list)
    more: list[Card] = field(default_factory=list)
    gone: list[Card] = field(default_factory=list)
    remark: str = ""
    is_short: bool = False

    @property
    def n(self) -> int:
        """How many are chosen."""
        return len(self.chosen)


class Board:
    """A ratee's raters and candidates, read once; `search` looks through the whole company."""

    def __init__(self, request: WorkspaceRequest, participant: Participant, *, search: str = "") -> None:
        self.participant, self.search = participant, search[:100].replace("\0", "").strip()
        self.circle = Circle(participant.cycle, [participant], workspace=request.workspace)
        self.raters = self.circle.raters[participant.pk]
        self.links: dict[int, list[Link]] = {}
        self.places: dict[int, str] = {}
        self.found: list[Employee] = []

    def load(self, *, with_suggestions: bool) -> None:
        """Read everything the page needs: raters, suggestions, who is searched for, what they have in common."""
        if with_suggestions:
            self.links = suggested(self.circle, self.participant)
        if self.search and with_suggestions:
            today = self.circle.today
            people = directory(search=self.search, on=today).exclude(pk=self.participant.employee_id)
            self.found = list(people.filter(left_on=None)[:MOST_FOUND])
        self.circle.look_at([one.employee_id for one in self.raters] + [one.pk for one in self.found])
        unknown = {one.employee_id for one in self.raters} | {one.pk for one in self.found}
        self.links |= links_of(self.circle, self.participant, unknown) if unknown else {}
        self.places = places_of(self.circle.candidates, self.circle)

    def card(self, employee: Employee, group: str, rater: Rater | None = None) -> Card:
        """Return a person's card in a group."""
        links = self.links.get(employee.pk, [])
        found = self.circle.conflicts(self.participant, employee.pk, group)
        return Card(
            employee, group, str(self.circle.groups[group].get_group_display()), self.places.get(employee.pk, ""),
            words.links(links), bool(links), self.circle.loads.get(employee.pk, Load()),
            self.circle.cycle.most_per_rater, rater is not None and rater.state in LIVE_STATES,
            words.conflict(found[0]) if found else "", rater,
        )  # fmt: skip

    def sections(self, *, most_shown: int = MOST_SHOWN) -> list[Section]:
        """Return the groups with their people."""
        found = {}
        for group, limits in self.circle.limits.items():
            available = self.circle.available(self.participant, group)
            live = self.circle.live(self.participant, group)
            fit, least = count_fits(len(live), limits, available), needed(limits, available)
            label = str(self.circle.groups[group].get_group_display())
            section = Section(group, label, least, limits.most, limits.minimum)
            section.chosen = [self.card(one.employee, group, one) for one in live]
            section.gone = [
                self.card(one.employee, group, one)
                for one in self.raters
                if one.group == group and one.state not in LIVE_STATES
            ]
            section.remark = words.count(fit, limits, least)
            section.is_short = fit in (Count.TOO_FEW, Count.TOO_MANY)
            found[group] = section
        self._suggest(found, most_shown)
        return list(found.values())

    def _suggest(self, sections: dict[str, Section], most_shown: int) -> None:
        chosen = {one.employee_id for one in self.raters}
        for pk, links in self.links.items():
            group = usual_group(links, sections)
            person = self.circle.people.get(pk)
            if not group or pk in chosen or person is None or len(sections[group].more) >= most_shown:
                continue
            if any(one.pk == pk for one in self.found):
                continue
            card = self.card(person, group)
            if not card.conflict:
                sections[group].more.append(card)

    def results(self, group: str = "") -> list[list[Card]]:
        """Return who was searched for, each with a card for every group they could be in; one with its conflict."""
        found = []
        live = {one.employee_id for one in self.raters if one.state in LIVE_STATES}
        for person in self.found:
            cards = [self.card(person, name) for name in self.circle.limits if not group or name == group]
            free = [card for card in cards if not card.conflict]
            if person.pk in live:
                free, cards = [], [one for one in cards if one.group in self._groups_of(person.pk)] or cards
                cards[0].checked = True
            found.append(free or cards[:1])
        return [cards for cards in found if cards]

    def _groups_of(self, pk: int) -> set[str]:
        return {one.group for one in self.raters if one.employee_id == pk and one.state in LIVE_STATES}

    @property
    def asks_customers(self) -> bool:
        """Whether customers are a group: their opinion comes from surveys."""
        return CUSTOMERS in self.circle.groups

    @property
    def asks_internal(self) -> bool:
        """Whether internal customers are a group of their own."""
        return INTERNAL in self.circle.limits


def places_of(employee_ids: Iterable[int], circle: Circle) -> dict[int, str]:
    """Return where people work, "unit · position", as of the cycle's last day or today if that is earlier."""
    day = min(circle.cycle.end, circle.today)
    rows = Assignment.objects.select_related("unit", "position").filter(
        employee_id__in=list(employee_ids), valid_from__lte=day, valid_to__gte=day
    )
    return {one.employee_id: " · ".join(str(part) for part in (one.unit, one.position) if part) for one in rows}


def is_editable(participant: Participant, *, approves: bool, request: WorkspaceRequest) -> bool:
    """Return whether the viewer may change the choice now; the services say why not."""
    cycle = participant.cycle
    if cycle.state != "open" or participant.nomination == NominationState.APPROVED:
        return False
    if approves:
        return True
    late = cycle.nominate_until is not None and request.workspace.today() > cycle.nominate_until
    return participant.nomination == NominationState.OPEN and not late


def asked_counts(circle: Circle, participant: Participant) -> list[selectors.GroupCount]:
    """Return how many are asked in each group: all that the ratee learns after the approval."""
    return selectors.groups_of(circle, participant)


def problems_of(sections: Sequence[Section]) -> list[str]:
    """Return what stands against approving a choice: counts, and people who can't."""
    found = [f"{one.label}: {one.remark}" for one in sections if one.is_short]
    for section in sections:
        for card in section.chosen:
            if card.conflict and card.rater is not None and card.rater.state == RaterState.NOMINATED:
                found.append(f"{card.employee.name}: {card.conflict}")
    return found
