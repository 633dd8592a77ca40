"""People side by side: what their scores are made of, what groups of raters say, and how they did before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from goals.rules import rounded
from perfmgmt.web import formats
from reviews.answers.shown import ShownReview, shown_reviews
from reviews.calibration.selectors import Person
from reviews.models import (
    Part,
    PartInput,
    PartKind,
    RaterKind,
    ReviewCycle,
    ReviewResult,
    ScorePart,
)

MOST_BEFORE = 3


@dataclass
class Row:
    """One thing that is compared, with a text for each person, and what is drawn of it (0-100, or None)."""

    label: str
    texts: list[str] = field(default_factory=list)
    widths: list[str | None] = field(default_factory=list)

    @property
    def cells(self) -> list[tuple[str, str | None]]:
        """Text and width of each person."""
        return list(zip(self.texts, self.widths, strict=True))


@dataclass(frozen=True)
class Block:
    """Rows under a heading."""

    title: str
    rows: list[Row]


def blocks_of(cycle: ReviewCycle, people: Sequence[Person]) -> list[Block]:
    """Return what is compared of some people: parts of the score, rater groups, earlier results."""
    found = [
        Block(_("Parts of the score"), _parts(cycle, people)),
        Block(_("360-degree review by rater group"), _groups(cycle, people)),
        Block(_("Earlier results"), _history(cycle, people)),
    ]
    return [block for block in found if block.rows]


def _parts(cycle: ReviewCycle, people: Sequence[Person]) -> list[Row]:
    ids = [person.employee_id for person in people]
    found = list(ScorePart.objects.filter(grain=cycle.grain, start=cycle.start, employee_id__in=ids))
    parts = Part.objects.filter(pk__in={one.part_id for one in found}).select_related("dimension", "metric")
    by_person = {(one.part_id, one.employee_id): one for one in found}
    rows = []
    for part in sorted(parts, key=lambda one: (one.dimension.place, one.place, one.pk)):
        name = part.name or (part.metric.name if part.metric else str(part.get_kind_display()))
        row = Row(f"{part.dimension.name} · {name}")
        for pk in ids:
            one = by_person.get((part.pk, pk))
            row.texts.append(_part_text(part, one))
            row.widths.append(_width(one.score if one else None))
        rows.append(row)
    return rows


def _part_text(part: Part, one: ScorePart | None) -> str:
    """Return a part's score and, where it measures a goal, its attainment."""
    if one is None or one.score is None:
        return formats.MISSING
    score = formats.number(one.score, 2)
    if part.kind == PartKind.METRIC and part.input == PartInput.ATTAINMENT and one.x is not None:
        return _("{score} ({attainment} of the target)").format(score=score, attainment=formats.percent(one.x))
    return score


def _width(score: Decimal | None) -> str | None:
    """Return a bar's width in percent: 150 points fill it."""
    return None if score is None else f"{min(max(float(score), 0), 150) / 1.5:.1f}"


def _groups(cycle: ReviewCycle, people: Sequence[Person]) -> list[Row]:
    """Return what anonymity lets out of the reviews: over all, and by questionnaire and rater group."""
    ids = [person.participant_id for person in people]
    shown = shown_reviews(cycle, ids)
    found = {
        (form.questionnaire, group.name, pk): group
        for pk in ids
        for form in shown[pk].forms
        for group in form.review.groups
    }
    names, order = dict(RaterKind.choices), [*RaterKind.values, "colleagues"]
    keys = {(form, name) for form, name, _pk in found}
    rows = [_over_all(ids, shown)] if keys else []
    for form, name in sorted(keys, key=lambda key: (key[0].pk, order.index(key[1]) if key[1] in order else 99)):
        row = Row(f"{form.name} · {names.get(name, _('Colleagues'))}")
        for pk in ids:
            group = found.get((form, name, pk))
            _add(row, None if group is None else group.score, is_hidden=group is not None and group.hidden)
        rows.append(row)
    return rows


def _over_all(ids: Sequence[int], shown: Mapping[int, ShownReview]) -> Row:
    row = Row(_("360-degree review"))
    for pk in ids:
        _add(row, shown[pk].review.score, is_hidden=shown[pk].is_hidden)
    return row


def _add(row: Row, exact: Fraction | None, *, is_hidden: bool) -> None:
    """Put a person's score of 0-100 into a row, or that it is hidden."""
    score = None if exact is None or is_hidden else rounded(exact, places=4)
    row.texts.append(_("hidden: too few answers") if is_hidden else formats.number(score, 2))
    row.widths.append(_width(score))


def _history(cycle: ReviewCycle, people: Sequence[Person]) -> list[Row]:
    ids = [person.employee_id for person in people]
    results = ReviewResult.objects.filter(
        participant__employee_id__in=ids, participant__cycle__grain=cycle.grain,
        participant__cycle__start__lt=cycle.start,
    ).values_list(
        "participant__employee_id", "participant__cycle__start", "participant__cycle__name", "score", "grade"
    )  # fmt: skip
    by_person = {(pk, start, name): (score, grade) for pk, start, name, score, grade in results}
    earlier = sorted({key[1:] for key in by_person}, reverse=True)[:MOST_BEFORE]
    rows = []
    for start, name in earlier:
        row = Row(name)
        for pk in ids:
            score, grade = by_person.get((pk, start, name), (None, ""))
            row.texts.append(f"{grade} {formats.number(score, 2)}".strip() if score is not None else formats.MISSING)
            row.widths.append(_width(score))
        rows.append(row)
    return rows
