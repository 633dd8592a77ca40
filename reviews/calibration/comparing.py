"""Results compared by unit, tenure and rater, before and after calibration (RULES.md section 15).

A group of fewer than five people is not shown, nor is one that would let it be worked out from the whole. It is for
HR and auditors, who may see everybody's score: what is kept from them is a judgement from too few people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from django.db.models import Avg, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from perfmgmt.people.viewer import Viewer
from reviews.calibration import selectors
from reviews.calibration.access import oneself
from reviews.calibration.rules import LEAST_PEOPLE, Bar, Spread, distribution, shown_groups, spread, tenure
from reviews.calibration.selectors import Person
from reviews.models import (
    CalibrationSession,
    CycleState,
    CycleStatistic,
    GroupScoreRow,
    RaterKind,
    ReviewCycle,
    ReviewResult,
)

UNIT, TENURE, RATER = "unit", "tenure", "rater"
BYS = (UNIT, TENURE, RATER)
#: The axis of the drawing ends on tens, at least so many points apart.
TENS, LEAST_AXIS = 10, 20
#: The order of the groups of tenure.
TENURE_ORDER = ("under_6", "under_12", "under_36", "over_36", "")


@dataclass(frozen=True)
class Result:
    """What one person's result was before and after calibration, and in which group they are."""

    key: str
    label: str
    before: Decimal | None
    after: Decimal | None
    grade: str
    given: Decimal | None


@dataclass(frozen=True)
class Drawn:
    """A box plot in percent of the axis."""

    least: str
    first: str
    median: str
    third: str
    most: str
    mean: str
    width: str


@dataclass(frozen=True)
class Group:
    """A group that may be shown; `given` is the mean of the manager's own review scores, where they are the group."""

    label: str
    n: int
    before: Spread | None
    after: Spread | None
    bars: list[Bar]
    given: Decimal | None
    scale: tuple[int, int]

    @property
    def difference(self) -> Decimal | None:
        """By how many points calibration moved the mean."""
        if self.before is None or self.after is None:
            return None
        return self.after.mean - self.before.mean

    @property
    def drawn_before(self) -> Drawn | None:
        """The box before calibration."""
        return _drawn(self.before, self.scale)

    @property
    def drawn(self) -> Drawn | None:
        """The box after it."""
        return _drawn(self.after, self.scale)


@dataclass(frozen=True)
class Comparison:
    """The groups that may be shown, everybody together, and how many groups and people stay hidden."""

    groups: list[Group]
    whole: Group
    order: list[str]
    hidden_groups: int
    hidden_people: int
    scale: tuple[int, int]

    @property
    def shows_whole(self) -> bool:
        """Whether everybody together are enough to show."""
        return self.whole.n >= LEAST_PEOPLE


def cycles_to_compare() -> QuerySet[ReviewCycle]:
    """Return the cycles whose scores can be compared, the latest first: released ones, and closed ones for good.

    A closed one may be opened again until its statistics are made or calibration has begun: what it gave before and
    afterwards would tell who said what in between (RULES.md section 14).
    """
    made = Exists(CycleStatistic.objects.filter(cycle_id=OuterRef("pk")))
    seen = made | Exists(CalibrationSession.objects.filter(cycle_id=OuterRef("pk")))
    done = Q(state=CycleState.RELEASED) | Q(seen, state=CycleState.CLOSED)
    return ReviewCycle.objects.filter(done).order_by("-start", "-pk")


