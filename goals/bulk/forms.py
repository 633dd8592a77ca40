"""The form of the page that assigns goals to many: what, for which period, to whom, with which targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.bulk.asked import (
    AS_WRITTEN,
    COPY,
    DRAFT,
    LAST_YEAR,
    PREVIOUS,
    PROPOSE,
    RECOMMENDED,
    SINGLE,
    STEPS,
    TEMPLATE,
    WHATS,
    Asked,
    out_of,
    periods,
)
from goals.grid.checks import problem_of
from goals.models import GoalTemplate
from goals.smart.refusals import said
from goals.smart.typed import BadNumber, typed_number
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.people import directory
from perfmgmt.people.models import SalesRoleType
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Period
from perfmgmt.web import formats

MANNERS = {
    TEMPLATE: [
        (AS_WRITTEN, _("As the template says")),
        (PREVIOUS, _("Improve on their own period before by")),
        (LAST_YEAR, _("Improve on their own year before by")),
        (RECOMMENDED, _("As recommended from their own history")),
    ],
    SINGLE: [
        (AS_WRITTEN, _("The same number for everybody")),
        (PREVIOUS, _("Improve on their own period before by")),
        (LAST_YEAR, _("Improve on their own year before by")),
        (RECOMMENDED, _("As recommended from their own history")),
    ],
    COPY: [(AS_WRITTEN, _("The targets of the period before, better by"))],
}
THENS = [(DRAFT, _("Keep them as drafts")), (PROPOSE, _("Propose them at once"))]
OF_TEMPLATE, OF_SINGLE = ("template",), ("metric", "title", "value", "weight")


@dataclass(frozen=True)
class Choices:
    """What can be chosen from in the workspace; read once."""

    workspace: Workspace
    people: directory.Options
    templates: list[GoalTemplate]
    metrics: list[Metric]
    periods: list[Period]

    def template(self, text: str) -> GoalTemplate | None:
        """Return the template of an id, the first one without."""
        found = next((one for one in self.templates if str(one.pk) == text), None)
        return found or (self.templates[0] if self.templates and not text else None)


def choices_of(workspace: Workspace) -> Choices:
    """Read what can be chosen from; three queries."""
    templates = GoalTemplate.objects.filter(archived_at=None).order_by("name")
    metrics = Metric.objects.filter(archived_at=None).exclude(direction=Direction.BAND)
    return Choices(workspace, directory.options(), list(templates), list(metrics), periods(workspace))


class AssignForm(forms.Form):
    """The address of the page as a form; `what` decides which fields there are."""

    what = forms.ChoiceField(choices=WHATS, widget=forms.HiddenInput)
    template = forms.ChoiceField(label=_("Template of goals"))
    metric = forms.ChoiceField(label=_("Metric"))
    title = forms.CharField(
        label=_("What is to be reached"), max_length=200, required=False,
        help_text=_("Without a sentence of your own it is called like its metric."),
    )  # fmt: skip
    value = forms.CharField(
        label=_("Target for each person"), max_length=40, required=False,
        help_text=_("Also 120万, 1.2m or 98%. Leave it empty where people improve on their own figures."),
    )  # fmt: skip
    weight = forms.DecimalField(
        label=_("Weight in percent"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False
    )
    period = forms.ChoiceField(label=_("Period"))
    manner = forms.ChoiceField(label=_("How targets are set"), required=False)
    growth = forms.DecimalField(
        label=_("Better by, in percent"), max_digits=7, decimal_places=2, min_value=-100, max_value=1000,
        required=False, help_text=_("15 is +15%; downwards where lower is better."),
    )  # fmt: skip
    step = forms.ChoiceField(label=_("Round targets to"), required=False)
    unit = forms.ChoiceField(label=pgettext_lazy("org", "Unit"), required=False)
    position = forms.ChoiceField(label=_("Position"), required=False)
    type = forms.ChoiceField(label=_("Sales role type"), required=False)
    q = forms.CharField(label=_("Name or number"), max_length=100, required=False)
    numbers = forms.CharField(
        label=_("Only these employee numbers"), max_length=40_000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Picked by hand: pasted from a sheet, one a line or with commas."),
    )  # fmt: skip
    then = forms.ChoiceField(label=_("Afterwards"), choices=THENS, widget=forms.RadioSelect, required=False)
    replace = forms.BooleanField(
        label=_("Replace monthly targets that are there"), required=False,
        help_text=_("Months of agreed goals are never touched."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, choices: Choices) -> None:
        self.choices, self.query = choices, dict(data or {})
        what = self.query.get("what", "")
        self.kind = what if what in MANNERS else TEMPLATE
        super().__init__(self._filled())
        self._choose()
        gone = {TEMPLATE: OF_SINGLE, SINGLE: OF_TEMPLATE, COPY: (*OF_TEMPLATE, *OF_SINGLE)}[self.kind]
        for name in gone:
            del self.fields[name]

    def _filled(self) -> dict[str, Any]:
        """Return the data with what follows from the template: whom it is for, unless somebody was chosen."""
        data = {"then": DRAFT, "period": self.choices.periods[0].label, **self.query, "what": self.kind}
        template = self.choices.template(str(data.get("template", "")))
        if self.kind == TEMPLATE and template is not None:
            data.setdefault("template", str(template.pk))
            data.setdefault("type", template.sales_role_type)
            data.setdefault("position", str(template.position_id or ""))
        return data

    def _choose(self) -> None:
        everybody, found = ("", _("Everybody")), self.choices
        units = [(str(pk), "　" * min(depth, 6) + name) for pk, name, depth in found.people.units]
        options = {
            "template": [(str(one.pk), one.name) for one in found.templates],
            "metric": [(one.code, one.name) for one in found.metrics],
            "period": [(one.label, formats.period(one)) for one in found.periods],
            "manner": MANNERS[self.kind],
            "step": [(str(step), formats.number(step) if step else _("The unit of the metric")) for step in STEPS],
            "unit": [("", _("All units")), *units],
            "position": [everybody, *((str(pk), name) for pk, name in found.people.positions)],
            "type": [everybody, *SalesRoleType.choices],
        }
        for name, pairs in options.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined]

    def clean_value(self) -> Decimal | None:
        """Return the target in the metric's unit: of a ratio 98, 98% and 0.98 are the same."""
        chosen = self.cleaned_data.get("metric")
        metric = next((one for one in self.choices.metrics if one.code == chosen), None)
        try:
            found = typed_number(self.cleaned_data["value"], metric.unit_of_measure if metric else "")
        except BadNumber as error:
            raise forms.ValidationError(said(error)) from error
        if found is not None and (problem := problem_of(found, metric.unit_of_measure if metric else "")):
            raise forms.ValidationError(problem)
        return found

    def clean_numbers(self) -> tuple[str, ...]:
        """Return the numbers that were picked by hand."""
        text = self.cleaned_data["numbers"].replace("，", ",").replace(",", " ").replace(";", " ")
        return tuple(dict.fromkeys(text.split()))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.kind == SINGLE and not found.get("manner") and found.get("value") is None and not self.errors:
            self.add_error("value", _("Enter the target, or let people improve on their own figures."))
        return found

    def asked(self) -> Asked:
        """Return what a valid form asks for."""
        found = self.cleaned_data
        metric = next((one for one in self.choices.metrics if one.code == found.get("metric")), None)
        period = next(one for one in self.choices.periods if one.label == found["period"])
        return Asked(
            what=self.kind, period=period,
            template_id=int(found["template"]) if found.get("template") else None,
            metric_id=metric.pk if metric else None,
            title=found.get("title") or (metric.name if metric else ""),
            value=found.get("value"), weight=found.get("weight") or Decimal(0),
            manner=found["manner"], growth=found["growth"] or Decimal(0), step=int(found["step"] or 0),
            then=found["then"] or DRAFT, replace=found["replace"],
            people=self._people(), numbers=found["numbers"], out=out_of(self.query),
        )  # fmt: skip

    def _people(self) -> directory.Wanted:
        """Return the filter of people. Who has left is found where they are picked by hand, to be told why not."""
        found = self.cleaned_data
        status = directory.EVERYBODY if found["numbers"] else directory.PRESENT
        return directory.Wanted(
            search=found["q"].strip(), status=status, sales_role_type=found["type"],
            unit_id=int(found["unit"]) if found["unit"] else None,
            position_id=int(found["position"]) if found["position"] else None,
        )  # fmt: skip
