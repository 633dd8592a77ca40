"""The tree of goals (G4): company, units, people, each with its target and what stands below it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, QuerySet

from goals.following.running import counted_in
from goals.following.selectors import Standing, standings
from goals.models import Goal, Level, State
from goals.stages import adds_up
from goals.tree import rules
from goals.tree.asked import Asked, goals_of
from perfmgmt.metrics.forecast.rules import Outlook, of_group, probability, verdict
from perfmgmt.metrics.forecast.selectors import outlooks
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.people.names import sort_key
from perfmgmt.people.roles import Role
from perfmgmt.tenants.calendar import Period

COMPANY, UNIT, PERSON = "company", "unit", "person"
# Above so many people in a tree the units say how many they are, and open as trees of their own.
MOST_PEOPLE = 300


@dataclass
class Node:
    """One place in the tree. `below` is the sum of what stands below it, `gap` what that is more than its target.

    `stands_for` is what it counts in the sum above it. Numbers that the viewer may not see, or that don't add up in
    this metric, are None. `people` have a goal, the `crew` is everybody (who has none adds to the figure, too);
    `hidden` people are not listed.
    """

    kind: str
    pk: int
    name: str
    goal: Goal | None = None
    target: Decimal | None = None
    below: Decimal | None = None
    gap: Decimal | None = None
    stands_for: Decimal | None = None
    actual: Decimal | None = None
    attainment: Fraction | None = None
    pace: str = ""
    chance: float | None = None
    verdict: str = ""
    children: list["Node"] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    crew: list[int] = field(default_factory=list)
    hidden: int = 0
    depth: int = 0

    @property
    def fits(self) -> str:
        """Whether what stands below covers the target: "short", "covered", or "" where nothing is compared."""
        return "" if self.gap is None else "short" if self.gap < 0 else "covered"


@dataclass(frozen=True)
class Tree:
    """The tree; `people` is how many have a goal, `adds` says that targets sum up."""

    root: Node
    people: int
    adds: bool

    @property
    def is_empty(self) -> bool:
        """Whether nobody has a goal in it."""
        return self.root.goal is None and not self.root.children


def tree(asked: Asked) -> Tree:
    """Return the tree of a metric and period, in a fixed number of queries."""
    builder = _Builder.read(asked)
    root = builder.build()
    return Tree(root, len(root.people), builder.adds)


def loose(asked: Asked, *, search: str = "") -> QuerySet[Goal]:
    """Return the visible goals of the period, in any metric, that serve no other alive; the company's need not.

    `search` looks in titles and in the names of people and units.
    """
    goals = asked.reach.visible().filter(
        Q(parent=None) | Q(parent__state=State.CANCELLED), first_day=asked.period.start, last_day=asked.period.end,
        metric__isnull=False,
    )  # fmt: skip
    goals = goals.exclude(level=Level.COMPANY).exclude(state=State.CANCELLED)
    if search:
        goals = goals.filter(
            Q(title__icontains=search) | Q(employee__name__icontains=search) | Q(employee__number__icontains=search)
            | Q(unit__name__icontains=search)
        )  # fmt: skip
    return goals.select_related("metric", "employee", "unit").order_by("level", "employee__name_key", "pk")


@dataclass
class _Builder:
    asked: Asked
    goals: dict[tuple[str, int], Goal]
    children: dict[int | None, list[tuple[int, str]]]
    places: dict[int, list[int]]
    crews: dict[int, list[int]]
    standings: dict[int, Standing]
    outlooks: dict[int, Outlook]

    @classmethod
    def read(cls, asked: Asked) -> "_Builder":
        """Read everything the tree is made of."""
        period, metric, today = asked.period, asked.metric, asked.workspace.today()
        goals = {_key(goal): goal for goal in goals_of(asked) if goal.level != Level.TEAM}
        people = [pk for kind, pk in goals if kind == PERSON]
        found = outlooks([metric], period.grain, [period.start], None)
        return cls(
            asked, goals, _units(), _places(people, period, today), _crews(period, today),
            standings(goals.values(), today=today),
            {who: outlook for (_metric, who, _start), outlook in found.items()},
        )  # fmt: skip

    @property
    def adds(self) -> bool:
        """Whether targets sum up in this metric."""
        return adds_up(self.asked.metric)

    def build(self) -> Node:
        """Return the company's node, or the one of the unit that was asked for."""
        if self.asked.unit_id is not None:
            name = next(
                (name for rows in self.children.values() for pk, name in rows if pk == self.asked.unit_id), ""
            )
            root = self._unit(self.asked.unit_id, name, 0)
        else:
            root = Node(COMPANY, 0, self.asked.workspace.name, self.goals.get((COMPANY, 0)))
            root.children = self._tops()
            root.people = [pk for child in root.children for pk in child.people]
            root.crew = list(self.outlooks)
        self._number(root)
        self._without_others(root)
        if len(root.people) > MOST_PEOPLE:
            _hide(root, lambda _node: True)
        return root

    def _tops(self) -> list[Node]:
        """The nodes right below the company. One unit above all others, without a goal of its own, is the company
        once more: what is below it stands here."""
        tops = self.children.get(None, [])
        if len(tops) == 1 and (UNIT, tops[0][0]) not in self.goals:
            return self._unit(*tops[0], 0).children
        return [node for pk, name in tops if _says(node := self._unit(pk, name, 1))]

    def _unit(self, pk: int, name: str, depth: int) -> Node:
        node = Node(UNIT, pk, name, self.goals.get((UNIT, pk)), depth=depth)
        below = [self._unit(child, child_name, depth + 1) for child, child_name in self.children.get(pk, [])]
        people = [self._person(who, depth + 1) for who in self.places.get(pk, [])]
        people.sort(key=lambda one: sort_key(one.name))
        node.children = [*people, *(child for child in below if _says(child))]
        node.people = [who for child in node.children for who in child.people]
        node.crew = [*self.crews.get(pk, []), *(who for child in below for who in child.crew)]
        return node

    def _person(self, who: int, depth: int) -> Node:
        goal = self.goals[PERSON, who]
        return Node(PERSON, who, str(goal.employee), goal, people=[who], crew=[who], depth=depth)

    def _number(self, node: Node) -> None:
        """Fill in the numbers from the leaves up: those that are for this viewer."""
        for child in node.children:
            self._number(child)
        node.target = node.goal.target if node.goal else None
        if self._may_see_figures(node):
            self._compare(node)
        below = (node.below,) if self.adds else ()
        node.stands_for = rules.covered(node.target, below)

    def _without_others(self, node: Node) -> None:
        """Take people out whom the viewer doesn't see; their units say how many they are."""
        _hide(node, lambda child: not self._sees(child))

    def _sees(self, node: Node) -> bool:
        return self.asked.reach.sees(node.pk)

    def _compare(self, node: Node) -> None:
        if self.adds and node.kind != PERSON:
            node.below = rules.total(child.stands_for for child in node.children)
            node.gap = rules.gap(node.target, node.below)
        if node.goal is not None:
            standing = self.standings[node.goal.pk]
            node.actual, node.attainment, node.pace = standing.actual, standing.attainment, standing.status
        if self.adds and not self._is_over() and self._sees_all(node.crew):
            node.chance = self._chance(node)
            found = verdict(node.chance)
            node.verdict = found.value.replace(" ", "_") if found else ""

    def _chance(self, node: Node) -> float | None:
        """As the page of the goal has it (`outlook_now`): everybody's, whoever has a goal, and what is there."""
        if node.goal is None or node.target is None:
            return None
        known = [self.outlooks[who] for who in node.crew if who in self.outlooks]
        ahead = known[0] if node.kind == PERSON and known else of_group(known)
        ahead = counted_in(ahead, self.standings[node.goal.pk], today=self.asked.workspace.today())
        return probability(ahead, float(node.target), node.goal.direction)

    def _is_over(self) -> bool:
        return self.asked.period.end < self.asked.workspace.today()

    def _may_see_figures(self, node: Node) -> bool:
        """Whether sums over a node's people are for the viewer: all in reach, or aggregates are theirs."""
        reach = self.asked.reach
        if reach.people is None or Role.EXECUTIVE in reach.viewer.roles:
            return node.kind != PERSON or reach.sees(node.pk)
        return bool(node.people) and self._sees_all(node.people)

    def _sees_all(self, people: Iterable[int]) -> bool:
        reach = self.asked.reach
        return reach.people is None or Role.EXECUTIVE in reach.viewer.roles or all(map(reach.sees, people))


