"""The list of scores of a period: what an address asks for, and the rows, for page and file.

Results of answers appear at their release only (RULES.md section 14). Until then a person in a review is shown with
the score without it, and nothing of the list may give the whole score away: neither its order nor a filter. One's own
score is in no list and on no page before its release, with or without reviews.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from perfmgmt.people.directory import options
from perfmgmt.people.models import Assignment
from perfmgmt.people.selectors import directory, unit_tree, visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from reviews.models import (
    Part,
    Participant,
    PartKind,
    ReviewCycle,
    ReviewResult,
    Rhythm,
    Score,
    ScorecardVersion,
    ScorePart,
)
from reviews.scorecards.rules import DimensionScores, Out, PartScore, composite
from reviews.scores.reviewed import LAUNCHED

PARAMETERS = frozenset({"period", "q", "unit", "grade", "missing", "sort"})
SORTS = {"name": "employee__name_key", "number": "employee__number", "score": "score"}
BLANK = (Out.MISSING.value, Out.BLOCKS.value)


@dataclass(frozen=True)
class Row:
    """One person's score as it may be shown. `missing` counts figures that are not there.

    `waits` says that reviews are not in it because they are not released.
    """

    stored: Score
    scorecard: str
    score: Decimal | None
    grade: str
    missing: int
    waits: bool


@dataclass(frozen=True)
class ScoreList:
    """What the address asks for, checked against what the viewer may see; `reach` None is everybody.

    `own` is the viewer where their own score is not released: they are not in the list.
    """

    period: Period
    search: str
    unit_id: int | None
    grade: str
    missing: bool
    sort: str
    reach: list[int] | None
    sealed: bool
    own: int | None = None
    units: list[tuple[int, str, int]] = field(default_factory=list)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the period narrows the list."""
        return bool(self.search or self.unit_id or self.grade or self.missing)

    @property
    def grain(self) -> str:
        """The length of the period, as its tab is called."""
        return self.period.grain.name.lower()

    @property
    def grains(self) -> list[tuple[str, str]]:
        """The tabs of lengths of time."""
        return [("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))]

    def within_reach(self) -> QuerySet[Score]:
        """Return the scores of the period that the viewer may see, whatever the filters."""
        found = Score.objects.filter(grain=int(self.period.grain), start=self.period.start)
        if self.own is not None:
            found = found.exclude(employee_id=self.own)
        return found if self.reach is None else found.filter(employee_id__in=self.reach)

    def scores(self) -> QuerySet[Score]:
        """Return the scores that the filters leave, in order."""
        found = self.within_reach()
        if self.search:
            people = directory(search=self.search, on=self.period.end).order_by()
            found = found.filter(employee_id__in=people.values("pk"))
        if self.unit_id is not None:
            inside = Assignment.objects.filter(
                valid_from__lte=self.period.end, valid_to__gte=self.period.start, unit_id__in=unit_tree(self.unit_id)
            )
            found = found.filter(employee_id__in=inside.values("employee_id"))
        if self.grade:
            found = found.filter(grade=self.grade)
        if self.missing:
            found = found.filter(employee_id__in=_with_blanks(self.period).values("employee_id"))
        return found.select_related("employee").order_by(*self._order())

    def _order(self) -> list[Combinable]:
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        column = F(SORTS.get(key, SORTS["name"]))
        first = column.desc(nulls_last=True) if down else column.asc(nulls_last=True)
        return [first, F("employee__name_key").asc(), F("employee_id").asc()]

    def grades(self) -> list[tuple[str, int]]:
        """Return how many people have each grade, the best first; nothing while a review is not released."""
        if self.sealed:
            return []
        found = self.within_reach().exclude(score=None).exclude(grade="")
        counted = found.values_list("grade").annotate(n=Count("employee_id")).order_by()
        return sorted(counted, key=lambda pair: pair[0])

    def rows(self, scores: Sequence[Score]) -> list[Row]:
        """Return the rows of scores, in their order; six queries."""
        ids = [score.employee_id for score in scores]
        versions = ScorecardVersion.objects.select_related("scorecard").in_bulk({one.version_id for one in scores})
        waiting = sealed_people(self.period, ids)
        blanks: dict[int, int] = dict(
            _with_blanks(self.period).filter(employee_id__in=ids).values_list("employee_id", "n")
        )
        views = _without_reviews([one for one in scores if one.employee_id in waiting], versions)
        return [
            Row(
                one, str(versions[one.version_id].scorecard) if one.version_id in versions else "",
                views[one.employee_id] if one.employee_id in waiting else one.score,
                "" if one.employee_id in waiting else one.grade, blanks.get(one.employee_id, 0),
                one.employee_id in waiting,
            )
            for one in scores
        ]  # fmt: skip


def sealed_people(period: Period, employee_ids: Sequence[int]) -> set[int]:
    """Return who is in a launched cycle of the period whose result for them is not released; two queries."""
    who = Participant.objects.filter(
        cycle__grain=int(period.grain), cycle__start=period.start, cycle__state__in=LAUNCHED, dropped_at=None,
        employee_id__in=employee_ids,
    ).values_list("pk", "employee_id")  # fmt: skip
    found = dict(who)
    # Whoever was just taken out of a cycle has its score until a worker comes by.
    stale = set(
        Score.objects.filter(
            grain=int(period.grain), start=period.start, employee_id__in=employee_ids, cycle_id__isnull=False
        ).exclude(employee_id__in=list(found.values())).values_list("employee_id", flat=True)
    )  # fmt: skip
    released = set(
        ReviewResult.objects.filter(participant_id__in=list(found)).values_list("participant_id", flat=True)
    )
    return stale | {employee for participant, employee in found.items() if participant not in released}


def waits_for_release(period: Period, employee_id: int | None) -> bool:
    """Return whether somebody's own score of a period is not theirs to see: it has no released result (yet)."""
    if employee_id is None:
        return False
    released = ReviewResult.objects.filter(
        participant__employee_id=employee_id, participant__cycle__grain=int(period.grain),
        participant__cycle__start=period.start,
    )  # fmt: skip
    return not released.exists() or bool(sealed_people(period, [employee_id]))


def _with_blanks(period: Period) -> Any:
    """People with the number of their parts that have no figure; questionnaires would tell of answers."""
    reviewing = Part.objects.filter(kind=PartKind.QUESTIONNAIRE).values("pk")
    rows = ScorePart.objects.filter(grain=int(period.grain), start=period.start, out__in=BLANK)
    return rows.exclude(part_id__in=reviewing).values("employee_id").annotate(n=Count("part_id")).order_by()


def _without_reviews(
    scores: Sequence[Score], versions: Mapping[int, ScorecardVersion]
) -> dict[int, Decimal | None]:  # fmt: skip
    """Return scores as if questionnaires were hidden, by employee id."""
    if not scores:
        return {}
    first = scores[0]
    parts = Part.objects.filter(dimension__version_id__in={one.version_id for one in scores})
    cards: dict[int, dict[int, list[tuple[Part, Decimal]]]] = {}
    for part in parts.select_related("dimension").order_by("dimension__place", "place"):
        card = cards.setdefault(part.dimension.version_id, {})
        card.setdefault(part.dimension_id, []).append((part, part.dimension.weight))
    rows = ScorePart.objects.filter(
        grain=first.grain, start=first.start, employee_id__in=[one.employee_id for one in scores]
    )
    figures = {(who, part): value for who, part, value in rows.values_list("employee_id", "part_id", "score")}
    found = {}
    for one in scores:
        dimensions = [
            DimensionScores(
                own[0][1],
                [
                    PartScore(
                        part.weight, figures.get((one.employee_id, part.pk)), part.kind == PartKind.QUESTIONNAIRE
                    )
                    for part, _weight in own
                ],
            )
            for own in cards.get(one.version_id, {}).values()
        ]
        found[one.employee_id] = composite(versions[one.version_id].missing, dimensions, one.deduction).score
    return found


def read(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> ScoreList:
    """Read an address's parameters; anything that makes no sense is as if it were not there."""
    period = period_of(query.get("period", ""), workspace)
    cycles = ReviewCycle.objects.filter(grain=int(period.grain), start=period.start, state__in=LAUNCHED)
    open_ones = cycles.filter(
        Q(participants__dropped_at=None) & Q(participants__isnull=False) & Q(participants__results__isnull=True)
    )
    sealed = open_ones.exists()
    units, sort = options().units, query.get("sort", "")
    allowed = [key for key in SORTS if key != "score" or not sealed]
    return ScoreList(
        period=period,
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        unit_id=next((pk for pk, _name, _depth in units if str(pk) == query.get("unit", "")), None),
        grade="" if sealed else query.get("grade", "")[:20].replace("\0", ""),
        missing=query.get("missing") == "1",
        sort=sort if sort.removeprefix("-") in allowed else "name",
        reach=visible_employees(viewer=viewer, on=workspace.today()),
        sealed=sealed,
        own=viewer.employee_id if waits_for_release(period, viewer.employee_id) else None,
        units=units,
    )


def period_of(text: str, workspace: Workspace) -> Period:
    """Return the month, quarter or year of a label, or of a word for its length; else the newest that is scored.

    Without any score yet it is the quarter of today.
    """
    fiscal, today = workspace.fiscal_start_month, workspace.today()
    if text in ("month", "quarter", "year"):
        return Period.containing(Grain[text.upper()], today, fiscal)
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        return _newest(fiscal, today)
    return period if int(period.grain) in Rhythm.values else _newest(fiscal, today)


def _newest(fiscal: int, today: date) -> Period:
    """Return the newest period that has scores; of several lengths the quarter."""
    newest = Score.objects.filter(start__lte=today).order_by("-start").values_list("grain", "start")
    for grain in (Grain.QUARTER, Grain.MONTH, Grain.YEAR):
        found = newest.filter(grain=int(grain)).first()
        if found is not None:
            return Period(Grain(found[0]), found[1], fiscal)
    return Period.containing(Grain.QUARTER, today, fiscal)
