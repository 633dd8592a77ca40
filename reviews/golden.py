"""Golden cases of the arithmetic of reviews, for `manage.py check_rules`. Pure: no Django, no database."""

from decimal import Decimal
from typing import Any

import numpy as np

from goals import golden
from goals.golden import Case, needed, number, one_of, stored, wanted, whole
from reviews.answers.rules import RaterAnswers, RaterGroup, review360
from reviews.scorecards.rules import BadCurve, DimensionScores, PartScore, composite, curve
from reviews.statistics.rules import rater_model
from reviews.surveys.rules import Interval, nps, top_share, used_mean


def install() -> None:
    """Make the sections of reviews known."""
    golden.SECTIONS.update(
        curve=_curve, composite=_composite, review360=_review360, rater_model=_rater_model, csat=_csat, nps=_nps
    )


def _curve(case: Case) -> tuple[Any, Any]:
    """Section 4; `points` are [x, score]."""
    points = [(needed(x), needed(score)) for x, score in case["points"]]
    try:
        found: Any = stored(curve(one_of(case["kind"], "linear", "step"), points, number(case["x"])))
    except BadCurve:
        found = golden.REFUSED
    return wanted(case["expect"]), found


def _composite(case: Case) -> tuple[Any, Any]:
    """Section 5."""
    dimensions = [
        DimensionScores(
            needed(one["weight"]),
            [PartScore(needed(it["weight"]), number(it["score"]), bool(it["hidden"])) for it in one["parts"]],
        )
        for one in case["dimensions"]
    ]
    policy = one_of(case["policy"], "renormalise", "zero", "block")
    return wanted(case["expect"]), composite(policy, dimensions, Decimal(str(needed(case["deduction"])))).score


def _review360(case: Case) -> tuple[Any, Any]:
    """Section 6; one scale for all questions."""
    groups = [
        RaterGroup(
            one["name"], needed(one["weight"]), whole(one["minimum"]), [_answers(it) for it in one["raters"]],
            bool(one["merge_when_small"]),
        )
        for one in case["groups"]
    ]  # fmt: skip
    questions = {name: needed(weight) for name, weight in case["questions"].items()}
    found = review360(questions, groups, whole(case["scale"]))
    return wanted(case["expect"]), stored(found.score)


def _answers(case: Case) -> RaterAnswers:
    days = whole(case["days"]) if "days" in case else 1
    return RaterAnswers({q: None if v is None else whole(v) for q, v in case.items() if q != "days"}, days)


def _rater_model(case: Case) -> tuple[Any, Any]:
    """Section 7; observations are [rater, ratee, y]."""
    rows = [(str(rater), str(ratee), float(needed(y))) for rater, ratee, y in case["observations"]]
    raters, ratees = (list(dict.fromkeys(row[at] for row in rows)) for at in (0, 1))
    model = rater_model(
        np.array([raters.index(row[0]) for row in rows]),
        np.array([ratees.index(row[1]) for row in rows]),
        np.array([row[2] for row in rows]),
    )
    found = {
        "estimate": dict(zip(ratees, map(_four, model.estimates), strict=True)),
        "leniency": dict(zip(raters, map(_four, model.leniency), strict=True)),
    }
    expected = {
        "estimate": {name: _four(value) for name, value in case["expect_estimate"].items()},
        "leniency": {name: _four(value) for name, value in case["expect_leniency"].items()},
    }
    return expected, found


def _csat(case: Case) -> tuple[Any, Any]:
    """Section 8; the interval of CSAT% with 6 decimals, the mean that is used with 4."""
    n = whole(case["n"])
    found = {
        "interval": _ends(top_share(whole(case["top2"]), n)),
        "used": stored(used_mean(n, number(case["mean"]), number(case["unit_mean"]))),
    }
    return {"interval": _floats(case["expect_interval"]), "used": wanted(case["expect_used"])}, found


def _nps(case: Case) -> tuple[Any, Any]:
    """Section 8; value and ends with 6 decimals."""
    found = nps(whole(case["promoters"]), whole(case["detractors"]), whole(case["n"]))
    return _floats(case["expect"]), None if found is None else _floats([found.value, found.low, found.high])


def _ends(found: Interval | None) -> Any:
    return None if found is None else _floats([found.low, found.high])


def _floats(values: Any) -> Any:
    return None if values is None else [round(float(value), 6) for value in values]


def _four(value: Any) -> Decimal:
    return round(Decimal(str(float(value))), 4)
