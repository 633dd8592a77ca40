"""Forms of follow-ups: a survey's rule, another owner, and how one is closed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.forms import PersonField, day_field
from reviews.followups.services import Closing, RuleSettings
from reviews.followups.telling import LONGEST
from reviews.models import FollowUpOutcome, FollowUpOwner, FollowUpRule

#: Nothing is chosen for who closes a task: "solved" is said, not left as it was.
OUTCOMES = [("", "—"), *(choice for choice in FollowUpOutcome.choices if choice[0] != FollowUpOutcome.CALLED_OFF)]
NAMES = ("is_on", "csat_most", "nps_most", "ces_most", "due_days", "owner", "person")


class RuleForm(forms.Form):
    """Which scores become tasks, whose, and until when."""

    is_on = forms.BooleanField(label=_("A low score becomes a task"), required=False)
    csat_most = forms.IntegerField(label=_("Satisfaction (1 to 5) is low up to"), min_value=1, max_value=5)
    nps_most = forms.IntegerField(label=_("Recommendation (0 to 10) is low up to"), min_value=0, max_value=10)
    ces_most = forms.IntegerField(
        label=_("Effort (1 to 7) is low up to"), min_value=1, max_value=7,
        help_text=_("1 is very hard, 7 is very easy: low answers are the bad ones here, too."),
    )  # fmt: skip
    due_days = forms.IntegerField(label=_("Working days until it is due"), min_value=0, max_value=60)
    owner = forms.ChoiceField(label=_("Whose task it is"), choices=FollowUpOwner.choices)

    def __init__(self, data: Any = None, *, slug: str, rule: FollowUpRule) -> None:
        super().__init__(data, initial={name: getattr(rule, name) for name in NAMES})
        self.fields["person"] = PersonField(slug=slug, label=_("The one person"), required=False)

    def settings(self) -> RuleSettings:
        """Return what was typed; the form must be valid."""
        return RuleSettings(**{name: self.cleaned_data[name] for name in NAMES})


class HandOverForm(forms.Form):
    """Who does it from now on, and until when."""

    due = day_field(_("Due"))
    note = forms.CharField(
        label=_("What they should know"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, slug: str, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["owner"] = PersonField(slug=slug, label=_("New responsible person"))
        self.order_fields(("owner", "due", "note"))


class CloseForm(forms.Form):
    """What came of it, and the mail to the customer. `may_tell`: whether they can be written to at all."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES)
    text = forms.CharField(
        label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For colleagues; the customer does not read it."),
    )  # fmt: skip
    tells = forms.BooleanField(label=_("Tell the customer by mail"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(
        label=_("Text of the mail"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("The greeting with the customer's name is put before it. It is sent once."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, may_tell: bool, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        if not may_tell:
            for name in ("tells", "subject", "body"):
                del self.fields[name]

    def closing(self) -> Closing:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        return Closing(
            found["outcome"], found["text"], found.get("tells", False), found.get("subject", ""),
            found.get("body", ""),
        )  # fmt: skip
