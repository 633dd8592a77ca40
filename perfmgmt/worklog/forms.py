"""Forms of the work log."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.web.attachments import ACCEPT
from perfmgmt.worklog.models import EnterableMetric

LARGEST = Decimal(10) ** 12


class ManyFilesInput(forms.ClearableFileInput):
    """A file field that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, none needed; `cleaned_data` holds a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files."""
        single = super().clean
        given = data if isinstance(data, list | tuple) else [data]
        return [single(each, initial) for each in given if each]


class EntryForm(forms.Form):
    """One entry: which metric, how much, for whom; with files."""

    metric = forms.TypedChoiceField(label=_("What did you do?"), coerce=int)
    value = forms.DecimalField(
        label=_("How much?"), min_value=0, max_value=LARGEST, max_digits=16, decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    customer = forms.CharField(label=_("Customer"), max_length=200, required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    day = forms.DateField(widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)
    proofs = ManyFilesField(
        label=_("Proof"), required=False, widget=ManyFilesInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, PNG, JPEG, DOCX or XLSX, 10 MB each."),
    )  # fmt: skip
    late = forms.BooleanField(
        label=_("I know that this month is locked; it counts as a late change."), required=False
    )

    def __init__(self, *args: Any, metrics: dict[int, EnterableMetric], locked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric: Any = self.fields["metric"]
        metric.choices = [("", "—"), *((pk, each.metric.name) for pk, each in metrics.items())]
        if not locked:
            del self.fields["late"]


class DutyLine(forms.Form):
    """Hours on one duty; both empty is no line."""

    duty = forms.CharField(max_length=120, required=False)
    hours = forms.DecimalField(
        min_value=Decimal("0.01"), max_value=24, max_digits=4, decimal_places=2, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One needs the other."""
        data = super().clean() or self.cleaned_data
        if data.get("duty") and data.get("hours") is None and not self.errors:
            self.add_error("hours", _("How many hours?"))
        elif data.get("hours") is not None and not data.get("duty"):
            self.add_error("duty", _("On what?"))
        return data


DutyFormSet = forms.formset_factory(DutyLine, extra=2, max_num=20, validate_max=True, absolute_max=25)
