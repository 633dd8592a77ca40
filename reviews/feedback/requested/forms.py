"""Forms of requested feedback: asking colleagues, replying to them."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.models import Employee
from reviews.feedback.requested.rules import DAYS, LONGEST_REPLY, MOST_ASKED, MOST_QUESTIONS
from reviews.feedback.requested.services import RequestDraft
from reviews.models import FeedbackAsk

#: So many colleagues are shown at once, the rest is folded away.
SHOWN = 3


class RequestForm(forms.Form):
    """What is asked of whom. `own`: the viewer's own record, when they may ask about nobody else."""

    topic = forms.CharField(label=pgettext_lazy("feedback", "About what"), max_length=200)
    due = day_field(_("Last day for replies"))
    shown_to_person = forms.BooleanField(
        label=_("The person reads the replies, too"), required=False,
        help_text=_("Colleagues are told who reads what they write."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, slug: str, today: date, about: Employee | None, own: Employee | None
    ) -> None:
        super().__init__(data, initial={"employee": about, "due": today + timedelta(days=DAYS)})
        self.own = own
        if own is None:
            self.fields["employee"] = PersonField(slug=slug, label=_("About whom"))
        else:
            del self.fields["shown_to_person"]
        for number in range(1, MOST_QUESTIONS + 1):
            self.fields[f"question_{number}"] = forms.CharField(
                label=_("Question {number}").format(number=number), max_length=300, required=number == 1
            )
        for number in range(1, MOST_ASKED + 1):
            self.fields[f"to_{number}"] = PersonField(
                slug=slug, label=_("Colleague {number}").format(number=number), required=number == 1,
                **({} if number == 1 else {"help_text": ""}),
            )  # fmt: skip

    def _fields(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def first(self) -> list[forms.BoundField]:
        """What it is about, and the questions."""
        questions = [f"question_{number}" for number in range(1, MOST_QUESTIONS + 1)]
        return self._fields("employee", "topic", *questions)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The colleagues that are shown at once."""
        return [self[f"to_{number}"] for number in range(1, SHOWN + 1)]

    @property
    def more(self) -> list[forms.BoundField]:
        """Further colleagues, which the page folds away."""
        return [self[f"to_{number}"] for number in range(SHOWN + 1, MOST_ASKED + 1)]

    @property
    def has_more(self) -> bool:
        """Whether further colleagues were typed, or one of them is not found."""
        return any(one.value() or one.errors for one in self.more)

    @property
    def rest(self) -> list[forms.BoundField]:
        """Until when, and who reads it."""
        return self._fields("due", "shown_to_person")

    def draft(self) -> RequestDraft:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        questions = [found[f"question_{number}"] for number in range(1, MOST_QUESTIONS + 1)]
        about = self.own if self.own is not None else found["employee"]
        return RequestDraft(about, found["topic"], questions, found["due"], found.get("shown_to_person", False))

    def colleagues(self) -> list[Employee]:
        """Return who is asked; the form must be valid."""
        names = [f"to_{number}" for number in range(1, MOST_ASKED + 1)]
        return [one for name in names if (one := self.cleaned_data[name]) is not None]


class ReplyForm(forms.Form):
    """What a colleague says to each question of a request."""

    def __init__(self, data: Any = None, *, ask: FeedbackAsk) -> None:
        super().__init__(data, initial={f"said_{number}": text for number, text in ask.said.items()})
        for number, question in ask.request.questions:
            self.fields[f"said_{number}"] = forms.CharField(
                label=question, max_length=LONGEST_REPLY, required=False, widget=forms.Textarea({"rows": 4})
            )

    def said(self) -> dict[int, str]:
        """Return what was typed by the number of the question; the form must be valid."""
        return {int(name.removeprefix("said_")): text for name, text in self.cleaned_data.items()}
