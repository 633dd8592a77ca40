"""The panel beside the form of a goal: the five letters, the worked-out target, what may be expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.access import Reach
from goals.models import Baseline, Counting, Form, Goal, Length, Level
from goals.rules import BadGrowth, grown
from goals.smart import selectors
from goals.smart.baseline import Earlier, baseline_of
from goals.smart.forms import GoalForm
from goals.smart.parents import Wanted, fitting_parents
from goals.smart.rules import Letter, Mark, SmartInput, chance_text, check, failing
from goals.smart.sentence import Reading
from perfmgmt.metrics.forecast.rules import NOTHING, Achievability, Outlook, percentile, verdict
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts

NAMES: dict[str, str | Promise] = {
    "S": _("Specific"), "M": _("Measurable"), "A": _("Achievable"), "R": _("Relevant"), "T": _("Time-bound"),
}  # fmt: skip
MARKS: dict[Mark, tuple[str, str, str | Promise]] = {
    Mark.PASS: ("good", "check", _("Passes")),
    Mark.WARN: ("warn", "alert-triangle", _("Take a look")),
    Mark.FAIL: ("bad", "x", _("Fails")),
}
VERDICTS: dict[Achievability, tuple[str, str | Promise, str]] = {
    Achievability.TOO_HIGH: ("bad", _("Too high"), "x"),
    Achievability.STRETCH: ("warn", _("Stretch"), "trending-up"),
    Achievability.FAIR: ("good", _("Fair"), "check"),
    Achievability.SAFE: ("good", _("Safe"), "circle-check"),
    Achievability.TOO_LOW: ("warn", _("Too low"), "trending-down"),
}


@dataclass(frozen=True)
class Panel:
    """What a form as it stands now comes to; a form with errors too. Reads each thing once."""

    form: GoalForm
    reach: Reach
    reading: Reading

    @property
    def metric(self) -> Metric | None:
        """The chosen metric."""
        return self.form.cleaned_data.get("metric")

    @cached_property
    def earlier(self) -> Earlier | None:
        """What the figures say a growth goal grows from; None where the target doesn't grow or nothing is there."""
        data, chosen, metric = self.form.cleaned_data, self.form.chosen, self.metric
        if not self.grows or chosen is None or metric is None or chosen.first_day > chosen.last_day:
            return None
        if data.get("baseline_kind") == Baseline.TYPED or not self._may_see_figures:
            return None
        with_parts = metrics_with_parts().get(pk=metric.pk)
        return baseline_of(
            with_parts, self.form.subject, data.get("baseline_kind") or Baseline.PREVIOUS, first=chosen.first_day,
            last=chosen.last_day, fiscal=self.form.setting.fiscal, today=self.form.setting.days.today,
        )  # fmt: skip

    @property
    def _may_see_figures(self) -> bool:
        """Figures are shown of who is within the viewer's reach only."""
        subject = self.form.subject
        if subject.level == Level.PERSON:
            return subject.employee_id is not None and self.reach.sees(subject.employee_id)
        if subject.level == Level.COMPANY:
            return self.reach.edits(Goal(level=Level.COMPANY))
        return subject.unit_id is not None and self.reach.leads(subject.unit_id)

    @property
    def grows(self) -> bool:
        """Whether the target is said as growth."""
        return self.form.cleaned_data.get("form") in (Form.PERCENT, Form.POINTS)

    @property
    def baseline(self) -> tuple[Decimal | None, str]:
        """The baseline and where it comes from: the figures, or what was typed where these say nothing."""
        data = self.form.cleaned_data
        if self.earlier is not None and self.earlier.value is not None:
            return self.earlier.value, data.get("baseline_kind") or Baseline.PREVIOUS
        return data.get("baseline"), Baseline.TYPED

    @cached_property
    def target(self) -> Decimal | None:
        """The target: as typed, or worked out from the baseline (RULES.md section 3)."""
        data = self.form.cleaned_data
        if not self.grows:
            return data.get("target") if data.get("form") == Form.ABSOLUTE else None
        baseline, growth = self.baseline[0], data.get("growth")
        if baseline is None or growth is None:
            return None
        try:
            return grown(baseline, growth, in_percent=data["form"] == Form.PERCENT)
        except BadGrowth:
            return None

    @cached_property
    def _ahead(self) -> tuple[Outlook, int]:
        """What the people will probably reach in the period, and how many they are."""
        chosen, subject = self.form.chosen, self.form.subject
        if chosen is None or not subject.is_known or not self._may_see_figures or chosen.grain not in Length.values:
            return NOTHING, 0
        goal = Goal(
            pk=self.form.setting.goal.pk if self.form.setting.goal else None, level=subject.level,
            employee_id=subject.employee_id, unit_id=subject.unit_id, metric=self.metric, grain=chosen.grain,
            first_day=chosen.first_day, last_day=chosen.last_day,
            counting=self.form.cleaned_data.get("counting") or Counting.WHOLE, direction=self.form.direction_meant,
        )  # fmt: skip
        return selectors.outlook_now(goal, today=self.form.setting.days.today)

    @property
    def outlook(self) -> Outlook:
        """What the person, or the people together, will probably reach in the period."""
        return self._ahead[0]

    @property
    def chance(self) -> float | None:
        """The probability of reaching the target, from 0 to 1."""
        return selectors.chance_of(self.outlook, self.target, self.form.direction_meant)

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        """The five letters."""
        return check(self._input())

    @property
    def fails(self) -> str:
        """The letters that fail."""
        return failing(self.letters)

    def rows(self) -> list[dict[str, Any]]:
        """Return the letters as they are shown."""
        return shown(self.letters)

    def expected(self) -> dict[str, Any] | None:
        """Return what a page shows of the outlook; None where there is none."""
        ahead = self.outlook
        if ahead.point is None:
            return None
        target = None if self.target is None else float(self.target)
        found = verdict(self.chance)
        place = percentile(ahead.history, target)
        return {
            "point": ahead.point, "low": ahead.low, "high": ahead.high, "best": ahead.best, "months": ahead.months,
            "peers_median": ahead.peers_median, "step": ahead.step, "from_peers": ahead.basis == "peers",
            "chance": None if self.chance is None else chance_text(self.chance),
            "verdict": VERDICTS[found] if found is not None else None,
            "percentile": None if place is None else round(place * 100), "so_far": ahead.so_far != 0,
        }  # fmt: skip

    @cached_property
    def weights(self) -> Decimal | None:
        """What the weights of the person's goals of this period sum to with this one, in percent, or None."""
        chosen, employee, goal = self.form.chosen, self.form.subject.employee_id, self.form.setting.goal
        weight = self.form.cleaned_data.get("weight")
        if not weight or chosen is None or employee is None or not self._may_see_figures:
            return None
        others = selectors.weights_of_period(
            employee, chosen.first_day, chosen.last_day, without=goal.pk if goal else None
        )
        return others + weight

    @property
    def is_overweight(self) -> bool:
        """Whether the weights of the period are more than the whole."""
        return self.weights is not None and self.weights > 100

    @cached_property
    def parents(self) -> list[tuple[str, str]]:
        """The goals that this one may serve, as choices."""
        chosen = self.form.chosen
        if chosen is None or not self.form.subject.is_known:
            return []
        goal = self.form.setting.goal
        metric_id = self.metric.pk if self.metric else None
        return fitting_parents(Wanted(self.form.subject, chosen, metric_id, goal.pk if goal else None), self.reach)

    def _input(self) -> SmartInput:
        data, chosen, metric = self.form.cleaned_data, self.form.chosen, self.metric
        parent = str(data.get("parent") or "")
        title = next((text for pk, text in self.parents if pk == parent), "")
        return SmartInput(
            title=data.get("title") or "", level=self.form.subject.level, today=self.form.setting.days.today,
            first_day=chosen.first_day if chosen else None, last_day=chosen.last_day if chosen else None,
            metric_name=metric.name if metric else "", unit=metric.unit_of_measure if metric else "",
            unit_name=metric.get_unit_of_measure_display() if metric else "", note=data.get("note") or "",
            says=bool(self.reading.metric) and self.reading.has_number, form=data.get("form") or Form.ABSOLUTE,
            target=self.target, growth=data.get("growth"), baseline=self.baseline[0],
            band_low=data.get("band_low"), band_high=data.get("band_high"), has_parent=bool(title),
            parent_title=title, has_choice_above=bool(self.parents), chance=self.chance, basis=self.outlook.basis,
            people=self._ahead[1], best=selectors.best_of(self.outlook),
            has_own_dates=chosen is not None and chosen.grain == Length.OWN,
            is_somebodys=self.form.subject.is_known,
        )  # fmt: skip


def shown(letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """Return letters as `goals/letters.html` shows them: name, tone, icon and word of the mark."""
    found = []
    for letter in letters:
        tone, icon, word = MARKS[letter.mark]
        found.append({"letter": letter, "name": NAMES[letter.letter], "tone": tone, "icon": icon, "word": word})
    return found