def compare(cycle: ReviewCycle, by: str, *, viewer: Viewer) -> Comparison:
    """Return the results of a cycle by unit, tenure or rater (the manager who reviews); eight queries at most.

    The viewer's own is not among them, nor that of those they stand in for: who sees everybody else's would work out
    theirs from a mean, before the release or as it was before calibration.
    """
    own = oneself(viewer)
    people = [person for person in selectors.people_of_cycle(cycle) if person.employee_id not in own]
    order = selectors.order_of(people)
    rows = [row for row in _results(cycle, people, by) if row.after is not None]
    found: dict[str, list[Result]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    sizes = {key: len(members) for key, members in found.items()}
    shown = shown_groups(sizes)
    scale = _scale(rows)
    groups = [_group(found[key][0].label, found[key], order, scale) for key in found if key in shown]
    return Comparison(
        _sorted(groups, found, by),
        _group(_("Everybody"), rows, order, scale),
        order,
        len(sizes) - len(shown),
        sum(n for key, n in sizes.items() if key not in shown),
        scale,
    )


def _sorted(groups: list[Group], found: Mapping[str, list[Result]], by: str) -> list[Group]:
    """Return groups of tenure from short to long, others by their mean from above."""
    if by == TENURE:
        place = {found[key][0].label: at for at, key in enumerate(TENURE_ORDER) if key in found}
        return sorted(groups, key=lambda group: place[group.label])
    return sorted(groups, key=lambda group: (-(group.after.mean if group.after else 0), group.label))


def _scale(rows: Sequence[Result]) -> tuple[int, int]:
    """Return where the axis begins and ends, in points."""
    values = [value for row in rows for value in (row.before, row.after) if value is not None]
    if not values:
        return 0, LEAST_AXIS
    low = floor(min(values) / TENS) * TENS
    return low, max(ceil(max(values) / TENS) * TENS, low + LEAST_AXIS)


def _group(label: str, rows: Sequence[Result], order: Sequence[str], scale: tuple[int, int]) -> Group:
    given = [row.given for row in rows if row.given is not None]
    return Group(
        label,
        len(rows),
        spread([row.before for row in rows if row.before is not None]),
        spread([row.after for row in rows if row.after is not None]),
        distribution([row.grade for row in rows], order, {}),
        sum(given, Decimal(0)) / len(given) if given else None,
        scale,
    )


def _results(cycle: ReviewCycle, people: Sequence[Person], by: str) -> list[Result]:
    frozen = {
        participant_id: (computed, score, grade)
        for participant_id, computed, score, grade in ReviewResult.objects.filter(
            participant__cycle=cycle
        ).values_list("participant_id", "computed", "score", "grade")
    }
    given = _given(cycle) if by == RATER else {}
    rows = []
    for person in people:
        now = (person.computed, person.score, person.grade)
        before, after, grade = frozen.get(person.participant_id, now)
        key, label = _key(cycle, person, by)
        rows.append(Result(key, label, before, after, grade, given.get(person.participant_id)))
    return rows


def _key(cycle: ReviewCycle, person: Person, by: str) -> tuple[str, str]:
    """Return the group of a person as (key, name)."""
    if by == UNIT:
        return str(person.unit_id or ""), person.unit or _("Without a unit")
    if by == RATER:
        return str(person.manager_id or ""), person.manager or _("Without a manager")
    key = tenure(person.hired_on, cycle.end)
    return key, tenure_word(key)


def tenure_word(key: str) -> str:
    """Return how a group of tenure is called."""
    return {
        "under_6": _("Less than 6 months"), "under_12": _("6 to 12 months"), "under_36": _("1 to 3 years"),
        "over_36": _("3 years and longer"),
    }.get(key, _("Hire date not known"))  # fmt: skip


def _given(cycle: ReviewCycle) -> dict[int, Decimal]:
    """Return the mean of what the manager's group gave each participant over the questionnaires (0-100)."""
    rows = GroupScoreRow.objects.filter(cycle_id=cycle.pk, group=RaterKind.MANAGER, hidden=False).exclude(score=None)
    return dict(rows.order_by().values_list("participant_id").annotate(Avg("score")))


def _drawn(found: Spread | None, scale: tuple[int, int]) -> Drawn | None:
    if found is None:
        return None
    low, high = scale

    def percent(points: Decimal) -> str:
        return f"{points * 100 / (high - low):.2f}"

    return Drawn(
        least=percent(found.least - low), first=percent(found.first - low), median=percent(found.median - low),
        third=percent(found.third - low), most=percent(found.most - low), mean=percent(found.mean - low),
        width=percent(found.third - found.first),
    )  # fmt: skip
