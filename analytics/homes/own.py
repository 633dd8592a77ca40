"""One person's own figures: which cards, in which order, how each stands. A fixed number of queries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from analytics.homes.board import Board, Headline, Yardstick
from analytics.homes.scope import HomeScope, trend_months
from goals.following.days import elapsed_of
from goals.rules import ADDING, attainment, band_attainment
from goals.selectors import OwnTargets, own_targets
from perfmgmt.closing.models import FrozenFigure, Part, PeriodLock
from perfmgmt.metrics.figures import Asked, Figures, Table, TargetShares, assemble
from perfmgmt.metrics.models import Aggregation, EmployeeRollup, Fact, Metric
from perfmgmt.metrics.models.facts import CreditRole
from perfmgmt.metrics.rules import Sums
from perfmgmt.people.models import SalesRoleType
from perfmgmt.tenants.calendar import Grain, add_months

# Which figures come first, by sales role type. Those of support are shown even before there is one.
ORDERS: Mapping[str, tuple[str, ...]] = {
    SalesRoleType.HUNTER: ("sales_amount", "new_customers", "orders", "win_rate", "prospects_added"),
    SalesRoleType.FARMER: ("sales_amount", "repeat_purchase_amount", "retention", "orders", "win_rate"),
    SalesRoleType.SUPPORT: (
        "supported_sales_amount", "supported_target_share", "followups_done", "followup_accuracy", "task_completion",
        "document_turnaround_days", "data_completeness",
    ),
    "": ("sales_amount", "orders", "win_rate", "sales_cycle_days"),
}  # fmt: skip
OWNED, SUPPORTED = "sales_amount", "supported_sales_amount"
SHOWN, LATEST_FACTS, SPARKS = 8, 8, 6


@dataclass
class Card(Headline):
    """One of a person's figures.

    `before` is the figure of the period before (None when missing or without facts); `trend` has the last months,
    oldest first; `ever` says whether there has been a figure at all in the last year; `team_target` is what a share
    of the team's target is a share of.
    """

    before: Decimal | None = None
    trend: list[Decimal | None] = field(default_factory=list)
    ever: bool = False
    team_target: Decimal | None = None

    @cached_property
    def attainment(self) -> Fraction | None:
        """How much of the target, or of the metric's band, is reached (RULES.md section 3)."""
        low, high, tolerance = self.metric.band_low, self.metric.band_high, self.metric.band_tolerance
        if low is not None and high is not None:
            return band_attainment(self.shown, low, high, tolerance or 0)
        return attainment(self.yardstick.direction, self.shown, self.target)

    @property
    def shown(self) -> Decimal | None:
        """The figure; missing where nothing was ever recorded and nothing is asked for, which is not 0."""
        return self.value if self.ever or self.target is not None else None

    @property
    def has_standard(self) -> bool:
        """Whether the metric itself says which figures are good."""
        return self.metric.band_low is not None

    @property
    def meets_standard(self) -> bool | None:
        """Whether the figure lies within the metric's band; None without a band or a figure."""
        if self.shown is None or self.metric.band_low is None or self.metric.band_high is None:
            return None
        return self.metric.band_low <= self.shown <= self.metric.band_high

    @property
    def is_comparable(self) -> bool:
        """Whether the figure can be set against the period before: sums of a period that still runs can't."""
        return self.yardstick.over or not self.yardstick.additive

    @property
    def change(self) -> Decimal | None:
        """How far the figure moved from the period before; None where that says nothing."""
        if self.shown is None or self.before is None or not self.is_comparable:
            return None
        return self.shown - self.before


@dataclass
class OwnBoard(Board):
    """What a person's own home shows: `cards` on top, `more` behind a click, the latest facts of the period."""

    cards: list[Card] = field(default_factory=list)
    more: list[Card] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    kind: str = ""
    scope: HomeScope | None = None

    @property
    def has_targets(self) -> bool:
        """Whether the person has a target in the period."""
        return any(card.target is not None for card in (*self.cards, *self.more))


