"""The form of a goal: what it says becomes a `GoalDraft`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.making import GoalDraft
from goals.models import Baseline, Counting, Form, Goal, Level
from goals.smart import periods
from goals.smart.baseline import Subject
from goals.smart.refusals import said
from goals.smart.spans import Days
from goals.smart.typed import BadNumber, as_typed, typed_number
from goals.stages import adds_up
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.metrics.words import dimension_word
from perfmgmt.people.forms import PersonField, day_field

# So many members can be named at first, and three more each time the goal is opened.
MEMBER_LINES = 6
NUMBERS = ("target", "growth", "baseline", "band_low", "band_high", "band_tolerance")
#: What only some levels and forms of a target have: shown and hidden by static/js/goal_form.js.
MILESTONE = ("", pgettext_lazy("goal", "None: a milestone, shown by evidence"))


@dataclass(frozen=True)
class Setting:
    """What a form is made for: the workspace's address and days, what may be chosen, the goal that is edited."""

    slug: str
    days: Days
    metrics: tuple[Metric, ...]
    units: tuple[tuple[int, str], ...]
    levels: tuple[tuple[str, Any], ...]
    goal: Goal | None = None

    @property
    def fiscal(self) -> int:
        """The first month of the fiscal year."""
        return self.days.fiscal_start_month


def _number(label: Any, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "class": "num"})
    return forms.CharField(label=label, max_length=40, required=False, widget=widget, **kwargs)


