"""What a version would give real people of the last period: the live preview, and two versions side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.grades import grade
from perfmgmt.tenants.selectors import workspace_rules
from reviews.models import Scorecard
from reviews.scorecards.content import PartDraft, VersionDraft
from reviews.scorecards.inputs import Inputs, PartValue, inputs_of
from reviews.scorecards.rules import Composite, DimensionScores, PartScore, composite, curve

MOST_PEOPLE = 30
#: How far back a period may be chosen.
MOST_BACK = 8


@dataclass(frozen=True)
class PersonScore:
    """What a version gives one person: the composite with its trace, the grade, and what went into the parts."""

    employee: Employee
    composite: Composite
    grade: str
    values: tuple[tuple[PartValue, ...], ...]
    scores: tuple[tuple[Fraction | None, ...], ...]

    @property
    def score(self) -> Decimal | None:
        """The score, without deductions; None when missing."""
        return self.composite.score


@dataclass(frozen=True)
class Compared:
    """One person under two versions; `difference` is the second less the first, None where one is missing."""

    employee: Employee
    first: PersonScore
    second: PersonScore

    @property
    def difference(self) -> Decimal | None:
        """By how many points the second version gives more."""
        a, b = self.first.score, self.second.score
        return None if a is None or b is None else b - a


def last_period(rhythm: int, workspace: Workspace, back: int = 1) -> Period:
    """Return the last period of a rhythm that is over, or one `back` of the running one."""
    running = Period.containing(Grain(rhythm), workspace.today(), workspace.fiscal_start_month)
    return running.next(-min(max(back, 1), MOST_BACK))


def people_for(card: Scorecard, period: Period, *, without: int | None) -> list[Employee]:
    """Return whom a scorecard would assess in a period, by position and type, by name: 30 at most; one query.

    `without` is the viewer: nobody sees their own score before it is released. Narrower scorecards are not looked at:
    the question is what this one would say about people like these.
    """
    rows = Assignment.objects.filter(valid_from__lte=period.end, valid_to__gte=period.end)
    if card.position_id is not None:
        rows = rows.filter(position_id=card.position_id)
    if card.sales_role_type:
        rows = rows.filter(sales_role_type=card.sales_role_type)
    people = Employee.objects.filter(pk__in=rows.values("employee_id")).exclude(pk=without or 0)
    return list(people.order_by("name_key", "pk")[:MOST_PEOPLE])


def preview(draft: VersionDraft, people: Sequence[Employee], period: Period) -> list[PersonScore]:
    """Return what a draft gives people in a period, the best score first; a fixed number of queries."""
    bands = draft.bands or _workspace_bands()
    inputs = inputs_of(draft.parts, [one.pk for one in people], period)
    return sorted((_person(draft, one, inputs, bands) for one in people), key=_best_first)


def compare(first: VersionDraft, second: VersionDraft, people: Sequence[Employee], period: Period) -> list[Compared]:
    """Return what two versions give the same people in the same period, the largest difference first."""
    workspace = _workspace_bands()
    inputs = inputs_of([*first.parts, *second.parts], [one.pk for one in people], period)
    found = [
        Compared(one, _person(first, one, inputs, first.bands or workspace),
                 _person(second, one, inputs, second.bands or workspace))
        for one in people
    ]  # fmt: skip
    return sorted(found, key=lambda row: -abs(row.difference) if row.difference is not None else Decimal(1))


def _best_first(row: PersonScore) -> tuple[bool, Decimal]:
    return (row.score is None, -(row.score or Decimal(0)))


def _workspace_bands() -> tuple[tuple[str, Decimal], ...]:
    stored = workspace_rules().grade_bands
    return tuple((str(one["grade"]), Decimal(str(one["from"]))) for one in stored)


def _person(
    draft: VersionDraft, employee: Employee, inputs: Inputs, bands: tuple[tuple[str, Decimal], ...]
) -> PersonScore:
    values = tuple(tuple(inputs.value(part, employee.pk) for part in one.parts) for one in draft.dimensions)
    scores = tuple(
        tuple(part_score(part, value) for part, value in zip(one.parts, row, strict=True))
        for one, row in zip(draft.dimensions, values, strict=True)
    )
    dimensions = [
        DimensionScores(one.weight, [
            PartScore(part.weight, score, value.hidden)
            for part, score, value in zip(one.parts, row_scores, row, strict=True)
        ])
        for one, row, row_scores in zip(draft.dimensions, values, scores, strict=True)
    ]  # fmt: skip
    found = composite(draft.missing, dimensions)
    return PersonScore(employee, found, (grade(found.score, bands) or "") if bands else "", values, scores)


def part_score(part: PartDraft, value: PartValue) -> Fraction | None:
    """Return a part's score: its `x` through the curve, or as it is for a questionnaire; None when missing."""
    if not part.has_curve:
        return value.x
    return curve(part.curve, part.points, value.x)
