"""What the browser says of a target while it is typed is what the server says (RULES.md section 16)."""

from __future__ import annotations

import random
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from perfmgmt.metrics.forecast.rules import Outlook, percentile, probability, shown_percent, verdict
from tests.browser import harness

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
ASK = """async ([module, cases]) => {
  const { probability, verdict, percentile, shownPercent } = await import(module);
  return cases.map(([{ so_far: soFar, ...prepared }, target, direction]) => {
    const outlook = { ...prepared, soFar };
    const chance = probability(outlook, target, direction);
    const shown = chance === null ? null : shownPercent(chance);
    return [chance, verdict(chance), shown, percentile(outlook.history, target)];
  });
}"""


def test_both_say_the_same_of_any_outlook_and_target(chromium: Browser) -> None:
    """static/js/achievability.js against forecast/rules.py, over random outlooks and targets."""
    source = (harness.ROOT / "static" / "js" / "achievability.js").read_bytes()
    module = "data:text/javascript;base64," + b64encode(source).decode()
    page = chromium.new_page()
    cases = _cases()

    answers = page.evaluate(ASK, [module, cases])

    page.close()
    for (outlook, target, direction), (chance, band, shown, place) in zip(cases, answers, strict=True):
        ours = probability(Outlook(**outlook), target, direction)
        assert chance == (None if ours is None else pytest.approx(ours, abs=1e-13)), (outlook, target, direction)
        assert place == percentile(outlook["history"], target)
        if ours is not None and min(abs(ours - edge) for edge in (0.1, 0.35, 0.8, 0.95)) > 1e-9:
            assert band == verdict(ours)
            assert shown == pytest.approx(shown_percent(ours), abs=0.02)


def _cases() -> list[tuple[dict[str, Any], float | None, str]]:
    random.seed(4)
    found: list[tuple[dict[str, Any], float | None, str]] = []
    for _ in range(300):
        outlook = {
            "point": random.choice([1.0, 1.0, 1.0, None]),
            "mu": random.uniform(-1, 8),
            "sigma": random.choice([0, 0.1, 1, 3]),
            "transform": random.choice(["identity", "sqrt", "log1p"]),
            "step": random.choice([0, 1]),
            "so_far": random.choice([0.0, 0.0, random.uniform(-3, 30)]),
            "history": [random.randint(0, 9) for _ in range(random.randint(0, 5))],
        }
        target = random.choice([None, 0, 1, -2, random.uniform(-5, 80), float(random.randint(0, 60))])
        found.append((outlook, target, random.choice(["higher", "lower", "band"])))
    return found
