"""The figures of a home, from the prepared tables, with a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from analytics.homes.members import parts_by_month, people_figures, people_targets, period_targets, team_trend
from analytics.homes.scope import HEADLINES, HomeScope, elapsed_days, trend_months
from analytics.homes.unit_people import UnitTargets, in_the_unit, unit_targets
from goals.rules import Pace, attainment, expected_by_now, pacing
from goals.selectors import summed, targets_and_days
from perfmgmt.closing.models import Part
from perfmgmt.closing.selectors import frozen_figures
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.selectors import Figures, employee_figures_of, unit_figures_of
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.people.team import Spans
from perfmgmt.tenants.calendar import Grain


@dataclass(frozen=True)
class Yardstick:
    """How a figure of one metric is judged in one period."""

    direction: str
    additive: bool
    elapsed: int | Fraction
    total: int | Fraction
    over: bool


@dataclass
class _Judged:
    """A figure with its target; judged when somebody looks, because most rows are on another page."""

    value: Decimal | None
    n: int
    yardstick: Yardstick
    target: Decimal | None = None

    @cached_property
    def attainment(self) -> Fraction | None:
        """How much of the target is reached."""
        return attainment(self.yardstick.direction, self.value, self.target)

    @cached_property
    def pace(self) -> Pace:
        """How it stands by working days."""
        by = self.yardstick
        return pacing(
            direction=by.direction,
            additive=by.additive,
            actual=self.value,
            target=self.target,
            elapsed=by.elapsed,
            total=by.total,
            over=by.over,
        )

    @property
    def expected(self) -> Fraction | None:
        """What would be due by now."""
        if not self.target or not self.yardstick.additive:
            return None
        return expected_by_now(self.target, self.yardstick.elapsed, self.yardstick.total)

    @property
    def expected_share(self) -> Fraction | None:
        """Which share of the target would be due by now."""
        by = self.yardstick
        return Fraction(by.elapsed) / by.total if self.target and by.additive and by.total else None


@dataclass
class Line(_Judged):
    """One row of the ranking: a person or a unit.

    `days` are those in the team, where they were a part of the period; `elsewhere` says that the person has left,
    or is still to come.
    """

    id: int = 0
    name: str = ""
    number: str = ""
    is_unit: bool = False
    place: int = 0
    days: Spans = ()
    elsewhere: bool = False


@dataclass
class Headline(_Judged):
    """One figure on top."""

    metric: Metric = field(kw_only=True)


@dataclass
class Board:
    """Everything a home shows."""

    headlines: list[Headline]
    lines: list[Line]
    months: list[date]
    trend: list[Decimal | None]
    trend_targets: list[Decimal | None]
    elapsed: int | Fraction = 0
    total_days: int | Fraction = 0
    unassigned: Decimal | None = None

    @property
    def has_facts(self) -> bool:
        """Whether anything happened in the period."""
        return any(headline.n for headline in self.headlines)

    @property
    def has_targets(self) -> bool:
        """Whether anybody has a target."""
        return any(line.target is not None for line in self.lines)


def own_yardstick(scope: HomeScope, by: Yardstick, employee_id: int, own: OwnDays | None) -> Yardstick:
    """Return how a person is judged: by their own working days in the team (RULES.md section 9).

    Without `own` days (a unit) it is the company's.
    """
    if own is None:
        return by
    spans = scope.days_in_team(employee_id) or ((scope.period.start, scope.period.end),)
    yesterday = scope.today - timedelta(days=1)
    return replace(
        by,
        elapsed=sum(own.working_days(scope.calendar, first, min(last, yesterday)) for first, last in spans),
        total=sum(own.working_days(scope.calendar, first, last) for first, last in spans),
    )


def build(scope: HomeScope) -> Board:
    """Compute the board of a scope."""
    elapsed, total = elapsed_days(scope.period, scope.today, scope.calendar)
    maker = _Units(scope, elapsed, total) if scope.people is None else _People(scope, elapsed, total)
    return maker.board()


def ranked_people(scope: HomeScope, people: Iterable[tuple[int, str, str]]) -> list[Line]:
    """Return people (id, name, number) by their figures of the scope's metric, best first; one query."""
    named = list(people)
    maker = _Maker(scope, *elapsed_days(scope.period, scope.today, scope.calendar))
    ids = [pk for pk, _name, _number in named]
    figures = employee_figures_of(
        [scope.metric], grain=scope.period.grain, start=scope.period.start, employee_ids=ids
    )
    return maker.rank(maker.person_lines(named, figures[scope.metric.pk], {}, {}))


