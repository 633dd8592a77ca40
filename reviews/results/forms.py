"""Forms of results: the record of a meeting, the two questions after a cycle."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import day_field
from reviews.models import ReviewMeeting
from reviews.results.meetings import LONGEST, Record, is_filled

LONG = {"rows": 5}


class ManagerRecordForm(forms.Form):
    """What the manager writes into the record of a meeting."""

    held_on = day_field(_("Held on"), required=False)
    own_lines = forms.CharField(
        label=_("More for the agenda"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One point to a line."),
    )  # fmt: skip
    notes = forms.CharField(
        label=_("Notes of the manager"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs=LONG)
    )
    agreed = forms.CharField(
        label=_("What was agreed"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs=LONG),
        help_text=_("Goals, support, training, and until when."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, meeting: ReviewMeeting) -> None:
        own = [str(item.get("text", "")) for item in meeting.agenda if isinstance(item, dict) and not is_filled(item)]
        super().__init__(
            data,
            initial={
                "held_on": meeting.held_on, "own_lines": "\n".join(own), "notes": meeting.manager_notes,
                "agreed": meeting.agreed,
            },
        )  # fmt: skip

    def record(self, kept: frozenset[int]) -> Record:
        """Return what was entered; the form must be valid."""
        data = self.cleaned_data
        return Record(data["notes"], data["held_on"], kept, data["own_lines"].splitlines(), data["agreed"])


class EmployeeRecordForm(forms.Form):
    """What the employee writes into the record of a meeting."""

    notes = forms.CharField(
        label=_("Notes of the employee"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(self, data: Any = None, *, meeting: ReviewMeeting) -> None:
        super().__init__(data, initial={"notes": meeting.employee_notes})

    def record(self, kept: frozenset[int]) -> Record:
        """Return what was entered; the form must be valid."""
        return Record(self.cleaned_data["notes"])


SCALE = [
    ("1", pgettext_lazy("scale", "Not at all")),
    ("2", pgettext_lazy("scale", "Rather not")),
    ("3", pgettext_lazy("scale", "Partly")),
    ("4", pgettext_lazy("scale", "Mostly")),
    ("5", pgettext_lazy("scale", "Completely")),
]


class FairnessForm(forms.Form):
    """The two questions about a cycle's fairness, and a text."""

    fair = forms.TypedChoiceField(
        label=_("My result, or the reviews I saw, were fair."), choices=SCALE, coerce=int, widget=forms.RadioSelect
    )
    useful = forms.TypedChoiceField(
        label=_("The review helps to do better."), choices=SCALE, coerce=int, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What should change next time?"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Write nothing that tells who you are."),
    )  # fmt: skip