class GoalForm(forms.Form):
    """A goal as it is typed. Numbers stay texts until the metric says what they are counted in."""

    title = forms.CharField(
        label=_("What is to be reached"), max_length=200,
        help_text=_(
            "Write it as you would say it, such as “50 orders each month”. What is understood is filled in below."
        ),
    )  # fmt: skip
    level = forms.ChoiceField(label=_("Whose goal"))
    unit = forms.TypedChoiceField(label=pgettext_lazy("org", "Unit"), coerce=int, empty_value=None, required=False)
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    form = forms.ChoiceField(label=_("Form of the target"), choices=Form.choices, initial=Form.ABSOLUTE)
    target = _number(_("Target"), help_text=_("Also 120万, 1.2m or 98%."))
    growth = _number(_("Growth"), help_text=_("In percent of the baseline, or in points of the metric's unit."))
    baseline_kind = forms.ChoiceField(
        label=_("It grows from"), choices=Baseline.choices, initial=Baseline.PREVIOUS, required=False
    )
    baseline = _number(_("Baseline"), help_text=_("Needed where no figure is there to be worked out from."))
    band_low = _number(_("From"))
    band_high = _number(pgettext_lazy("number", "To"))
    band_tolerance = _number(_("Tolerance"), help_text=_("How far outside the band still counts for something."))
    direction = forms.ChoiceField(
        label=_("Direction"), required=False,
        choices=[("", _("As the metric has it")), *(it for it in Direction.choices if it[0] != Direction.BAND)],
    )  # fmt: skip
    period = forms.ChoiceField(label=_("Period"))
    first_day = day_field(_("First day"), required=False)
    last_day = day_field(_("Last day"), required=False)
    counting = forms.ChoiceField(
        label=_("Counting"), choices=Counting.choices, initial=Counting.WHOLE, required=False,
        help_text=_("Sums and counts always count over the whole period."),
    )  # fmt: skip
    weight = forms.DecimalField(
        label=_("Weight in %"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False,
        help_text=_("Among the person's goals of the period."),
    )  # fmt: skip
    parent = forms.CharField(label=_("The goal above"), max_length=18, required=False, widget=forms.Select)
    note = forms.CharField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For a milestone: which evidence will show that it is reached."),
    )  # fmt: skip
    smart_reason = forms.CharField(
        label=_("Why it is to be agreed all the same"), max_length=500, required=False,
        help_text=_("Needed to propose a goal that fails a letter; it stays visible."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    read_from = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, *args: Any, setting: Setting, parents: Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        self.fields["employee"] = PersonField(slug=setting.slug, label=_("Person"), required=False)
        self.fields["owner"] = PersonField(slug=setting.slug, label=_("Responsible"), required=False)
        self.lines = _lines_of(setting.goal)
        for line in range(self.lines):
            self.fields[f"member_{line}"] = PersonField(
                slug=setting.slug, label=_("Member"), required=False, help_text=""
            )
            self.fields[f"share_{line}"] = forms.DecimalField(
                label=_("Share in %"), max_digits=5, decimal_places=2, required=False
            )
        selected = str((self.data if self.is_bound else self.initial).get("period") or "")
        for name, choices in (
            ("level", setting.levels), ("unit", [("", "—"), *setting.units]), ("metric", _metric_choices(setting)),
            ("period", periods.choices(setting.days, selected)),
        ):  # fmt: skip
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["parent"].widget.choices = [("", "—"), *parents]
        if setting.goal is not None:
            for name in ("level", "unit", "employee"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Read the numbers in the metric's unit; each bad one is an error of its field."""
        data = self.cleaned_data
        data["metric"] = next((it for it in self.setting.metrics if it.code == data.get("metric")), None)
        unit = data["metric"].unit_of_measure if data["metric"] else ""
        is_points = data.get("form") == Form.POINTS
        for name in NUMBERS:
            in_percent = name == "growth" and data.get("form") == Form.PERCENT
            try:
                data[name] = typed_number(
                    str(data.get(name) or ""), "" if in_percent else unit, is_points=name == "growth" and is_points
                )
            except BadNumber as error:
                data[name] = None
                self.add_error(name, said(error))
        parent = str(data.get("parent") or "")
        data["parent"] = int(parent) if parent.isascii() and parent.isdigit() else None
        self._check_members()
        return data

    def _check_members(self) -> None:
        """A person named twice would have the last share only."""
        seen: set[int] = set()
        for line in range(self.lines):
            person = self.cleaned_data.get(f"member_{line}")
            if person is not None and person.pk in seen:
                self.add_error(f"member_{line}", _("{name} is named twice.").format(name=person.name))
            elif person is not None:
                seen.add(person.pk)

    @property
    def subject(self) -> Subject:
        """Whose goal it is, as far as it is said."""
        goal, data = self.setting.goal, self.cleaned_data
        if goal is not None:
            return Subject(goal.level, goal.employee_id, goal.unit_id)
        level = data.get("level") or Level.PERSON
        employee = data.get("employee")
        return Subject(
            level,
            employee.pk if employee and level == Level.PERSON else None,
            data.get("unit") if level in (Level.UNIT, Level.TEAM) else None,
        )

    @property
    def chosen(self) -> periods.Chosen | None:
        """The period, None where own dates are incomplete."""
        data = self.cleaned_data
        return periods.chosen(
            data.get("period") or "", data.get("first_day"), data.get("last_day"), self.setting.fiscal
        )

    @property
    def direction_meant(self) -> str:
        """Which way is good: as chosen, else the metric's; a number for a metric within a band is a floor."""
        data, metric = self.cleaned_data, self.cleaned_data.get("metric")
        if data.get("form") == Form.BAND:
            return str(Direction.BAND)
        if data.get("direction") or metric is None or metric.direction == Direction.BAND:
            return data.get("direction") or str(Direction.HIGHER)
        return str(metric.direction)

    def draft(self, baseline: Decimal | None, baseline_kind: str) -> GoalDraft:
        """Return what the form asks for; call it on a valid form whose period is complete.

        `baseline` is the one that was worked out or typed.
        """
        data, subject, chosen = self.cleaned_data, self.subject, self.chosen
        form, metric = data["form"], data["metric"]
        grows, owner = form in (Form.PERCENT, Form.POINTS), data.get("owner")
        level = subject.level
        return GoalDraft(
            level=level, title=data["title"].strip(), note=data["note"].strip(), metric=metric,
            grain=chosen.grain if chosen else -1,
            first_day=chosen.first_day if chosen else date.min, last_day=chosen.last_day if chosen else date.min,
            unit_id=subject.unit_id, employee_id=subject.employee_id,
            owner_id=owner.pk if owner and level != Level.PERSON else None, parent_id=data["parent"],
            direction=self.direction_meant, form=form,
            counting=_counting(data.get("counting"), metric),
            target=data["target"] if form == Form.ABSOLUTE else None, growth=data["growth"] if grows else None,
            baseline=baseline if grows else None, baseline_kind=baseline_kind if grows else "",
            band_low=data["band_low"] if form == Form.BAND else None,
            band_high=data["band_high"] if form == Form.BAND else None,
            band_tolerance=data["band_tolerance"] if form == Form.BAND else None,
            weight=data["weight"] or Decimal(0), members=self._members() if level == Level.TEAM else {},
        )  # fmt: skip

    def _members(self) -> Mapping[int, Decimal]:
        lines = (
            (self.cleaned_data.get(f"member_{i}"), self.cleaned_data.get(f"share_{i}")) for i in range(self.lines)
        )
        return {person.pk: share or Decimal(0) for person, share in lines if person is not None}

    @property
    def adding(self) -> str:
        """The codes of the metrics whose months sum to the quarter: how they count is no question."""
        return " ".join(it.code for it in self.setting.metrics if adds_up(it))

    @property
    def member_lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The lines of who shares a team's goal."""
        return [(self[f"member_{line}"], self[f"share_{line}"]) for line in range(self.lines)]


def _lines_of(goal: Goal | None) -> int:
    """Return how many members the form takes: a few more than share the goal already."""
    if goal is None or goal.level != Level.TEAM:
        return MEMBER_LINES
    return max(MEMBER_LINES, goal.members.count() + 3)


def _counting(chosen: str | None, metric: Metric | None) -> str:
    return Counting.WHOLE if metric is None or adds_up(metric) or not chosen else chosen


def _metric_choices(setting: Setting) -> list[tuple[Any, Any]]:
    """The metrics by dimension, each with its unit of measure in what scripts read."""
    groups = groupby(sorted(setting.metrics, key=lambda it: it.dimension), key=lambda it: it.dimension)
    return [MILESTONE, *((dimension_word(key), [(it.code, it.name) for it in group]) for key, group in groups)]


def initial_of(goal: Goal, fiscal: int) -> dict[str, Any]:
    """Return a goal as its form shows it."""
    unit = goal.metric.unit_of_measure if goal.metric else ""
    found: dict[str, Any] = {name: as_typed(getattr(goal, name), unit) for name in NUMBERS if name != "growth"}
    is_points = goal.form == Form.POINTS
    found["growth"] = as_typed(goal.growth, unit if is_points else "", is_points=is_points)
    members = goal.members.select_related("employee").order_by("pk")
    for line, member in enumerate(members):
        found[f"member_{line}"], found[f"share_{line}"] = member.employee, member.share
    metric_direction = goal.metric.direction if goal.metric else ""
    return found | {
        "title": goal.title, "read_from": goal.title, "note": goal.note, "form": goal.form,
        "metric": goal.metric.code if goal.metric else "", "baseline_kind": goal.baseline_kind or Baseline.PREVIOUS,
        "direction": "" if goal.direction in (metric_direction, Direction.BAND) else goal.direction,
        "period": periods.label_of(goal.grain, goal.first_day, fiscal),
        "first_day": goal.first_day, "last_day": goal.last_day, "counting": goal.counting, "owner": goal.owner,
        "weight": as_typed(goal.weight, "") if goal.weight else "", "parent": str(goal.parent_id or ""),
        "version": goal.version, "smart_reason": goal.smart_reason,
    }  # fmt: skip
