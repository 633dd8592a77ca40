"""The form for a new token."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.api.scopes import REGISTRY

DAYS = (30, 90, 365)


class TokenForm(forms.Form):
    """Name, what it may do, and how long."""

    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=80,
        help_text=_("What it is for, such as “CRM, nightly”. It is shown in lists."),
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
    )
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("token", "May"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one scope.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["scopes"]
        field.choices = [(scope.code, scope.label) for scope in REGISTRY.values()]  # type: ignore[attr-defined]

    def last_day(self) -> date:
        """Return the last day on which the token works."""
        return self.today + timedelta(days=self.cleaned_data["days"])
