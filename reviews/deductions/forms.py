"""Forms of score deductions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Period
from perfmgmt.web import formats
from reviews.deductions.services import DeductionDraft


class DeductionForm(forms.Form):
    """Whose score, of which period, how many points, why and when."""

    period = forms.ChoiceField(label=_("Period"))
    points = forms.DecimalField(
        label=_("Points"), max_digits=7, decimal_places=4, min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=_("They are taken off the score of the period, which never falls below 0."),
    )  # fmt: skip
    happened_on = day_field(_("Happened on"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person reads it."),
    )  # fmt: skip

    field_order = ("employee", "period", "points", "happened_on", "reason")

    def __init__(self, *args: Any, workspace: Workspace, periods: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.fields["employee"] = PersonField(slug=workspace.slug, label=_("Employee"))
        choices = [(one.label, formats.period(one)) for one in periods]
        self.fields["period"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    def draft(self) -> DeductionDraft:
        """Return what was entered; the form must be valid."""
        found = self.cleaned_data
        period = Period.parse(found["period"], self.workspace.fiscal_start_month)  # one of the choices
        return DeductionDraft(found["employee"], period, found["points"], found["reason"], found["happened_on"])


class WithdrawForm(forms.Form):
    """Why a deduction is taken back."""

    reason = forms.CharField(
        label=_("Why it is taken back"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
