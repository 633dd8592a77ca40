"""Forms of plans, their tasks, measures and reviews."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.models import ActionPlan, Goal, PlanKind
from goals.plans.services import PlanDraft, TaskDraft
from perfmgmt.metrics.models import Metric
from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.models import Priority, Unit
from perfmgmt.tenants.numbers import ungrouped

LONG = {"rows": 3}


class PlanForm(forms.Form):
    """A plan: what kind, for whom, who answers for it, from when to when, for which goal."""

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of plan"), choices=PlanKind.choices)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=_("For a unit"), required=False, empty_label="—",
        help_text=_("A plan is for a unit or for one person. Leave one of both empty."),
    )  # fmt: skip
    goal = forms.ModelChoiceField(
        Goal.objects.none(), label=_("For the goal"), required=False, empty_label=_("No goal")
    )
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    resources = forms.CharField(
        label=_("Resources"), max_length=1000, required=False, widget=forms.Textarea(attrs=LONG),
        help_text=_("What is needed for all of it: budget, time, tools, help."),
    )  # fmt: skip
    incentive = forms.CharField(
        label=_("Incentive"), max_length=1000, required=False, widget=forms.Textarea(attrs=LONG),
        help_text=_("For a team performance plan: what the team gets when it reaches the targets."),
    )  # fmt: skip

    field_order = (
        "title", "kind", "employee", "unit", "owner", "goal", "first_day", "last_day", "resources", "incentive"
    )  # fmt: skip

    def __init__(self, *args: Any, slug: str, units: list[tuple[int, str, int]], goals: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"] = PersonField(slug=slug, label=_("For a person"), required=False)
        self.fields["owner"] = PersonField(
            slug=slug, label=_("Responsible"), help_text=_("Who answers for the plan and keeps it up to date.")
        )
        unit, goal = self.fields["unit"], self.fields["goal"]
        unit.queryset = Unit.objects.filter(pk__in=[pk for pk, _name, _depth in units])  # type: ignore[attr-defined]
        unit.widget.choices = [("", "—"), *((pk, "　" * depth + name) for pk, name, depth in units)]
        goal.queryset = goals  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    def draft(self) -> PlanDraft:
        """Return what was entered; the form must be valid."""
        return PlanDraft(**{name: self.cleaned_data[name] for name in self.field_order})


class TaskForm(forms.Form):
    """A task: what, who, until when, how urgent, with what."""

    text = forms.CharField(label=_("Task"), max_length=300)
    due = day_field(_("Due"))
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.MEDIUM)
    resources = forms.CharField(label=_("Resources"), max_length=300, required=False)
    progress = forms.IntegerField(
        label=_("Progress in percent"), min_value=0, max_value=100, initial=0,
        widget=forms.NumberInput(attrs={"step": "5", "inputmode": "numeric"}),
    )  # fmt: skip

    field_order = ("text", "owner", "due", "priority", "progress", "resources")

    def __init__(self, *args: Any, slug: str, plan: ActionPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonField(slug=slug, label=pgettext_lazy("task", "Who"), help_text="")
        days = {"min": plan.first_day.isoformat(), "max": plan.last_day.isoformat()}
        self.fields["due"].widget.attrs |= days
        self.order_fields(self.field_order)

    def draft(self) -> TaskDraft:
        """Return what was entered; the form must be valid."""
        return TaskDraft(**{name: self.cleaned_data[name] for name in self.field_order})


class MeasureForm(forms.Form):
    """A metric that measures a team performance plan, and what its days are to reach."""

    metric = forms.TypedChoiceField(label=_("Metric"), coerce=int)
    target = forms.DecimalField(
        label=_("Target of the plan's days"), min_value=0, max_digits=19, decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("For shares type a percentage, such as 98%."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *args: Any, metrics: list[Metric], **kwargs: Any) -> None:
        super().__init__(_as_number(data), *args, **kwargs)
        metric: Any = self.fields["metric"]
        metric.choices = [("", "—"), *((each.pk, each.name) for each in metrics)]


def _as_number(data: Any) -> Any:
    """Return posted data with a percentage as the share it means, and without grouping."""
    if data is None:
        return None
    text = ungrouped(str(data.get("target", "")).strip()).replace("％", "%")
    if text.endswith("%"):
        with suppress(ArithmeticError):
            text = f"{Decimal(text[:-1].strip()) / 100:f}"
    found = data.copy()
    found["target"] = text
    return found


class ReviewForm(forms.Form):
    """A stage review: planned by its day, held by what was found."""

    day = day_field(_("Day"))
    found = forms.CharField(
        label=pgettext_lazy("review", "What was found"), max_length=1000, required=False,
        widget=forms.Textarea(attrs=LONG),
        help_text=_("Leave it empty to plan a review for a day to come."),
    )  # fmt: skip
    decision = forms.CharField(
        label=_("Decision"), max_length=1000, required=False, widget=forms.Textarea(attrs=LONG)
    )


class CloseForm(forms.Form):
    """How a plan ends, and what came of it."""

    state = forms.ChoiceField(
        label=_("How does it end?"), choices=[("done", pgettext_lazy("plan", "Done")),
                                              ("cancelled", pgettext_lazy("plan", "Cancelled"))],
    )  # fmt: skip
    outcome = forms.CharField(label=_("What came of it"), max_length=1000, widget=forms.Textarea(attrs=LONG))