class _Maker:
    """What both kinds of home do the same way."""

    def __init__(self, scope: HomeScope, elapsed: int, total: int) -> None:
        self.scope, self.elapsed, self.total = scope, elapsed, total
        self.months = trend_months(scope.period)
        self.ordered = [scope.metrics[code] for code in HEADLINES if code in scope.metrics]
        if scope.metric not in self.ordered:
            self.ordered = [scope.metric, *self.ordered[:3]]

    @property
    def adds_up(self) -> bool:
        """Whether the ranked metric's months add up, so that it has targets."""
        return self.scope.metric.aggregation in (Aggregation.SUM, Aggregation.COUNT)

    def yardstick(self, metric: Metric) -> Yardstick:
        """Return how figures of a metric are judged in this home's period."""
        additive = metric.aggregation in (Aggregation.SUM, Aggregation.COUNT)
        over = self.scope.period.end < self.scope.today
        return Yardstick(metric.direction, additive, self.elapsed, self.total, over)

    def person_lines(
        self,
        people: Iterable[tuple[int, str, str]],
        figures: Figures,
        targets: dict[int, Decimal],
        days: Mapping[int, OwnDays],
    ) -> list[Line]:
        """Return the ranking's rows of people (id, name, number), judged by their own days."""
        scope, start, by = self.scope, self.scope.period.start, self.yardstick(self.scope.metric)
        return [
            Line(figures.value(pk, start), figures.n(pk, start), own_yardstick(scope, by, pk, days.get(pk)),
                 targets.get(pk), id=pk, name=name, number=number, days=scope.days_in_team(pk),
                 elsewhere=scope.is_elsewhere(pk))
            for pk, name, number in people
        ]  # fmt: skip

    def rank(self, lines: list[Line]) -> list[Line]:
        """Put the best first, missing figures last, and number the places; ties share a place."""
        best_low = self.scope.metric.direction == "lower"
        lines.sort(
            key=lambda line: (line.value is None, (line.value or 0) * (1 if best_low else -1), line.name, line.id)
        )
        for index, line in enumerate(lines):
            tied = index and line.value == lines[index - 1].value
            line.place = lines[index - 1].place if tied else index + 1
        return lines


class _People(_Maker):
    """A manager's team, or one's own figures."""

    def board(self) -> Board:
        people = self.scope.people or {}
        ids = list(people)
        figures = people_figures(self.scope, self.ordered, ids)
        first, last = self.months[0], self.months[-1]
        by_person, monthly, days = self._targets(first, last)
        ranked = figures[self.scope.metric.pk]
        lines = self.person_lines(((pk, *named) for pk, named in people.items()), ranked, by_person, days)
        trend = team_trend(self.scope, first, last)
        return Board(
            headlines=[self._headline(metric, figures[metric.pk], ids, by_person) for metric in self.ordered],
            lines=self.rank(lines),
            months=self.months,
            trend=[trend.value(month) for month in self.months],
            trend_targets=[monthly.get(month) for month in self.months],
            elapsed=self.elapsed,
            total_days=self.total,
        )

    def _targets(self, first: date, last: date) -> tuple[dict[int, Decimal], dict[date, Decimal], dict[int, OwnDays]]:
        """Return the period's targets by person, the group's by month, and people's own days of the period."""
        scope, ids = self.scope, list(self.scope.people or {})
        if not self.adds_up:
            return {}, {}, {}
        by_month, days = targets_and_days(
            scope.metric, months=(first, last), period=scope.period, employee_ids={*ids, *scope.team}
        )
        _people, monthly = summed(parts_by_month(scope, scope.metric, by_month), scope.period)
        return period_targets(scope, by_month, ids), monthly, days

    def _headline(self, metric: Metric, figures: Figures, ids: list[int], by_person: dict[int, Decimal]) -> Headline:
        start = self.scope.period.start
        n = sum(figures.n(pk, start) for pk in ids)
        target = sum(by_person.values(), Decimal(0)) if metric == self.scope.metric and by_person else None
        return Headline(figures.together(ids, [start]), n, self.yardstick(metric), target, metric=metric)


