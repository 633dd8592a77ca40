"""What is wrong with a scorecard: what can't be kept at all, and what stands against publishing it."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.tenants.grades import BadBands, check_bands
from perfmgmt.web import formats
from reviews.models import CurveKind, MissingPolicy, PartInput, PartKind, Questionnaire, RaterKind
from reviews.scorecards.content import DimensionDraft, Names, PartDraft, VersionDraft
from reviews.scorecards.rules import BadCurve, BadWeights, DimensionScores, PartScore, check_curve, check_weights

MOST_DIMENSIONS, MOST_PARTS, MOST_POINTS = 12, 20, 20
WHOLE = Decimal(100)
LARGEST = Decimal(10) ** 12
BANDS = {
    "empty": _("Name every grade, and at least one."),
    "doubled": _("Name each grade once only."),
    "order": _("The lower bounds must fall from row to row."),
}
CURVES = {
    "empty": _("The curve of “{part}” has no point."),
    "repeated": _("The curve of “{part}” has two points at the same place. Each needs a place of its own."),
    "order": _("The points of the curve of “{part}” must stand in rising order."),
}


class BadScorecard(DomainError):
    """Something in a scorecard that can't be kept or published."""

    code = "bad_scorecard"


def title_of(thing: PartDraft | DimensionDraft, place: int) -> str:
    """Return what a dimension or part is called in the reader's language, or its number."""
    zh, en = thing.name_zh, thing.name_en
    first, second = (zh, en) if formats.locale().language == "zh" else (en, zh)
    return first or second or _t("number {n}").format(n=place)


def names_of(draft: VersionDraft) -> Names:
    """Return the metrics and questionnaires that a draft's parts read; two queries at most.

    Raises NotFound for one that is not of this workspace.
    """
    metric_ids = {part.metric_id for part in draft.parts if part.metric_id is not None}
    form_ids = {part.questionnaire_id for part in draft.parts if part.questionnaire_id is not None}
    metrics = Metric.objects.in_bulk(metric_ids) if metric_ids else {}
    forms = Questionnaire.objects.in_bulk(form_ids) if form_ids else {}
    if metric_ids - metrics.keys() or form_ids - forms.keys():
        raise NotFound
    return Names(metrics, forms)


def check_draft(draft: VersionDraft, names: Names) -> None:
    """Raise BadScorecard for what can't be kept, not even as a draft; weights may still be anything from 0 to 100."""
    if len(draft.dimensions) > MOST_DIMENSIONS:
        raise BadScorecard(_("A scorecard has {n} dimensions at most."), code="too_many", n=MOST_DIMENSIONS)
    if draft.missing not in MissingPolicy.values:
        raise BadScorecard
    if draft.bands:
        try:
            check_bands(draft.bands)
        except BadBands as error:
            raise BadScorecard(BANDS[error.code], code="bands") from error
    for place, dimension in enumerate(draft.dimensions, 1):
        _check_dimension(dimension, place, names)


def _check_dimension(dimension: DimensionDraft, place: int, names: Names) -> None:
    if not (dimension.name_zh or dimension.name_en):
        raise BadScorecard(_("Give dimension {n} a name."), code="name", n=place)
    if len(dimension.parts) > MOST_PARTS:
        raise BadScorecard(_("A dimension has {n} parts at most."), code="too_many", n=MOST_PARTS)
    _check_weight(dimension.weight, title_of(dimension, place))
    for at, part in enumerate(dimension.parts, 1):
        _check_part(part, at, names)


def _check_weight(weight: Decimal, title: str) -> None:
    if not 0 <= weight <= WHOLE or weight != round(weight, 2):
        raise BadScorecard(_("The weight of “{name}” must lie between 0 and 100, with two decimals at most."),
                           code="weight", name=title)  # fmt: skip


def _check_part(part: PartDraft, place: int, names: Names) -> None:
    title = title_of(part, place)
    _check_weight(part.weight, title)
    if part.kind == PartKind.QUESTIONNAIRE:
        if part.questionnaire_id is None or part.metric_id is not None:
            raise BadScorecard(_("Choose a questionnaire for “{part}”."), code="no_questionnaire", part=title)
        _check_groups(part, title)
        return
    if part.kind not in PartKind.values or part.metric_id is None or part.questionnaire_id is not None:
        raise BadScorecard(_("Choose a metric for “{part}”."), code="no_metric", part=title)
    if part.kind == PartKind.CSAT and names.metrics[part.metric_id].aggregation != Aggregation.MEAN:
        raise BadScorecard(_("“{part}” needs a metric that is a mean of answers, such as customer satisfaction."),
                           code="no_mean", part=title)  # fmt: skip
    if part.input not in PartInput.values or part.curve not in CurveKind.values:
        raise BadScorecard
    _check_points(part, title)


def _check_groups(part: PartDraft, title: str) -> None:
    known = set(RaterKind.values)
    bad = any(group not in known or not 0 <= weight <= WHOLE for group, weight in part.groups)
    if bad or (part.groups and sum(weight for _group, weight in part.groups) != WHOLE):
        raise BadScorecard(_("The weights of the rater groups of “{part}” must sum to 100%, or all be empty."),
                           code="groups", part=title)  # fmt: skip


def _check_points(part: PartDraft, title: str) -> None:
    if len(part.points) > MOST_POINTS:
        raise BadScorecard(_("A curve has {n} points at most."), code="too_many", n=MOST_POINTS)
    if any(abs(x) >= LARGEST or not -1000 <= y <= 1000 for x, y in part.points):
        raise BadScorecard(_("The curve of “{part}” has a number that is too large."), code="curve", part=title)
    try:
        check_curve(part.points)
    except BadCurve as error:
        raise BadScorecard(CURVES[error.code], code=f"curve_{error.code}", part=title) from error


def problems(draft: VersionDraft, names: Names) -> list[BadScorecard]:
    """Return what stands against publishing a draft that `check_draft` let pass, the first first."""
    if not draft.dimensions:
        return [BadScorecard(_("There is no dimension yet."), code="empty")]
    found = list(_of_weights(draft.dimensions))
    for part in draft.parts:
        source = names.metrics.get(part.metric_id or 0) or names.questionnaires.get(part.questionnaire_id or 0)
        if source is not None and source.archived_at is not None:
            found.append(
                BadScorecard(_("“{name}” is archived. Choose another one, or bring it back."), code="archived",
                             name=source.name)
            )  # fmt: skip
    return found


def _of_weights(dimensions: tuple[DimensionDraft, ...]) -> Iterable[BadScorecard]:
    """Yield what is wrong with weights: of the dimensions together, then inside each; empty dimensions as well."""
    try:
        check_weights([DimensionScores(one.weight, [PartScore(WHOLE, None)]) for one in dimensions])
    except BadWeights as error:
        yield BadScorecard(_("The weights of the dimensions sum to {total}%, not to 100%."), code="weights",
                           total=formats.number(error.total))  # fmt: skip
    for place, one in enumerate(dimensions, 1):
        title = title_of(one, place)
        if not one.parts:
            yield BadScorecard(_("“{name}” has no part yet."), code="empty_dimension", name=title)
            continue
        inside = DimensionScores(one.weight, [PartScore(part.weight, None) for part in one.parts])
        others = [] if one.weight == WHOLE else [DimensionScores(WHOLE - one.weight, [PartScore(WHOLE, None)])]
        try:
            check_weights([inside, *others])
        except BadWeights as error:
            yield BadScorecard(_("The weights in “{name}” sum to {total}%, not to 100%."), code="weights",
                               name=title, total=formats.number(error.total))  # fmt: skip
