"""Form of a duty."""

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import DutyCategory, Priority

LONG = {"rows": 3}


class DutyForm(forms.Form):
    """A duty in one language or both, where it stands and how much time it takes."""

    text_zh = forms.CharField(
        label=_("Duty in Chinese"), max_length=300, required=False,
        widget=forms.Textarea(attrs={**LONG, "lang": "zh"}),
    )  # fmt: skip
    text_en = forms.CharField(
        label=_("Duty in English"), max_length=300, required=False,
        widget=forms.Textarea(attrs={**LONG, "lang": "en"}),
        help_text=_("Where one language is empty, its readers see the other."),
    )  # fmt: skip
    category = forms.ChoiceField(label=_("Category"), choices=DutyCategory.choices)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.MEDIUM)
    share = forms.IntegerField(
        label=_("Share of working time in percent"), min_value=0, max_value=100,
        help_text=_("The shares of all duties sum to 100% at most."),
    )  # fmt: skip
    place = forms.IntegerField(
        label=_("Place in the list"), min_value=1, max_value=99, required=False,
        help_text=_("1 is the first. Without a place it comes last."),
    )  # fmt: skip