class _Units(_Maker):
    """The company, or one unit of it, by the units one level down and the people who belong to no deeper one."""

    def board(self) -> Board:
        scope, start = self.scope, self.scope.period.start
        tops = [unit for unit in scope.units if unit.parent_id is None]
        opened = scope.unit or (tops[0] if len(tops) == 1 else None)  # a single top unit is the company itself
        below = [unit for unit in scope.units if unit.parent_id == opened.pk] if opened else tops
        whole = [scope.unit.pk] if scope.unit else [*(unit.pk for unit in tops), UNASSIGNED]
        wanted = {*whole, *(unit.pk for unit in below)}
        figures = (
            frozen_figures(scope.lock, self.ordered, part=Part.UNIT, owner_ids=wanted)
            if scope.lock is not None
            else unit_figures_of(self.ordered, grain=scope.period.grain, start=start, unit_ids=wanted)
        )
        targets = unit_targets(scope, self.months) if self.adds_up else UnitTargets()
        ranked = figures[scope.metric.pk]
        by = self.yardstick(scope.metric)
        lines = [
            Line(ranked.value(unit.pk, start), ranked.n(unit.pk, start), by, targets.of.get(unit.pk), id=unit.pk,
                 name=unit.name, is_unit=True)
            for unit in below
        ]  # fmt: skip
        if opened and scope.sees_people:
            lines += self._direct(opened.pk)
        lines = self.rank(lines)
        headlines = []
        for metric in self.ordered:
            part = figures[metric.pk]
            n = sum(part.n(pk, start) for pk in whole)
            target = targets.together(whole) if metric == scope.metric else None
            headlines.append(
                Headline(part.together(whole, [start]), n, self.yardstick(metric), target, metric=metric)
            )
        return self._with_trend(headlines, lines, whole, targets, ranked.value(UNASSIGNED, start))

    def _direct(self, unit_id: int) -> list[Line]:
        """Return the people who belong to the opened unit itself, with their days in it."""
        scope = in_the_unit(self.scope, unit_id)
        people = scope.people or {}
        figures = people_figures(scope, [scope.metric], people)
        targets = people_targets(scope, people) if self.adds_up else {}
        days = own_days(targets, scope.period.start, scope.period.end)
        named = ((pk, *words) for pk, words in people.items())
        return _Maker(scope, self.elapsed, self.total).person_lines(named, figures[scope.metric.pk], targets, days)

    def _with_trend(
        self,
        headlines: list[Headline],
        lines: list[Line],
        whole: list[int],
        targets: UnitTargets,
        unassigned: Decimal | None,
    ) -> Board:
        metric, (first, last) = self.scope.metric, (self.months[0], self.months[-1])
        trend = unit_figures_of([metric], grain=Grain.MONTH, start=first, last=last, unit_ids=whole)[metric.pk]
        return Board(
            headlines=headlines,
            lines=lines,
            months=self.months,
            trend=[trend.together(whole, [month]) for month in self.months],
            trend_targets=[targets.month(whole, month) for month in self.months],
            elapsed=self.elapsed,
            total_days=self.total,
            unassigned=unassigned if unassigned else None,
        )