def _hide(node: Node, wanted: Callable[[Node], bool]) -> None:
    """Take people out of a tree who are not to be listed; their units say how many they are."""
    kept = [child for child in node.children if child.kind != PERSON or not wanted(child)]
    node.hidden += len(node.children) - len(kept)
    node.children = kept
    for child in node.children:
        _hide(child, wanted)


def _says(node: Node) -> bool:
    """Whether a unit has a goal, or somebody in it has."""
    return node.goal is not None or bool(node.children)


def _key(goal: Goal) -> tuple[str, int]:
    return goal.level, goal.employee_id or goal.unit_id or 0


def _units() -> dict[int | None, list[tuple[int, str]]]:
    """Return the units below each unit, by name."""
    found: dict[int | None, list[tuple[int, str]]] = {}
    for pk, name, parent in Unit.objects.values_list("pk", "name", "parent_id"):
        found.setdefault(parent, []).append((pk, name))
    return {parent: sorted(rows, key=lambda row: sort_key(row[1])) for parent, rows in found.items()}


def _crews(period: Period, today: date) -> dict[int, list[int]]:
    """Return who is in which unit, on the day of the period nearest to today."""
    on = min(max(today, period.start), period.end)
    found: dict[int, list[int]] = {}
    rows = Assignment.objects.filter(valid_from__lte=on, valid_to__gte=on).values_list("unit_id", "employee_id")
    for unit, who in rows:
        found.setdefault(unit, []).append(who)
    return found


def _places(people: Iterable[int], period: Period, today: date) -> dict[int, list[int]]:
    """Return whose goals stand in which unit: where people are on the day of the period nearest to today."""
    ids, on = list(people), min(max(today, period.start), period.end)
    rows = Assignment.objects.filter(
        employee_id__in=ids, valid_from__lte=period.end, valid_to__gte=period.start
    ).order_by("valid_from")
    unit_of: dict[int, int] = {}
    for who, unit, first, last in rows.values_list("employee_id", "unit_id", "valid_from", "valid_to"):
        if who not in unit_of or first <= on <= last:
            unit_of[who] = unit
    found: dict[int, list[int]] = {}
    for who, unit in unit_of.items():
        found.setdefault(unit, []).append(who)
    return found
