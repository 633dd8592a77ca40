"""Forms of a template of goals: whom it is for, and its goals as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.grid.checks import LARGEST, problem_of
from goals.models import Baseline, Counting, Form, GoalTemplate, TemplateLine
from goals.smart.refusals import said
from goals.smart.typed import BadNumber, as_typed, typed_number
from goals.template_sets import services
from goals.template_sets.services import MOST, LineDraft
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Position, SalesRoleType

EMPTY_ROWS, FIRST_ROWS = 2, 5


class TemplateForm(forms.Form):
    """What the template is called and for whom it is."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)
    sales_role_type = forms.ChoiceField(label=_("Sales role type"), required=False)
    position = forms.ChoiceField(
        label=_("Position"), required=False,
        help_text=_("The people who are looked for first when the template is assigned."),
    )  # fmt: skip

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        positions = [(str(one.pk), str(one)) for one in Position.objects.order_by("name")]
        everybody = ("", _("Everybody"))
        self.fields["position"].choices = [everybody, *positions]  # type: ignore[attr-defined]
        self.fields["sales_role_type"].choices = [everybody, *SalesRoleType.choices]  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """One goal; an empty row is no goal."""

    metric = forms.ChoiceField(label=_("Metric"), required=False)
    title = forms.CharField(label=_("What is to be reached"), max_length=200, required=False)
    form = forms.ChoiceField(label=_("Form of the target"), choices=Form.choices, required=False)
    value = forms.CharField(label=_("Target or growth"), max_length=40, required=False)
    baseline_kind = forms.ChoiceField(
        label=_("Baseline from"), required=False,
        choices=[(kind.value, kind.label) for kind in (Baseline.PREVIOUS, Baseline.LAST_YEAR)],
    )  # fmt: skip
    counting = forms.ChoiceField(label=_("Counts"), choices=Counting.choices, required=False)
    weight = forms.DecimalField(
        label=_("Weight in percent"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False
    )

    def __init__(self, *args: Any, metrics: Mapping[str, Metric], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(pk, metric.name) for pk, metric in metrics.items()]
        self.fields["metric"].choices = [("", _("None: a milestone")), *names]  # type: ignore[attr-defined]
        self.metrics = metrics

    def clean_value(self) -> Decimal | None:
        """Return the number in the metric's unit: of a ratio 98, 98% and 0.98 are the same."""
        metric, form = self.metrics.get(self.data.get(self.add_prefix("metric"), "")), self.cleaned_data.get("form")
        unit = metric.unit_of_measure if metric and form != Form.PERCENT else ""
        try:
            found = typed_number(self.cleaned_data["value"], unit, is_points=form == Form.POINTS)
        except BadNumber as error:
            raise forms.ValidationError(said(error)) from error
        if found is not None and metric and form in (Form.ABSOLUTE, Form.BAND, ""):
            problem = problem_of(found, unit)
            if problem:
                raise forms.ValidationError(problem)
        return found

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        value, form = found.get("value"), found.get("form")
        if not found.get("title") and found.get("metric"):
            found["title"] = self.metrics[found["metric"]].name
        if self.is_goal() and not found.get("title"):
            self.add_error("title", _("Say what is to be reached."))
        if value is not None and abs(value) >= LARGEST:
            self.add_error("value", _("The number is too large for a target."))
        elif value is not None and value < -100 and form == Form.PERCENT:
            self.add_error("value", _("The target would be negative or too large."))
        return found

    def is_goal(self) -> bool:
        """Whether the row says anything."""
        found = self.cleaned_data
        return bool(
            found.get("metric") or found.get("title") or found.get("value") is not None or found.get("weight")
        )

    def draft(self) -> LineDraft:
        """Return a valid row as a goal of the template."""
        found = self.cleaned_data
        metric = int(found["metric"]) if found["metric"] else None
        form = found["form"] or Form.ABSOLUTE
        grows = form in (Form.PERCENT, Form.POINTS) and metric is not None
        return LineDraft(
            title=found["title"], metric_id=metric, form=form if metric else Form.ABSOLUTE,
            counting=found["counting"] or Counting.WHOLE, value=found["value"] if metric else None,
            baseline_kind=(found["baseline_kind"] or Baseline.PREVIOUS) if grows else "",
            weight=found["weight"] or Decimal(0),
        )  # fmt: skip


def line_forms(data: Any, lines: Iterable[TemplateLine]) -> BaseFormSet[LineForm]:
    """Return the rows of a template's goals, with empty ones below."""
    initial = [_initial(line) for line in lines]
    metrics = {
        str(metric.pk): metric
        for metric in Metric.objects.all()
        if metric.archived_at is None or any(row["metric"] == str(metric.pk) for row in initial)
    }
    kind = formset_factory(
        LineForm, extra=EMPTY_ROWS if initial else FIRST_ROWS, can_delete=True, max_num=MOST, absolute_max=MOST + 5
    )
    return kind(data, initial=initial, prefix="line", form_kwargs={"metrics": metrics})


def _initial(line: TemplateLine) -> dict[str, Any]:
    unit = line.metric.unit_of_measure if line.metric and line.form != Form.PERCENT else ""
    value = as_typed(line.value, unit, is_points=line.form == Form.POINTS)
    return {
        "metric": str(line.metric_id or ""), "title": line.title, "form": line.form, "value": value,
        "baseline_kind": line.baseline_kind, "counting": line.counting,
        "weight": f"{line.weight:.2f}".rstrip("0").rstrip("."),
    }  # fmt: skip


def drafts_of(rows: BaseFormSet[LineForm]) -> list[LineDraft]:
    """Return the goals of valid rows, in their order; empty and removed rows are none."""
    return [row.draft() for row in rows.forms if row.is_goal() and not row.cleaned_data.get("DELETE")]


def template_form(data: Any, template: GoalTemplate | None) -> TemplateForm:
    """Return the form of a template, filled with what it says."""
    initial = {}
    if template is not None:
        initial = {
            "name": template.name, "position": str(template.position_id or ""),
            "sales_role_type": template.sales_role_type, "seen": services.state_of(template),
        }  # fmt: skip
    return TemplateForm(data, initial=initial)
