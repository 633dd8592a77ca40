"""What the editor's template shows: the typed fields with their choices, sums of weights and curves."""

from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.models.library import Dimension as MetricDimension
from perfmgmt.web import formats
from perfmgmt.workspace.forms import MOST_BANDS
from reviews.models import CurveKind, MissingPolicy, PartInput, PartKind, Questionnaire, RaterKind
from reviews.scorecards import selectors
from reviews.scorecards.content import number_of
from reviews.scorecards.pictures import picture
from reviews.scorecards.rules import BadCurve, check_curve
from reviews.scorecards.typed import Typed, TypedDimension, TypedPart, draft_of


def context_of(typed: Typed, wrong: dict[str, str], currency: str) -> dict[str, Any]:
    """Return the editor's variables; three queries, whatever the number of parts."""
    choices = selectors.choices()
    metrics = {str(one.pk): one for one in choices["metrics"]}
    forms = {str(one.pk): one for one in choices["questionnaires"]}
    _keep_archived(typed, metrics, forms)
    draft, _wrong = draft_of(typed)
    dimensions = [
        _dimension(one, place, metrics, wrong, [picture_of(part, metrics, currency) for part in draft_one.parts])
        for place, (one, draft_one) in enumerate(zip(typed.dimensions, draft.dimensions, strict=True))
    ]
    bands = [*typed.bands, *([["", ""]] * MOST_BANDS)][:MOST_BANDS]
    return {
        "dimensions": dimensions,
        "total": total([one.weight for one in typed.dimensions]),
        "typed": typed,
        "bands": [{"grade": name, "from": bound, "error": wrong.get(f"from-{at}", "")}
                  for at, (name, bound) in enumerate(bands)],
        "metric_groups": _grouped(list(metrics.values())),
        "forms": [(pk, one.name) for pk, one in forms.items()],
        "kinds": PartKind.choices, "inputs": PartInput.choices, "curves": CurveKind.choices,
        "policies": MissingPolicy.choices,
    }  # fmt: skip


def _keep_archived(typed: Typed, metrics: dict[str, Metric], forms: dict[str, Questionnaire]) -> None:
    """Offer what a part reads even when it is archived meanwhile: the page says so, and publishing refuses it."""
    parts = [part for one in typed.dimensions for part in one.parts]
    lost = {int(p.metric) for p in parts if p.metric.isdecimal() and p.metric not in metrics}
    gone = {int(p.questionnaire) for p in parts if p.questionnaire.isdecimal() and p.questionnaire not in forms}
    if lost:
        metrics.update({str(one.pk): one for one in Metric.objects.filter(pk__in=lost)})
    if gone:
        forms.update({str(one.pk): one for one in Questionnaire.objects.filter(pk__in=gone)})


def _grouped(metrics: list[Metric]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The metrics under the dimension that they belong to, for the groups of a select."""
    words: dict[str, str] = {str(value): str(label) for value, label in MetricDimension.choices}
    found: dict[str, list[tuple[str, str]]] = {}
    for one in metrics:
        found.setdefault(words.get(one.dimension, "—"), []).append((str(one.pk), one.name))
    return list(found.items())


def _dimension(
    one: TypedDimension, place: int, metrics: dict[str, Metric], wrong: dict[str, str], pictures: list[Any]
) -> dict[str, Any]:
    key = f"d-{place}-"
    return {
        "typed": one, "place": place, "key": key, "title": title_of(one), "tone": place % 5 + 1, "number": place + 1,
        "error": wrong.get(f"{key}weight", ""), "total": total([part.weight for part in one.parts]),
        "parts": [
            _part(part, f"{key}p-{at}-", f"{place}:{at}", wrong, drawn, metrics.get(part.metric))
            for at, (part, drawn) in enumerate(zip(one.parts, pictures, strict=True))
        ],
    }  # fmt: skip


def _part(
    part: TypedPart, key: str, place: str, wrong: dict[str, str], drawn: Any, metric: Metric | None
) -> dict[str, Any]:
    asks = part.kind == PartKind.QUESTIONNAIRE
    return {
        "typed": part, "key": key, "place": place, "title": title_of(part), "asks": asks, "picture": drawn,
        "metric": metric,
        "number": int(place.split(":")[1]) + 1,
        "archived": metric is not None and metric.archived_at is not None,
        "points": [
            {"x": x, "y": y, "place": f"{place}:{at}",
             "error": wrong.get(f"{key}x-{at}") or wrong.get(f"{key}y-{at}")}
            for at, (x, y) in enumerate(part.points)
        ],
        "groups": [
            {"code": code, "word": word, "weight": part.groups.get(code, ""),
             "error": wrong.get(f"{key}g-{code}", "")}
            for code, word in RaterKind.choices
        ],
        "error": wrong.get(f"{key}weight", ""),
    }  # fmt: skip


def title_of(one: TypedDimension | TypedPart) -> str:
    """Return what a dimension or part is called in the reader's language; "" while it has no name."""
    first, second = (one.name_en, one.name_zh) if get_language() == "en" else (one.name_zh, one.name_en)
    return first or second


def picture_of(part: Any, metrics: dict[str, Metric], currency: str) -> Any:
    """Return the curve of a part that is being typed; None while it can't be drawn."""
    try:
        check_curve(part.points)
    except BadCurve:
        return None
    return picture(part, metrics.get(str(part.metric_id)), currency)


def total(texts: list[str]) -> dict[str, Any]:
    """Return the sum of typed weights in words, and whether it is 100."""
    found = sum((number_of(text) or Decimal(0) for text in texts), Decimal(0))
    return {"text": formats.number(found), "whole": found == 100, "is_empty": not texts}
