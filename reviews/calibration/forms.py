"""Forms of calibration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.models import Unit
from reviews.calibration.rules import LEAST_SCORE, MOST_SCORE
from reviews.calibration.services import LONGEST_REASON, SessionDraft, Target
from reviews.models import ReviewCycle

LONG = {"rows": 3}
POTENTIAL_WORDS = (
    (1, pgettext_lazy("potential", "Low")),
    (2, pgettext_lazy("potential", "Medium")),
    (3, pgettext_lazy("potential", "High")),
)


class EditForm(forms.Form):
    """What a session is called, when it is held, and a note."""

    name = forms.CharField(label=pgettext_lazy("calibration", "Name"), max_length=120)
    held_on = day_field(_("Held on"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs=LONG),
        help_text=_("What the members should know before they compare."),
    )  # fmt: skip


class SessionForm(EditForm):
    """A new session: of which cycle, for whom, and whether the managers of its people are members."""

    cycle = forms.ModelChoiceField(ReviewCycle.objects.none(), label=_("Review cycle"), empty_label=None)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("Everybody of the cycle"),
        help_text=_("The unit and everything below it."),
    )  # fmt: skip
    invites_managers = forms.BooleanField(
        label=_("The managers of these people take part"), required=False, initial=True
    )

    field_order = ("cycle", "unit", "name", "held_on", "note", "invites_managers")

    def __init__(self, *args: Any, cycles: Any, units: list[tuple[int, str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cycle, unit = self.fields["cycle"], self.fields["unit"]
        cycle.queryset = cycles  # type: ignore[attr-defined]
        unit.queryset = Unit.objects.filter(pk__in=[pk for pk, _name, _depth in units])  # type: ignore[attr-defined]
        unit.widget.choices = [
            ("", _("Everybody of the cycle")), *((pk, "　" * depth + name) for pk, name, depth in units),
        ]  # fmt: skip

    def draft(self) -> SessionDraft:
        """Return what was entered; the form must be valid."""
        data = self.cleaned_data
        return SessionDraft(data["name"], data["unit"], data["held_on"], data["note"])


class MemberForm(forms.Form):
    """A manager who is to take part."""

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = PersonField(slug=slug, label=pgettext_lazy("rater", "Manager"))


class ReasonForm(forms.Form):
    """Why: of an unlocking, or of a move that is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)


class MoveForm(forms.Form):
    """A move: to a grade or to a score, with the reason; `before` is the score that was on the page."""

    grade = forms.ChoiceField(
        label=_("To the grade"), required=False,
        help_text=_("The score becomes the nearest one inside the grade."),
    )  # fmt: skip
    score = forms.DecimalField(
        label=_("Or to the score"), required=False, min_value=LEAST_SCORE, max_value=MOST_SCORE, max_digits=7,
        decimal_places=4, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs=LONG),
        help_text=_("What was compared, in a sentence. It is kept in the log."),
    )  # fmt: skip
    before = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, grades: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [("", "—"), *((name, name) for name in grades)]  # type: ignore[attr-defined]

    def target(self) -> Target:
        """Return where to; a typed score goes before a grade. The form must be valid."""
        return Target(self.cleaned_data["score"], self.cleaned_data["grade"])


class PotentialForm(forms.Form):
    """A person's potential and why; `seen` is what was on the page."""

    potential = forms.TypedChoiceField(
        label=_("Potential"), coerce=int, choices=POTENTIAL_WORDS, widget=forms.RadioSelect,
        help_text=_("Could this person take on a larger task within a year or two?"),
    )  # fmt: skip
    note = forms.CharField(label=_("Why"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs=LONG))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
