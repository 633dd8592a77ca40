"""Which links were handed over, when and how."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.forms import day_field
from reviews.models import HandedHow

#: As many as a page of the list shows.
MOST = 50


class ChosenForm(forms.Form):
    """The links that somebody ticked."""

    link = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Choose at least one link first.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        typed = data.getlist("link")[:MOST] if data is not None else []
        ids = {text for text in typed if text.isascii() and text.isdecimal() and len(text) < 19}
        self.fields["link"].choices = [(text, text) for text in sorted(ids)]  # type: ignore[attr-defined]


class MarkForm(ChosenForm):
    """The links that were handed over, how and on which day."""

    how = forms.ChoiceField(label=_("How it was handed over"), choices=HandedHow.choices)
    day = day_field(_("Handed over on"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"day": today, "how": HandedHow.WECHAT})
