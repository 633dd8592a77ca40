"""How somebody is assessed, in plain words: the scorecards of running and next periods, one of them in full."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _t

from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats
from reviews.deductions.selectors import of_person
from reviews.models import (
    PartInput,
    PartKind,
    RaterKind,
    Rhythm,
    ScorecardNotice,
    ScorecardVersion,
    ScoreDeduction,
)
from reviews.scorecards import selectors as cards
from reviews.scorecards.content import VersionDraft, content_of
from reviews.scorecards.inputs import Inputs, inputs_of
from reviews.scorecards.matching import scorecard_for
from reviews.scorecards.pictures import Picture, examples, picture


@dataclass(frozen=True)
class OwnPeriod:
    """A period in which somebody is assessed: by which version, and whether they have said that they read it."""

    period: Period
    version_id: int
    notice: ScorecardNotice | None = None

    @property
    def is_acknowledged(self) -> bool:
        """Whether the version that counts is the one that was acknowledged."""
        notice = self.notice
        return notice is not None and notice.acknowledged_at is not None and notice.version_id == self.version_id

    @property
    def has_changed(self) -> bool:
        """Whether another version was shown or acknowledged before."""
        return self.notice is not None and self.notice.version_id != self.version_id


@dataclass(frozen=True)
class OwnPart:
    """One part in words: what is measured, who judges, examples of its curve as (figure, score)."""

    shown: cards.ShownPart
    what: str
    judged: str
    target: str = ""
    picture: Picture | None = None
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def share(self) -> str:
        """The part's weight in the whole."""
        return formats.percent(self.shown.share / 100, 1)


@dataclass(frozen=True)
class OwnDimension:
    """One dimension with its parts in words."""

    shown: cards.ShownDimension
    parts: tuple[OwnPart, ...] = ()


@dataclass(frozen=True)
class OwnCard:
    """Everything the page shows of one period."""

    own: OwnPeriod
    version: ScorecardVersion
    content: VersionDraft
    dimensions: tuple[OwnDimension, ...]
    deductions: list[ScoreDeduction] = field(default_factory=list)


def own_periods(employee_id: int, *, workspace: Workspace) -> list[OwnPeriod]:
    """Return the running and next periods for which somebody has a scorecard, the earliest first; seven queries."""
    found = []
    for rhythm in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        running = Period.containing(rhythm, workspace.today(), workspace.fiscal_start_month)
        for period in (running, running.next()):
            version = scorecard_for([employee_id], int(rhythm), period.start, workspace=workspace).get(employee_id)
            if version is not None:
                found.append(OwnPeriod(period, version))
    rows = ScorecardNotice.objects.filter(employee_id=employee_id, start__in=[one.period.start for one in found])
    notices = {(row.grain, row.start): row for row in rows}
    return [
        OwnPeriod(one.period, one.version_id, notices.get((int(one.period.grain), one.period.start)))
        for one in sorted(found, key=lambda one: (one.period.start, int(one.period.grain)))
    ]


def chosen(found: Sequence[OwnPeriod], label: str) -> OwnPeriod | None:
    """Return the period that an address names; else the first that was not acknowledged, else the first."""
    named = next((one for one in found if one.period.label == label), None)
    if named is not None:
        return named
    waiting = next((one for one in found if not one.is_acknowledged), None)
    return waiting or (found[0] if found else None)


def own_card(own: OwnPeriod, employee_id: int, *, workspace: Workspace) -> OwnCard:
    """Return a scorecard in words for its person, with their targets and deductions of the period."""
    version = cards.version_of(own.version_id, drafts=False)
    content = content_of(version)
    inputs = inputs_of(content.parts, [employee_id], own.period)
    dimensions = tuple(
        OwnDimension(one, tuple(_part(part, inputs, employee_id, workspace.currency) for part in one.parts))
        for one in cards.shown(content)
    )
    rows = of_person(employee_id, [own.period])[own.period]
    return OwnCard(own, version, content, dimensions, rows)


def _part(part: cards.ShownPart, inputs: Inputs, employee_id: int, currency: str) -> OwnPart:
    draft, metric = part.draft, part.metric
    if draft.kind == PartKind.QUESTIONNAIRE:
        name = part.questionnaire.name if part.questionnaire else ""
        what = _t("What the raters say in the questionnaire “{name}”.").format(name=name)
        return OwnPart(part, what, judges(draft.groups))
    target = inputs.value(draft, employee_id).target if draft.input == PartInput.ATTAINMENT else None
    words = "" if target is None else formats.metric_value(target, metric, currency)
    return OwnPart(
        part, metric.description or metric.name if metric else "", _counted(draft.kind), words,
        picture(draft, metric, currency), tuple(examples(draft, metric, currency)),
    )  # fmt: skip


def _counted(kind: str) -> str:
    if kind == PartKind.CSAT:
        return _t("Your customers, in surveys and interviews. Few answers are drawn towards your unit's mean.")
    if kind == PartKind.TRAINING:
        return _t("Nobody: it is counted from training records.")
    return _t("Nobody: it is counted from records, each of which you can open.")


def judges(groups: Sequence[tuple[str, Decimal]]) -> str:
    """Return who judges in a questionnaire, in words: the groups with their weights, or the cycle's."""
    counting = [(RaterKind(group), weight) for group, weight in groups if weight]
    if not counting:
        return _t("The rater groups of the review cycle, with the weights that it says.")
    return _t(", ").join(f"{group.label} {formats.percent(Fraction(weight) / 100, 0)}" for group, weight in counting)


def rhythm_words() -> dict[int, str]:
    """Return what the rhythms are called."""
    return {value: str(label) for value, label in Rhythm.choices}
