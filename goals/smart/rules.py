"""The SMART check (G1): five letters, each passed, warned of or failed, by rule. No database.

Words are lazy translations; nothing of a goal's text leaves the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.smart.words import vague_word
from perfmgmt.metrics.forecast.rules import Achievability, shown_percent, verdict
from perfmgmt.web.formats import day

#: A target beyond this many times the best figure so far is more likely a slip of the keyboard than a plan.
ABSURD_TIMES = 10
ABSURD = Decimal(10) ** 12
LONGEST = timedelta(days=366)
#: The largest figure that a unit of measure knows; growth beyond this many percent is absurd.
TOP = {"ratio": Decimal(1), "percent": Decimal(100)}
ABSURD_GROWTH = Decimal(300)


class Mark(StrEnum):
    """What became of a letter."""

    PASS = "pass"  # noqa: S105 (a mark, no secret)
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Letter:
    """One letter: its mark, why, and what mends it ("" when it passes); both are one line."""

    letter: str
    mark: Mark
    reason: str | Promise
    fix: str | Promise = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """The reason in the language that is active."""
        return self._said(self.reason)

    @property
    def mend(self) -> str:
        """The fix in the language that is active."""
        return self._said(self.fix)

    def _said(self, text: str | Promise) -> str:
        shown = {name: day(value) if isinstance(value, date) else value for name, value in self.params.items()}
        return str(text).format(**shown)


@dataclass(frozen=True)
class SmartInput:
    """What the check looks at.

    Numbers are in the metric's unit (`growth` in percent or points). `metric_name` is "" without a metric; `says`
    tells that the title itself names a metric and a number. `chance` is the probability of reaching the target, from
    0 to 1, None without a forecast; `basis` whose history it comes from: "own", "peers", "group" (`people` have a
    forecast) or "none". `best` is the best figure of a period of this length so far.
    `is_somebodys` is False as long as it isn't said whose goal it is.
    """

    title: str
    level: str
    first_day: date | None
    last_day: date | None
    today: date
    metric_name: str = ""
    unit: str = ""
    unit_name: str | Promise = ""
    says: bool = False
    note: str = ""
    form: str = "absolute"
    target: Decimal | None = None
    growth: Decimal | None = None
    baseline: Decimal | None = None
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    has_parent: bool = False
    parent_title: str = ""
    has_choice_above: bool = True  # whether there is a goal that it could serve
    chance: float | None = None
    basis: str = "none"
    people: int = 1
    best: Decimal | None = None
    has_own_dates: bool = False
    is_somebodys: bool = True

    @property
    def has_number(self) -> bool:
        """Whether it says how much."""
        if self.form == "band":
            return self.band_low is not None and self.band_high is not None
        return self.target is not None if self.form == "absolute" else self.growth is not None


def check(goal: SmartInput) -> tuple[Letter, ...]:
    """Return the five letters S, M, A, R and T of a goal, in this order."""
    return (_specific(goal), _measurable(goal), _achievable(goal), _relevant(goal), _time_bound(goal))


def failing(letters: tuple[Letter, ...]) -> str:
    """Return the letters that fail, such as "MT"; "" for none."""
    return "".join(it.letter for it in letters if it.mark is Mark.FAIL)


def _specific(goal: SmartInput) -> Letter:
    """A metric and a number say more than any word; without them vague words fail."""
    if (goal.metric_name and goal.has_number) or goal.says:
        return Letter("S", Mark.PASS, _("It says what is measured: {metric}."), params={"metric": _named(goal)})
    word = vague_word(goal.title)
    if word:
        return Letter(
            "S", Mark.FAIL, _("“{word}” doesn't say how much."),
            _("Choose a metric and enter a number, such as “by 15% within three months”."), {"word": word},
        )  # fmt: skip
    if goal.metric_name:
        return Letter("S", Mark.PASS, _("It says what is measured: {metric}."), params={"metric": goal.metric_name})
    if not goal.title.strip():
        return Letter("S", Mark.FAIL, _("Nothing is said yet."), _("Write what is to be reached."))
    if goal.note.strip():
        return Letter("S", Mark.PASS, _("A milestone, with what will show that it is reached."))
    return Letter(
        "S", Mark.WARN, _("A milestone without a metric."),
        _("Choose a metric, or write in the note which evidence will show that it is reached."),
    )  # fmt: skip


def _measurable(goal: SmartInput) -> Letter:
    if not goal.metric_name:
        if goal.note.strip():
            return Letter("M", Mark.PASS, _("Evidence will show whether it is reached."))
        return Letter(
            "M", Mark.WARN, _("There is no number."), _("Choose a metric, or say in the note what the evidence is.")
        )
    if not goal.has_number:
        return Letter("M", Mark.FAIL, _("There is no number yet."), _("Enter the target."))
    if goal.form in ("percent", "points") and goal.baseline is None:
        if not goal.is_somebodys:
            return Letter(
                "M", Mark.FAIL, _("It isn't said whose figures it grows from."), _("Choose whose goal it is.")
            )
        return Letter("M", Mark.FAIL, _("There is no figure to grow from."), _("Enter the baseline by hand."))
    if goal.form != "band" and goal.target is not None and goal.target <= 0:
        return Letter(
            "M", Mark.FAIL, _("A target of 0 can't be measured against."),
            _("For “none at all” choose the form “Within a band” from 0 to 0."),
        )  # fmt: skip
    if _is_absurd(goal):
        return Letter(
            "M", Mark.WARN, _("The number is far from anything seen so far."), _("Check the number and its unit.")
        )
    return Letter("M", Mark.PASS, _("Counted in: {unit}."), params={"unit": goal.unit_name or goal.unit})


def _is_absurd(goal: SmartInput) -> bool:
    if goal.form == "percent" and goal.growth is not None and abs(goal.growth) > ABSURD_GROWTH:
        return True
    target = goal.band_high if goal.form == "band" else goal.target
    if target is None:
        return False
    if abs(target) >= ABSURD or target > TOP.get(goal.unit, ABSURD):
        return True
    return goal.best is not None and goal.best > 0 and target > goal.best * ABSURD_TIMES


def _achievable(goal: SmartInput) -> Letter:
    """RULES.md section 16."""
    found = verdict(goal.chance)
    if found is None or goal.chance is None:
        return _without_forecast(goal)
    reason = _("Reached with a probability of {percent}%, from the history of peers.")
    if goal.basis == "group":
        reason = _("Reached with a probability of {percent}%, from the forecasts of people together: {people}.")
    elif goal.basis != "peers":
        reason = _("Reached with a probability of {percent}%, from the own history.")
    params = {"percent": chance_text(goal.chance), "people": str(goal.people)}
    bands: dict[Achievability, tuple[Mark, str | Promise]] = {
        Achievability.TOO_HIGH: (Mark.FAIL, _("Too high: lower the target, or write why it can be reached.")),
        Achievability.STRETCH: (Mark.WARN, _("A stretch: agree on what will help to reach it.")),
        Achievability.FAIR: (Mark.PASS, ""),
        Achievability.SAFE: (Mark.PASS, ""),
        Achievability.TOO_LOW: (Mark.WARN, _("Too low: it will be reached anyway. Raise the target.")),
    }
    mark, fix = bands[found]
    return Letter("A", mark, reason, fix, params)


def chance_text(chance: float) -> str:
    """Return a probability as the percentage that is shown; never that anything is impossible or certain."""
    if chance < 0.0001:
        return "<0.01"
    return ">99.99" if chance > 0.9999 else f"{shown_percent(chance):.4g}"


def _without_forecast(goal: SmartInput) -> Letter:
    if not goal.metric_name:
        return Letter("A", Mark.WARN, _("A milestone has no history."), _("Talk about what it takes to reach it."))
    if goal.form == "band":
        return Letter("A", Mark.WARN, _("A band has no probability."), _("Compare it with the figures so far."))
    if not goal.has_number:
        return Letter("A", Mark.WARN, _("There is no number to judge yet."), _("Enter the target."))
    if goal.level != "person":
        return Letter(
            "A", Mark.WARN, _("There is no forecast for several people."), _("Compare it with the goals below it.")
        )
    return Letter(
        "A", Mark.WARN, _("There is no history to judge by."), _("Compare it with somebody in the same job.")
    )


def _relevant(goal: SmartInput) -> Letter:
    if goal.has_parent and goal.parent_title:
        return Letter("R", Mark.PASS, _("It serves “{goal}”."), params={"goal": goal.parent_title})
    if goal.has_parent:
        return Letter("R", Mark.PASS, _("It serves a goal above it."))
    if goal.level == "company":
        return Letter("R", Mark.PASS, _("It is a goal of the whole company."))
    fix = _("Choose the goal above it.")
    if not goal.has_choice_above:
        fix = _("The unit and the company have no goal for this period yet. Whoever leads them can make one.")
    return Letter("R", Mark.WARN, _("It serves no goal of the unit or the company."), fix)


def _time_bound(goal: SmartInput) -> Letter:
    first, last = goal.first_day, goal.last_day
    if first is None or last is None:
        return Letter("T", Mark.FAIL, _("There is no period."), _("Choose a month, a quarter, a year or days."))
    if last < first:
        return Letter("T", Mark.FAIL, _("The last day lies before the first."), _("Correct the days."))
    if last < goal.today:
        return Letter("T", Mark.FAIL, _("The period is over."), _("Choose a period that isn't over."))
    if goal.has_own_dates and last - first >= LONGEST:
        return Letter("T", Mark.WARN, _("It lasts longer than a year."), _("Break it down into stages."))
    return Letter("T", Mark.PASS, _("It ends on {day}."), params={"day": last})


def _named(goal: SmartInput) -> str:
    return goal.metric_name or goal.title