def build_own(scope: HomeScope, employee_id: int, *, chosen: bool) -> OwnBoard:
    """Compute the home of one person; the trend is that of the first card unless the address `chosen` a metric."""
    maker = _Own(scope, employee_id)
    ordered, kind = maker.ordered()
    cards = [maker.card(metric) for metric in ordered]
    if cards and not chosen:
        scope = replace(scope, metric=cards[0].metric)
    months = maker.months
    asked = maker.own.mine
    return OwnBoard(
        headlines=[*cards],
        lines=[],
        months=months,
        trend=[maker.monthly[scope.metric.pk].value(employee_id, month) for month in months],
        trend_targets=[asked.get((scope.metric.pk, month)) for month in months],
        elapsed=maker.elapsed,
        total_days=maker.total,
        cards=cards[:SHOWN],
        more=cards[SHOWN:],
        facts=latest_facts(scope, employee_id),
        kind=kind,
        scope=scope,
    )


def latest_facts(scope: HomeScope, employee_id: int) -> list[Fact]:
    """Return a person's newest facts of the period, of any metric; one query."""
    found = Fact.objects.filter(
        employee_id=employee_id,
        metric_id__in=[metric.pk for metric in scope.metrics.values()],
        day__gte=scope.period.start,
        day__lte=scope.period.end,
    )
    return list(found.order_by("-day", "-id")[:LATEST_FACTS])


class _Own:
    """Reads a person's figures and targets once, and makes cards of them."""

    def __init__(self, scope: HomeScope, employee_id: int) -> None:
        self.scope, self.who = scope, employee_id
        self.months = trend_months(scope.period)
        last = self.months[-1]
        metrics = [metric for metric in scope.metrics.values() if metric.aggregation != Aggregation.TARGET_SHARE]
        metrics += [metric.base for metric in scope.metrics.values() if metric.base and metric not in metrics]
        rows = _Rows(scope, employee_id, add_months(min(self.months[0], scope.period.next(-1).start), -12))
        period, grain = scope.period, scope.period.grain
        self.figures = assemble(metrics, Asked(grain, period.start, period.start), rows.of(grain))
        self.monthly = assemble(metrics, Asked(Grain.MONTH, self.months[0], last), rows.of(Grain.MONTH))
        shares = [m for m in scope.metrics.values() if m.aggregation == Aggregation.TARGET_SHARE]
        self.own: OwnTargets = own_targets(
            employee_id,
            on=scope.as_of,
            months=(min(self.months[0], period.start), last),
            period=period,
            team_metrics=[m.target_metric_id for m in shares if m.target_metric_id],
        )
        self.targets = rows.targets if scope.lock is not None else self.own.of(period)
        time = elapsed_of(self.own.days, scope.calendar, period.start, period.end, scope.today)
        self.elapsed, self.total = time.elapsed, time.total
        for metric in shares:
            self._add_share(metric)

    def _add_share(self, metric: Metric) -> None:
        """A share of the target of the unit that the person is in on the period's day; of other periods: missing."""
        if metric.base is None:
            return
        unit, start = self.own.unit_id, self.scope.period.start
        team = self.own.team.get(metric.target_metric_id or 0)
        targets = {} if unit is None or team is None else {(unit, start): team}
        unit_of = {} if unit is None else {(self.who, start): unit}
        self.figures[metric.pk] = TargetShares(metric, self.figures[metric.base.pk], targets, unit_of)
        self.monthly[metric.pk] = TargetShares(metric, self.monthly[metric.base.pk], {}, {})

    def kind(self) -> str:
        """Return the sales role type: as the assignment says it, else by whose credit the facts are."""
        if self.own.sales_role_type:
            return self.own.sales_role_type
        owned, supported = (self._ever(code) for code in (OWNED, SUPPORTED))
        return SalesRoleType.SUPPORT if supported and not owned else ""

    def ordered(self) -> tuple[list[Metric], str]:
        """Return the metrics to show, most important first, and the kind of home."""
        kind, metrics = self.kind(), self.scope.metrics
        first = [metrics[code] for code in ORDERS[kind] if code in metrics]
        if kind != SalesRoleType.SUPPORT:
            first = [metric for metric in first if self._counts(metric) or metric.code == OWNED]
        rest = [metric for metric in metrics.values() if metric not in first and self._counts(metric)]
        rest.sort(key=lambda metric: (metric.pk not in self.targets, metric.position, metric.code))
        return [*first, *rest], kind

    def _counts(self, metric: Metric) -> bool:
        """Whether the person has a target or a figure in the period."""
        return metric.pk in self.targets or bool(self.figures[metric.pk].n(self.who, self.scope.period.start))

    def _ever(self, code: str) -> bool:
        return code in self.scope.metrics and self._recorded(self.scope.metrics[code])

    def _recorded(self, metric: Metric) -> bool:
        """Whether there has been anything in the period or in the months of the trend."""
        here = self.figures[metric.pk].n(self.who, self.scope.period.start)
        return bool(here) or any(self.monthly[metric.pk].n(self.who, month) for month in self.months)

    def card(self, metric: Metric) -> Card:
        """Return the card of one metric."""
        figures, start = self.figures[metric.pk], self.scope.period.start
        return Card(
            value=figures.value(self.who, start),
            n=figures.n(self.who, start),
            yardstick=self._yardstick(metric),
            target=self.targets.get(metric.pk),
            metric=metric,
            before=self._before(metric, figures),
            trend=self._trend(metric),
            ever=self._recorded(metric),
            team_target=self.own.team.get(metric.target_metric_id) if metric.target_metric_id else None,
        )

    def _yardstick(self, metric: Metric) -> Yardstick:
        over = self.scope.period.end < self.scope.today
        return Yardstick(metric.direction, metric.aggregation in ADDING, self.elapsed, self.total, over)

    def _before(self, metric: Metric, figures: Figures) -> Decimal | None:
        start = self.scope.period.next(-1).start
        return figures.value(self.who, start) if figures.n(self.who, start) else None

    def _trend(self, metric: Metric) -> list[Decimal | None]:
        figures = self.monthly[metric.pk]
        return [
            figures.value(self.who, month) if figures.n(self.who, month) else None for month in self.months[-SPARKS:]
        ]


