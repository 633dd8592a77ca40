"""Forms of feedback and of the company's values."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import PersonField
from perfmgmt.people.models import Employee
from reviews.feedback.rules import LONGEST, MOST_RECEIVERS
from reviews.feedback.services import FeedbackDraft
from reviews.models import CompanyValue, FeedbackKind


class WordsForm(forms.Form):
    """The words, the value they show (praise), whether who leads the receiver reads them, too (a suggestion)."""

    text = forms.CharField(
        label=pgettext_lazy("feedback", "What you want to say"), max_length=LONGEST,
        widget=forms.Textarea({"rows": 6}), help_text=_("Say what was done and what came of it."),
    )  # fmt: skip
    value = forms.ChoiceField(label=_("Value it shows (praise)"), required=False)
    shares = forms.BooleanField(
        label=_("Their managers may read the suggestion, too"), required=False,
        help_text=_("Otherwise only you and they read it, and nobody else: neither HR nor the owner."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, values: Sequence[CompanyValue], kind: str = "", initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.kind, self.values = kind, {str(one.pk): one for one in values}
        self.fields["value"].choices = [("", "—"), *((pk, one.name) for pk, one in self.values.items())]  # type: ignore[attr-defined]
        for name in ("shares",) if kind == FeedbackKind.PRAISE else ("value",) if kind else ():
            del self.fields[name]

    def draft(self) -> FeedbackDraft:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        return FeedbackDraft(
            found.get("kind", self.kind), found["text"], self.values.get(found.get("value", "")),
            found.get("shares", False),
        )  # fmt: skip


class FeedbackForm(WordsForm):
    """Feedback that is given: what it is and for whom, with the words."""

    def __init__(self, data: Any = None, *, values: Sequence[CompanyValue], slug: str, initial: Any = None) -> None:
        super().__init__(data, values=values, initial=initial)
        self.fields["kind"] = forms.ChoiceField(
            label=pgettext_lazy("feedback", "What it is"), choices=FeedbackKind.choices, widget=forms.RadioSelect,
            initial=FeedbackKind.PRAISE,
            help_text=_("Praise is read by everybody, a suggestion only by who gets it."),
        )  # fmt: skip
        for number in range(1, MOST_RECEIVERS + 1):
            label = _("For whom") if number == 1 else _("And for")
            self.fields[f"to_{number}"] = PersonField(
                slug=slug, label=label, required=number == 1, **({} if number == 1 else {"help_text": ""})
            )
        self.order_fields(["kind", *self.to_names, "text", "value", "shares"])

    @property
    def to_names(self) -> list[str]:
        """The names of the fields for receivers."""
        return [f"to_{number}" for number in range(1, MOST_RECEIVERS + 1)]

    @property
    def first(self) -> list[forms.BoundField]:
        """What the page shows at once: what it is, and the first receiver."""
        return [self["kind"], self["to_1"]]

    @property
    def more(self) -> list[forms.BoundField]:
        """Further receivers, which the page folds away."""
        return [self[name] for name in self.to_names[1:]]

    @property
    def rest(self) -> list[forms.BoundField]:
        """The words and what belongs to them."""
        return [self["text"], self["value"], self["shares"]]

    @property
    def has_more(self) -> bool:
        """Whether several receivers were typed, or one of them is not found."""
        return any(one.value() or one.errors for one in self.more)

    def receivers(self) -> list[Employee]:
        """Return for whom it is; the form must be valid."""
        return [one for name in self.to_names if (one := self.cleaned_data[name]) is not None]


class ValueForm(forms.ModelForm):
    """A value of the company: its names, and what it means."""

    class Meta:
        model = CompanyValue
        fields = ("name_zh", "name_en", "about_zh", "about_en")
        widgets = {
            f"about_{code}": forms.Textarea(attrs={"rows": 3, "lang": lang, "translate": "no"})
            for code, lang in (("zh", "zh-hans"), ("en", "en"))
        }

    def clean(self) -> dict[str, Any]:
        """A value has a name in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("name_zh", "").strip() and not data.get("name_en", "").strip():
            self.add_error("name_zh", _("Give it a name."))
        return data
