"""Forms of surveys: what one is called and for, and where a test goes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import Survey, SurveyLanguage, SurveyPurpose
from reviews.surveys.services import SurveySettings


class SurveyForm(forms.Form):
    """What a survey is called, what its answers are for, where replies go, and who is asked by link.

    `fixed`: the purpose stays.
    """

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    purpose = forms.ChoiceField(
        label=_("What answers are for"), choices=SurveyPurpose.choices,
        help_text=_("Customers read it before they answer."),
    )  # fmt: skip
    reply_to = forms.EmailField(
        label=_("Replies to the mail go to"), required=False,
        help_text=_("Empty: to the sender of all mail."),
    )  # fmt: skip
    by_link = forms.BooleanField(
        label=_("Customers without an email are asked by a link that HR hands over"), required=False,
        help_text=_("Whom the system chooses and no mail reaches waits under “Links to hand over”. Off: they are "
                    "passed over, and the response says why."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, survey: Survey | None = None, fixed: bool = False, **kwargs: Any) -> None:
        if survey is not None:
            names = ("name_zh", "name_en", "purpose", "reply_to", "by_link")
            kwargs.setdefault("initial", {name: getattr(survey, name) for name in names})
        super().__init__(data, **kwargs)
        self.fields["purpose"].disabled = fixed

    def settings(self) -> SurveySettings:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        return SurveySettings(**{name: found[name] for name in self.fields})


class SendTestForm(forms.Form):
    """Whom a test is sent to, in which language."""

    to = forms.EmailField(label=_("To"), help_text=_("Your own address, or that of somebody who works here."))
    language = forms.ChoiceField(label=_("Language of the mail"), choices=SurveyLanguage.choices)