class _Rows:
    """A person's rows of the period's length and of the months, read once; a locked period as it was locked."""

    def __init__(self, scope: HomeScope, employee_id: int, first: date) -> None:
        self.scope, self.who, self.first = scope, employee_id, first
        self.targets: dict[int, Decimal] = {}
        self._tables: dict[Grain, dict[int, Table]] | None = None

    def of(self, grain: Grain) -> Callable[[list[Metric], list[tuple[date, date]]], Mapping[int, Table]]:
        """Return a reader for `figures.assemble`."""

        def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
            if self._tables is None:
                self._tables = self._load(part.pk for part in parts)
            return self._tables[grain]

        return read

    def _load(self, metric_ids: Iterable[int]) -> dict[Grain, dict[int, Table]]:
        period, ids = self.scope.period, sorted(set(metric_ids))
        tables: dict[Grain, dict[int, Table]] = {period.grain: {}, Grain.MONTH: {}}
        rows = EmployeeRollup.objects.filter(
            metric_id__in=ids, grain__in=[int(grain) for grain in tables], employee_id=self.who,
            start__gte=self.first, start__lte=period.end,
        )  # fmt: skip
        for grain, metric_id, start, total, n in rows.values_list("grain", "metric_id", "start", "total", "n"):
            tables[Grain(grain)].setdefault(metric_id, {})[self.who, start] = Sums(total, n)
        if self.scope.lock is not None:
            self._freeze(self.scope.lock, tables[period.grain])
        return tables

    def _freeze(self, lock: PeriodLock, tables: dict[int, Table]) -> None:
        """Put what was locked in the place of what is there now, figures and targets."""
        here = (self.who, lock.start)
        for table in tables.values():
            table.pop(here, None)
        rows = FrozenFigure.objects.filter(
            grain=lock.grain, start=lock.start, version=lock.version, owner_id=self.who,
            part__in=[int(Part.EMPLOYEE), int(Part.TARGET)],
        )  # fmt: skip
        for part, metric_id, total, n in rows.values_list("part", "metric_id", "total", "n"):
            if part == Part.TARGET:
                self.targets[metric_id] = total
            else:
                tables.setdefault(metric_id, {})[here] = Sums(total, n)


def share_of(fact: Fact) -> Decimal | None:
    """Return a fact's share of the credit where there are several; None where all of it is the person's."""
    return fact.credit_share if fact.credit_role == CreditRole.SUPPORTER or fact.credit_share != 1 else None
